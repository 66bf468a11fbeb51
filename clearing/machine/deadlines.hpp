// What time itself brings about: holds expire, undecided settlements are refused, rule packs take
// effect. Internal to machine/.
#pragma once

#include "clearing/machine/apply_context.hpp"

namespace hugang::machine {

/// Carries out everything that is due at context.now, in order of (time, id), before the command of
/// that instant: a hold is gone from exactly its expiry on. The due events carry their own instant.
/// At most `max` of them: only a tick stops early, and the sequencer then ticks again first.
void apply_due(ApplyContext& context, std::size_t max = SIZE_MAX);

}  // namespace hugang::machine
