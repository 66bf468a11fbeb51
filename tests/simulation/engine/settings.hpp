// How a node is configured from one start to the next start: each is drawn anew, as an operator
// may change it, and nothing that is durable may depend on it.
#pragma once

#include "services/node/node.hpp"
#include "services/peer/course.hpp"
#include "services/peer/sender.hpp"
#include "tests/simulation/engine/random.hpp"

namespace hugang::simulation {

/// The keys that a node may have and announce in a run.
inline constexpr std::uint32_t kKeysOfNode = 4;

struct CitySettings {
  node::NodeSettings node;
  peer::SendLimits send;
  peer::LinkPace pace;
  std::uint32_t keys_held = kKeysOfNode;  ///< the first so many signing keys are in its files

  [[nodiscard]] static CitySettings draw(Random& random) {
    const auto up_to = [&](std::int64_t low, std::int64_t high) {
      return static_cast<std::uint32_t>(random.between(low, high));
    };
    CitySettings drawn;
    drawn.node.batch.commands_max = random.chance(300) ? up_to(1, 4) : up_to(5, 8'190);
    drawn.node.flight.entries_max = up_to(1, 8);
    drawn.node.flight.append_bytes_max = random.chance(500) ? 1'000 : 1U << 20;
    drawn.node.checkpoint.entries = up_to(5, 120);
    drawn.send.messages_per_envelope = up_to(1, 16);
    drawn.send.messages_under_way = drawn.send.messages_per_envelope * up_to(1, 6);
    drawn.send.envelopes_under_way = up_to(1, 4);
    drawn.pace.stall_limit = std::chrono::milliseconds{random.between(1'000, 15'000)};
    drawn.pace.ack_quiet = std::chrono::milliseconds{random.between(200, 3'000)};
    if (random.chance(50)) drawn.keys_held = 1;  // somebody forgot the newer ones
    return drawn;
  }
};

}  // namespace hugang::simulation
