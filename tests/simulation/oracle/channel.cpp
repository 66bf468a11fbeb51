#include <algorithm>

#include "clearing/machine/limits.hpp"
#include "clearing/wire/envelope.hpp"
#include "crypto/digest.hpp"
#include "tests/simulation/oracle/desk.hpp"

namespace hugang::oracle {
namespace {

wire::PeerHalted halt_event(NodeNo peer, const Channel& channel) {
  wire::PeerHalted event;
  event.peer = base::NodeId{peer};
  event.code = channel.halted;
  event.cursor = base::ChannelSeqno{channel.cursor()};
  event.evidence = base::Seqno{channel.evidence};
  return event;
}

Answer halt(Desk& desk, NodeNo peer, Code code) {
  Channel& channel = desk.book.channels.at(peer);
  channel.halted = code;
  channel.evidence = desk.entry;
  tell(desk, wire::EventKind::kPeerHalted, desk.now, halt_event(peer, channel));
  return {.code = code, .value = channel.cursor()};
}

void acknowledge(Channel& channel, std::uint64_t seqno) {
  channel.acknowledged = std::max(channel.acknowledged, seqno);
  while (!channel.outbox.empty() && channel.outbox.begin()->first <= seqno) {
    channel.outbox.erase(channel.outbox.begin());
  }
}

Code key_refusal(const Channel& channel, std::uint64_t key_id, Time now) {
  for (const Key& key : channel.keys) {
    if (key.id == key_id) {
      return key.from <= now && now < key.to ? Code::kOk : Code::kKeyNotValid;
    }
  }
  return Code::kKeyUnknown;
}

/// Whether the messages of the payload that this node has had tell what they told then. Hashes of
/// only so many are kept; what is older passes.
Code history_refusal(const Channel& channel, const wire::PayloadView& payload) {
  const std::uint64_t first = payload.head.first_seqno.value();
  if (first == 0) return Code::kPayloadMalformed;
  if (first > channel.cursor() + 1) return Code::kChannelGap;
  Digest chain = payload.head.chain_before;
  std::uint64_t reached = first - 1;
  for (const auto& message : payload.messages) {
    if (reached == channel.cursor()) break;
    chain = crypto::chain_next(chain, message.whole);
    ++reached;
  }
  if (reached != 0 && channel.cursor() - reached >= machine::kChainsRemembered) return Code::kOk;
  return chain == channel.received[reached] ? Code::kOk : Code::kChannelHash;
}

Code take_key(Desk& desk, NodeNo from, ByteSpan body) {
  if (body.size() != sizeof(wire::KeyAnnouncement)) return Code::kPayloadMalformed;
  const auto announcement = wire::read_record<wire::KeyAnnouncement>(body);
  Channel& channel = desk.book.channels.at(from);
  const Code code = add_key(channel.keys, announcement.key, announcement.previous_valid_to.ns());
  // The operators may have exchanged the key by hand before.
  if (code == Code::kKeyExists) return Code::kOk;
  if (code != Code::kOk) return Code::kPayloadMalformed;
  wire::KeyAdded event;
  event.node = base::NodeId{from};
  event.key = announcement.key;
  tell(desk, wire::EventKind::kKeyAdded, desk.now, event);
  return Code::kOk;
}

Code take_message(Desk& desk, NodeNo from, std::uint64_t seqno, const wire::MessageView& message) {
  switch (message.head.kind) {
    case wire::MessageKind::kInstruct:
      return take_instruction(desk, from, seqno, message.body);
    case wire::MessageKind::kDecision:
      return take_decision(desk, from, message.body);
    case wire::MessageKind::kRecall:
      return take_recall(desk, from, message.body);
    case wire::MessageKind::kRecallAnswer:
      return take_recall_answer(desk, from, message.body);
    case wire::MessageKind::kKeyAnnouncement:
      return take_key(desk, from, message.body);
    case wire::MessageKind::kReconcileRequest:
      return take_reconcile_request(desk, from, message.body);
    case wire::MessageKind::kReconcileAnswer:
      return take_reconcile_answer(desk, from, message.body);
  }
  return Code::kMessageUnknown;
}

Answer take_payload(Desk& desk, NodeNo from, const wire::PayloadView& payload) {
  const auto channel = [&]() -> Channel& { return desk.book.channels.at(from); };
  if (payload.head.from.value() != from || payload.head.to.value() != desk.book.self) {
    return halt(desk, from, Code::kWrongAddressee);
  }
  const std::uint64_t acknowledged = payload.head.acknowledged.value();
  if (acknowledged > channel().sent) return halt(desk, from, Code::kAckAhead);
  if (const Code code = history_refusal(channel(), payload); code != Code::kOk) {
    return halt(desk, from, code);
  }
  acknowledge(channel(), acknowledged);
  std::uint64_t seqno = payload.head.first_seqno.value();
  for (const auto& message : payload.messages) {
    if (seqno++ <= channel().cursor()) continue;
    // An entry that is half full of events leaves the rest for another time.
    if (desk.event_bytes > machine::kEntryBytesMax / 2) break;
    const Code code = take_message(desk, from, seqno - 1, message);
    if (code != Code::kOk) return halt(desk, from, code);
    channel().received.push_back(crypto::chain_next(channel().received.back(), message.whole));
  }
  return done(channel().cursor());
}

}  // namespace

Answer take_envelope(Desk& desk, ByteSpan record) {
  const auto command = wire::decode_peer_envelope(record);
  if (!command) return refuse(Code::kReservedNotZero);
  const NodeNo from = command->head.peer.value();
  if (!desk.book.channels.contains(from)) return refuse(Code::kPeerUnknown);
  const Channel& channel = desk.book.channels.at(from);
  if (channel.halted != Code::kOk) {
    return {.code = Code::kPeerHalted, .value = channel.cursor()};
  }
  const auto envelope = wire::decode_envelope_view(command->envelope);
  if (!envelope) return halt(desk, from, Code::kPayloadMalformed);
  const Code key = key_refusal(channel, envelope->key_id.value(), desk.now);
  if (key == Code::kKeyNotValid) return {.code = key, .value = channel.cursor()};
  if (key != Code::kOk) return halt(desk, from, key);
  const auto payload = wire::decode_payload(envelope->payload);
  if (!payload) return halt(desk, from, Code::kPayloadMalformed);
  return take_payload(desk, from, *payload);
}

Answer take_ack(Desk& desk, const wire::PeerAck& c) {
  if (c.id.value() != 0 || c.reserved != 0) return refuse(Code::kReservedNotZero);
  const auto found = desk.book.channels.find(c.peer.value());
  if (found == desk.book.channels.end()) return refuse(Code::kPeerUnknown);
  if (c.acknowledged.value() > found->second.sent) return refuse(Code::kAckAhead);
  acknowledge(found->second, c.acknowledged.value());
  return done(found->second.acknowledged);
}

Answer resume(Desk& desk, PersonNo caller, const wire::ResumePeer& c) {
  if (!is_operator(desk.book, caller)) return refuse(Code::kNotPermitted);
  if (c.reserved != decltype(c.reserved){}) return refuse(Code::kReservedNotZero);
  const auto found = desk.book.channels.find(c.peer.value());
  if (found == desk.book.channels.end()) return refuse(Code::kPeerUnknown);
  Channel& channel = found->second;
  if (channel.halted != Code::kOk) {
    tell(desk, wire::EventKind::kPeerResumed, desk.now, halt_event(found->first, channel));
    channel.halted = Code::kOk;
    channel.evidence = 0;
  }
  return done(channel.cursor());
}

}  // namespace hugang::oracle
