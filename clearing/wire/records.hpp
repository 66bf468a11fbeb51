// The commands as they lie in the journal and in packed requests: fixed-width, little-endian, so
// that encoding is a copy. docs/FORMAT.md shows every byte; tests/golden holds the bytes.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "clearing/base/amount.hpp"
#include "clearing/base/bytes.hpp"
#include "clearing/base/strong_id.hpp"
#include "clearing/base/timestamp.hpp"

namespace hugang::wire {

static_assert(std::endian::native == std::endian::little,
              "records are copied as they lie in memory: a big-endian port needs a codec here");

using base::AccountNumber;
using base::AssetId;
using base::CommandId;
using base::KeyId;
using base::NodeId;
using base::ParticipantId;
using base::Seqno;
using base::Timestamp;

/// What a command is. Journaled: numbers are never reused.
enum class CommandKind : std::uint16_t {
  kGenesis = 1,
  kRegisterAsset = 2,
  kRegisterParticipant = 3,
  kOpenAccount = 4,
  kUpdateAccount = 5,
  kTransfer = 6,
  kInstruct = 7,  // variable length
  kAffirm = 8,
  kRecall = 9,
  kPeerEnvelope = 10,  // variable length
  kTick = 11,
  kRegisterPeer = 12,
  kRotateKey = 13,
  kReconcile = 14,
  kSetRules = 15,  // variable length
  kUpdateParticipant = 16,
  kPeerAck = 17,
  kResumePeer = 18,
};

/// Text in a fixed field: UTF-8, the rest zeros. May fill the field completely.
template <std::size_t N>
struct FixedText {
  std::array<char, N> chars{};

