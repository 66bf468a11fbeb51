#include "ledger/rocks/open.hpp"

#include <algorithm>
#include <fstream>

#include "clearing/base/check.hpp"
#include "ledger/chain.hpp"
#include "ledger/rocks/diagnosis.hpp"
#include "ledger/rocks/keys.hpp"
#include "ledger/rocks/log_scan.hpp"
#include "ledger/rocks/rocks_journal.hpp"

namespace hugang::ledger::rocks {
namespace {

namespace fs = std::filesystem;
using Code = LedgerError::Code;

std::string ledger_name(const fs::path& directory) { return "the ledger in " + directory.string(); }

LedgerError error(Code code, std::string sentence) {
  return {.code = code, .sentence = std::move(sentence), .entry = {}};
}

constexpr const char* kLeftOut =
    "a damaged record that held no entry (a piece of a checkpoint) was left out of the log";

enum class DirectoryState : std::uint8_t { kNew, kDatabase };

/// Files that RocksDB makes before the database exists: a crash may leave them alone.
bool is_of_unfinished_creation(const std::string& name) {
  return name == "LOCK" || name == "IDENTITY" || name == "lost+found" || name.starts_with("LOG") ||
         name.starts_with("MANIFEST-") || name.starts_with("OPTIONS-") || name.ends_with(".dbtmp");
}

std::expected<DirectoryState, LedgerError> look_at(const fs::path& directory) {
  std::error_code failure;
  if (!fs::exists(directory, failure)) return DirectoryState::kNew;
  fs::directory_iterator files{directory, failure};
  if (failure) {
    return std::unexpected{error(Code::kReadFailed, directory.string() +
                                                        " cannot be read: " + failure.message() +
                                                        ". It must be a directory that this user "
                                                        "may read and write")};
  }
  if (fs::exists(directory / "CURRENT", failure)) return DirectoryState::kDatabase;
  for (const auto& file : files) {
    const std::string name = file.path().filename().string();
    if (is_of_unfinished_creation(name)) continue;
    return std::unexpected{error(
        Code::kNotALedger, directory.string() + " holds other files (" + name +
                               ") but no ledger: name a node's storage directory (a new node: an "
                               "empty one), or restore the ledger from a backup")};
  }
  return DirectoryState::kNew;
}

struct Meta {
  std::optional<std::uint32_t> format;
  std::optional<std::uint32_t> node;
};

std::expected<Meta, LedgerError> read_meta(const Database& database, const fs::path& directory) {
  const auto format = get_u32(database, database.meta(), kFormatKey);
  const auto node = get_u32(database, database.meta(), kNodeKey);
  if (!format) return std::unexpected{read_error(ledger_name(directory), format.error())};
  if (!node) return std::unexpected{read_error(ledger_name(directory), node.error())};
  return Meta{.format = *format, .node = *node};
}

/// Whether this program may open a directory with that format.
std::expected<void, LedgerError> check_format(const Meta& meta, const fs::path& directory) {
  if (!meta.format) {
    return std::unexpected{
        error(Code::kNotALedger, directory.string() +
                                     " holds a database that does not say that it is a ledger: "
                                     "name another directory")};
  }
  if (*meta.format <= kDirectoryFormat) return {};
  return std::unexpected{error(
      Code::kNewerFormat, ledger_name(directory) + " has format " + std::to_string(*meta.format) +
                              ", and this hugang knows up to " + std::to_string(kDirectoryFormat) +
                              ": upgrade hugang, nothing was changed")};
}

std::expected<Meta, LedgerError> peek_meta(const fs::path& directory, const Disk& disk) {
  const auto database = Database::open_meta_only(directory, disk);
  if (!database) {
    const rocksdb::Status& status = database.error();
    if (status.IsInvalidArgument()) return Meta{};  // a database without our column families
    return std::unexpected{read_error(ledger_name(directory), status)};
  }
  return read_meta(*database, directory);
}

std::expected<void, LedgerError> check_node(const Meta& meta, NodeId node,
                                            const fs::path& directory) {
  if (meta.node == node.value()) return {};
  const std::string found = meta.node ? "of node " + std::to_string(*meta.node) : "of no node";
  return std::unexpected{
      error(Code::kOtherNode, ledger_name(directory) + " is " + found + ", and this is node " +
                                  std::to_string(node.value()) +
                                  ": give each node a directory of its own (storage in its "
                                  "configuration)")};
}

/// Writes what the directory is, if a crash or a first start left that open.
std::expected<void, LedgerError> put_meta(const Database& database, NodeId node) {
  const std::uint32_t format = kDirectoryFormat;
  const std::uint32_t node_number = node.value();
  rocksdb::WriteBatch batch;
  auto status =
      batch.Put(database.meta(), slice(kFormatKey), slice(std::as_bytes(std::span{&format, 1})));
  if (status.ok()) {
    status = batch.Put(database.meta(), slice(kNodeKey),
                       slice(std::as_bytes(std::span{&node_number, 1})));
  }
  rocksdb::WriteOptions options;
  options.sync = true;
  if (status.ok()) status = database.db().Write(options, &batch);
  if (!status.ok()) return std::unexpected{write_error("the new ledger", status)};
  return {};
}

std::string cut_sentence(Seqno after) {
  return "the last write was unfinished or damaged, with nothing behind it, and was cut off: the "
         "ledger ends with entry " +
         std::to_string(after.value()) +
         ". After a crash or a power failure this is expected, and nothing of what was cut had "
         "been answered; otherwise check the disk and reconcile with the peers";
}

/// Keeps the log files under cut/, so that what was cut can still be looked at.
void keep_logs(const fs::path& directory, OpenReport& report) {
  std::error_code failure;
  fs::create_directory(directory / "cut", failure);
  for (const fs::path& log : log_files(directory)) {
    const fs::path kept = directory / "cut" / log.filename();
    // A hard link costs no space and no time; without one (some file systems) the log is lost.
    fs::create_hard_link(log, kept, failure);
    if (!failure) report.sentences.push_back("the damaged log is kept as " + kept.string());
  }
}

/// How to open a directory whose log is not clean. `report` tells what will be left out.
struct LogPlan {
  LogReading reading = LogReading::kStrict;
  std::optional<LogDiagnosis> diagnosis;  ///< nothing: the log is clean
};

std::expected<LogPlan, LedgerError> plan_opening(const fs::path& directory, const Disk& disk,
                                                 OpenReport& report) {
  const auto are_clean = are_logs_clean(directory);
  if (!are_clean) return std::unexpected{are_clean.error()};
  if (*are_clean) return LogPlan{};
  const auto diagnosis = diagnose_log(directory, disk);
  if (!diagnosis) return std::unexpected{diagnosis.error()};
  const LogPlan plan{.reading = diagnosis->reading, .diagnosis = *diagnosis};
  switch (diagnosis->verdict) {
    case LogVerdict::kMiddleDamaged:
      report.damage = middle_damaged(directory, *diagnosis);
      break;
    case LogVerdict::kTornTail:
      report.tail_was_cut = true;
      break;
    case LogVerdict::kJournalWhole:
      report.sentences.push_back(kLeftOut);
      break;
  }
  return plan;
}

/// Opens for writing, after the log has been looked at: RocksDB changes what it opens.
std::expected<Database, LedgerError> open_database(const fs::path& directory, const Disk& disk,
                                                   DirectoryLock& lock, OpenReport& report) {
  const auto plan = plan_opening(directory, disk, report);
  if (!plan) return std::unexpected{plan.error()};
  if (report.damage) return std::unexpected{*report.damage};
  if (plan->diagnosis) keep_logs(directory, report);
  lock.release();  // RocksDB takes the same lock itself
  auto database = Database::open(directory, plan->reading, disk);
  if (database) return std::move(*database);
  auto retaken = DirectoryLock::take(directory, disk);  // another process may have been quicker
  if (!retaken) return std::unexpected{retaken.error()};
  return std::unexpected{read_error(ledger_name(directory), database.error())};
}

/// Where reading of the tail begins: behind the newest checkpoint whose head is whole.
Seqno begin_of_tail(const RocksJournal& journal, Seqno last) {
  const auto checkpoints = journal.checkpoints();
  if (!checkpoints) return Seqno{1};
  for (const CheckpointInfo& info : *checkpoints) {
    // The checkpoint's own entry is read again, so that the chain begins at something checked.
    if (info.seqno <= last && !info.seqno.is_none()) return info.seqno;
  }
  return Seqno{1};
}

/// Saves the bytes of an entry that is about to be removed.
void keep_entry(const fs::path& directory, Seqno seqno, ByteSpan bytes, OpenReport& report) {
  std::error_code failure;
  fs::create_directory(directory / "cut", failure);
  const fs::path kept = directory / "cut" / ("entry-" + std::to_string(seqno.value()));
  std::ofstream file{kept, std::ios::binary};
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  if (file.flush()) report.sentences.push_back("the damaged entry is kept as " + kept.string());
}

/// Reads and checks the entries behind the newest checkpoint. A damaged last one is removed.
std::expected<void, LedgerError> check_tail(RocksJournal& journal, const fs::path& directory) {
  const Seqno last = journal.last_seqno();
  if (last.is_none()) return {};
  JournalEnd before{.seqno = Seqno{begin_of_tail(journal, last).value() - 1}, .checksum = {}};
  const auto cursor = journal.read_from(Seqno{before.seqno.value() + 1});
  while (before.seqno < last) {
    const auto entry = cursor->next();
    if (entry) {
      HG_CHECK(*entry != nullptr);
      before = {.seqno = (*entry)->head.seqno, .checksum = (*entry)->head.head_checksum};
      continue;
    }
    const bool is_last = entry.error().entry == last;
    rocksdb::PinnableSlice value;
    // Only what RocksDB itself holds for whole is removed: an unreadable block may hold more.
    if (!is_last || entry.error().code != Code::kDamaged || !journal.get(last, value)) {
      return std::unexpected{entry.error()};
    }
    keep_entry(directory, last, bytes_of(value), journal.report());
    if (auto removed = journal.remove_last(before); !removed) return removed;
    journal.report().tail_was_cut = true;
    return {};
  }
  return {};
}

/// The end of the journal; where the last block cannot be read, the first entry that cannot.
std::expected<JournalEnd, LedgerError> end_or_first_bad(const Database& database) {
  auto end = find_end(database);
  if (end) return end;
  rocksdb::PinnableSlice value;
  for (Seqno seqno{1};; seqno = Seqno{seqno.value() + 1}) {
    value.Reset();
    const auto status = database.db().Get(rocksdb::ReadOptions{}, database.journal(),
                                          slice(journal_key(seqno).view()), &value);
    if (status.ok()) continue;
    if (status.IsNotFound()) return end;
    return std::unexpected{read_error("entry " + std::to_string(seqno.value()), status, seqno)};
  }
}

struct OpenedToRead {
  Database database;
  std::optional<Seqno> end;  ///< where the log is damaged: the last entry before the damage
};

/// Opens to read; around a damaged log record, which `report` then tells.
std::expected<OpenedToRead, LedgerError> open_database_to_read(const fs::path& directory,
                                                               const Disk& disk,
                                                               OpenReport& report) {
  const auto plan = plan_opening(directory, disk, report);
  if (!plan) return std::unexpected{plan.error()};
  auto database = Database::open_read_only(directory, plan->reading, disk);
  if (!database) return std::unexpected{read_error(ledger_name(directory), database.error())};
  std::optional<Seqno> end;
  if (report.damage) end = plan->diagnosis->last_good;
  return OpenedToRead{.database = std::move(*database), .end = end};
}

}  // namespace

std::expected<std::unique_ptr<Journal>, LedgerError> open_journal(const fs::path& directory,
                                                                  NodeId node, const Disk& disk) {
  HG_CHECK(!node.is_none());
  const auto state = look_at(directory);
  if (!state) return std::unexpected{state.error()};
  std::error_code failure;
  fs::create_directories(directory, failure);
  if (failure) {
    return std::unexpected{
        error(Code::kWriteFailed, directory.string() + " cannot be made: " + failure.message())};
  }
  auto lock = DirectoryLock::take(directory, disk);
  if (!lock) return std::unexpected{lock.error()};

  OpenReport report;
  Meta meta;
  if (*state == DirectoryState::kDatabase) {
    const auto peeked = peek_meta(directory, disk);
    if (!peeked) return std::unexpected{peeked.error()};
    meta = *peeked;
  }
  // A start that died before it wrote what the directory is left an empty database of ours.
  bool is_new = *state == DirectoryState::kNew;
  if (!is_new && !meta.format && !meta.node) {
    const auto is_empty = Database::is_empty_of_ours(directory, disk);
    if (!is_empty) return std::unexpected{read_error(ledger_name(directory), is_empty.error())};
    is_new = *is_empty;
  }
  if (!is_new) {
    if (auto known = check_format(meta, directory); !known) return std::unexpected{known.error()};
    if (auto own = check_node(meta, node, directory); !own) return std::unexpected{own.error()};
  }

  auto database = open_database(directory, disk, *lock, report);
  if (!database) return std::unexpected{database.error()};
  if (is_new) {
    if (auto put = put_meta(*database, node); !put) return std::unexpected{put.error()};
    report.was_created = true;
  }
  const auto end = end_or_first_bad(*database);
  if (!end) return std::unexpected{end.error()};
  auto journal = std::make_unique<RocksJournal>(RocksJournal::Opened{
      .database = std::move(*database), .node = node, .end = *end, .report = std::move(report)});
  if (auto checked = check_tail(*journal, directory); !checked) {
    return std::unexpected{checked.error()};
  }
  OpenReport& done = journal->report();
  if (done.tail_was_cut) {
    done.cut_after = journal->last_seqno();
    done.sentences.push_back(cut_sentence(done.cut_after));
  }
  return journal;
}

std::expected<std::unique_ptr<Journal>, LedgerError> open_journal_read_only(
    const fs::path& directory, const Disk& disk) {
  const auto state = look_at(directory);
  if (!state) return std::unexpected{state.error()};
  if (*state == DirectoryState::kNew) {
    return std::unexpected{error(Code::kNotALedger, "there is no ledger in " + directory.string() +
                                                        ": name a node's storage directory")};
  }
  const auto meta = peek_meta(directory, disk);
  if (!meta) return std::unexpected{meta.error()};
  if (auto known = check_format(*meta, directory); !known) return std::unexpected{known.error()};

  OpenReport report;
  auto opened = open_database_to_read(directory, disk, report);
  if (!opened) return std::unexpected{opened.error()};
  auto end = end_or_first_bad(opened->database);
  if (opened->end) {
    end = JournalEnd{.seqno = *opened->end, .checksum = {}};
  } else if (!end) {
    if (end.error().entry.is_none()) return std::unexpected{end.error()};
    report.damage = end.error();
    end = JournalEnd{.seqno = Seqno{end.error().entry.value() - 1}, .checksum = {}};
  }
  if (report.tail_was_cut) {
    report.cut_after = end->seqno;
    report.sentences.push_back(
        "the last write is unfinished (a crash, or a node that is writing "
        "right now) and is not looked at");
  }
  return std::make_unique<RocksJournal>(
      RocksJournal::Opened{.database = std::move(opened->database),
                           .node = NodeId{meta->node.value_or(0)},
                           .end = *end,
                           .report = std::move(report),
                           .is_read_only = true});
}

}  // namespace hugang::ledger::rocks
