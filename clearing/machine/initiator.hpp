// The initiator's side of a settlement: hold every own leg, instruct, and obey the decision.
// Internal to machine/.
#pragma once

#include "clearing/machine/apply_context.hpp"

namespace hugang::machine {

/// Holds the legs and queues the instruction. The answer's value is the message's channel seqno.
[[nodiscard]] Answer apply_instruct(ApplyContext& context, base::ByteSpan record);

/// Asks the responder for the money back. Value: the message's channel seqno.
[[nodiscard]] Answer apply_recall(ApplyContext& context, const wire::Recall& command);

/// The responder's decision: posts the held legs or releases them. Else the breach.
[[nodiscard]] Code receive_decision(ApplyContext& context, Peer& peer, base::ByteSpan body,
                                    ChannelSeqno message);

[[nodiscard]] Code receive_recall_answer(ApplyContext& context, Peer& peer, base::ByteSpan body);

}  // namespace hugang::machine
