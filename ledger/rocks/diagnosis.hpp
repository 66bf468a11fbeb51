// What to make of a write-ahead log that RocksDB refuses: a torn last write, or damage with durable
// entries behind it.
#pragma once

#include <expected>
#include <filesystem>

#include "clearing/base/strong_id.hpp"
#include "ledger/error.hpp"
#include "ledger/rocks/database.hpp"

namespace hugang::ledger::rocks {

enum class LogVerdict : std::uint8_t {
  kTornTail,       ///< nothing durable lies behind the damage: cut there
  kJournalWhole,   ///< the damaged record held no entry (a checkpoint): leave it out
  kMiddleDamaged,  ///< a durable entry lies behind a damaged one: refuse
};

struct LogDiagnosis {
  LogVerdict verdict = LogVerdict::kMiddleDamaged;
  LogReading reading = LogReading::kUpToDamage;  ///< what shows all entries up to last_good
  base::Seqno last_good;                         ///< the last entry before the damage; 0: none
  base::Seqno later;                             ///< kMiddleDamaged: an entry behind the damage
};

/// Whether every log file of the directory consists of whole records. RocksDB alone does not tell:
/// it takes a damaged length in the last block for a torn write and drops what lies behind it.
[[nodiscard]] std::expected<bool, LedgerError> are_logs_clean(
    const std::filesystem::path& directory);

/// Reads, changes nothing. The caller holds the directory's lock, or only reads (a node that
/// writes meanwhile is not taken for damage).
/// An append is one log record and begins only when the one before is durable. Hence a record that
/// begins behind the damage proves that the damaged one had been durable.
[[nodiscard]] std::expected<LogDiagnosis, LedgerError> diagnose_log(
    const std::filesystem::path& directory, const Disk& disk);

/// kDamaged at the first bad entry, with what to do.
[[nodiscard]] LedgerError middle_damaged(const std::filesystem::path& directory,
                                         const LogDiagnosis& diagnosis);

}  // namespace hugang::ledger::rocks
