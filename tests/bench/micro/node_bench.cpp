// From submission to answer through the node's threads and queues, with a journal in memory: what
// the hand-overs cost without disk and network.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>

#include "clearing/base/check.hpp"
#include "ledger/memory_journal.hpp"
#include "services/node/node.hpp"
#include "tests/bench/micro/bench_ledger.hpp"
#include "tests/unit/services/node/ledger_fixture.hpp"

namespace hugang::bench {
namespace {

/// Lets the submitter wait until fewer than so many answers are open.
class Window {
 public:
  void enter(std::uint32_t width) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return open_ < width; });
    ++open_;
  }
  void leave(bool is_good) {
    const std::lock_guard lock{mutex_};
    --open_;
    if (!is_good) ++refused_;
    changed_.notify_one();
  }
  /// How many were refused.
  std::uint64_t wait_for_all() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return open_ == 0; });
    return refused_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint32_t open_ = 0;
  std::uint64_t refused_ = 0;
};

bool all_ok(const std::expected<node::Answer, node::SubmitError>& answer) {
  return answer && std::ranges::all_of(answer->outcomes, [](const wire::Outcome& outcome) {
           return outcome.code == machine::Code::kOk;
         });
}

node::NodeSettings without_checkpoints() {
  node::NodeSettings settings;
  settings.checkpoint = {.entries = UINT64_MAX, .journal_bytes = UINT64_MAX};
  return settings;
}

/// Runs against two accounts: what is measured is the way, not the posting.
class RunningNode {
 public:
  RunningNode()
      : node_{without_checkpoints(), journal_, clock_, node::testing::empty_machine(),
              [](const ledger::LedgerError& error) {
                std::fprintf(stderr, "micro_bench: %s\n", error.sentence.c_str());
                std::_Exit(1);
              }} {
    node_.start();
    for (node::Submission& step : node::testing::small_ledger()) submit(std::move(step), 1);
    HG_CHECK(window_.wait_for_all() == 0);
  }
  ~RunningNode() { node_.stop(); }
  RunningNode(const RunningNode&) = delete;
  RunningNode& operator=(const RunningNode&) = delete;

  /// Waits until fewer than `width` answers are open, then submits.
  void submit(node::Submission submission, std::uint32_t width) {
    window_.enter(width);
    node_.submit(std::move(submission),
                 [this](const auto& answer) { window_.leave(all_ok(answer)); });
  }
  [[nodiscard]] node::Submission transfers(std::uint32_t count) {
    records_.resize(count);
    for (wire::Transfer& record : records_) record = node::testing::transfer(++last_id_, 1, 2, 1);
    return node::testing::submission(wire::CommandKind::kTransfer, node::testing::kOperator,
                                     std::span<const wire::Transfer>{records_});
  }
  [[nodiscard]] std::uint64_t wait_for_all() { return window_.wait_for_all(); }

 private:
  ledger::MemoryJournal journal_{node::testing::kNode};
  node::SystemClock clock_;
  Window window_;
  node::Node node_;
  std::vector<wire::Transfer> records_;
  std::uint64_t last_id_ = 0;
};

/// range(0): transfers in a submission; range(1): how many submissions are under way.
void node_submit(benchmark::State& state) {
  RunningNode node;
  const auto transfers = static_cast<std::uint32_t>(state.range(0));
  const auto width = static_cast<std::uint32_t>(state.range(1));
  for (auto _ : state) {
    node.submit(node.transfers(transfers), width);
    if (width == 1 && node.wait_for_all() != 0) state.SkipWithError("a transfer was refused");
  }
  if (node.wait_for_all() != 0) state.SkipWithError("a transfer was refused");
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(node_submit)
    ->ArgNames({"transfers", "under_way"})
    ->Args({1, 1})
    ->Args({1, 64})
    ->Iterations(sized(20'000, 4))
    ->UseRealTime()
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(node_submit)
    ->ArgNames({"transfers", "under_way"})
    ->Args({kBatch, 1})
    ->Args({kBatch, 3})
    ->Iterations(sized(100, 4))
    ->UseRealTime()
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace hugang::bench
