// From a journal to the state it describes: newest valid checkpoint, then replay of the rest.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "clearing/machine/machine.hpp"
#include "ledger/journal.hpp"

namespace hugang::ledger {

/// Applies journaled entries again and compares what comes out, byte for byte, with what was
/// journaled. One thread.
class Replayer {
 public:
  explicit Replayer(machine::Machine& machine) : machine_{machine} {}

  /// Requires entry.head.seqno to be the machine's last seqno + 1. kDiverged names the entry and
  /// the first command or event that differs; the machine's state is then of no use.
  [[nodiscard]] std::expected<void, LedgerError> apply(const EntryView& entry);

  [[nodiscard]] std::uint64_t entries() const { return entries_; }
  [[nodiscard]] std::uint64_t commands() const { return commands_; }

 private:
  machine::Machine& machine_;
  machine::Effects effects_;
  std::uint64_t entries_ = 0;
  std::uint64_t commands_ = 0;
};

struct RecoveryReport {
  Seqno checkpoint;  ///< where the replay began; 0: at entry 1
  Seqno last_seqno;
  std::uint64_t entries_replayed = 0;
  std::uint64_t commands_replayed = 0;
  double seconds = 0;
  bool tail_was_cut = false;
  std::vector<std::string> sentences;  ///< what was found on the way, e.g. a damaged checkpoint
};

struct Recovered {
  machine::Machine machine;
  RecoveryReport report;
};

/// Called now and then with the last entry replayed and the last entry there is.
using RecoveryProgress = std::function<void(Seqno done, Seqno last)>;

/// The machine as the journal's last entry left it. An empty journal gives an empty machine. A
/// checkpoint that does not match its digest is passed over for the one before, and at last for
/// replay from entry 1. kDamaged, kDiverged and kReadFailed name the entry.
[[nodiscard]] std::expected<Recovered, LedgerError> recover(const Journal& journal,
                                                            machine::Hashing hashing,
                                                            const RecoveryProgress& progress = {});

/// The machine as a checkpoint describes it, its digest and id lines checked.
[[nodiscard]] std::expected<machine::Machine, LedgerError> restore_checkpoint(
    const Journal& journal, const CheckpointInfo& checkpoint, machine::Hashing hashing);

}  // namespace hugang::ledger
