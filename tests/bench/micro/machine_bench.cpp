// The core alone: Machine::apply on batches of transfers. No journal, no network, one thread.
#include <benchmark/benchmark.h>

#include "tests/bench/micro/bench_ledger.hpp"

namespace hugang::bench {
namespace {

/// range(0): accounts; range(1): 1 for random ids; range(2): transfers in a batch.
void machine_apply(benchmark::State& state) {
  const auto accounts = static_cast<std::uint32_t>(state.range(0));
  BenchLedger ledger{accounts};
  Transfers transfers{accounts, state.range(1) == 0 ? Ids::kInOrder : Ids::kRandom};
  std::vector<wire::Transfer> records(static_cast<std::size_t>(state.range(2)));
  for (auto _ : state) {
    state.PauseTiming();
    transfers.fill(records);
    const wire::BatchBuilder section = section_of(records);
    state.ResumeTiming();
    ledger.apply(section.section());
    if (!ledger.all_accepted()) state.SkipWithError("a transfer was refused");
  }
  state.SetItemsProcessed(state.iterations() * state.range(2));
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"accounts", "random_ids", "transfers"});
  for (const std::int64_t accounts : {sized(10'000, 1'000), sized(1'000'000, 2'000)}) {
    for (const std::int64_t random_ids : {0, 1}) benchmark->Args({accounts, random_ids, kBatch});
  }
  benchmark->Iterations(sized(200, 2));
}
BENCHMARK(machine_apply)->Apply(sizes)->Unit(benchmark::kMillisecond);

/// Batches of few, one after another: so short that they are made before the clock starts.
void machine_apply_few(benchmark::State& state) {
  const auto accounts = static_cast<std::uint32_t>(state.range(0));
  BenchLedger ledger{accounts};
  Transfers transfers{accounts, Ids::kRandom};
  std::vector<wire::Transfer> records(static_cast<std::size_t>(state.range(1)));
  std::vector<wire::BatchBuilder> sections;
  for (benchmark::IterationCount i = 0; i < state.max_iterations; ++i) {
    transfers.fill(records);
    sections.push_back(section_of(records));
  }
  auto section = sections.cbegin();
  for (auto _ : state) {
    ledger.apply(section->section());
    ++section;
    if (!ledger.all_accepted()) state.SkipWithError("a transfer was refused");
  }
  state.SetItemsProcessed(state.iterations() * state.range(1));
}
BENCHMARK(machine_apply_few)
    ->ArgNames({"accounts", "transfers"})
    ->Args({sized(10'000, 1'000), 1})
    ->Args({sized(10'000, 1'000), 64})
    ->Iterations(sized(5'000, 2))
    ->Unit(benchmark::kMicrosecond);

/// A batch that was applied before: all of it is answered as it was then.
void machine_apply_repeated(benchmark::State& state) {
  const auto accounts = static_cast<std::uint32_t>(state.range(0));
  BenchLedger ledger{accounts};
  Transfers transfers{accounts, Ids::kRandom};
  std::vector<wire::Transfer> records(kBatch);
  transfers.fill(records);
  const wire::BatchBuilder section = section_of(records);
  ledger.apply(section.section());
  for (auto _ : state) {
    ledger.apply(section.section());
    if (!ledger.all_accepted()) state.SkipWithError("a repeated transfer was refused");
  }
  state.SetItemsProcessed(state.iterations() * kBatch);
}
BENCHMARK(machine_apply_repeated)
    ->ArgName("accounts")
    ->Arg(sized(10'000, 1'000))
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hugang::bench
