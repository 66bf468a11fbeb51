// Messages between nodes, and the payload of a signed envelope that carries a run of them.
#pragma once

#include <cstdint>
#include <expected>
#include <vector>

#include "clearing/base/bytes.hpp"
#include "clearing/machine/codes.hpp"
#include "clearing/wire/records.hpp"

namespace hugang::wire {

/// Sent and signed: numbers are never reused.
enum class MessageKind : std::uint16_t {
  kInstruct = 1,          // body: the instruct record (wire/batch.hpp, encode_instruct)
  kDecision = 2,          // Decision
  kRecall = 3,            // RecallRequest
  kRecallAnswer = 4,      // RecallAnswer
  kKeyAnnouncement = 5,   // KeyAnnouncement
  kReconcileRequest = 6,  // ReconcileHead + ReconcilePosition each
  kReconcileAnswer = 7,   // ReconcileHead + ReconcilePosition each + CommandId in flight each
};

/// Head of a message. 8 bytes; `bytes` of body follow, padded with zeros to 8. The channel's chain
/// hash covers head, body and padding.
struct MessageHead {
  std::uint32_t bytes = 0;
  MessageKind kind = MessageKind::kInstruct;
  std::uint16_t reserved = 0;
};
static_assert(sizeof(MessageHead) == 8);

/// The responder's decision, final. 48 bytes.
struct Decision {
  CommandId settlement;
  machine::Code code = machine::Code::kOk;  ///< kOk: settled
  std::uint16_t reserved0 = 0;
  std::uint32_t reserved1 = 0;
  Timestamp decided_at;
  Seqno responder_seqno;  ///< the entry of the responder's journal that decided
  std::uint64_t reserved2 = 0;
};
static_assert(sizeof(Decision) == 48);

struct RecallRequest {
  CommandId recall;
  CommandId settlement;
  FixedText<4> reason;
  std::uint32_t reserved = 0;
  std::uint64_t reserved1 = 0;
};
static_assert(sizeof(RecallRequest) == 48);

struct RecallAnswer {
  CommandId recall;
  CommandId settlement;
  machine::Code code = machine::Code::kOk;  ///< kOk: recalled; kAlreadySettled; kAlreadyRefused
  std::uint16_t reserved0 = 0;
  std::uint32_t reserved1 = 0;
  Timestamp at;
};
static_assert(sizeof(RecallAnswer) == 48);

struct KeyAnnouncement {
  Timestamp previous_valid_to;
  KeyRecord key;
};
static_assert(sizeof(KeyAnnouncement) == 176);

struct ReconcileHead {
  CommandId id;
  std::uint32_t business_date = 0;
  std::uint32_t position_count = 0;
  std::uint32_t in_flight_count = 0;
  machine::Code code = machine::Code::kOk;  ///< answer: kOk agreed, kReconciliationDiffers
  std::uint16_t reserved0 = 0;
  base::ChannelSeqno
      seen;  ///< request: the last message of the other side applied before it was made
  std::uint64_t reserved1 = 0;
};
static_assert(sizeof(ReconcileHead) == 48);

/// credits - debits (posted) of the sender's corridor account with the receiver, and what of the
/// difference the answering side explains by messages under way. 48 bytes.
struct ReconcilePosition {
  base::i128 net_minor = 0;
  base::i128 in_flight_minor = 0;
  AssetId asset;
  std::uint32_t reserved0 = 0;
  std::uint64_t reserved1 = 0;
};
static_assert(sizeof(ReconcilePosition) == 48);

/// Head of an envelope's payload; the messages follow. 112 bytes.
struct PayloadHead {
  static constexpr std::uint32_t kMagic = 0x4C504748;  ///< "HGPL"
  static constexpr std::uint16_t kVersion = 1;

  std::uint32_t magic = kMagic;
  std::uint16_t version = kVersion;
  std::uint16_t reserved0 = 0;
  NodeId from;
  NodeId to;
  std::uint32_t message_count = 0;
  std::uint32_t messages_bytes = 0;
  base::ChannelSeqno first_seqno;   ///< of the first message
  base::ChannelSeqno acknowledged;  ///< last message of the other direction applied by the sender
  Timestamp sent_at;                ///< informative
  base::Digest chain_before;        ///< chain hash before the first message
  std::array<std::byte, 32> reserved{};
};
static_assert(sizeof(PayloadHead) == 112);

struct MessageView {
  MessageHead head;
  base::ByteSpan body;   ///< without padding
  base::ByteSpan whole;  ///< head, body, padding: what the chain covers
};

struct PayloadView {
  PayloadHead head;
  std::vector<MessageView> messages;
};

enum class PayloadError : std::uint8_t {
  kTruncated,
  kMagic,
  kVersion,
  kCount,
  kReservedNotZero,
  kPadding,
  kTrailingBytes,
};

/// Head, body, zero padding.
[[nodiscard]] base::Bytes encode_message(MessageKind kind, base::ByteSpan body);

template <IsRecord Record>
[[nodiscard]] base::Bytes encode_message(MessageKind kind, const Record& record) {
  return encode_message(kind, std::as_bytes(std::span{&record, 1}));
}

/// Sets magic, version, message_count and messages_bytes of the head.
[[nodiscard]] base::Bytes encode_payload(PayloadHead head,
                                         std::span<const base::ByteSpan> messages);

/// Never reads out of bounds; anything that encode_payload would not write is an error.
[[nodiscard]] std::expected<PayloadView, PayloadError> decode_payload(base::ByteSpan payload);

}  // namespace hugang::wire
