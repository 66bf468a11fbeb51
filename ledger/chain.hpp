// Whether an entry is the one that stands at its place: for whoever reads entries in order.
#pragma once

#include <expected>
#include <optional>

#include "ledger/entry.hpp"
#include "ledger/error.hpp"

namespace hugang::ledger {

/// Where an entry is expected.
struct EntryPlace {
  Seqno seqno;
  NodeId node;
  std::optional<Checksum> previous;  ///< nothing: not known, not compared
};

/// The entry at its place, or kDamaged (kNewerFormat) with a sentence that names it and says what
/// is wrong with it. Any thread.
[[nodiscard]] std::expected<EntryView, LedgerError> check_entry(const EntryPlace& place,
                                                                ByteSpan bytes);

/// kDamaged at `seqno`: "entry 7 is damaged: <what>", and what to do.
[[nodiscard]] LedgerError damaged_entry(Seqno seqno, std::string_view what);

}  // namespace hugang::ledger
