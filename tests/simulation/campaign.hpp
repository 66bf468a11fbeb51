// Many seeds, one after another or on several threads, with progress for a person and totals.
#pragma once

#include <cstdint>

#include "tests/simulation/engine/world.hpp"
#include "tests/simulation/seed_range.hpp"

namespace hugang::simulation {

struct CampaignOptions {
  WorldOptions world;  ///< its seed is not looked at
  SeedRange seeds;
  std::uint32_t jobs = 1;  ///< threads; each runs whole seeds
  bool keeps_going = false;
};

/// The command that runs this universe again.
[[nodiscard]] std::string command_of(const WorldOptions& options);

/// Runs one universe; should it end the process, says on stderr which one it was.
[[nodiscard]] WorldResult run_named(const WorldOptions& options);

/// One line with the figures of a run.
[[nodiscard]] std::string summary_of(const WorldResult& result);

/// The broken law, the last events of each node and the command that repeats it.
[[nodiscard]] std::string failure_of(const WorldOptions& options, const WorldResult& result);

/// Prints failures and totals to stdout, progress to stderr when that is a terminal. The number of
/// seeds that failed.
[[nodiscard]] std::uint64_t run_campaign(const CampaignOptions& options);

}  // namespace hugang::simulation
