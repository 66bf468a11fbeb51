// What can go wrong with a ledger on disk, as a value.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "clearing/base/strong_id.hpp"

namespace hugang::ledger {

/// `sentence` is for a person: what is wrong and what to do next. `entry` is the entry it is
/// about, or none.
struct LedgerError {
  enum class Code : std::uint8_t {
    kNotALedger,   ///< nothing there, or not a ledger's directory
    kInUse,        ///< another process has the directory open
    kNewerFormat,  ///< written by a newer program
    kOtherNode,    ///< the ledger of another node
    kDamaged,      ///< bytes are not what was written; `entry` is the first bad one
    kDiverged,     ///< replay gives other results than were journaled at `entry`
    kNotFound,     ///< no such entry or checkpoint
    kWriteFailed,  ///< disk full or failing: stop the process, nothing later may be answered
    kReadFailed,   ///< the disk or its permissions
  };

  Code code = Code::kReadFailed;
  std::string sentence;
  base::Seqno entry;
};

}  // namespace hugang::ledger
