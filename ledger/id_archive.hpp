// The journal as the place where the core finds old lines of its id log.
#pragma once

#include <cstdint>
#include <vector>

#include "clearing/machine/id_index.hpp"
#include "ledger/journal.hpp"

namespace hugang::ledger {

/// Looks lines up in the blocks that checkpoints wrote. Keeps the last block, since a client that
/// repeats an old batch asks for neighbours. One thread. A block that cannot be read ends the
/// process with the journal's sentence: without it the core cannot tell a retry from a new command.
class JournalIdArchive final : public machine::IdArchive {
 public:
  /// `journal` must outlive this.
  explicit JournalIdArchive(const Journal& journal) : journal_{journal} {}
  [[nodiscard]] machine::IdLogLine line(std::uint64_t number) const override;

 private:
  const Journal& journal_;
  mutable std::uint64_t block_number_ = 0;
  mutable std::vector<machine::IdLogLine> block_;
};

[[nodiscard]] LedgerError damaged_id_block(std::uint64_t number);

}  // namespace hugang::ledger
