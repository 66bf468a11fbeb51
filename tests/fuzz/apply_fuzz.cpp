// Machine::apply on whatever comes. The first byte chooses: raw section bytes, or commands that an
// interpreter makes of the input so that they are mostly well formed. After every entry the laws
// must hold. Everything runs a second time on another machine, which in the middle is carried over
// a checkpoint (snapshot and id lines); both must give the same bytes and end in the same state.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>

#include "clearing/base/check.hpp"
#include "clearing/machine/invariants.hpp"
#include "ledger/entry.hpp"
#include "ledger/rocks/checkpoint_codec.hpp"
#include "tests/fuzz/interpreter.hpp"

namespace {

using namespace hugang;

struct Entry {
  machine::EntryContext context;
  base::Bytes section;
  machine::Effects effects;
};

machine::EntryContext next_context(const machine::State& state, std::uint8_t later) {
  return {base::Seqno{state.last_seqno.value() + 1},
          state.last_at + base::Duration::nanoseconds(1 + later)};
}

/// What apply says can be journaled, and is read back as it was said.
void check_journaled(const Entry& entry, std::uint32_t group_count) {
  const ledger::EntryParts parts{
      .context = entry.context,
      .node = base::NodeId{1},
      .previous = {},
      .command_count = static_cast<std::uint32_t>(entry.effects.outcomes.size()),
      .group_count = group_count,
      .commands = entry.section,
      .outcomes = entry.effects.outcomes,
      .events = entry.effects.events};
  const base::Bytes bytes = ledger::encode_entry(parts);
  const auto view = ledger::decode_entry(bytes);
  HG_CHECK(view.has_value());
  HG_CHECK(std::ranges::equal(view->commands, entry.section));
  HG_CHECK(std::ranges::equal(view->events, entry.effects.events));
  wire::EventReader reader{view->events};
  wire::EventHead head;
  base::ByteSpan body;
  while (reader.next(head, body)) HG_CHECK(head.at <= entry.context.at || !head.at.is_none());
  HG_CHECK(!reader.is_malformed());
}

/// Blocks of the id log as an archive.
class TakenBlocks final : public machine::IdArchive {
 public:
  explicit TakenBlocks(machine::IdBlocks taken) : taken_{std::move(taken)} {}
  machine::IdLogLine line(std::uint64_t number) const override {
    const auto& block = taken_.blocks.at(number / machine::kIdBlockLines);
    return block->lines.at(number % machine::kIdBlockLines);
  }

 private:
  machine::IdBlocks taken_;
};

/// The machine as it comes back from a checkpoint: everything of it is bytes in between.
machine::Machine over_a_checkpoint(machine::Machine machine) {
  const machine::IdBlocks taken = machine.take_new_id_blocks();
  auto state = machine::decode_snapshot(fuzz::snapshot_of(machine.state()));
  HG_CHECK(state.has_value());
  base::Bytes hashes;
  std::vector<std::uint64_t> checksums;
  for (const auto& block : taken.blocks) {
    checksums.push_back(block->checksum);
    machine::pack_hashes(block->lines, state->ids.mark().seed, hashes);
  }
  HG_CHECK(checksums.empty() || state->ids.restore_blocks(checksums, hashes));
  HG_CHECK(state->ids.is_restored());
  state->ids.attach(std::make_shared<TakenBlocks>(taken));
  HG_CHECK(state->deadlines == machine.state().deadlines);
  return machine::Machine{fuzz::cheap_hashing(), std::move(*state)};
}

void run_again(const std::vector<Entry>& entries, const machine::State& end) {
  machine::Machine twin = fuzz::founded_machine();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i == entries.size() / 2) twin = over_a_checkpoint(std::move(twin));
    machine::Effects effects;
    HG_CHECK(twin.apply(entries[i].context, entries[i].section, effects).has_value());
    HG_CHECK(effects.events == entries[i].effects.events);
    HG_CHECK(std::ranges::equal(std::as_bytes(std::span{effects.outcomes}),
                                std::as_bytes(std::span{entries[i].effects.outcomes})));
  }
  HG_CHECK(fuzz::snapshot_of(twin.state()) == fuzz::snapshot_of(end));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Source source{data, size};
  machine::Machine machine = fuzz::founded_machine();
  const bool is_raw = source.byte() % 8 == 0;
  std::vector<Entry> entries;
  while (!source.is_empty()) {
    Entry entry;
    entry.context = next_context(machine.state(), source.byte());
    if (is_raw) {
      entry.section = source.rest(size);
    } else {
      wire::BatchBuilder builder =
          fuzz::Interpreter{source, machine.state(), entry.context.at}.entry();
      entry.section.assign(builder.section().begin(), builder.section().end());
    }
    const base::Bytes before = is_raw ? fuzz::snapshot_of(machine.state()) : base::Bytes{};
    if (!machine.apply(entry.context, entry.section, entry.effects)) {
      HG_CHECK(is_raw);
      HG_CHECK(fuzz::snapshot_of(machine.state()) == before);
      break;
    }
    HG_CHECK(!machine::first_broken_law(machine.state()).has_value());
    const auto groups = wire::read_batch(entry.section);
    HG_CHECK(groups.has_value());
    check_journaled(entry, static_cast<std::uint32_t>(groups->size()));
    entries.push_back(std::move(entry));
  }
  run_again(entries, machine.state());
  return 0;
}
