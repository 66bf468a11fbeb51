#include "tests/simulation/campaign.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

namespace hugang::simulation {
namespace {

using Clock = std::chrono::steady_clock;

/// For a failed internal check, which ends the process: says which seed this thread was at.
thread_local char current_command[160] = "";

void on_abort(int) {
  const auto ignored = ::write(STDERR_FILENO, current_command, std::strlen(current_command));
  (void)ignored;
}

struct Totals {
  std::uint64_t seeds = 0;
  std::uint64_t failures = 0;
  std::uint64_t events = 0;
  std::uint64_t entries = 0;
  std::uint64_t answers = 0;
  std::uint64_t settled = 0;
  std::uint64_t refused = 0;
  std::uint64_t crashes = 0;
  std::uint64_t damages = 0;
  std::uint64_t lies = 0;
  std::uint64_t halts = 0;
  double node_hours = 0;

  void add(const WorldResult& result) {
    ++seeds;
    failures += result.broken_law.has_value();
    events += result.events;
    entries += result.entries;
    answers += result.answers;
    settled += result.settled;
    refused += result.refused;
    crashes += result.crashes;
    damages += result.damages;
    lies += result.lies;
    halts += result.halts;
    node_hours += result.virtual_seconds * result.nodes / 3600;
  }
};

class Campaign {
 public:
  explicit Campaign(const CampaignOptions& options)
      : options_{options}, next_seed_{options.seeds.first} {}

  std::uint64_t run() {
    std::vector<std::jthread> threads;
    for (std::uint32_t i = 0; i < std::max(options_.jobs, 1U); ++i) {
      threads.emplace_back([this] { run_seeds(); });
    }
    threads.clear();
    if (is_terminal_) fmt::print(stderr, "\r\x1b[K");
    print_totals();
    return totals_.failures;
  }

 private:
  void run_seeds() {
    while (const auto seed = take_seed()) {
      WorldOptions world = options_.world;
      world.seed = *seed;
      take(world, run_named(world));
    }
  }

  std::optional<std::uint64_t> take_seed() {
    const std::lock_guard lock{mutex_};
    const bool is_over = totals_.failures > 0 && !options_.keeps_going;
    if (is_over || next_seed_ > options_.seeds.last) return std::nullopt;
    return next_seed_++;
  }

  void take(const WorldOptions& world, const WorldResult& result) {
    const std::lock_guard lock{mutex_};
    totals_.add(result);
    if (result.broken_law) {
      if (is_terminal_) fmt::print(stderr, "\r\x1b[K");
      fmt::print("{}", failure_of(world, result));
      std::fflush(stdout);
    }
    if (is_terminal_) show_progress();
  }

  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(Clock::now() - began_).count();
  }

  void show_progress() {
    constexpr std::uint64_t kWidth = 30;
    const std::uint64_t all = options_.seeds.last - options_.seeds.first + 1;
    const std::uint64_t full = totals_.seeds * kWidth / all;
    const double rate = static_cast<double>(totals_.seeds) / std::max(seconds(), 1e-3);
    fmt::print(stderr,
               "\r[{:#<{}}{:.<{}}] {} of {} seeds, {} failed, {:.1f}/s, {:.0f} s left\x1b[K", "",
               full, "", kWidth - full, totals_.seeds, all, totals_.failures, rate,
               static_cast<double>(all - totals_.seeds) / rate);
  }

  void print_totals() const {
    const double took = seconds();
    fmt::print(
        "seeds {}..{}: {} run, {} failed, {:.1f} s, {:.1f} a second\n"
        "  {:.1f} simulated node-hours, {:.0f} an hour\n"
        "  {} events, {} journal entries, {} answers\n"
        "  {} settlements settled, {} refused\n"
        "  {} crashes, {} damaged disks, {} lies of peers, {} directions halted\n",
        options_.seeds.first, options_.seeds.last, totals_.seeds, totals_.failures, took,
        static_cast<double>(totals_.seeds) / took, totals_.node_hours,
        totals_.node_hours * 3600 / took, totals_.events, totals_.entries, totals_.answers,
        totals_.settled, totals_.refused, totals_.crashes, totals_.damages, totals_.lies,
        totals_.halts);
  }

  const CampaignOptions options_;
  const Clock::time_point began_ = Clock::now();
  const bool is_terminal_ = ::isatty(STDERR_FILENO) != 0;
  std::mutex mutex_;
  std::uint64_t next_seed_;
  Totals totals_;
};

}  // namespace

std::string command_of(const WorldOptions& options) {
  return fmt::format("hugang-sim --seed {} --nodes {} --minutes {} --steps {}", options.seed,
                     options.nodes, options.minutes, options.steps);
}

WorldResult run_named(const WorldOptions& options) {
  const std::string text = "repeat with: " + command_of(options) + "\n";
  std::snprintf(current_command, sizeof current_command, "%s", text.c_str());
  std::signal(SIGABRT, on_abort);
  return run_world(options);
}

std::string summary_of(const WorldResult& result) {
  return fmt::format(
      "{} nodes, {:.1f} virtual minutes, {} events, {} entries, {} answers, {} settled, {} "
      "refused, "
      "{} crashes, {} damaged disks, {} lies, {} halts, {} unverifiable, hash {}\n",
      result.nodes, result.virtual_seconds / 60, result.events, result.entries, result.answers,
      result.settled, result.refused, result.crashes, result.damages, result.lies, result.halts,
      result.unverifiable, result.hash);
}

std::string failure_of(const WorldOptions& options, const WorldResult& result) {
  return fmt::format("seed {}: LAW BROKEN: {}\nlast events of each node:\n{}repeat with: {}\n",
                     options.seed, *result.broken_law, result.last_events, command_of(options));
}

std::uint64_t run_campaign(const CampaignOptions& options) { return Campaign{options}.run(); }

}  // namespace hugang::simulation
