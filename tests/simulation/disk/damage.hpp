// What happens to files that nobody has open: flipped bits, lost, doubled and removed blocks.
#pragma once

#include <filesystem>
#include <string>

#include "tests/simulation/engine/random.hpp"

namespace hugang::simulation {

/// What was done, for a person and for the law.
struct Damage {
  std::string sentence;
  std::filesystem::path file;
  bool is_shortened = false;  ///< truncated or removed: bytes are missing, none is wrong
  std::uint64_t end = 0;      ///< no byte from here on is changed
};

/// Damages one file of the ledger in `directory`. Nothing happened when the sentence is empty.
[[nodiscard]] Damage damage_at_rest(const std::filesystem::path& directory, Random& random);

}  // namespace hugang::simulation
