// The exit codes of hugangd, after sysexits(3). Scripts and unit files rely on them: they do not
// change.
#pragma once

#include "ledger/error.hpp"

namespace hugang::runtime {

enum class ExitCode : int {
  kOk = 0,
  kUsage = 64,        ///< the command line
  kBadConfig = 65,    ///< the configuration, or a file that it names
  kInternal = 70,     ///< what should not happen
  kLedger = 73,       ///< the ledger is in use, damaged, or of a newer program
  kInputOutput = 74,  ///< a disk failed; start again when it is well, nothing was lost
};

[[nodiscard]] constexpr ExitCode exit_code_of(ledger::LedgerError::Code code) {
  using Code = ledger::LedgerError::Code;
  switch (code) {
    case Code::kOtherNode:
      return ExitCode::kBadConfig;
    case Code::kNotALedger:
    case Code::kInUse:
    case Code::kNewerFormat:
    case Code::kDamaged:
    case Code::kDiverged:
    case Code::kNotFound:
      return ExitCode::kLedger;
    case Code::kWriteFailed:
    case Code::kReadFailed:
      return ExitCode::kInputOutput;
  }
  return ExitCode::kInternal;
}

}  // namespace hugang::runtime
