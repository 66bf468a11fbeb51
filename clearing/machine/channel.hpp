// The two directions between this node and a peer: the outbox with its hash chain, and the cursor
// that applies each message exactly once or halts. Internal to machine/.
#pragma once

#include "clearing/machine/apply_context.hpp"
#include "clearing/wire/message.hpp"

namespace hugang::machine {

/// Puts a message, as wire::encode_message makes it, into the outbox of `peer` and tells so in an
/// event; returns its place.
ChannelSeqno queue_message(ApplyContext& context, Peer& peer, base::Bytes bytes);

inline ChannelSeqno queue_message(ApplyContext& context, Peer& peer, wire::MessageKind kind,
                                  base::ByteSpan body) {
  return queue_message(context, peer, wire::encode_message(kind, body));
}

template <wire::IsRecord Record>
ChannelSeqno queue_message(ApplyContext& context, Peer& peer, wire::MessageKind kind,
                           const Record& record) {
  return queue_message(context, peer, kind, std::as_bytes(std::span{&record, 1}));
}

/// Applies a peer's envelope whose signature has been verified at the edge: messages above the
/// cursor, in order. A message that breaks the protocol is not applied and halts the direction; the
/// entry is the evidence. Messages for whose events the entry has no room are left for another
/// time, without a breach. The answer's value is the cursor after it.
[[nodiscard]] Answer apply_peer_envelope(ApplyContext& context, base::ByteSpan record);

/// Trims the outbox.
[[nodiscard]] Answer apply_peer_ack(ApplyContext& context, const wire::PeerAck& ack);

/// Lets a halted direction go on. kPeerUnknown, kNotPermitted; kOk also when it was not halted.
[[nodiscard]] Answer apply_resume_peer(ApplyContext& context, const wire::ResumePeer& command);

/// The peer, or nullptr.
[[nodiscard]] Peer* find_peer(State& state, NodeId node);

/// kOk when new instructions to the peer may be queued: kPeerHalted, kOutboxFull.
[[nodiscard]] Code channel_standing(const Peer& peer);

}  // namespace hugang::machine
