// What apply says about each command (Outcome) and what else happened (events). Both are journaled
// in the entry behind the commands.
#pragma once

#include <cstdint>

#include "clearing/base/bytes.hpp"
#include "clearing/machine/codes.hpp"
#include "clearing/wire/padding.hpp"
#include "clearing/wire/records.hpp"

namespace hugang::wire {

namespace outcome_flag {
/// The command had been answered before; this repeats that answer and changed nothing.
inline constexpr std::uint16_t kRepeated = 1u << 0;
}  // namespace outcome_flag

/// The answer to one command, in the order of the commands. 24 bytes.
struct Outcome {
  machine::Code code = machine::Code::kOk;
  std::uint16_t flags = 0;
  std::uint32_t reserved = 0;
  /// Transfers: minor units moved (or held, or released). OpenAccount: the account number.
  /// RegisterParticipant: the participant id. Instruct, Recall, Reconcile: the channel seqno of the
  /// message. PeerEnvelope, ResumePeer: the cursor after it. PeerAck: what is acknowledged.
  /// UpdateAccount: the account's flags. RotateKey: the key id. Else 0.
  std::uint64_t value = 0;
  Timestamp at;  ///< when it was first decided (a repeat carries the first time)
};
static_assert(sizeof(Outcome) == 24);

/// Journaled: numbers are never reused.
enum class EventKind : std::uint16_t {
  kHoldExpired = 1,        // HoldExpired
  kMessageQueued = 2,      // MessageQueued + message bytes
  kSettlementChanged = 3,  // SettlementChanged
  kPeerHalted = 4,         // PeerHalted
  kPeerResumed = 5,        // PeerHalted
  kRulesActivated = 6,     // RulesActivated
  kKeyAdded = 7,           // KeyAdded
  kReconciled = 8,         // Reconciled
};

/// Head of an event. 16 bytes; `bytes` bytes follow, padded with zeros to 8.
struct EventHead {
  EventKind kind = EventKind::kHoldExpired;
  std::uint16_t reserved = 0;
  std::uint32_t bytes = 0;  ///< without padding
  Timestamp at;
};
static_assert(sizeof(EventHead) == 16);

struct HoldExpired {
  CommandId hold;
  std::int64_t amount_minor = 0;
  std::uint64_t reserved = 0;
};
static_assert(sizeof(HoldExpired) == 32);

/// A message joined the outbox; its bytes (message head and body) follow. 80 bytes.
struct MessageQueued {
  NodeId peer;
  std::uint32_t message_bytes = 0;
  base::ChannelSeqno seqno;
  base::Digest chain_before;
  base::Digest chain_after;
};
static_assert(sizeof(MessageQueued) == 80);

enum class SettlementStatus : std::uint16_t {
  kSent = 1,     ///< initiator: legs on hold, instruction under way or undecided
  kPending = 2,  ///< responder: waits for affirmation
  kSettled = 3,  ///< final
  kRefused = 4,  ///< final, nothing moved
};

struct SettlementChanged {
  CommandId settlement;
  NodeId peer;
  SettlementStatus status = SettlementStatus::kSent;
  machine::Code code = machine::Code::kOk;
  std::uint64_t reserved = 0;
};
static_assert(sizeof(SettlementChanged) == 32);

struct PeerHalted {
  NodeId peer;
  machine::Code code = machine::Code::kOk;
  std::uint16_t reserved = 0;
  base::ChannelSeqno cursor;  ///< the last message that was applied
  Seqno evidence;             ///< the entry that holds the offending envelope
};
static_assert(sizeof(PeerHalted) == 24);

struct RulesActivated {
  std::uint32_t version = 0;
  std::uint32_t reserved = 0;
};
static_assert(sizeof(RulesActivated) == 8);

struct KeyAdded {
  NodeId node;  ///< whose key
  std::uint32_t reserved = 0;
  KeyRecord key;
};
static_assert(sizeof(KeyAdded) == 176);

struct Reconciled {
  CommandId id;
  NodeId peer;
  machine::Code code = machine::Code::kOk;  ///< kOk or kReconciliationDiffers
  std::uint16_t reserved = 0;
  std::uint32_t business_date = 0;
  std::uint32_t reserved1 = 0;
};
static_assert(sizeof(Reconciled) == 32);

/// Walks an events section: next() gives head and body until it returns false.
class EventReader {
 public:
  explicit EventReader(base::ByteSpan section) : rest_{section} {}

  /// False at the end and when the section is malformed; is_malformed() tells them apart.
  [[nodiscard]] bool next(EventHead& head, base::ByteSpan& body) {
    if (rest_.empty()) return false;
    if (rest_.size() < sizeof(EventHead)) return fail();
    __builtin_memcpy(&head, rest_.data(), sizeof(EventHead));
    const std::size_t padded = padded8(head.bytes);
    if (rest_.size() - sizeof(EventHead) < padded) return fail();
    body = rest_.subspan(sizeof(EventHead), head.bytes);
    rest_ = rest_.subspan(sizeof(EventHead) + padded);
    return true;
  }
  [[nodiscard]] bool is_malformed() const { return is_malformed_; }

 private:
  bool fail() {
    is_malformed_ = true;
    rest_ = {};
    return false;
  }
  base::ByteSpan rest_;
  bool is_malformed_ = false;
};

}  // namespace hugang::wire
