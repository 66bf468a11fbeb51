// hugang-load: puts load on nodes and measures how they bear it.
#include <absl/synchronization/mutex.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <string_view>

#include "clients/load/program.hpp"

namespace {

/// https://no-color.org: any value that is not empty.
bool wants_colour() {
  const char* no_colour = std::getenv("NO_COLOR");
  if (no_colour != nullptr && *no_colour != '\0') return false;
  const char* terminal = std::getenv("TERM");
  return terminal != nullptr && std::string_view{terminal} != "dumb";
}

}  // namespace

int main(int argc, char** argv) {
  // gRPC writes of lost connections to standard error, between our lines.
  setenv("GRPC_VERBOSITY", "NONE", 0);
  // Debian builds Abseil with its search for lock cycles, which every lock in gRPC then pays for.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  hugang::load::Surroundings around{.out = std::cout,
                                    .err = std::cerr,
                                    .out_has_colour = isatty(STDOUT_FILENO) == 1 && wants_colour(),
                                    .err_is_terminal = isatty(STDERR_FILENO) == 1};
  try {
    const int code = hugang::load::run_program({argv + 1, argv + argc}, around);
    std::cout.flush();
    return code;
  } catch (const std::exception& error) {
    std::cerr << "failed: " << error.what() << '\n';
    return 1;
  }
}
