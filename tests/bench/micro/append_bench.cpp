// How long one entry takes to become durable: Journal::append on RocksDB, sync on. Only the append
// is timed. The disk is the one of HUGANG_BENCH_DIR, or of the system's temporary folder.
#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>

#include "clearing/base/check.hpp"
#include "ledger/entry.hpp"
#include "ledger/rocks/open.hpp"
#include "tests/bench/micro/bench_ledger.hpp"

namespace hugang::bench {
namespace {

/// A folder that is gone when the benchmark ends.
class ScratchFolder {
 public:
  ScratchFolder() {
    const char* given = std::getenv("HUGANG_BENCH_DIR");
    const std::filesystem::path base =
        given != nullptr ? std::filesystem::path{given} : std::filesystem::temp_directory_path();
    std::string name = (base / "hugang-bench-XXXXXX").string();
    HG_CHECK(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

double percentile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

/// range(0): bytes of an entry, nearly.
void journal_append(benchmark::State& state) {
  const ScratchFolder folder;
  auto journal = ledger::rocks::open_journal(folder.path(), base::NodeId{1});
  HG_CHECK(journal.has_value());
  constexpr std::size_t kTransferBytes = sizeof(wire::Transfer) + sizeof(wire::Outcome);
  std::vector<wire::Transfer> records(static_cast<std::size_t>(state.range(0)) / kTransferBytes);
  Transfers transfers{10'000, Ids::kRandom};
  machine::Effects effects;
  effects.outcomes.resize(records.size());
  std::vector<double> seconds;
  machine::EntryContext context{.seqno = base::Seqno{0},
                                .at = base::Timestamp{1'767'225'600'000'000'000}};
  for (auto _ : state) {
    transfers.fill(records);
    context.seqno = base::Seqno{context.seqno.value() + 1};
    context.at = context.at + base::Duration::milliseconds(10);
    const base::Bytes entry = ledger::encode_entry(
        context, base::NodeId{1}, (*journal)->last_checksum(), section_of(records), effects);
    const base::ByteSpan span{entry};
    const auto start = std::chrono::steady_clock::now();
    const bool is_durable = (*journal)->append(std::span{&span, 1}).has_value();
    seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    state.SetIterationTime(seconds.back());
    if (!is_durable) state.SkipWithError("the append failed");
  }
  std::ranges::sort(seconds);
  state.counters["p50_us"] = percentile(seconds, 0.5) * 1e6;
  state.counters["p99_us"] = percentile(seconds, 0.99) * 1e6;
  state.counters["max_us"] = seconds.back() * 1e6;
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(records.size()));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(journal_append)
    ->ArgName("bytes")
    ->Arg(4 << 10)
    ->Arg(64 << 10)
    ->Arg(983'000)
    ->Iterations(sized(300, 2))
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace hugang::bench
