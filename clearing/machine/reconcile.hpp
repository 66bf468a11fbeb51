// Reconciliation: both nodes state their corridor positions in signed messages and agree that the
// ledgers differ by exactly what is under way. Internal to machine/.
#pragma once

#include "clearing/machine/apply_context.hpp"

namespace hugang::machine {

/// Opens a reconciliation: queues this node's positions. Value: the message's channel seqno.
[[nodiscard]] Answer apply_reconcile(ApplyContext& context, const wire::Reconcile& command);

/// A peer's positions: compared with this ledger's and answered.
[[nodiscard]] Code receive_reconcile_request(ApplyContext& context, Peer& peer,
                                             base::ByteSpan body);

/// The peer's answer to this node's request.
[[nodiscard]] Code receive_reconcile_answer(ApplyContext& context, Peer& peer, base::ByteSpan body);

}  // namespace hugang::machine
