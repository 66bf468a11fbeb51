// What records cost on their way: into a section, out of it, into an entry and out of that.
#include <benchmark/benchmark.h>

#include <span>

#include "clearing/base/account_number.hpp"
#include "ledger/entry.hpp"
#include "tests/bench/micro/bench_ledger.hpp"

namespace hugang::bench {
namespace {

constexpr std::uint32_t kAccounts = 1'000;

std::vector<wire::Transfer> transfers_of(const benchmark::State& state) {
  std::vector<wire::Transfer> records(static_cast<std::size_t>(state.range(0)));
  Transfers{kAccounts, Ids::kRandom}.fill(records);
  return records;
}

void count(benchmark::State& state, std::size_t bytes) {
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}

void section_write(benchmark::State& state) {
  const auto records = transfers_of(state);
  wire::BatchBuilder section;
  for (auto _ : state) {
    section.clear();
    section.add_group(wire::CommandKind::kTransfer, base::ParticipantId{1},
                      static_cast<std::uint32_t>(records.size()),
                      std::as_bytes(std::span{records}));
    benchmark::DoNotOptimize(section.section().data());
  }
  count(state, section.section().size());
}
BENCHMARK(section_write)->ArgName("transfers")->Arg(1)->Arg(kBatch);

/// As it comes from as many callers: a group of one record each.
void section_write_one_by_one(benchmark::State& state) {
  const auto records = transfers_of(state);
  wire::BatchBuilder section;
  for (auto _ : state) {
    section.clear();
    for (const wire::Transfer& record : records) {
      section.add(wire::CommandKind::kTransfer, base::ParticipantId{1}, record);
    }
    benchmark::DoNotOptimize(section.section().data());
  }
  count(state, section.section().size());
}
BENCHMARK(section_write_one_by_one)->ArgName("transfers")->Arg(1'024);

/// The frame of one group, whatever it holds.
void section_read(benchmark::State& state) {
  const wire::BatchBuilder section = section_of(transfers_of(state));
  for (auto _ : state) {
    const auto groups = wire::read_batch(section.section());
    if (!groups) state.SkipWithError("the section was refused");
    benchmark::DoNotOptimize(groups->data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(section_read)->ArgName("transfers")->Arg(1)->Arg(kBatch);

void record_read(benchmark::State& state) {
  const wire::BatchBuilder section = section_of(transfers_of(state));
  const auto groups = wire::read_batch(section.section());
  for (auto _ : state) {
    std::int64_t sum = 0;
    for (std::uint32_t i = 0; i < groups->front().count; ++i) {
      sum += wire::read_record<wire::Transfer>(groups->front().record(i)).amount_minor;
    }
    benchmark::DoNotOptimize(sum);
  }
  count(state, section.section().size());
}
BENCHMARK(record_read)->ArgName("transfers")->Arg(kBatch);

void entry_encode(benchmark::State& state) {
  BenchLedger ledger{kAccounts};
  const wire::BatchBuilder section = section_of(transfers_of(state));
  const machine::EntryContext context = ledger.next();
  ledger.apply(section.section());
  std::size_t bytes = 0;
  for (auto _ : state) {
    const base::Bytes entry =
        ledger::encode_entry(context, base::NodeId{1}, {}, section, ledger.effects());
    benchmark::DoNotOptimize(entry.data());
    bytes = entry.size();
  }
  count(state, bytes);
}
BENCHMARK(entry_encode)->ArgName("transfers")->Arg(1)->Arg(kBatch);

void entry_decode(benchmark::State& state) {
  BenchLedger ledger{kAccounts};
  const wire::BatchBuilder section = section_of(transfers_of(state));
  const machine::EntryContext context = ledger.next();
  ledger.apply(section.section());
  const base::Bytes entry =
      ledger::encode_entry(context, base::NodeId{1}, {}, section, ledger.effects());
  for (auto _ : state) {
    const auto view = ledger::decode_entry(entry);
    if (!view) state.SkipWithError("the entry was refused");
    benchmark::DoNotOptimize(view->commands.data());
  }
  count(state, entry.size());
}
BENCHMARK(entry_decode)->ArgName("transfers")->Arg(1)->Arg(kBatch);

void outcome_read(benchmark::State& state) {
  BenchLedger ledger{kAccounts};
  const wire::BatchBuilder section = section_of(transfers_of(state));
  const machine::EntryContext context = ledger.next();
  ledger.apply(section.section());
  const base::Bytes entry =
      ledger::encode_entry(context, base::NodeId{1}, {}, section, ledger.effects());
  const auto view = ledger::decode_entry(entry);
  for (auto _ : state) {
    std::uint64_t sum = 0;
    for (std::uint32_t i = 0; i < view->head.command_count; ++i) sum += view->outcome(i).value;
    benchmark::DoNotOptimize(sum);
  }
  count(state, view->outcomes.size());
}
BENCHMARK(outcome_read)->ArgName("transfers")->Arg(kBatch);

wire::Leg one_leg() {
  wire::Leg leg;
  leg.initiator_account = base::make_account_number({base::NodeId{1}, base::AccountIndex{1}});
  leg.responder_account = base::make_account_number({base::NodeId{2}, base::AccountIndex{1}});
  leg.amount_minor = 100;
  leg.asset = base::AssetId{1};
  return leg;
}

void instruction_encode(benchmark::State& state) {
  const wire::Leg leg = one_leg();
  base::Bytes out;
  for (auto _ : state) {
    out.clear();
    wire::append_instruct(out, wire::InstructHead{}, std::span{&leg, 1}, {});
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(instruction_encode);

void instruction_decode(benchmark::State& state) {
  const wire::Leg leg = one_leg();
  const base::Bytes record = wire::encode_instruct(wire::InstructHead{}, std::span{&leg, 1}, {});
  for (auto _ : state) {
    const auto view = wire::decode_instruct(record);
    if (!view) state.SkipWithError("the instruction was refused");
    benchmark::DoNotOptimize(view->legs.size());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(instruction_decode);

}  // namespace
}  // namespace hugang::bench
