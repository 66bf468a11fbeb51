// Local transfers through sequencer, core and journal on disk with sync on, without gRPC.
//
//   pipeline_bench [--directory DIR] [--batches N] [--batch-size N] [--window N] [--accounts N]
//                  [--runs N]
//
// Each run makes a ledger of its own below DIR (default: the current folder), keeps `window`
// batches under way, and prints the rate and how long answers took. Transfers are made before the
// clock starts.
#include <sys/utsname.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "crypto/digest.hpp"
#include "ledger/recovery.hpp"
#include "ledger/rocks/open.hpp"
#include "services/node/node.hpp"
#include "tests/unit/services/node/ledger_fixture.hpp"

namespace hugang {
namespace {

using Clock = std::chrono::steady_clock;
using namespace node::testing;

struct Options {
  std::filesystem::path directory = ".";
  std::uint32_t batches = 400;
  std::uint32_t batch_size = machine::kTransfersPerBatchMax;
  std::uint32_t window = 8;
  std::uint32_t accounts = 10'000;
  std::uint32_t runs = 3;
};

Options read_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const auto number = static_cast<std::uint32_t>(std::strtoul(argv[i + 1], nullptr, 10));
    if (name == "--directory") options.directory = argv[i + 1];
    if (name == "--batches") options.batches = number;
    if (name == "--batch-size") options.batch_size = number;
    if (name == "--window") options.window = number;
    if (name == "--accounts") options.accounts = number;
    if (name == "--runs") options.runs = number;
  }
  return options;
}

/// Counts answers and lets the submitter wait until fewer than `window` are open.
class Window {
 public:
  void enter(std::uint32_t window) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return open_ < window; });
    open_ += 1;
  }
  void leave(Clock::duration took, bool is_good) {
    const std::lock_guard lock{mutex_};
    open_ -= 1;
    if (is_good) times_.push_back(took);
    changed_.notify_one();
  }
  std::vector<Clock::duration> wait_for_all() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return open_ == 0; });
    return std::exchange(times_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint32_t open_ = 0;
  std::vector<Clock::duration> times_;
};

bool all_ok(const std::expected<node::Answer, node::SubmitError>& answer) {
  return answer && std::ranges::all_of(answer->outcomes, [](const wire::Outcome& outcome) {
           return outcome.code == machine::Code::kOk;
         });
}

/// Submits with `window` under way and waits for all; how long each answer took.
std::vector<Clock::duration> submit_all(node::Node& node, std::vector<node::Submission> batches,
                                        std::uint32_t width) {
  Window window;
  const std::size_t count = batches.size();
  for (auto& batch : batches) {
    window.enter(width);
    const auto begin = Clock::now();
    node.submit(std::move(batch), [&window, begin](auto answer) {
      window.leave(Clock::now() - begin, all_ok(answer));
    });
  }
  auto times = window.wait_for_all();
  if (times.size() != count) {
    std::fprintf(stderr, "pipeline_bench: %zu of %zu batches were refused\n", count - times.size(),
                 count);
    std::exit(1);
  }
  return times;
}

std::vector<node::Submission> make_accounts(std::uint32_t count) {
  std::vector<wire::OpenAccount> records(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    records[i].id = base::CommandId{base::make_u128(1, i)};
    records[i].owner = kBank;
    records[i].asset = kECny;
  }
  std::vector<node::Submission> batches;
  for (std::span<const wire::OpenAccount> rest{records}; !rest.empty();) {
    const auto part = rest.first(std::min<std::size_t>(rest.size(), 4'096));
    batches.push_back(node::testing::submission(wire::CommandKind::kOpenAccount, kOperator, part));
    rest = rest.subspan(part.size());
  }
  return batches;
}

std::vector<node::Submission> make_transfers(const Options& options) {
  std::mt19937_64 random{42};
  std::vector<node::Submission> batches;
  std::vector<wire::Transfer> records(options.batch_size);
  for (std::uint32_t b = 0; b < options.batches; ++b) {
    for (auto& record : records) {
      const auto debit = static_cast<std::uint32_t>(random() % options.accounts);
      const auto step = static_cast<std::uint32_t>(1 + random() % (options.accounts - 1));
      record = transfer(0, 4 + debit, 4 + (debit + step) % options.accounts, 1);
      record.id = base::CommandId{base::make_u128(random(), random() | 1)};
    }
    batches.push_back(node::testing::submission(wire::CommandKind::kTransfer, kBank,
                                                std::span<const wire::Transfer>{records}));
  }
  return batches;
}

double milliseconds(Clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

void measure(const Options& options, std::uint32_t number, const std::filesystem::path& directory) {
  auto journal = ledger::rocks::open_journal(directory, kNode);
  if (!journal) {
    std::fprintf(stderr, "pipeline_bench: %s\n", journal.error().sentence.c_str());
    std::exit(1);
  }
  const node::SystemClock clock;
  node::Node node{{}, **journal, clock, empty_machine(), [](const ledger::LedgerError& error) {
                    std::fprintf(stderr, "pipeline_bench: %s\n", error.sentence.c_str());
                    std::_Exit(1);
                  }};
  node.start();
  submit_all(node, small_ledger(), 64);
  submit_all(node, make_accounts(options.accounts), 64);
  auto transfers = make_transfers(options);

  const auto begin = Clock::now();
  auto times = submit_all(node, std::move(transfers), options.window);
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  const auto status = node.status();
  const auto stop_begin = Clock::now();
  node.stop();
  const double stop_ms = milliseconds(Clock::now() - stop_begin);

  std::ranges::sort(times);
  const auto at = [&](double part) {
    return milliseconds(
        times[static_cast<std::size_t>(part * static_cast<double>(times.size() - 1))]);
  };
  std::printf(
      "run %u: %.0f transfers/s, answers p50 %.2f ms, p99 %.2f ms, max %.2f ms; %.1f entries per "
      "sync, append mean %.2f ms, %llu checkpoints, stop %.0f ms\n",
      number, static_cast<double>(options.batches) * options.batch_size / seconds, at(0.5),
      at(0.99), at(1.0),
      static_cast<double>(status.entries_total) / static_cast<double>(status.appends.count),
      static_cast<double>(status.appends.total_us) / 1'000 /
          static_cast<double>(status.appends.count),
      static_cast<unsigned long long>(status.checkpoints_total), stop_ms);
  std::fflush(stdout);
}

void run(const Options& options, std::uint32_t number) {
  const auto directory = options.directory / ("pipeline_bench." + std::to_string(number));
  std::filesystem::remove_all(directory);
  measure(options, number, directory);
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace hugang

int main(int argc, char** argv) {
  const auto options = hugang::read_options(argc, argv);
  utsname machine{};
  uname(&machine);
#if defined(__OPTIMIZE__) && !defined(_GLIBCXX_ASSERTIONS)
  const char* build = "release";
#else
  const char* build = "dev";
#endif
  std::printf(
      "pipeline_bench: %s %s, %u cores, %s build; %u batches of %u transfers, %u under "
      "way, %u accounts, RocksDB with sync, no gRPC\n",
      machine.sysname, machine.machine, std::thread::hardware_concurrency(), build, options.batches,
      options.batch_size, options.window, options.accounts);
  for (std::uint32_t i = 1; i <= options.runs; ++i) hugang::run(options, i);
  return 0;
}
