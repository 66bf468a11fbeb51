// Looks for journal entries in the raw bytes of RocksDB's write-ahead log files, without RocksDB:
// to tell a write that was torn by a crash from damage that has durable entries behind it.
#pragma once

#include <expected>
#include <filesystem>
#include <vector>

#include "clearing/base/bytes.hpp"
#include "clearing/base/strong_id.hpp"
#include "ledger/error.hpp"

namespace hugang::ledger::rocks {

/// One record of a log (one append) as far as its fragments are undamaged.
struct LogRecord {
  bool is_complete = false;          ///< from its first to its last fragment
  std::vector<base::Seqno> entries;  ///< entries whose heads stand in it, in order
  /// Numbers of the database's changes in it: `changes` of them from `first_change` on. Known of
  /// complete records.
  std::uint64_t first_change = 0;
  std::uint32_t changes = 0;
};

struct LogScan {
  std::vector<LogRecord> records;  ///< those whose first fragment is undamaged, in order
  bool is_clean = true;            ///< nothing but whole records
  /// No record carries changes that one before it carries too or that come earlier. No crash does
  /// that: a block stands where another belongs. RocksDB must not read such a log: it may stop the
  /// process.
  bool is_in_order = true;
  /// No damaged fragment looks like one of a log file that is used again. RocksDB, told to read
  /// around damage, would look at such a one for ever.
  bool can_be_read_around = true;
};

/// Format: blocks of 32 KiB; fragments {checksum, length, type} that never cross a block. Behind a
/// damaged fragment the next one whose checksum holds is looked for byte by byte, so one damaged
/// byte never hides a later record.
[[nodiscard]] LogScan scan_log(base::ByteSpan file);

/// The log files of the directory, in the order in which they were written.
[[nodiscard]] std::vector<std::filesystem::path> log_files(const std::filesystem::path& directory);

[[nodiscard]] std::expected<LogScan, LedgerError> scan_log_file(const std::filesystem::path& file);

}  // namespace hugang::ledger::rocks
