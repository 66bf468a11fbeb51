// How the edge asks for what lies in the past: pages of an account's history, and a transfer as it
// was journaled.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <vector>

#include "clearing/base/strong_id.hpp"
#include "clearing/base/timestamp.hpp"
#include "clearing/wire/outcome.hpp"
#include "clearing/wire/records.hpp"
#include "ledger/index/posting.hpp"

namespace hugang::history {

using ledger::index::Posting;
using ledger::index::PostingKind;
using ledger::index::Side;

enum class HistoryError : std::uint8_t {
  kBuilding,    ///< the index has not caught up with the journal yet: try again later
  kFailed,      ///< it cannot be written or read: the log says why
  kOverloaded,  ///< too many questions wait: try again later
  kStopping,    ///< the node is going down
};

struct PageQuestion {
  base::AccountIndex account;
  base::Timestamp from;  ///< included; none: from the beginning
  base::Timestamp to;    ///< not included; none: up to now
  /// Only postings with a lower order: the last one of the page before. 0: the newest.
  std::int64_t before = 0;
  std::uint32_t limit = 100;
};

/// Newest first; complete up to entry `seqno`.
struct Page {
  std::vector<Posting> postings;
  bool has_more = false;
  base::Seqno seqno;
};

/// A transfer as it lies in the journal.
struct JournaledTransfer {
  base::Seqno seqno;
  std::uint32_t index = 0;  ///< among the entry's commands
  base::ParticipantId caller;
  wire::Transfer record;
  wire::Outcome outcome;
};

using TakePage = std::move_only_function<void(std::expected<Page, HistoryError>)>;
/// Nothing when no transfer happened at that instant.
using TakeTransfer =
    std::move_only_function<void(std::expected<std::optional<JournaledTransfer>, HistoryError>)>;

/// Thread-safe, never blocks; `take` is called exactly once, on a thread of the history or, when
/// it refuses at once, on the caller's. Everything that was durable when it was asked is in the
/// answer.
class HistoryPort {
 public:
  virtual ~HistoryPort() = default;
  virtual void page(PageQuestion question, TakePage take) = 0;
  /// Never told kBuilding: without an index it only takes longer.
  virtual void find_transfer(base::Timestamp at, TakeTransfer take) = 0;
};

}  // namespace hugang::history
