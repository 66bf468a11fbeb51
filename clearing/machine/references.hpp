// Whether a state that came from bytes refers only to what it holds, so that no handler reads
// behind an array for it. Internal to machine/.
#pragma once

#include "clearing/machine/state.hpp"

namespace hugang::machine {

/// Every account, participant, asset, peer and settlement that the state names is in it, and every
/// record stands under its own key. Says nothing about the laws (invariants.hpp).
[[nodiscard]] bool refers_inside(const State& state);

}  // namespace hugang::machine