  [[nodiscard]] std::string_view view() const {
    const std::string_view whole{chars.data(), N};
    const auto end = whole.find('\0');
    return end == std::string_view::npos ? whole : whole.substr(0, end);
  }
  /// False when the text does not fit; then nothing is changed.
  [[nodiscard]] bool assign(std::string_view text) {
    if (text.size() > N) return false;
    chars.fill('\0');
    for (std::size_t i = 0; i < text.size(); ++i) chars[i] = text[i];
    return true;
  }
  friend bool operator==(const FixedText&, const FixedText&) = default;
};

// ---- Transfers --------------------------------------------------------------------------------

namespace transfer_flag {
inline constexpr std::uint16_t kLinked = 1u << 0;    ///< stands or falls with the next one
inline constexpr std::uint16_t kHold = 1u << 1;      ///< first phase: pending only
inline constexpr std::uint16_t kPostHold = 1u << 2;  ///< second phase: amount 0 posts all of it
inline constexpr std::uint16_t kVoidHold = 1u << 3;  ///< second phase: releases all of it
inline constexpr std::uint16_t kBalancingDebit = 1u << 4;   ///< at most what the debit side has
inline constexpr std::uint16_t kBalancingCredit = 1u << 5;  ///< at most what the credit side owes
inline constexpr std::uint16_t kAll = (1u << 6) - 1;
}  // namespace transfer_flag

/// Moves `amount_minor` of `asset` from `debit` to `credit`. 96 bytes.
struct Transfer {
  CommandId id;
  CommandId pending_id;      ///< the hold that a post or void refers to; else 0
  base::u128 reference = 0;  ///< the client's own, opaque
  AccountNumber debit;       ///< post and void: 0, or equal to the hold's
  AccountNumber credit;
  std::int64_t amount_minor = 0;
  Timestamp expires_at;  ///< holds only; the hold is gone from this instant on; 0 = never
  Timestamp value_date;  ///< valid time, for statements; 0 = the time of recording
  AssetId asset;
  std::uint16_t purpose = 0;  ///< the client's own, opaque
  std::uint16_t flags = 0;
};
static_assert(sizeof(Transfer) == 96);

// ---- Registers --------------------------------------------------------------------------------

/// First entry of every ledger. 128 bytes.
struct Genesis {
  CommandId id;
  NodeId node;
  std::uint32_t reserved0 = 0;
  FixedText<16> code;  ///< e.g. "shanghai"
  FixedText<64> name;  ///< e.g. "Shanghai 上海"
  std::array<std::byte, 24> reserved{};
};
static_assert(sizeof(Genesis) == 128);

/// 64 bytes.
struct RegisterAsset {
  CommandId id;
  AssetId asset;  ///< agreed between the operators, not 0
  NodeId issuer;
  std::uint8_t scale = 0;  ///< decimals of the unit that people read: e-CNY 2, gold grams 4
  std::array<std::byte, 7> reserved0{};
  FixedText<8> code;  ///< e.g. "CNY.D"
  std::array<std::byte, 24> reserved{};
};
static_assert(sizeof(RegisterAsset) == 64);

namespace role {
inline constexpr std::uint32_t kOperator = 1u << 0;
inline constexpr std::uint32_t kParticipant = 1u << 1;  ///< holds accounts, pays
inline constexpr std::uint32_t kRegulator = 1u << 2;    ///< reads everything, changes nothing
inline constexpr std::uint32_t kMonitor = 1u << 3;      ///< health and node status only
inline constexpr std::uint32_t kPeer = 1u << 4;         ///< another operator's node
inline constexpr std::uint32_t kAll = (1u << 5) - 1;
}  // namespace role

/// The ledger assigns the ParticipantId. 256 bytes.
struct RegisterParticipant {
  CommandId id;
  std::uint32_t roles = 0;
  std::uint32_t reserved0 = 0;
  FixedText<16> code;  ///< what the certificate says; unique in the node
  FixedText<12> bic;
  FixedText<20> lei;
  FixedText<72> name;        ///< UTF-8
  FixedText<72> local_name;  ///< UTF-8, the other language
  std::array<std::byte, 40> reserved{};
};
static_assert(sizeof(RegisterParticipant) == 256);

/// 64 bytes.
struct UpdateParticipant {
  CommandId id;
  ParticipantId participant;
  std::uint32_t suspend = 0;  ///< 1 suspends, 0 reinstates
  std::array<std::byte, 40> reserved{};
};
static_assert(sizeof(UpdateParticipant) == 64);

namespace account_flag {
inline constexpr std::uint32_t kNoDebitBalance = 1u << 0;   ///< debits (and pending) <= credits
inline constexpr std::uint32_t kNoCreditBalance = 1u << 1;  ///< credits (and pending) <= debits
inline constexpr std::uint32_t kFrozen = 1u << 2;
inline constexpr std::uint32_t kClosed = 1u << 3;  ///< for good
inline constexpr std::uint32_t kReviewIncoming =
    1u << 4;  ///< cross-border credits wait for affirmation
inline constexpr std::uint32_t kAll = (1u << 5) - 1;
}  // namespace account_flag

enum class AccountKind : std::uint16_t {
  kCustomer = 1,  ///< owned by a participant
  kReserve = 2,   ///< what backs the issue of an asset; one per asset, at its issuer
  kCorridor = 3,  ///< what this node and a peer owe each other in an asset; one per (peer, asset)
};

/// The outcome's value is the account number. 64 bytes.
struct OpenAccount {
  CommandId id;
  ParticipantId owner;
  AssetId asset;
  std::uint32_t flags = 0;
  AccountKind kind = AccountKind::kCustomer;
  std::uint16_t reserved0 = 0;
  NodeId peer;  ///< corridor accounts only
  std::uint32_t reserved1 = 0;
  FixedText<24> alias;  ///< for people
};
static_assert(sizeof(OpenAccount) == 64);

/// Freezes, unfreezes, closes, or changes review of an account. 64 bytes.
struct UpdateAccount {
  CommandId id;
  AccountNumber account;
  std::uint32_t set_flags = 0;    ///< of kFrozen, kClosed, kReviewIncoming
  std::uint32_t clear_flags = 0;  ///< of kFrozen, kReviewIncoming
  std::array<std::byte, 32> reserved{};
};
static_assert(sizeof(UpdateAccount) == 64);

/// A public signing key and when it is valid. 168 bytes.
struct KeyRecord {
  KeyId key_id;
  Timestamp valid_from;  ///< included
  Timestamp valid_to;    ///< not included
  std::uint8_t suite = 0;
  std::uint8_t reserved0 = 0;
  std::uint16_t der_bytes = 0;
  std::uint32_t reserved1 = 0;
  std::array<std::byte, 128> der{};  ///< SubjectPublicKeyInfo, the rest zeros
  std::array<std::byte, 8> reserved{};

