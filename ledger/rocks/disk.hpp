// What lies below the journal: the machine's own disk, or one that a test makes fail.
#pragma once

#include <cstdint>

namespace rocksdb {
class Env;
}

namespace hugang::ledger::rocks {

/// A node uses the default.
struct Disk {
  rocksdb::Env* env = nullptr;       ///< nullptr: the real one. Must outlive the journal.
  std::uint64_t logs_bytes_max = 0;  ///< 0: as a node has it. Small: flushes come often.
};

}  // namespace hugang::ledger::rocks
