// What a receiver may pass over as a repetition of what it has applied.
#pragma once

#include <optional>
#include <string>

#include "clearing/machine/state.hpp"
#include "services/peer/receiver.hpp"

namespace hugang::simulation {

/// The law that is broken when a node that knows `peer` so passes `incoming` over: it ends with
/// another history than was applied, and the evidence is lost. Nothing where it is a repetition, or
/// older than what is remembered.
[[nodiscard]] std::optional<std::string> first_broken_if_passed_over(
    const machine::Peer& peer, const peer::Incoming& incoming);

}  // namespace hugang::simulation
