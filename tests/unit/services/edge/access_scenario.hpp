// Reads tests/scenario/edge/access.txt.
#pragma once

#include <cstdint>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "clearing/wire/records.hpp"

namespace hugang::edge {

struct RoleColumn {
  std::string name;
  std::uint32_t bit;
};

inline const std::vector<RoleColumn>& role_columns() {
  static const std::vector<RoleColumn> columns{{"operator", wire::role::kOperator},
                                               {"participant", wire::role::kParticipant},
                                               {"regulator", wire::role::kRegulator},
                                               {"monitor", wire::role::kMonitor},
                                               {"peer", wire::role::kPeer}};
  return columns;
}

/// Method path to the roles that may call it. Throws where a line is not understood: no cell is
/// passed over.
inline std::map<std::string, std::uint32_t> read_access_scenario() {
  std::ifstream file{HUGANG_SOURCE_DIR "/tests/scenario/edge/access.txt"};
  std::map<std::string, std::uint32_t> rows;
  bool has_header = false;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words{line};
    std::string path;
    words >> path;
    std::uint32_t roles = 0;
    for (const RoleColumn& column : role_columns()) {
      std::string cell;
      if (!(words >> cell)) throw std::runtime_error{"a cell is missing: " + line};
      if (!has_header) {
        if (cell != column.name) throw std::runtime_error{"another column is expected: " + line};
      } else if (cell == "yes") {
        roles |= column.bit;
      } else if (cell != "-") {
        throw std::runtime_error{"a cell is neither yes nor -: " + line};
      }
    }
    if (std::string rest; words >> rest) throw std::runtime_error{"too many cells: " + line};
    if (has_header && !rows.emplace(path, roles).second) {
      throw std::runtime_error{"the row is there twice: " + line};
    }
    has_header = true;
  }
  if (rows.empty()) throw std::runtime_error{"access.txt cannot be read"};
  return rows;
}

}  // namespace hugang::edge
