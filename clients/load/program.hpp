// The whole program, without the process around it.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace hugang::load {

/// What lies outside of the program.
struct Surroundings {
  std::ostream& out;
  std::ostream& err;
  bool out_has_colour = false;
  bool err_is_terminal = false;
};

/// Parses, does, tells. `arguments` without the program's name. Answers the process's exit code.
/// While a run or a preparation goes on, it takes SIGINT and SIGTERM itself: the first ends it
/// cleanly, the second ends the process.
[[nodiscard]] int run_program(const std::vector<std::string>& arguments, Surroundings& around);

}  // namespace hugang::load
