// Scenario lines that carry messages between cities, honestly or not. Envelopes are signed and
// verified with real keys, as the nodes do.
#include <gtest/gtest.h>

#include <algorithm>

#include "clearing/wire/envelope.hpp"
#include "clearing/wire/message.hpp"
#include "tests/scenario/script.hpp"

namespace hugang::scenario {
namespace {

/// The number of a key that nobody ever announced.
constexpr std::uint32_t kStrangersKey = 250;

machine::Code code_named(const std::string& name) {
  for (std::uint16_t number = 0; number < 1000; ++number) {
    if (code_name(static_cast<machine::Code>(number)) == name) {
      return static_cast<machine::Code>(number);
    }
  }
  throw ScriptError{"no such code: " + name};
}

wire::KeyAnnouncement announcement_of(std::uint32_t number) {
  const crypto::PrivateKey key = fixed_key(number);
  wire::KeyAnnouncement body;
  // Valid only long after the key before has ended: nothing could be verified in between.
  body.key = key_record(key.public_key(), parse_time("+900d"), parse_time("+999d"));
  body.previous_valid_to = parse_time("+10d");
  return body;
}

}  // namespace

bool Script::run_channel(const std::string& verb, Words& words, const std::string& expected) {
  if (verb == "deliver") {
    deliver(words, expected);
  } else if (verb == "forge") {
    forge(words);
  } else if (verb == "acknowledge") {
    acknowledge(words, expected);
  } else {
    return false;
  }
  words.expect_end();
  return true;
}

Script::Direction Script::parse_direction(Words& words) {
  Direction direction;
  direction.from = &city(words.take());
  words.expect("->");
  direction.to = &city(words.take());
  return direction;
}

/// forge NAME KIND ...: the bytes of a message that no honest node would send.
void Script::forge(Words& words) {
  const std::string name = words.take();
  const std::string kind = words.take();
  base::Bytes& message = forged_[name];
  if (kind == "decision") {
    wire::Decision body;
    body.settlement = id(words.take());
    body.code = code_named(words.take());
    message = wire::encode_message(wire::MessageKind::kDecision, body);
  } else if (kind == "recall") {
    wire::RecallRequest body;
    body.recall = id("forged-recall");
    body.settlement = id(words.take());
    if (!body.reason.assign(words.take_if("unreadable") ? "\x01\x02" : "CUST")) std::abort();
    message = wire::encode_message(wire::MessageKind::kRecall, body);
  } else if (kind == "recall-answer") {
    wire::RecallAnswer body;
    body.settlement = id(words.take());
    message = wire::encode_message(wire::MessageKind::kRecallAnswer, body);
  } else if (kind == "reconcile-answer" || kind == "reconcile-request") {
    wire::ReconcileHead body;
    body.id = id(words.take());
    if (words.take_if("seen")) body.seen = base::ChannelSeqno{parse_number(words.take())};
    message =
        wire::encode_message(kind == "reconcile-answer" ? wire::MessageKind::kReconcileAnswer
                                                        : wire::MessageKind::kReconcileRequest,
                             body);
  } else if (kind == "huge-position") {
    struct {
      wire::ReconcileHead head;
      wire::ReconcilePosition position;
    } body;
    body.head.id = id(words.take());
    body.head.position_count = 1;
    body.position.net_minor = static_cast<base::i128>(base::u128{1} << 127);
    body.position.asset = base::AssetId{1};
    message = wire::encode_message(wire::MessageKind::kReconcileRequest,
                                   std::as_bytes(std::span{&body, 1}));
  } else if (kind == "key") {
    message = wire::encode_message(
        wire::MessageKind::kKeyAnnouncement,
        announcement_of(static_cast<std::uint32_t>(parse_number(words.take()))));
  } else if (kind == "kind") {
    message = wire::encode_message(static_cast<wire::MessageKind>(parse_number(words.take())), {});
  } else if (kind == "short") {
    message = wire::encode_message(static_cast<wire::MessageKind>(parse_number(words.take())),
                                   base::as_bytes("cut"));
  } else if (kind == "repeat") {
    const Direction of = parse_direction(words);
    message = of.from->messages_to(of.to->node()).at(parse_number(words.take()) - 1).bytes;
  } else {
    message = wire::encode_message(wire::MessageKind::kInstruct, parse_instruct(kind, words));
  }
}

/// deliver A -> B [from N] [count N] [forged NAME] and what a dishonest or broken node does:
/// [addressed CITY] [sender CITY] [acknowledging N] [other-history] [cut] [spoiled] [key N]
/// [stranger] [no-envelope], in this order. Without more: everything that A has queued and B has
/// not acknowledged.
void Script::deliver(Words& words, const std::string& expected) {
  const Direction way = parse_direction(words);
  const base::Bytes payload = parse_payload(way, words);
  const std::vector<SigningKey>& keys = keys_.at(way.from->name());
  std::size_t which = keys.size() - 1;
  if (words.take_if("key")) which = parse_number(words.take()) - 1;
  const crypto::PrivateKey stranger = fixed_key(kStrangersKey);
  const bool by_stranger = words.take_if("stranger");
  const auto envelope = crypto::seal(by_stranger ? stranger : keys.at(which).key, payload);
  if (!by_stranger) {
    ASSERT_TRUE(crypto::verify(keys.at(which).key.public_key(), envelope).has_value());
  }
  base::Bytes bytes = wire::encode_envelope(envelope);
  if (words.take_if("no-envelope")) bytes[0] ^= std::byte{1};
  submit({way.to, base::ParticipantId{0}}, wire::CommandKind::kPeerEnvelope,
         wire::encode_peer_envelope(way.from->node(), bytes), expected);
}

base::Bytes Script::parse_payload(const Direction& way, Words& words) {
  const auto& messages = way.from->messages_to(way.to->node());
  const machine::Peer& sender = way.from->state().peers.at(way.to->node());
  const machine::Peer& receiver = way.to->state().peers.at(way.from->node());
  wire::PayloadHead head;
  head.from = way.from->node();
  head.to = way.to->node();
  head.acknowledged = sender.applied;
  head.sent_at = now_;
  std::uint64_t first = sender.acknowledged.value() + 1;
  if (words.take_if("from")) first = parse_number(words.take());
  std::uint64_t count = messages.size() - std::min<std::uint64_t>(first - 1, messages.size());
  if (words.take_if("count")) count = parse_number(words.take());
  head.chain_before =
      first <= messages.size() ? messages[first - 1].chain_before : sender.sent_chain;
  std::vector<base::ByteSpan> carried;
  for (std::uint64_t i = 0; i < count; ++i) carried.emplace_back(messages.at(first - 1 + i).bytes);
  if (words.take_if("forged")) {
    first = receiver.applied.value() + 1;
    head.chain_before = receiver.applied_chain;
    head.acknowledged = base::ChannelSeqno{};
    carried.assign(1, forged_.at(words.take()));
  }
  head.first_seqno = base::ChannelSeqno{first};
  if (words.take_if("addressed")) head.to = city(words.take()).node();
  if (words.take_if("sender")) head.from = city(words.take()).node();
  if (words.take_if("acknowledging")) {
    head.acknowledged = base::ChannelSeqno{parse_number(words.take())};
  }
  if (words.take_if("other-history")) head.chain_before.bytes[0] ^= std::byte{1};
  base::Bytes payload = wire::encode_payload(head, carried);
  if (words.take_if("cut")) payload.resize(payload.size() - 8);
  if (words.take_if("spoiled")) payload[6] = std::byte{1};
  return payload;
}

/// acknowledge A -> B N: B tells A, without signature, that it holds A's messages up to N.
void Script::acknowledge(Words& words, const std::string& expected) {
  const Direction way = parse_direction(words);
  wire::PeerAck ack;
  ack.peer = way.to->node();
  ack.acknowledged = base::ChannelSeqno{parse_number(words.take())};
  submit({way.from, base::ParticipantId{0}}, wire::CommandKind::kPeerAck, ack, expected);
}

}  // namespace hugang::scenario
