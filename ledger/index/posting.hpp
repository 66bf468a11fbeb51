// What the index says of an account: one posting for each time that an entry changed what is
// posted or pending on it. Everything here is derived from the journal and can be made again.
#pragma once

#include <cstdint>

#include "clearing/base/strong_id.hpp"
#include "clearing/base/timestamp.hpp"

namespace hugang::ledger::index {

using base::AccountIndex;
using base::CommandId;
using base::Timestamp;

/// Why a balance changed. Kept on disk: numbers are never reused, and stay below 15.
enum class PostingKind : std::uint8_t {
  kTransfer = 1,            ///< single-phase: posted
  kHold = 2,                ///< first phase: pending grows
  kHoldPosted = 3,          ///< second phase: all that was held is released, the amount is posted
  kHoldVoided = 4,          ///< second phase: released
  kHoldExpired = 5,         ///< released at the hold's expiry
  kSettlementHeld = 6,      ///< initiator: a leg is put on hold when the instruction is sent
  kSettlementPosted = 7,    ///< initiator: the leg's hold is released and posted
  kSettlementReleased = 8,  ///< initiator: the leg's hold is released, nothing moved
  kSettlementReceived = 9,  ///< responder: the leg is posted; it was never on hold
};

enum class Side : std::uint8_t { kDebit = 0, kCredit = 1 };

/// One line of an account's history.
struct Posting {
  /// Place in the history of the whole ledger: strictly increasing, never below `at`.
  std::int64_t order = 0;
  Timestamp at;          ///< when it happened; never decreases along a history
  CommandId id;          ///< the transfer or settlement; of an expiry: the hold
  AccountIndex counter;  ///< the account on the other side
  PostingKind kind = PostingKind::kTransfer;
  Side side = Side::kDebit;
  /// What was added to the posted debits (or credits, by side), minor units.
  std::int64_t posted_minor = 0;
  /// What was added to the pending debits (or credits); negative: released.
  std::int64_t pending_minor = 0;

  friend bool operator==(const Posting&, const Posting&) = default;
};

/// One change of two accounts, as it is collected: the two postings of it share everything else.
struct Movement {
  CommandId id;
  /// What was posted; where nothing is, what was held or released. 0 .. Amount::kMaxMinor.
  std::int64_t amount_minor = 0;
  std::int64_t order = 0;
  AccountIndex debit;
  AccountIndex credit;
  PostingKind kind = PostingKind::kTransfer;
  /// order - at: above 0 where several movements happened at one instant.
  std::int64_t lead_ns = 0;
  /// kHoldPosted: what was held. Else as amount_minor.
  std::int64_t released_minor = 0;
};

/// The posting that the movement is on one of its sides.
[[nodiscard]] inline Posting posting_of(const Movement& movement, Side side) {
  Posting posting;
  posting.order = movement.order;
  posting.at = Timestamp{movement.order - movement.lead_ns};
  posting.id = movement.id;
  posting.counter = side == Side::kDebit ? movement.credit : movement.debit;
  posting.kind = movement.kind;
  posting.side = side;
  switch (movement.kind) {
    case PostingKind::kTransfer:
    case PostingKind::kSettlementReceived:
      posting.posted_minor = movement.amount_minor;
      break;
    case PostingKind::kHold:
    case PostingKind::kSettlementHeld:
      posting.pending_minor = movement.amount_minor;
      break;
    case PostingKind::kHoldPosted:
    case PostingKind::kSettlementPosted:
      posting.posted_minor = movement.amount_minor;
      posting.pending_minor = -movement.released_minor;
      break;
    case PostingKind::kHoldVoided:
    case PostingKind::kHoldExpired:
    case PostingKind::kSettlementReleased:
      posting.pending_minor = -movement.amount_minor;
      break;
  }
  return posting;
}

}  // namespace hugang::ledger::index
