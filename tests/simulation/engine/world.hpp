// One universe from one seed: cities, network, clients and faults, until everything is at rest.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "tests/simulation/laws/laws.hpp"

namespace hugang::simulation {

struct WorldOptions {
  std::uint64_t seed = 1;
  std::uint32_t nodes = 0;    ///< 2..4; 0: the seed draws it
  std::uint32_t minutes = 0;  ///< of virtual time until the faults stop; 0: the seed draws 1..20
  std::uint32_t steps = 250;  ///< operations of the clients in all
  /// Called once when the run is over, before anything is torn down; may be empty.
  std::function<void(const Cities&)> inspect{};
};

struct WorldResult {
  std::string hash;  ///< over every event: two runs of a seed give the same
  std::uint32_t nodes = 0;
  std::uint64_t events = 0;
  std::uint64_t entries = 0;
  std::uint64_t answers = 0;
  std::uint64_t settled = 0;
  std::uint64_t refused = 0;
  std::uint64_t crashes = 0;
  std::uint64_t damages = 0;  ///< times that something stored was damaged
  std::uint64_t lies = 0;     ///< that a dishonest peer told
  std::uint64_t halts = 0;    ///< directions that honest nodes halted
  std::uint64_t unverifiable = 0;
  double virtual_seconds = 0;
  std::optional<std::string> broken_law;
  std::string last_events;  ///< for a person; with broken_law
};

[[nodiscard]] WorldResult run_world(const WorldOptions& options);

}  // namespace hugang::simulation
