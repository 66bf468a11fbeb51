// The responder's side: check the own legs and, in one command, post them all or refuse. That
// command is the decision. Internal to machine/.
#pragma once

#include "clearing/machine/apply_context.hpp"

namespace hugang::machine {

/// A peer's instruction: decided at once, or pending until the owners on this side affirm. kOk, or
/// the breach of protocol.
[[nodiscard]] Code receive_instruct(ApplyContext& context, Peer& peer, base::ByteSpan body,
                                    ChannelSeqno message);

/// A peer's recall: refuses what is pending; what is decided stays decided.
[[nodiscard]] Code receive_recall(ApplyContext& context, Peer& peer, base::ByteSpan body);

/// An owner on this side agrees or declines. kAwaitingAffirmation while others are missing;
/// otherwise kOk, whatever the decision was.
[[nodiscard]] Answer apply_affirm(ApplyContext& context, const wire::Affirm& command);

/// The time to decide is over. Requires a pending settlement of this responder.
void refuse_undecided(ApplyContext& context, CommandId id);

}  // namespace hugang::machine
