#include "ledger/rocks/diagnosis.hpp"

#include <algorithm>

#include "ledger/rocks/database.hpp"
#include "ledger/rocks/keys.hpp"
#include "ledger/rocks/log_scan.hpp"

namespace hugang::ledger::rocks {
namespace {

using base::Seqno;

std::string number(Seqno seqno) { return std::to_string(seqno.value()); }

constexpr const char* kWhatToDo =
    ". Keep this directory as it is, run hugang-audit verify on a copy, and restore the ledger "
    "from a backup";

/// The last entry of the run without a gap that goes on behind `from`.
Seqno end_of_run(const Database& database, Seqno from) {
  rocksdb::PinnableSlice value;
  Seqno end = from;
  while (true) {
    const Seqno next{end.value() + 1};
    value.Reset();
    const auto status = database.db().Get(rocksdb::ReadOptions{}, database.journal(),
                                          slice(journal_key(next).view()), &value);
    if (!status.ok()) return end;
    end = next;
  }
}

std::expected<std::vector<LogScan>, LedgerError> scan_logs(const std::filesystem::path& directory) {
  std::vector<LogScan> scans;
  for (const auto& file : log_files(directory)) {
    auto scan = scan_log_file(file);
    std::error_code ignored;
    // A running node removes logs that it needs no more.
    if (!scan && !std::filesystem::exists(file, ignored)) continue;
    if (!scan) return std::unexpected{scan.error()};
    scans.push_back(std::move(*scan));
  }
  return scans;
}

/// The first entry in the raw logs that proves that something durable lies behind `last_good`, or
/// 0.
Seqno later_in(const std::vector<LogScan>& scans, Seqno last_good) {
  const Seqno first_bad{last_good.value() + 1};
  Seqno later;
  for (const LogScan& scan : scans) {
    for (const LogRecord& record : scan.records) {
      if (record.entries.empty()) continue;
      const Seqno first = *std::ranges::min_element(record.entries);
      const bool is_the_damaged_one = first == first_bad && !record.is_complete;
      if (first <= last_good || is_the_damaged_one) continue;
      if (later.is_none() || first < later) later = first;
    }
  }
  return later;
}

}  // namespace

std::expected<Seqno, LedgerError> last_entry(const Database& database) {
  const std::unique_ptr<rocksdb::Iterator> it{
      database.db().NewIterator(rocksdb::ReadOptions{}, database.journal())};
  it->SeekToLast();
  if (!it->status().ok()) return std::unexpected{read_error("the journal", it->status())};
  if (!it->Valid()) return Seqno{};
  return parse_journal_key(it->key().ToStringView()).value_or(Seqno{});
}

std::expected<Logs, LedgerError> read_logs(const std::filesystem::path& directory) {
  auto scans = scan_logs(directory);
  if (!scans) return std::unexpected{scans.error()};
  Logs logs{.scans = std::move(*scans), .last_entry = {}};
  for (const LogScan& scan : logs.scans) {
    logs.is_clean = logs.is_clean && scan.is_clean;
    logs.is_in_order = logs.is_in_order && scan.is_in_order;
    logs.can_be_read_around = logs.can_be_read_around && scan.can_be_read_around;
    for (const LogRecord& record : scan.records) {
      if (!record.is_complete) continue;
      for (const Seqno seqno : record.entries) logs.last_entry = std::max(logs.last_entry, seqno);
    }
  }
  return logs;
}

std::expected<LogDiagnosis, LedgerError> diagnose_log(const std::filesystem::path& directory,
                                                      const Logs& logs, const Disk& disk) {
  // In this order, each step sees at least what the one before has seen, also beside a running
  // node. So what a step lacks that an earlier one saw is damage.
  const std::vector<LogScan>& scans = logs.scans;
  const std::string name = "the ledger in " + directory.string();
  Seqno last_undamaged;
  std::expected<Database, rocksdb::Status> around =
      std::unexpected{rocksdb::Status::Corruption("the log cannot be read around its damage")};
  if (logs.can_be_read_around) {
    around = Database::open_read_only(directory, LogReading::kAroundDamage, disk);
  }
  if (around) {
    const auto last = last_entry(*around);
    if (!last) return std::unexpected{last.error()};
    last_undamaged = *last;
  } else if (!around.error().IsCorruption()) {
    return std::unexpected{read_error(name, around.error())};
  }
  const auto before = Database::open_read_only(directory, LogReading::kUpToDamage, disk);
  if (!before) return std::unexpected{read_error(name, before.error())};
  const auto last_good = last_entry(*before);
  if (!last_good) return std::unexpected{last_good.error()};

  if (last_undamaged <= *last_good && later_in(scans, *last_good).is_none()) {
    return LogDiagnosis{.verdict = LogVerdict::kTornTail,
                        .reading = LogReading::kUpToDamage,
                        .last_good = *last_good,
                        .later = {}};
  }
  // RocksDB cannot always read around the damage; then only what lies before it counts as whole.
  const Seqno end_of_whole = around ? end_of_run(*around, *last_good) : *last_good;
  const Seqno beyond = later_in(scans, end_of_whole);
  const bool is_journal_whole =
      end_of_whole >= last_undamaged && end_of_whole > *last_good && beyond.is_none();
  return LogDiagnosis{
      .verdict = is_journal_whole ? LogVerdict::kJournalWhole : LogVerdict::kMiddleDamaged,
      .reading = around ? LogReading::kAroundDamage : LogReading::kUpToDamage,
      .last_good = end_of_whole,
      .later = beyond.is_none() ? last_undamaged : beyond};
}

LedgerError middle_damaged(const std::filesystem::path& directory, const LogDiagnosis& diagnosis) {
  const Seqno bad{diagnosis.last_good.value() + 1};
  return {.code = LedgerError::Code::kDamaged,
          .sentence = "the ledger in " + directory.string() + " is damaged " +
                      (diagnosis.later == bad ? "before" : "at") + " entry " + number(bad) +
                      ", and entry " + number(diagnosis.later) +
                      " stands behind the damage, so this is no write that a crash has torn. "
                      "Entries 1 to " +
                      number(diagnosis.last_good) + " are whole" + kWhatToDo,
          .entry = bad};
}

LedgerError out_of_order(const std::filesystem::path& directory, const Logs& logs) {
  Seqno last;
  for (const LogScan& scan : logs.scans) {
    std::optional<std::uint64_t> next_change;
    bool goes_on = true;
    for (const LogRecord& record : scan.records) {
      // An empty record carries the number of the change before it.
      const bool follows = !next_change || record.first_change == *next_change ||
                           (record.changes != 0 && record.first_change == *next_change + 1);
      goes_on = record.is_complete && follows;
      if (!goes_on) break;
      if (!record.entries.empty()) last = record.entries.back();
      next_change = record.first_change + record.changes;
    }
    if (!goes_on) break;
  }
  // Behind all entries nothing of theirs is bad.
  const bool is_behind = last >= logs.last_entry;
  const Seqno bad = last.is_none() || is_behind ? Seqno{} : Seqno{last.value() + 1};
  return {.code = LedgerError::Code::kDamaged,
          .sentence = "the ledger in " + directory.string() + " is damaged" +
                      (bad.is_none() ? "" : " at or before entry " + number(bad)) +
                      ": a part of its log stands where another belongs" + kWhatToDo,
          .entry = bad};
}

LedgerError entries_lost(const std::filesystem::path& directory, LostEntries lost) {
  const Seqno first{lost.last.value() + 1};
  return {.code = LedgerError::Code::kDamaged,
          .sentence = "the ledger in " + directory.string() + " ends with entry " +
                      number(lost.last) + ", but entry " + number(lost.durable) +
                      " had been durable: what lies between is lost, so this is no write that a "
                      "crash has torn. A file was damaged, cut or removed" +
                      kWhatToDo,
          .entry = first};
}

}  // namespace hugang::ledger::rocks
