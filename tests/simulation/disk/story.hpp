// One seed's story of a ledger on a failing disk: appends, checkpoints, flushes, deaths, power
// cuts, failing writes, and damage at rest on copies; the laws of the journal are checked after
// every opening.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace hugang::simulation {

struct StoryOptions {
  std::uint64_t seed = 1;
  std::uint32_t steps = 40;
  /// Where the files lie; a folder of its own is made there and removed again.
  std::filesystem::path folder;
  bool shows_everything = false;  ///< prints every operation as it happens
};

struct StoryCounts {
  std::uint64_t operations = 0;  ///< of the disk
  std::uint64_t entries = 0;
  std::uint64_t appends = 0;
  std::uint64_t checkpoints = 0;
  std::uint64_t openings = 0;
  std::uint64_t deaths = 0;
  std::uint64_t power_cuts = 0;
  std::uint64_t failures = 0;   ///< appends, checkpoints and openings that a fault made fail
  std::uint64_t damages = 0;    ///< at rest
  std::uint64_t refused = 0;    ///< of the damages
  std::uint64_t harmless = 0;   ///< of the damages
  std::uint64_t tolerated = 0;  ///< of the damages: the newest entries were cut, as the law allows

  void add(const StoryCounts& other);
};

struct StoryResult {
  std::optional<std::string> broken_law;
  std::string last_operations;
  StoryCounts counts;
  std::uint64_t hash = 0;  ///< of every operation and every finding
};

/// A folder in memory where there is one, else the system's for temporary files.
[[nodiscard]] std::filesystem::path default_story_folder();

[[nodiscard]] StoryResult run_story(const StoryOptions& options);

}  // namespace hugang::simulation
