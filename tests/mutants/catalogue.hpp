// The planted bugs by name; generate.py writes the table.
#pragma once

#include <cstdint>
#include <vector>

namespace hugang::mutants {

struct Mutant {
  const char* name;
  std::uint32_t within;  ///< seeds from 1 on, within which the campaign must find it
  const char* bug;       ///< one sentence
};

/// In the order of the tables.
const std::vector<Mutant>& catalogue();

}  // namespace hugang::mutants
