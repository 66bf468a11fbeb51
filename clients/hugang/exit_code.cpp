#include "clients/hugang/exit_code.hpp"

#include <array>
#include <cstddef>

namespace hugang::program {
namespace {

constexpr std::array kRows{
    ExitCodeRow{ExitCode::kOk, "ok", "done; for cross-border payments: final", "go on"},
    ExitCodeRow{ExitCode::kRefused, "refused", "the ledger refused; nothing moved",
                "read the code (field error.code with --json); the same id is answered the same"},
    ExitCodeRow{ExitCode::kUsage, "usage", "the command line, a file or the profile is wrong",
                "correct it; nothing was sent"},
    ExitCodeRow{ExitCode::kUnavailable, "unavailable", "no connection to the node",
                "repeat with the same --id: it never pays twice"},
    ExitCodeRow{ExitCode::kNotPermitted, "not permitted", "unknown certificate, or wrong role",
                "use another profile"},
    ExitCodeRow{ExitCode::kOverloaded, "busy", "the node's queue is full",
                "wait a moment, repeat with the same --id"},
    ExitCodeRow{ExitCode::kUnknown, "unknown", "no answer or no finality in time",
                "ask `hugang status ID` or `hugang transfer ID`, or repeat with the same --id"},
};

constexpr bool are_in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].code) != i) return false;
  }
  return true;
}
static_assert(are_in_order());

}  // namespace

std::span<const ExitCodeRow> exit_code_rows() { return kRows; }

const char* word_of(ExitCode code) { return kRows[static_cast<std::size_t>(code)].word; }

ExitCode exit_code_of(client::ErrorKind kind) {
  switch (kind) {
    case client::ErrorKind::kConfiguration:
      return ExitCode::kUsage;
    case client::ErrorKind::kUnavailable:
      return ExitCode::kUnavailable;
    case client::ErrorKind::kUnauthenticated:
    case client::ErrorKind::kNotPermitted:
      return ExitCode::kNotPermitted;
    case client::ErrorKind::kOverloaded:
      return ExitCode::kOverloaded;
    case client::ErrorKind::kTimedOut:
      return ExitCode::kUnknown;
    case client::ErrorKind::kInvalid:
    case client::ErrorKind::kNotFound:
      return ExitCode::kRefused;
    // Something broke while the request was under way: it may have been done.
    case client::ErrorKind::kInternal:
      return ExitCode::kUnknown;
  }
  return ExitCode::kUnknown;
}

ExitCode exit_code_of(const v1::Outcome& outcome) {
  return outcome.code() == 0 ? ExitCode::kOk : ExitCode::kRefused;
}

}  // namespace hugang::program
