// What to make of a write-ahead log that RocksDB refuses: a torn last write, or damage with durable
// entries behind it.
#pragma once

#include <expected>
#include <filesystem>

#include "clearing/base/strong_id.hpp"
#include "ledger/error.hpp"
#include "ledger/rocks/database.hpp"
#include "ledger/rocks/log_scan.hpp"

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

/// The raw log files of a directory. RocksDB alone does not tell what is damaged: it takes a
/// damaged length in the last block for a torn write and drops what lies behind it.
struct Logs {
  std::vector<LogScan> scans;  ///< in the order in which the files were written
  bool is_clean = true;        ///< nothing but whole records
  bool is_in_order = true;
  bool can_be_read_around = true;
  base::Seqno last_entry;  ///< the highest in a whole record; 0: none
};
[[nodiscard]] std::expected<Logs, LedgerError> read_logs(const std::filesystem::path& directory);

/// Requires logs.is_in_order. Reads, changes nothing. The caller holds the directory's lock, or
/// only reads (a node that writes meanwhile is not taken for damage). An append is one log record
/// and begins only when the one before is durable. Hence a record that begins behind the damage
/// proves that the damaged one had been durable.
[[nodiscard]] std::expected<LogDiagnosis, LedgerError> diagnose_log(
    const std::filesystem::path& directory, const Logs& logs, const Disk& disk);

/// kDamaged at the first bad entry, with what to do.
[[nodiscard]] LedgerError middle_damaged(const std::filesystem::path& directory,
                                         const LogDiagnosis& diagnosis);

/// kDamaged at the first entry that stands in the wrong order or behind what does. Requires
/// !logs.is_in_order.
[[nodiscard]] LedgerError out_of_order(const std::filesystem::path& directory, const Logs& logs);

/// kDamaged at the first entry that is missing: the ledger ends with `last`, and `durable`, above
/// it, had been durable.
struct LostEntries {
  base::Seqno last;
  base::Seqno durable;
};
[[nodiscard]] LedgerError entries_lost(const std::filesystem::path& directory, LostEntries lost);

/// The last entry of the journal; 0: none.
[[nodiscard]] std::expected<base::Seqno, LedgerError> last_entry(const Database& database);

}  // namespace hugang::ledger::rocks
