// hugang: the command line of participants and operators.
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string_view>

#include "clients/hugang/program.hpp"

namespace {

/// https://no-color.org: any value that is not empty.
bool wants_colour() {
  const char* no_colour = std::getenv("NO_COLOR");
  if (no_colour != nullptr && *no_colour != '\0') return false;
  const char* terminal = std::getenv("TERM");
  return terminal != nullptr && std::string_view{terminal} != "dumb";
}

hugang::base::Timestamp wall_clock() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return hugang::base::Timestamp{
      std::chrono::duration_cast<std::chrono::nanoseconds>(since_epoch).count()};
}

}  // namespace

int main(int argc, char** argv) {
  // gRPC writes of lost connections to standard error, where people look for our one sentence.
  setenv("GRPC_VERBOSITY", "NONE", 0);
  hugang::program::Surroundings around{
      .out = std::cout,
      .err = std::cerr,
      .out_has_colour = isatty(STDOUT_FILENO) == 1 && wants_colour(),
      .err_is_terminal = isatty(STDERR_FILENO) == 1,
      .connect = hugang::program::connect,
      .now = wall_clock};
  try {
    const int code = hugang::program::run({argv + 1, argv + argc}, around);
    std::cout.flush();
    return code;
  } catch (const std::exception& error) {
    std::cerr << "unknown: INTERNAL: " << error.what() << '\n';
    return static_cast<int>(hugang::program::ExitCode::kUnknown);
  }
}
