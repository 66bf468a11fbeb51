#include "ledger/rocks/open.hpp"

#include <rocksdb/file_system.h>

#include <algorithm>

#include "clearing/base/check.hpp"
#include "ledger/chain.hpp"
#include "ledger/rocks/diagnosis.hpp"
#include "ledger/rocks/durable_note.hpp"
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

std::expected<Meta, LedgerError> peek_meta(const fs::path& directory, const Logs& logs,
                                           const Disk& disk) {
  const auto database = Database::open_meta_only(
      directory, logs.can_be_read_around ? LogReading::kAroundDamage : LogReading::kUpToDamage,
      disk);
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

/// What was found out about a directory before RocksDB opens it.
struct LogPlan {
  LogReading reading = LogReading::kStrict;
  std::optional<LogDiagnosis> diagnosis;  ///< nothing: the log is clean
};

/// Whether nothing was logged behind the last damaged file. Otherwise an opening before this one
/// has cut it, and RocksDB had not removed the file yet.
bool is_damage_at_the_end(const Logs& logs) {
  bool is_at_end = true;
  for (const LogScan& scan : logs.scans) {
    const bool holds_changes = std::ranges::any_of(scan.records, [](const LogRecord& record) {
      return record.is_complete && record.changes > 0;
    });
    if (!scan.is_clean) {
      is_at_end = true;
    } else if (holds_changes) {
      is_at_end = false;
    }
  }
  return is_at_end;
}

/// How to open the directory. `report` tells what will be left out, or why it is refused.
std::expected<LogPlan, LedgerError> plan_opening(const fs::path& directory, const Logs& logs,
                                                 Seqno durable, const Disk& disk,
                                                 OpenReport& report) {
  if (logs.is_clean) return LogPlan{};
  const auto diagnosis = diagnose_log(directory, logs, disk);
  if (!diagnosis) return std::unexpected{diagnosis.error()};
  const LogPlan plan{.reading = diagnosis->reading, .diagnosis = *diagnosis};
  if (diagnosis->verdict == LogVerdict::kMiddleDamaged) {
    report.damage = middle_damaged(directory, *diagnosis);
  } else if (diagnosis->last_good < durable) {
    report.damage = entries_lost(directory, {.last = diagnosis->last_good, .durable = durable});
  } else if (diagnosis->verdict == LogVerdict::kTornTail) {
    report.tail_was_cut = is_damage_at_the_end(logs);
  } else {
    report.sentences.push_back(kLeftOut);
  }
  return plan;
}

/// Whether what had been durable is there, as far as that can be told before RocksDB opens the
/// directory for writing, which removes files that it takes for left over.
std::expected<void, LedgerError> check_none_lost(const fs::path& directory, const Logs& logs,
                                                 Seqno durable, const Disk& disk) {
  // What is in the log will be there; and diagnose_log has seen what a damaged log leaves.
  if (!logs.is_clean || logs.last_entry >= durable) return {};
  const auto database = Database::open_read_only(directory, LogReading::kStrict, disk);
  if (!database) {
    return std::unexpected{read_error(ledger_name(directory), database.error())};
  }
  const auto last = last_entry(*database);
  if (!last) return {};  // unreadable: opening names the entry
  if (*last >= durable) return {};
  return std::unexpected{entries_lost(directory, {.last = *last, .durable = durable})};
}

/// What opening has learned before RocksDB opens the directory.
struct Findings {
  Logs logs;
  std::optional<DurableNote> note;
  [[nodiscard]] Seqno durable() const { return note ? note->seqno : Seqno{}; }
};

std::expected<Findings, LedgerError> look_before(const fs::path& directory, const Disk& disk) {
  // The note first: beside a running node, the logs then hold at least what it names.
  const auto note = read_note(directory, disk);
  if (!note) return std::unexpected{note.error()};
  auto logs = read_logs(directory);
  if (!logs) return std::unexpected{logs.error()};
  if (!logs->is_in_order) return std::unexpected{out_of_order(directory, *logs)};
  return Findings{.logs = std::move(*logs), .note = *note};
}

/// Opens for writing, after the log has been looked at: RocksDB changes what it opens.
std::expected<Database, LedgerError> open_database(const fs::path& directory, const Findings& found,
                                                   const Disk& disk, DirectoryLock& lock,
                                                   OpenReport& report) {
  const auto plan = plan_opening(directory, found.logs, found.durable(), disk, report);
  if (!plan) return std::unexpected{plan.error()};
  if (report.damage) return std::unexpected{*report.damage};
  if (auto whole = check_none_lost(directory, found.logs, found.durable(), disk); !whole) {
    return std::unexpected{whole.error()};
  }
  const bool leaves_out = plan->diagnosis && (report.tail_was_cut || !report.sentences.empty());
  if (leaves_out) keep_logs(directory, report);
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

/// Reads and checks the entries behind the newest checkpoint. Also the last one must be good: what
/// a crash has torn is no whole record of the log, and was cut before.
std::expected<void, LedgerError> check_tail(const RocksJournal& journal) {
  const Seqno last = journal.last_seqno();
  if (last.is_none()) return {};
  Seqno done{begin_of_tail(journal, last).value() - 1};
  const auto cursor = journal.read_from(Seqno{done.value() + 1});
  while (done < last) {
    const auto entry = cursor->next();
    if (!entry) return std::unexpected{entry.error()};
    HG_CHECK(*entry != nullptr);
    done = (*entry)->head.seqno;
  }
  return {};
}

/// Whether the journal reaches as far as what is known to have been durable: the note's entry, and
/// the newest checkpoint, which was written when its entry was durable.
std::expected<void, LedgerError> check_reach(const RocksJournal& journal,
                                             const std::optional<DurableNote>& note,
                                             const fs::path& directory) {
  const Seqno last = journal.last_seqno();
  Seqno durable = note ? note->seqno : Seqno{};
  if (const auto checkpoints = journal.checkpoints(); checkpoints && !checkpoints->empty()) {
    durable = std::max(durable, checkpoints->front().seqno);
  }
  if (last < durable) {
    return std::unexpected{entries_lost(directory, {.last = last, .durable = durable})};
  }
  if (!note || note->seqno.is_none()) return {};
  rocksdb::PinnableSlice value;
  if (auto got = journal.get(note->seqno, value); !got) {
    // A log that is gone takes a stretch with it: name its first entry, not the one that was asked.
    if (auto tail = check_tail(journal); !tail) return tail;
    return std::unexpected{got.error()};
  }
  const auto head = read_entry_head(bytes_of(value));
  if (head && head->head_checksum == note->entry_checksum) return {};
  return std::unexpected{damaged_entry(
      note->seqno, "it is not the entry that was made durable under this number (the file " +
                       std::string{kDurableNoteFile} + " tells)")};
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

/// Makes the directory and what is missing above it, durably: a ledger whose directory a power cut
/// takes away is lost with all that was synced in it.
std::expected<void, LedgerError> make_directory(const fs::path& directory, const Disk& disk) {
  const auto& files = env_of(disk).GetFileSystem();
  fs::path whole = fs::absolute(directory).lexically_normal();
  if (!whole.has_filename()) whole = whole.parent_path();
  std::vector<fs::path> missing;
  std::error_code failure;
  for (fs::path path = whole; path.has_relative_path() && !fs::exists(path, failure);
       path = path.parent_path()) {
    missing.push_back(path);
  }
  const auto failed = [&](const rocksdb::Status& status) {
    return std::unexpected{
        error(Code::kWriteFailed, directory.string() + " cannot be made: " + status.ToString())};
  };
  const auto sync_parent = [&](const fs::path& path) {
    std::unique_ptr<rocksdb::FSDirectory> parent;
    rocksdb::Status status = files->NewDirectory(path.parent_path().string(), {}, &parent, nullptr);
    if (status.ok()) status = parent->FsyncWithDirOptions({}, nullptr, {});
    return status;
  };
  // A start before this one may have died between making the deepest one that exists and syncing
  // its name. Where the parent may not be read, an operator made it, long ago.
  sync_parent(missing.empty() ? whole : missing.back().parent_path()).PermitUncheckedError();
  for (auto path = missing.rbegin(); path != missing.rend(); ++path) {
    rocksdb::Status status = files->CreateDirIfMissing(path->string(), {}, nullptr);
    if (status.ok()) status = sync_parent(*path);
    if (!status.ok()) return failed(status);
  }
  return {};
}

/// Opens to read; around a damaged log record, which `report` then tells.
std::expected<OpenedToRead, LedgerError> open_database_to_read(const fs::path& directory,
                                                               const Findings& found,
                                                               const Disk& disk,
                                                               OpenReport& report) {
  const auto plan = plan_opening(directory, found.logs, found.durable(), disk, report);
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
  if (auto made = make_directory(directory, disk); !made) return std::unexpected{made.error()};
  auto lock = DirectoryLock::take(directory, disk);
  if (!lock) return std::unexpected{lock.error()};

  const auto found = look_before(directory, disk);
  if (!found) return std::unexpected{found.error()};

  OpenReport report;
  Meta meta;
  if (*state == DirectoryState::kDatabase) {
    const auto peeked = peek_meta(directory, found->logs, disk);
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
  if (is_new && !found->durable().is_none()) {
    return std::unexpected{entries_lost(directory, {.last = Seqno{}, .durable = found->durable()})};
  }
  if (!is_new) {
    if (auto known = check_format(meta, directory); !known) return std::unexpected{known.error()};
    if (auto own = check_node(meta, node, directory); !own) return std::unexpected{own.error()};
  }

  auto database = open_database(directory, *found, disk, *lock, report);
  if (!database) return std::unexpected{database.error()};
  if (is_new) {
    if (auto put = put_meta(*database, node); !put) return std::unexpected{put.error()};
    report.was_created = true;
  }
  const auto end = end_or_first_bad(*database);
  if (!end) return std::unexpected{end.error()};
  auto journal = std::make_unique<RocksJournal>(RocksJournal::Opened{
      .database = std::move(*database), .node = node, .end = *end, .report = std::move(report)});
  if (auto reaches = check_reach(*journal, found->note, directory); !reaches) {
    return std::unexpected{reaches.error()};
  }
  if (auto checked = check_tail(*journal); !checked) return std::unexpected{checked.error()};
  auto note = DurableNoteFile::open(
      directory, disk, make_note(node, journal->last_seqno(), journal->last_checksum()));
  if (!note) return std::unexpected{note.error()};
  journal->start_writing(std::move(*note));
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
  const auto found = look_before(directory, disk);
  if (!found) return std::unexpected{found.error()};
  const auto meta = peek_meta(directory, found->logs, disk);
  if (!meta) return std::unexpected{meta.error()};
  if (auto known = check_format(*meta, directory); !known) return std::unexpected{known.error()};

  OpenReport report;
  auto opened = open_database_to_read(directory, *found, disk, report);
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
  auto journal =
      std::make_unique<RocksJournal>(RocksJournal::Opened{.database = std::move(opened->database),
                                                          .node = NodeId{meta->node.value_or(0)},
                                                          .end = *end,
                                                          .report = std::move(report)});
  if (journal->report().damage) return journal;
  if (auto reaches = check_reach(*journal, found->note, directory); !reaches) {
    journal->report().damage = reaches.error();
  }
  return journal;
}

}  // namespace hugang::ledger::rocks
