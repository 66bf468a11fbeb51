// Finding a transfer in the journal by the instant at which it happened: every command has one of
// its own, and they grow with the entries.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>

#include "ledger/journal.hpp"

namespace hugang::ledger::index {

/// A transfer as it lies in the journal.
struct FoundTransfer {
  Seqno seqno;
  std::uint32_t index = 0;  ///< among the entry's commands
  base::ParticipantId caller;
  wire::Transfer record;
  wire::Outcome outcome;
};

/// Entries between which the search may stop halving: read one after the other, they are few
/// kilobytes where they are small, and where they are large the index has a mark for each.
inline constexpr std::uint64_t kReadThrough = 64;

/// The transfer that happened at `at`; nothing where there is none. Looks from entry `from` on,
/// which must not be behind it: right where an index has a mark, else about 20 reads of entries.
/// `until` is the last entry to look at.
[[nodiscard]] std::expected<std::optional<FoundTransfer>, LedgerError> find_transfer(
    const Journal& journal, Timestamp at, Seqno from, Seqno until);

}  // namespace hugang::ledger::index
