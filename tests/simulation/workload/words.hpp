// How the simulator's output names things.
#pragma once

#include "clearing/base/int128.hpp"
#include "clearing/base/strong_id.hpp"

namespace hugang::simulation {

/// Enough of an id to find it again among the events of one run.
[[nodiscard]] inline std::uint64_t name_of_id(base::CommandId id) {
  return base::low64(id.value()) % 1'000'000;
}

}  // namespace hugang::simulation
