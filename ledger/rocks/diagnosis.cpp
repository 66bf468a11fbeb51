#include "ledger/rocks/diagnosis.hpp"

#include <algorithm>

#include "ledger/rocks/database.hpp"
#include "ledger/rocks/keys.hpp"
#include "ledger/rocks/log_scan.hpp"

namespace hugang::ledger::rocks {
namespace {

using base::Seqno;

std::string number(Seqno seqno) { return std::to_string(seqno.value()); }

std::expected<Seqno, LedgerError> last_entry(const Database& database) {
  const std::unique_ptr<rocksdb::Iterator> it{
      database.db().NewIterator(rocksdb::ReadOptions{}, database.journal())};
  it->SeekToLast();
  if (!it->status().ok()) return std::unexpected{read_error("the journal", it->status())};
  if (!it->Valid()) return Seqno{};
  return parse_journal_key(it->key().ToStringView()).value_or(Seqno{});
}

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

/// The first entry in the raw logs that proves that something durable lies behind `last_good`, or
/// 0.
std::expected<Seqno, LedgerError> later_in_raw_logs(const std::filesystem::path& directory,
                                                    Seqno last_good) {
  const Seqno first_bad{last_good.value() + 1};
  Seqno later;
  for (const auto& file : log_files(directory)) {
    const auto scan = scan_log_file(file);
    if (!scan) return std::unexpected{scan.error()};
    for (const LogRecord& record : scan->records) {
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

std::expected<LogDiagnosis, LedgerError> diagnose_log(const std::filesystem::path& directory) {
  const std::string name = "the ledger in " + directory.string();
  LogDiagnosis diagnosis;
  {
    const auto before = Database::open_read_only(directory, LogReading::kUpToDamage);
    if (!before) return std::unexpected{read_error(name, before.error())};
    const auto last = last_entry(*before);
    if (!last) return std::unexpected{last.error()};
    diagnosis.last_good = *last;
  }
  Seqno last_undamaged;
  Seqno end_of_whole;
  {
    const auto around = Database::open_read_only(directory, LogReading::kAroundDamage);
    if (!around) return std::unexpected{read_error(name, around.error())};
    const auto last = last_entry(*around);
    if (!last) return std::unexpected{last.error()};
    last_undamaged = *last;
    end_of_whole = end_of_run(*around, diagnosis.last_good);
  }
  const auto later = later_in_raw_logs(directory, diagnosis.last_good);
  if (!later) return std::unexpected{later.error()};
  const auto beyond = later_in_raw_logs(directory, end_of_whole);
  if (!beyond) return std::unexpected{beyond.error()};

  if (last_undamaged <= diagnosis.last_good && later->is_none()) {
    diagnosis.verdict = LogVerdict::kTornTail;
    return diagnosis;
  }
  const bool is_journal_whole =
      end_of_whole == last_undamaged && end_of_whole > diagnosis.last_good && beyond->is_none();
  diagnosis.verdict = is_journal_whole ? LogVerdict::kJournalWhole : LogVerdict::kMiddleDamaged;
  diagnosis.last_good = end_of_whole;
  diagnosis.later = beyond->is_none() ? last_undamaged : *beyond;
  return diagnosis;
}

LedgerError middle_damaged(const std::filesystem::path& directory, const LogDiagnosis& diagnosis) {
  const Seqno bad{diagnosis.last_good.value() + 1};
  return {.code = LedgerError::Code::kDamaged,
          .sentence = "the ledger in " + directory.string() + " is damaged at entry " +
                      number(bad) + ", and entry " + number(diagnosis.later) +
                      " lies behind it, so this is no write that a crash has torn. Entries 1 to " +
                      number(diagnosis.last_good) +
                      " are whole. Keep this directory as it is, run hugang-audit verify on a "
                      "copy, and restore the ledger from a backup",
          .entry = bad};
}

}  // namespace hugang::ledger::rocks
