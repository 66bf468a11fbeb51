// Transfers inside one ledger: single, linked chains, two-phase, balancing. Internal to machine/.
#pragma once

#include "clearing/machine/apply_context.hpp"

namespace hugang::machine {

/// Applies a group of transfers; transfer i happens at context.now + i ns, a linked chain at the
/// time of its first member. Appends one outcome for each.
void apply_transfers(ApplyContext& context, const wire::GroupView& group);

/// Releases a hold whose time has come. Requires an open hold.
void expire_hold(ApplyContext& context, CommandId id);

}  // namespace hugang::machine
