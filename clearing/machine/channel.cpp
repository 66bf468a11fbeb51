#include "clearing/machine/channel.hpp"

#include <algorithm>

#include "clearing/machine/initiator.hpp"
#include "clearing/machine/keys.hpp"
#include "clearing/machine/limits.hpp"
#include "clearing/machine/reconcile.hpp"
#include "clearing/machine/responder.hpp"
#include "clearing/wire/envelope.hpp"

namespace hugang::machine {
namespace {

/// With so many bytes of events in an entry no further message of a peer is applied in it: what the
/// message itself and the commands behind it tell must still fit into kEntryBytesMax.
constexpr std::size_t kEventBytesBeforeMessageMax = kEntryBytesMax / 2;

ChannelSeqno next(ChannelSeqno seqno) { return ChannelSeqno{seqno.value() + 1}; }

void trim_outbox(Peer& peer, ChannelSeqno acknowledged) {
  while (!peer.outbox.empty() && peer.outbox.front().seqno <= acknowledged) peer.outbox.pop_front();
  peer.acknowledged = std::max(peer.acknowledged, acknowledged);
}

Answer halt(ApplyContext& context, Peer& peer, Code code) {
  HG_CHECK(is_protocol_breach(code));
  peer.halted = code;
  peer.halt_evidence = context.seqno;
  wire::PeerHalted event;
  event.peer = peer.node;
  event.code = code;
  event.cursor = peer.applied;
  event.evidence = context.seqno;
  emit(context, wire::EventKind::kPeerHalted, event);
  return {code, peer.applied.value()};
}

/// kOk, kKeyUnknown or kKeyNotValid. The signature itself was checked before the command was made.
Code check_key(const Peer& peer, KeyId key_id, Timestamp now) {
  for (const PeerKey& key : peer.keys) {
    if (key.record.key_id != key_id) continue;
    return key.record.valid_from <= now && now < key.record.valid_to ? Code::kOk
                                                                     : Code::kKeyNotValid;
  }
  return Code::kKeyUnknown;
}

/// Where in the payload the first new message stands, after checking that payload and cursor tell
/// one history; or the breach.
std::expected<std::size_t, Code> place_cursor(const ApplyContext& context, const Peer& peer,
                                              const wire::PayloadView& payload) {
  const std::uint64_t first = payload.head.first_seqno.value();
  const std::uint64_t cursor = peer.applied.value();
  if (first == 0) return std::unexpected{Code::kPayloadMalformed};
  if (first > cursor + 1) return std::unexpected{Code::kChannelGap};
  const std::uint64_t known = cursor + 1 - first;
  const std::size_t old = std::min<std::size_t>(known, payload.messages.size());
  // Where the old part ends it must tell the history that was applied. A place that is no longer
  // remembered cannot be compared, and nothing of it is applied again.
  const Digest* applied = peer.recent_chains.find(ChannelSeqno{first - 1 + old}, peer.applied);
  if (applied == nullptr) return old;
  Digest chain = payload.head.chain_before;
  for (std::size_t i = 0; i < old; ++i) {
    chain = context.hashing.chain_next(chain, payload.messages[i].whole);
  }
  if (chain != *applied) return std::unexpected{Code::kChannelHash};
  return old;
}

Code apply_message(ApplyContext& context, Peer& peer, const wire::MessageView& message,
                   ChannelSeqno seqno) {
  switch (message.head.kind) {  // A number outside the enumeration falls through to the end.
    case wire::MessageKind::kInstruct:
      return receive_instruct(context, peer, message.body, seqno);
    case wire::MessageKind::kDecision:
      return receive_decision(context, peer, message.body, seqno);
    case wire::MessageKind::kRecall:
      return receive_recall(context, peer, message.body);
    case wire::MessageKind::kRecallAnswer:
      return receive_recall_answer(context, peer, message.body);
    case wire::MessageKind::kKeyAnnouncement:
      return receive_key(context, peer, message.body);
    case wire::MessageKind::kReconcileRequest:
      return receive_reconcile_request(context, peer, message.body);
    case wire::MessageKind::kReconcileAnswer:
      return receive_reconcile_answer(context, peer, message.body);
  }
  return Code::kMessageUnknown;
}

Answer apply_payload(ApplyContext& context, Peer& peer, const wire::PayloadView& payload) {
  if (payload.head.from != peer.node || payload.head.to != context.state.self) {
    return halt(context, peer, Code::kWrongAddressee);
  }
  if (payload.head.acknowledged > peer.sent) return halt(context, peer, Code::kAckAhead);
  const auto first_new = place_cursor(context, peer, payload);
  if (!first_new) return halt(context, peer, first_new.error());
  trim_outbox(peer, payload.head.acknowledged);

  for (std::size_t i = *first_new; i < payload.messages.size(); ++i) {
    // Small messages can ask for large answers. What has no room in this entry is left: the cursor
    // says so, and the peer sends it again.
    if (context.effects.events.size() > kEventBytesBeforeMessageMax) break;
    const wire::MessageView& message = payload.messages[i];
    const ChannelSeqno seqno = next(peer.applied);
    const Code code = apply_message(context, peer, message, seqno);
    if (code != Code::kOk) return halt(context, peer, code);
    peer.applied_chain = context.hashing.chain_next(peer.applied_chain, message.whole);
    peer.recent_chains.push(peer.applied_chain);
    peer.applied = seqno;
  }
  return {Code::kOk, peer.applied.value()};
}

}  // namespace

Peer* find_peer(State& state, NodeId node) {
  const auto found = state.peers.find(node);
  return found == state.peers.end() ? nullptr : &found->second;
}

Code channel_standing(const Peer& peer) {
  if (peer.halted != Code::kOk) return Code::kPeerHalted;
  if (peer.outbox.size() >= kOutboxMessagesMax) return Code::kOutboxFull;
  return Code::kOk;
}

ChannelSeqno queue_message(ApplyContext& context, Peer& peer, base::Bytes bytes) {
  OutboxMessage message;
  message.bytes = std::move(bytes);
  message.seqno = next(peer.sent);
  message.chain_before = peer.sent_chain;
  message.chain_after = context.hashing.chain_next(peer.sent_chain, message.bytes);

  wire::MessageQueued event;
  event.peer = peer.node;
  event.message_bytes = static_cast<std::uint32_t>(message.bytes.size());
  event.seqno = message.seqno;
  event.chain_before = message.chain_before;
  event.chain_after = message.chain_after;
  emit(context, wire::EventKind::kMessageQueued, event, message.bytes);

  peer.sent = message.seqno;
  peer.sent_chain = message.chain_after;
  peer.outbox.push_back(std::move(message));
  return peer.sent;
}

Answer apply_peer_envelope(ApplyContext& context, base::ByteSpan record) {
  if (context.caller != kNodeItself) return refuse(Code::kNotPermitted);
  const auto command = wire::decode_peer_envelope(record);
  if (!command) return refuse(Code::kReservedNotZero);
  Peer* peer = find_peer(context.state, command->head.peer);
  if (peer == nullptr) return refuse(Code::kPeerUnknown);
  if (peer->halted != Code::kOk) return {Code::kPeerHalted, peer->applied.value()};

  const auto envelope = wire::decode_envelope_view(command->envelope);
  if (!envelope) return halt(context, *peer, Code::kPayloadMalformed);
  const Code key = check_key(*peer, envelope->key_id, context.now);
  if (key == Code::kKeyNotValid) return {key, peer->applied.value()};
  if (key != Code::kOk) return halt(context, *peer, key);
  const auto payload = wire::decode_payload(envelope->payload);
  if (!payload) return halt(context, *peer, Code::kPayloadMalformed);
  return apply_payload(context, *peer, *payload);
}

Answer apply_peer_ack(ApplyContext& context, const wire::PeerAck& ack) {
  if (context.caller != kNodeItself) return refuse(Code::kNotPermitted);
  if (ack.reserved != 0 || !ack.id.is_none()) return refuse(Code::kReservedNotZero);
  Peer* peer = find_peer(context.state, ack.peer);
  if (peer == nullptr) return refuse(Code::kPeerUnknown);
  // Unsigned, so no evidence of anything: an impossible one is refused and halts nothing.
  if (ack.acknowledged > peer->sent) return refuse(Code::kAckAhead);
  trim_outbox(*peer, ack.acknowledged);
  return {Code::kOk, peer->acknowledged.value()};
}

Answer apply_resume_peer(ApplyContext& context, const wire::ResumePeer& command) {
  if (!is_operator(context.state, context.caller)) return refuse(Code::kNotPermitted);
  if (command.reserved != decltype(command.reserved){}) return refuse(Code::kReservedNotZero);
  Peer* peer = find_peer(context.state, command.peer);
  if (peer == nullptr) return refuse(Code::kPeerUnknown);
  if (peer->halted != Code::kOk) {
    wire::PeerHalted event;
    event.peer = peer->node;
    event.code = peer->halted;
    event.cursor = peer->applied;
    event.evidence = peer->halt_evidence;
    peer->halted = Code::kOk;
    peer->halt_evidence = Seqno{};
    emit(context, wire::EventKind::kPeerResumed, event);
  }
  return {Code::kOk, peer->applied.value()};
}

}  // namespace hugang::machine
