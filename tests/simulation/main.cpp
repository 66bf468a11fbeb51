// hugang-sim: runs universes from seeds; any failure is repeated by the command that it prints.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>

#include "tests/simulation/engine/world.hpp"

namespace {

using hugang::simulation::WorldOptions;
using hugang::simulation::WorldResult;

/// For a failed internal check, which ends the process: says which seed it was.
char current_command[160] = "";

void on_abort(int) {
  const auto ignored = ::write(STDERR_FILENO, current_command, std::strlen(current_command));
  (void)ignored;
}

std::string command_of(const WorldOptions& options) {
  return "hugang-sim --seed " + std::to_string(options.seed) + " --nodes " +
         std::to_string(options.nodes) + " --steps " + std::to_string(options.steps);
}

WorldResult run(const WorldOptions& options) {
  std::snprintf(current_command, sizeof current_command, "repeat with: %s\n",
                command_of(options).c_str());
  return run_world(options);
}

void print_failure(const WorldOptions& options, const WorldResult& result) {
  std::printf("seed %llu: LAW BROKEN: %s\nlast events:\n%srepeat with: %s\n",
              static_cast<unsigned long long>(options.seed), result.broken_law->c_str(),
              result.last_events.c_str(), command_of(options).c_str());
}

int run_one(const WorldOptions& options) {
  std::printf("seed %llu\n", static_cast<unsigned long long>(options.seed));
  std::fflush(stdout);
  const WorldResult result = run(options);
  std::printf(
      "%u nodes, %.1f s of virtual time, %llu events, %llu entries, %llu answers, "
      "%llu settled, %llu refused, %llu crashes, %llu unverifiable, hash %s\n",
      result.nodes, result.virtual_seconds, static_cast<unsigned long long>(result.events),
      static_cast<unsigned long long>(result.entries),
      static_cast<unsigned long long>(result.answers),
      static_cast<unsigned long long>(result.settled),
      static_cast<unsigned long long>(result.refused),
      static_cast<unsigned long long>(result.crashes),
      static_cast<unsigned long long>(result.unverifiable), result.hash.c_str());
  if (!result.broken_law) return 0;
  print_failure(options, result);
  return 1;
}

struct Range {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

bool parse_range(const std::string& text, Range& range) {
  const auto dots = text.find("..");
  if (dots == std::string::npos) return false;
  try {
    range.first = std::stoull(text.substr(0, dots));
    range.last = std::stoull(text.substr(dots + 2));
  } catch (const std::exception&) {
    return false;
  }
  return range.first <= range.last;
}

int run_campaign(WorldOptions options, Range range, bool keeps_going) {
  const auto begin = std::chrono::steady_clock::now();
  std::uint64_t failures = 0, entries = 0, settled = 0, crashes = 0, done = 0;
  double hours = 0;
  for (options.seed = range.first; options.seed <= range.last; ++options.seed) {
    const WorldResult result = run(options);
    ++done;
    entries += result.entries;
    settled += result.settled;
    crashes += result.crashes;
    hours += result.virtual_seconds * result.nodes / 3600;
    if (result.broken_law) {
      ++failures;
      print_failure(options, result);
      if (!keeps_going) break;
    }
    if (::isatty(STDERR_FILENO) != 0) {
      std::fprintf(stderr, "\rseed %llu of %llu..%llu, %llu failed",
                   static_cast<unsigned long long>(options.seed),
                   static_cast<unsigned long long>(range.first),
                   static_cast<unsigned long long>(range.last),
                   static_cast<unsigned long long>(failures));
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf(
      "%llu seeds in %.1f s, %llu failed: %.1f simulated node-hours, %llu entries, "
      "%llu settled, %llu crashes\n",
      static_cast<unsigned long long>(done), took.count(),
      static_cast<unsigned long long>(failures), hours, static_cast<unsigned long long>(entries),
      static_cast<unsigned long long>(settled), static_cast<unsigned long long>(crashes));
  return failures == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Deterministic simulation of nodes that settle with each other"};
  WorldOptions options;
  std::string seeds;
  bool keeps_going = false;
  auto* seed = app.add_option("--seed", options.seed, "run this universe");
  app.add_option("--seeds", seeds, "run all universes from A to B, given as A..B")->excludes(seed);
  app.add_option("--nodes", options.nodes, "number of nodes; without it, or 0, the seed draws it")
      ->check(CLI::IsMember({0, 2, 3, 4}));
  app.add_option("--steps", options.steps, "operations of the clients in all")
      ->check(CLI::Range(1, 1'000'000));
  app.add_flag("--keep-going", keeps_going, "do not stop a campaign at the first failure");
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGABRT, on_abort);
  if (seeds.empty()) return run_one(options);
  Range range;
  if (!parse_range(seeds, range)) {
    std::fprintf(stderr, "hugang-sim: --seeds takes A..B with A <= B, not '%s'\n", seeds.c_str());
    return 2;
  }
  return run_campaign(options, range, keeps_going);
}
