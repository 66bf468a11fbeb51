#include "ledger/id_archive.hpp"

#include "clearing/base/check.hpp"

namespace hugang::ledger {

machine::IdLogLine JournalIdArchive::line(std::uint64_t number) const {
  const std::uint64_t wanted = number / machine::kIdBlockLines;
  if (block_.empty() || wanted != block_number_) {
    auto lines = journal_.read_id_block(wanted);
    if (!lines) base::check_failed(lines.error().sentence.c_str(), __FILE__, __LINE__);
    block_ = std::move(*lines);
    block_number_ = wanted;
  }
  return block_.at(number % machine::kIdBlockLines);
}

LedgerError damaged_id_block(std::uint64_t number) {
  return {.code = LedgerError::Code::kDamaged,
          .sentence = "block " + std::to_string(number) +
                      " of the id log is missing or damaged: restore the ledger from a copy, or "
                      "delete its checkpoints to have them made again from the journal",
          .entry = {}};
}

}  // namespace hugang::ledger