  [[nodiscard]] base::ByteSpan der_view() const {
    return base::ByteSpan{der}.first(der_bytes <= der.size() ? der_bytes : 0);
  }
};
static_assert(sizeof(KeyRecord) == 168);

/// 208 bytes.
struct RegisterPeer {
  CommandId id;
  NodeId peer;
  std::uint32_t reserved0 = 0;
  FixedText<16> code;
  KeyRecord key;
};
static_assert(sizeof(RegisterPeer) == 208);

/// Announces this node's next signing key to every peer. The key before stays valid until
/// `previous_valid_to`, which must not be before the new key's valid_from. The first one (right
/// after genesis) has no key before it. 192 bytes.
struct RotateKey {
  CommandId id;
  Timestamp previous_valid_to;
  KeyRecord key;
};
static_assert(sizeof(RotateKey) == 192);

// ---- Settlement between nodes -----------------------------------------------------------------

enum class SettlementKind : std::uint16_t { kPayment = 1, kPvp = 2, kDvp = 3, kReturn = 4 };

enum class Direction : std::uint16_t {
  kOut = 1,  ///< the initiator's side pays
  kIn = 2,   ///< the initiator's side receives
};

/// One movement of one asset between the two ledgers. 40 bytes.
struct Leg {
  AccountNumber initiator_account;
  AccountNumber responder_account;
  std::int64_t amount_minor = 0;
  AssetId asset;
  Direction direction = Direction::kOut;
  std::uint16_t purpose = 0;
  std::uint64_t reserved = 0;
};
static_assert(sizeof(Leg) == 40);

/// Head of an instruction; `leg_count` Legs and `details_bytes` bytes (padded to 8) follow. The
/// same bytes are the client's command, the message between the nodes and the evidence. 80 bytes.
struct InstructHead {
  CommandId id;           ///< the UETR
  CommandId original_id;  ///< returns only: the settlement that is given back
  NodeId initiator;
  NodeId responder;
  SettlementKind kind = SettlementKind::kPayment;
  std::uint16_t leg_count = 0;
  std::uint32_t details_bytes = 0;
  Timestamp decide_by;  ///< the responder refuses from this instant on; 0 in a command: a day
  Timestamp value_date;
  std::uint64_t reserved0 = 0;
  std::uint64_t reserved1 = 0;
};
static_assert(sizeof(InstructHead) == 80);

/// An owner of a debited (or reviewed) account on the responder's side agrees or declines. 64
/// bytes.
struct Affirm {
  CommandId id;
  CommandId settlement;
  std::uint32_t decline = 0;  ///< 1 declines
  std::array<std::byte, 28> reserved{};
};
static_assert(sizeof(Affirm) == 64);

/// The initiator's participant asks for its money back. 64 bytes.
struct Recall {
  CommandId id;
  CommandId settlement;
  FixedText<4> reason;  ///< ISO 20022 cancellation reason, e.g. DUPL, CUST
  std::array<std::byte, 28> reserved{};
};
static_assert(sizeof(Recall) == 64);

/// Head of a peer's signed envelope, which follows (wire/envelope.hpp). 32 bytes.
struct PeerEnvelopeHead {
  CommandId id;  ///< 0: the channel's cursor makes it idempotent
  NodeId peer;
  std::uint32_t envelope_bytes = 0;
  std::uint64_t reserved = 0;
};
static_assert(sizeof(PeerEnvelopeHead) == 32);

/// What the peer has told (over TLS, unsigned) that it holds durably; trims the outbox. 32 bytes.
struct PeerAck {
  CommandId id;  ///< 0
  NodeId peer;
  std::uint32_t reserved = 0;
  base::ChannelSeqno acknowledged;
};
static_assert(sizeof(PeerAck) == 32);

/// The operator lets a halted direction go on from its cursor. 32 bytes.
struct ResumePeer {
  CommandId id;
  NodeId peer;
  std::array<std::byte, 12> reserved{};
};
static_assert(sizeof(ResumePeer) == 32);

/// Opens a reconciliation with a peer. 48 bytes.
struct Reconcile {
  CommandId id;
  NodeId peer;
  std::uint32_t business_date = 0;  ///< yyyymmdd
  std::array<std::byte, 24> reserved{};
};
static_assert(sizeof(Reconcile) == 48);

/// Time passes: what is due expires. 32 bytes.
struct Tick {
  CommandId id;  ///< 0
  std::array<std::byte, 16> reserved{};
};
static_assert(sizeof(Tick) == 32);

enum class RuleKind : std::uint32_t {
  kSingleMax = 1,    ///< largest single amount, minor units of `asset`
  kCorridorCap = 2,  ///< largest corridor balance with `peer` in `asset`, minor units
};

/// 32 bytes.
struct Rule {
  RuleKind kind = RuleKind::kSingleMax;
  AssetId asset;
  NodeId peer;  ///< corridor rules only
  std::uint32_t reserved = 0;
  std::int64_t value = 0;
  std::uint64_t reserved1 = 0;
};
static_assert(sizeof(Rule) == 32);

/// Head of a rule pack; `rule_count` Rules follow and replace all that were there. 48 bytes.
struct SetRulesHead {
  CommandId id;
  std::uint32_t version = 0;
  std::uint32_t rule_count = 0;
  Timestamp effective_from;  ///< 0: at once
  std::uint64_t reserved0 = 0;
  std::uint64_t reserved1 = 0;
};
static_assert(sizeof(SetRulesHead) == 48);

template <class Record>
concept IsRecord = std::is_trivially_copyable_v<Record> && std::is_standard_layout_v<Record>;

static_assert(IsRecord<Transfer> && IsRecord<InstructHead> && IsRecord<RegisterParticipant>);

}  // namespace hugang::wire
