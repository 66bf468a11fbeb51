// How hugang-audit ends: scripts look at the number, people at the sentence.
#pragma once

#include "ledger/error.hpp"

namespace hugang::audit {

enum class ExitCode : int {
  kGood = 0,
  kBadLedger = 1,   ///< something in the ledger is not as it must be
  kUsage = 2,       ///< the command line, or what it names, makes no sense
  kCannotRead = 3,  ///< nothing can be said about the ledger
};

/// What an error of the ledger means for somebody who only reads it.
[[nodiscard]] constexpr ExitCode exit_code_of(ledger::LedgerError::Code code) {
  using Code = ledger::LedgerError::Code;
  switch (code) {
    case Code::kDamaged:
    case Code::kDiverged:
      return ExitCode::kBadLedger;
    case Code::kNotFound:
      return ExitCode::kUsage;
    case Code::kNotALedger:
    case Code::kInUse:
    case Code::kNewerFormat:
    case Code::kOtherNode:
    case Code::kWriteFailed:
    case Code::kReadFailed:
      return ExitCode::kCannotRead;
  }
  return ExitCode::kCannotRead;
}

}  // namespace hugang::audit
