// What `hugang-load` tells scripts. Stable: a number is never reused.
#pragma once

#include <cstdint>
#include <string>

namespace hugang::load {

enum class ExitCode : std::uint8_t {
  kOk = 0,
  kFailed = 1,         ///< requests stayed without a valid answer; compare: B is worse
  kUsage = 2,          ///< the command line, a file or the profile is wrong; nothing was sent
  kUnavailable = 3,    ///< no connection to the node
  kNotPermitted = 4,   ///< unknown certificate, or wrong role
  kClientTooSlow = 7,  ///< the client could not offer what was asked: no rate is claimed
  kInterrupted = 130,  ///< Ctrl-C; the report covers what was measured until then
};

/// Why a command ended without success.
struct Failure {
  ExitCode exit_code = ExitCode::kFailed;
  std::string sentence;
};

}  // namespace hugang::load
