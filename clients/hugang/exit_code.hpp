// What `hugang` tells scripts: the one place for exit codes. Stable: a number is never reused.
#pragma once

#include <hugang/v1/types.pb.h>

#include <cstdint>
#include <span>

#include "clients/library/error.hpp"

namespace hugang::program {

enum class ExitCode : std::uint8_t {
  kOk = 0,
  kRefused = 1,      ///< the ledger or the other node refused, or a file could not be accepted
  kUsage = 2,        ///< the command line or the profile is wrong; nothing was sent
  kUnavailable = 3,  ///< no connection to the node
  kNotPermitted = 4,
  kOverloaded = 5,  ///< the same again later is welcome
  kUnknown = 6,     ///< no answer or no finality in time: what became of it is unknown
};

struct ExitCodeRow {
  ExitCode code;
  const char* word;     ///< how the error line begins, e.g. "refused"
  const char* meaning;  ///< one line for --help
  const char* advice;   ///< what a script should do
};

/// All of them, in order; row i is code i.
[[nodiscard]] std::span<const ExitCodeRow> exit_code_rows();
[[nodiscard]] const char* word_of(ExitCode code);

[[nodiscard]] ExitCode exit_code_of(client::ErrorKind kind);
[[nodiscard]] ExitCode exit_code_of(const v1::Outcome& outcome);

}  // namespace hugang::program
