// Chained entries for tests of the journal. What they say is a Tick; what matters is their bytes.
#pragma once

#include <cstdint>
#include <vector>

#include "ledger/entry.hpp"
#include "ledger/journal.hpp"

namespace hugang::ledger::test {

inline constexpr NodeId kNode{7};

/// Makes entry after entry, each continuing the one before.
class EntryMaker {
 public:
  EntryMaker() = default;
  explicit EntryMaker(const Journal& journal)
      : seqno_{journal.last_seqno().value()}, previous_{journal.last_checksum()} {}

  /// An entry with `events_bytes` bytes of recognisable filling.
  base::Bytes next(std::size_t events_bytes = 100) {
    ++seqno_;
    base::Bytes filling(events_bytes);
    std::uint64_t x = seqno_ * 0x9E3779B97F4A7C15ULL + 1;
    for (std::byte& b : filling) {
      x ^= x << 13;
      x ^= x >> 7;
      x ^= x << 17;
      b = static_cast<std::byte>(x);
    }
    wire::BatchBuilder batch;
    batch.add(wire::CommandKind::kTick, base::ParticipantId{}, wire::Tick{});
    machine::Effects effects;
    effects.outcomes.resize(1);
    effects.events = filling;
    base::Bytes bytes =
        encode_entry({.seqno = Seqno{seqno_}, .at = Timestamp{static_cast<std::int64_t>(seqno_)}},
                     kNode, previous_, batch, effects);
    previous_ = read_entry_head(bytes)->head_checksum;
    return bytes;
  }

 private:
  std::uint64_t seqno_ = 0;
  Checksum previous_;
};

/// Appends `count` entries, each by an append of its own; returns their bytes.
inline std::vector<base::Bytes> append_entries(Journal& journal, std::size_t count,
                                               std::size_t events_bytes = 100) {
  EntryMaker maker{journal};
  std::vector<base::Bytes> entries;
  for (std::size_t i = 0; i < count; ++i) {
    entries.push_back(maker.next(events_bytes));
    const ByteSpan span{entries.back()};
    const auto appended = journal.append(std::span{&span, 1});
    if (!appended) {
      entries.pop_back();
      break;
    }
  }
  return entries;
}

/// Bytes of all entries, read through the cursor; stops at the first error.
inline std::vector<base::Bytes> read_all(const Journal& journal) {
  std::vector<base::Bytes> entries;
  const auto cursor = journal.read_from(Seqno{1});
  while (true) {
    const auto entry = cursor->next();
    if (!entry || *entry == nullptr) return entries;
    entries.push_back(*journal.read((*entry)->head.seqno));
  }
}

}  // namespace hugang::ledger::test
