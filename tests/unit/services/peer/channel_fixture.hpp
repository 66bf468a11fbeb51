// What the tests of the channel share: messages with their chain, keys, and the core's rule for
// envelopes in its shortest form.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "clearing/base/check.hpp"
#include "clearing/wire/batch.hpp"
#include "clearing/wire/message.hpp"
#include "crypto/digest.hpp"
#include "services/peer/receiver.hpp"
#include "services/peer/sender.hpp"
#include "services/peer/signing_keys.hpp"

namespace hugang::peer::test {

inline constexpr base::NodeId kShanghai{1};
inline constexpr base::NodeId kHongKong{2};

/// An endless outbox: message n says its own number, `variant` tells two histories apart.
class Outbox {
 public:
  explicit Outbox(std::uint64_t variant = 0) : variant_{variant} {}

  machine::OutboxMessage next() {
    wire::Decision decision;
    decision.settlement = base::CommandId{(base::u128{variant_} << 64) | (seqno_ + 1)};
    machine::OutboxMessage message{
        .seqno = base::ChannelSeqno{++seqno_},
        .chain_before = chain_,
        .chain_after = {},
        .bytes = wire::encode_message(wire::MessageKind::kDecision, decision)};
    chain_ = crypto::chain_next(chain_, message.bytes);
    message.chain_after = chain_;
    return message;
  }

  std::vector<machine::OutboxMessage> take(std::size_t count) {
    std::vector<machine::OutboxMessage> messages;
    for (std::size_t i = 0; i < count; ++i) messages.push_back(next());
    return messages;
  }

 private:
  std::uint64_t variant_;
  std::uint64_t seqno_ = 0;
  base::Digest chain_;
};

inline const crypto::PrivateKey& shanghai_key() {
  static const auto key = crypto::PrivateKey::generate(crypto::Suite::kEd25519);
  return key;
}

inline wire::KeyRecord record_of(const crypto::PublicKey& key, std::int64_t from = 0,
                                 std::int64_t to = INT64_MAX) {
  wire::KeyRecord record;
  record.key_id = key.id();
  record.valid_from = base::Timestamp{from};
  record.valid_to = base::Timestamp{to};
  record.suite = static_cast<std::uint8_t>(key.suite());
  record.der_bytes = static_cast<std::uint16_t>(key.to_der().size());
  std::copy(key.to_der().begin(), key.to_der().end(), record.der.begin());
  return record;
}

inline const KeyDirectory& shanghai_directory() {
  static const KeyDirectory directory = [] {
    KeyDirectory keys;
    keys.add(record_of(shanghai_key().public_key()));
    return keys;
  }();
  return directory;
}

inline base::Bytes payload_of(const std::vector<machine::OutboxMessage>& messages) {
  HG_CHECK(!messages.empty());
  wire::PayloadHead head;
  head.from = kShanghai;
  head.to = kHongKong;
  head.first_seqno = messages.front().seqno;
  head.chain_before = messages.front().chain_before;
  std::vector<base::ByteSpan> spans;
  for (const auto& message : messages) spans.emplace_back(message.bytes);
  return wire::encode_payload(head, spans);
}

inline Incoming incoming_of(base::Bytes payload) {
  auto incoming =
      verify_incoming(seal_bytes(shanghai_key(), std::move(payload)), shanghai_directory());
  HG_CHECK(incoming.has_value());
  return *std::move(incoming);
}

inline Incoming incoming_of(const std::vector<machine::OutboxMessage>& messages) {
  return incoming_of(payload_of(messages));
}

/// The rule of the core for envelopes, without keys and meanings: skips what is known, applies what
/// follows, halts on a gap or on another chain.
class ModelCore {
 public:
  wire::Outcome apply(const node::Submission& submission) {
    HG_CHECK(submission.kind == wire::CommandKind::kPeerEnvelope && submission.count == 1);
    const auto record = wire::decode_peer_envelope(submission.records);
    HG_CHECK(record && record->head.peer == kShanghai);
    const auto envelope = wire::decode_envelope(record->envelope);
    HG_CHECK(envelope.has_value());
    wire::Outcome outcome;
    outcome.code = halted_ != machine::Code::kOk ? machine::Code::kPeerHalted
                                                 : judge_and_apply(envelope->payload);
    if (machine::is_protocol_breach(outcome.code)) halted_ = outcome.code;
    outcome.value = applied_.size();
    return outcome;
  }

  [[nodiscard]] const std::vector<base::Bytes>& applied() const { return applied_; }
  [[nodiscard]] machine::Code halted() const { return halted_; }
  void resume() { halted_ = machine::Code::kOk; }

  [[nodiscard]] machine::Peer as_state() const {
    machine::Peer peer;
    peer.node = kShanghai;
    peer.applied = base::ChannelSeqno{applied_.size()};
    peer.applied_chain = chain_;
    peer.recent_chains = history_;
    peer.halted = halted_;
    return peer;
  }

 private:
  machine::Code judge_and_apply(base::ByteSpan bytes) {
    const auto payload = wire::decode_payload(bytes);
    if (!payload) return machine::Code::kPayloadMalformed;
    const std::uint64_t first = payload->head.first_seqno.value();
    if (first > applied_.size() + 1) return machine::Code::kChannelGap;
    base::Digest chain = payload->head.chain_before;
    for (std::size_t i = 0; i < payload->messages.size(); ++i) {
      const std::uint64_t seqno = first + i;
      const auto whole = payload->messages[i].whole;
      if (seqno == applied_.size() + 1) {
        if (chain != chain_) return machine::Code::kChannelHash;
        applied_.emplace_back(whole.begin(), whole.end());
        chain_ = crypto::chain_next(chain_, whole);
        history_.push(chain_);
      }
      chain = crypto::chain_next(chain, whole);
      const machine::ChannelSeqno newest{applied_.size()};
      const base::Digest* known = history_.find(machine::ChannelSeqno{seqno}, newest);
      if (known != nullptr && chain != *known) return machine::Code::kChannelHash;
    }
    return machine::Code::kOk;
  }

  std::vector<base::Bytes> applied_;
  base::Digest chain_;
  machine::ChainHistory history_;
  machine::Code halted_ = machine::Code::kOk;
};

}  // namespace hugang::peer::test
