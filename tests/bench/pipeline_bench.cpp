// Local transfers through sequencer, core and journal on disk with sync on, without gRPC.
//
//   pipeline_bench [--directory DIR] [--batches N] [--batch-size N] [--window N] [--accounts N]
//                  [--runs N] [--ids random|ordered] [--keep yes]
//
// Each run makes a ledger of its own below DIR (default: the current folder), keeps `window`
// batches under way, makes them as it goes, and prints the rate and how long answers took; a line
// of progress for every 10 million transfers. Then it opens the ledger again and says how long that
// took, and what a transfer takes of memory and disk.
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
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
  bool random_ids = true;
  bool keep = false;
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
    if (name == "--ids") options.random_ids = std::string_view{argv[i + 1]} == "random";
    if (name == "--keep") options.keep = std::string_view{argv[i + 1]} == "yes";
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

/// Submits what `make` gives until it gives nothing, with `width` under way, and waits for all; how
/// long each answer took.
template <class Make>
std::vector<Clock::duration> submit_all(node::Node& node, std::uint32_t width, Make make) {
  Window window;
  std::size_t count = 0;
  for (std::optional<node::Submission> batch; (batch = make());) {
    window.enter(width);
    const auto begin = Clock::now();
    node.submit(*std::move(batch), [&window, begin](auto answer) {
      window.leave(Clock::now() - begin, all_ok(answer));
    });
    ++count;
  }
  auto times = window.wait_for_all();
  if (times.size() != count) {
    std::fprintf(stderr, "pipeline_bench: %zu of %zu batches were refused\n", count - times.size(),
                 count);
    std::exit(1);
  }
  return times;
}

void submit_all(node::Node& node, std::vector<node::Submission> batches) {
  std::size_t next = 0;
  submit_all(node, 64, [&]() -> std::optional<node::Submission> {
    if (next == batches.size()) return std::nullopt;
    return std::move(batches[next++]);
  });
}

/// One account batch after another.
class AccountMaker {
 public:
  explicit AccountMaker(std::uint32_t count) : left_{count} {}
  std::optional<node::Submission> operator()() {
    if (left_ == 0) return std::nullopt;
    std::vector<wire::OpenAccount> records(std::min(left_, 4'096u));
    for (auto& record : records) {
      record.id = base::CommandId{base::make_u128(1, left_--)};
      record.owner = kBank;
      record.asset = kECny;
    }
    return node::testing::submission(wire::CommandKind::kOpenAccount, kOperator,
                                     std::span<const wire::OpenAccount>{records});
  }

 private:
  std::uint32_t left_;
};

/// Resident memory of this process, in bytes.
std::uint64_t resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  std::uint64_t pages = 0;
  statm >> pages >> pages;
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::uint64_t disk_bytes(const std::filesystem::path& directory) {
  std::uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{directory}) {
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  return bytes;
}

/// Random pairs of accounts; tells how it goes.
class TransferMaker {
 public:
  explicit TransferMaker(const Options& options)
      : options_{options}, records_(options.batch_size), step_begin_{Clock::now()} {}

  std::optional<node::Submission> operator()() {
    if (made_ == options_.batches) return std::nullopt;
    for (auto& record : records_) {
      const std::uint32_t debit = below(options_.accounts);
      const std::uint32_t step = 1 + below(options_.accounts - 1);
      record = transfer(0, 4 + debit, 4 + (debit + step) % options_.accounts, 1);
      record.id = base::CommandId{options_.random_ids ? base::make_u128(random_(), random_() | 1)
                                                      : base::make_u128(2, ++last_id_)};
    }
    ++made_;
    report();
    return node::testing::submission(wire::CommandKind::kTransfer, kBank,
                                     std::span<const wire::Transfer>{records_});
  }

 private:
  std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(
        static_cast<std::uint64_t>(static_cast<std::uint32_t>(random_() >> 32)) * bound >> 32);
  }
  void report() {
    since_report_ += options_.batch_size;
    if (since_report_ < 10'000'000) return;
    const double seconds = std::chrono::duration<double>(Clock::now() - step_begin_).count();
    std::printf("  %5.0f million: %9.0f transfers/s, %5.2f GiB resident\n",
                static_cast<double>(made_) * options_.batch_size / 1e6,
                static_cast<double>(since_report_) / seconds,
                static_cast<double>(resident_bytes()) / (1 << 30));
    std::fflush(stdout);
    since_report_ = 0;
    step_begin_ = Clock::now();
  }

  const Options& options_;
  std::vector<wire::Transfer> records_;
  std::mt19937_64 random_{42};
  std::uint64_t last_id_ = 0;
  std::uint32_t made_ = 0;
  std::uint64_t since_report_ = 0;
  Clock::time_point step_begin_;
};

double milliseconds(Clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

machine::Hashing hashing() { return {.sha256 = crypto::sha256, .chain_next = crypto::chain_next}; }

template <class T>
T or_end(std::expected<T, ledger::LedgerError> value) {
  if (value) return *std::move(value);
  std::fprintf(stderr, "pipeline_bench: %s\n", value.error().sentence.c_str());
  std::exit(1);
}

void measure_start(const Options& options, const std::filesystem::path& directory) {
  const auto begin = Clock::now();
  const auto journal = or_end(ledger::rocks::open_journal(directory, kNode));
  const double opened = std::chrono::duration<double>(Clock::now() - begin).count();
  const auto recovered = or_end(ledger::recover(*journal, hashing()));
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  const double transfers = static_cast<double>(options.batches) * options.batch_size;
  std::printf(
      "       started again in %.2f s (%.2f s of it RocksDB), %llu commands replayed; %.1f bytes "
      "resident and %.1f bytes on disk a transfer\n",
      seconds, opened, static_cast<unsigned long long>(recovered.report.commands_replayed),
      static_cast<double>(resident_bytes()) / transfers,
      static_cast<double>(disk_bytes(directory)) / transfers);
}

void measure(const Options& options, std::uint32_t number, const std::filesystem::path& directory) {
  const auto journal = or_end(ledger::rocks::open_journal(directory, kNode));
  const node::SystemClock clock;
  node::Node node{{},
                  *journal,
                  clock,
                  or_end(ledger::recover(*journal, hashing())).machine,
                  [](const ledger::LedgerError& error) {
                    std::fprintf(stderr, "pipeline_bench: %s\n", error.sentence.c_str());
                    std::_Exit(1);
                  }};
  node.start();
  submit_all(node, small_ledger());
  submit_all(node, 64, AccountMaker{options.accounts});

  const auto begin = Clock::now();
  auto times = submit_all(node, options.window, TransferMaker{options});
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
  measure_start(options, directory);
  if (!options.keep) std::filesystem::remove_all(directory);
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
