#include "ledger/rocks/database.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>

#include <cstdarg>

#include "clearing/base/check.hpp"
#include "ledger/rocks/keys.hpp"

namespace hugang::ledger::rocks {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

/// Several memtables, so that appends go on while full ones are written out.
constexpr std::size_t kJournalMemtableBytes = 64 * kMiB;
constexpr int kJournalMemtables = 6;
/// A log is kept until all families are flushed; this bounds what recovery must read.
constexpr std::uint64_t kLogsBytesMax = 512 * kMiB;
/// Batches go to blob files, which compaction leaves alone; single payments stay inline.
constexpr std::uint64_t kMinBlobBytes = 8 * 1024;
/// Open table and blob files; the ledger may have more.
constexpr int kOpenFilesMax = 512;

/// RocksDB would otherwise write a LOG into the directory. A read-only open must leave no trace;
/// and on a full disk the second line that cannot be written fails an assertion of RocksDB and
/// aborts the process, where ours tells what happened and ends. What matters comes as a status.
class SilentLogger final : public rocksdb::Logger {
 public:
  SilentLogger() : rocksdb::Logger{rocksdb::InfoLogLevel::FATAL_LEVEL} {}
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

/// A disk that failed once is not trusted until the ledger has been opened again: RocksDB must not
/// go on by itself behind an append that failed, or recover while the node stops.
class NoSelfHealing final : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status /*error*/,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }
};

rocksdb::WALRecoveryMode recovery_mode(LogReading reading) {
  switch (reading) {
    case LogReading::kStrict:
      return rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    case LogReading::kUpToDamage:
      return rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    case LogReading::kAroundDamage:
      return rocksdb::WALRecoveryMode::kSkipAnyCorruptedRecords;
  }
  HG_CHECK(false && "a reading without a mode");
}

rocksdb::DBOptions database_options(LogReading reading, const Disk& disk) {
  rocksdb::DBOptions options;
  options.env = &env_of(disk);
  options.wal_recovery_mode = recovery_mode(reading);
  options.listeners.push_back(std::make_shared<NoSelfHealing>());
  options.max_bgerror_resume_count = 0;
  // All families are flushed together, so that a log that is cut leaves no family ahead of others.
  options.atomic_flush = true;
  options.max_total_wal_size = disk.logs_bytes_max == 0 ? kLogsBytesMax : disk.logs_bytes_max;
  options.max_background_jobs = 2;
  // Background writes go out in small steps: a large one would hold up the log's sync.
  options.bytes_per_sync = kMiB;
  options.max_open_files = kOpenFilesMax;
  options.info_log = std::make_shared<SilentLogger>();
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

rocksdb::ColumnFamilyOptions small_family() {
  rocksdb::ColumnFamilyOptions options;
  options.compression = rocksdb::kNoCompression;
  options.write_buffer_size = 4 * kMiB;
  return options;
}

rocksdb::ColumnFamilyOptions journal_family() {
  rocksdb::ColumnFamilyOptions options = small_family();
  options.write_buffer_size = kJournalMemtableBytes;
  options.max_write_buffer_number = kJournalMemtables;
  options.enable_blob_files = true;
  options.min_blob_size = kMinBlobBytes;
  options.blob_compression_type = rocksdb::kNoCompression;
  return options;
}

rocksdb::ColumnFamilyOptions bulk_family() {
  rocksdb::ColumnFamilyOptions options = small_family();
  options.write_buffer_size = 32 * kMiB;
  options.max_write_buffer_number = 4;
  options.enable_blob_files = true;
  options.min_blob_size = kMinBlobBytes;
  return options;
}

/// Old checkpoints are deleted: their blob files must be given back.
rocksdb::ColumnFamilyOptions checkpoints_family() {
  rocksdb::ColumnFamilyOptions options = bulk_family();
  options.enable_blob_garbage_collection = true;
  options.blob_garbage_collection_age_cutoff = 1.0;
  options.level0_file_num_compaction_trigger = 2;
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> meta_families() {
  return {{rocksdb::kDefaultColumnFamilyName, small_family()}, {kMetaFamily, small_family()}};
}

std::vector<rocksdb::ColumnFamilyDescriptor> all_families() {
  auto families = meta_families();
  families.emplace_back(kJournalFamily, journal_family());
  families.emplace_back(kCheckpointsFamily, checkpoints_family());
  families.emplace_back(kIdsFamily, bulk_family());
  return families;
}

}  // namespace

rocksdb::Env& env_of(const Disk& disk) {
  return disk.env == nullptr ? *rocksdb::Env::Default() : *disk.env;
}

std::expected<DirectoryLock, LedgerError> DirectoryLock::take(
    const std::filesystem::path& directory, const Disk& disk) {
  rocksdb::FileLock* lock = nullptr;
  rocksdb::Env* const env = &env_of(disk);
  const auto status = env->LockFile((directory / "LOCK").string(), &lock);
  if (!status.ok()) {
    const std::string text = status.ToString();
    const bool is_held = text.find("While lock file") != std::string::npos ||
                         text.find("lock hold by current process") != std::string::npos;
    if (is_held) {
      return std::unexpected{
          LedgerError{.code = LedgerError::Code::kInUse,
                      .sentence = "the ledger in " + directory.string() +
                                  " is in use by another process: stop that node first, or give "
                                  "this one a directory of its own",
                      .entry = {}}};
    }
    return std::unexpected{read_error("the ledger in " + directory.string(), status)};
  }
  return DirectoryLock{env, lock};
}

void DirectoryLock::release() {
  if (lock_ == nullptr) return;
  // Nothing can be done about a lock that cannot be given back; the process's end gives it back.
  env_->UnlockFile(lock_).PermitUncheckedError();
  lock_ = nullptr;
}

std::expected<Database, rocksdb::Status> Database::open(const std::filesystem::path& directory,
                                                        LogReading reading, const Disk& disk) {
  rocksdb::DBOptions options = database_options(reading, disk);
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  Database database;
  rocksdb::DB* db = nullptr;
  const auto status =
      rocksdb::DB::Open(options, directory.string(), all_families(), &database.families_, &db);
  if (!status.ok()) return std::unexpected{status};
  database.db_.reset(db);
  return database;
}

namespace {

std::expected<rocksdb::DB*, rocksdb::Status> open_to_read(
    const std::filesystem::path& directory, LogReading reading, const Disk& disk,
    const std::vector<rocksdb::ColumnFamilyDescriptor>& families,
    std::vector<rocksdb::ColumnFamilyHandle*>& handles) {
  rocksdb::DBOptions options = database_options(reading, disk);
  // Beside a running node a file may vanish between being listed and being opened: look again.
  constexpr int kTries = 5;
  rocksdb::Status status;
  for (int i = 0; i < kTries; ++i) {
    rocksdb::DB* db = nullptr;
    handles.clear();
    status = rocksdb::DB::OpenForReadOnly(options, directory.string(), families, &handles, &db);
    if (status.ok()) return db;
    if (!status.IsPathNotFound() && status.ToString().find("No such file") == std::string::npos) {
      break;
    }
  }
  return std::unexpected{status};
}

}  // namespace

std::expected<Database, rocksdb::Status> Database::open_read_only(
    const std::filesystem::path& directory, LogReading reading, const Disk& disk) {
  Database database;
  const auto db = open_to_read(directory, reading, disk, all_families(), database.families_);
  if (!db) return std::unexpected{db.error()};
  database.db_.reset(*db);
  return database;
}

std::expected<Database, rocksdb::Status> Database::open_meta_only(
    const std::filesystem::path& directory, LogReading reading, const Disk& disk) {
  Database database;
  // What the directory is was logged first, so that both readings find it; but RocksDB cannot
  // always read around damage.
  auto db = open_to_read(directory, reading, disk, meta_families(), database.families_);
  if (!db && db.error().IsCorruption()) {
    db =
        open_to_read(directory, LogReading::kUpToDamage, disk, meta_families(), database.families_);
  }
  if (!db) return std::unexpected{db.error()};
  database.db_.reset(*db);
  return database;
}

Database::Database(Database&& other) noexcept
    : db_{std::move(other.db_)}, families_{std::exchange(other.families_, {})} {}

Database& Database::operator=(Database&& other) noexcept {
  if (this != &other) {
    close();
    db_ = std::move(other.db_);
    families_ = std::exchange(other.families_, {});
  }
  return *this;
}

Database::~Database() { close(); }

void Database::close() noexcept {
  if (!db_) return;
  for (rocksdb::ColumnFamilyHandle* family : families_) {
    db_->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  }
  families_.clear();
  db_.reset();
}

std::expected<bool, rocksdb::Status> Database::is_empty_of_ours(
    const std::filesystem::path& directory, const Disk& disk) {
  std::vector<std::string> names;
  const rocksdb::DBOptions options = database_options(LogReading::kStrict, disk);
  const auto listed = rocksdb::DB::ListColumnFamilies(options, directory.string(), &names);
  if (!listed.ok()) return std::unexpected{listed};
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : names) {
    const bool is_ours = name == rocksdb::kDefaultColumnFamilyName || name == kMetaFamily ||
                         name == kJournalFamily || name == kCheckpointsFamily || name == kIdsFamily;
    if (!is_ours) return false;
    families.emplace_back(name, small_family());
  }
  Database database;
  const auto db = open_to_read(directory, LogReading::kStrict, disk, families, database.families_);
  if (!db) return std::unexpected{db.error()};
  database.db_.reset(*db);
  for (rocksdb::ColumnFamilyHandle* family : database.families_) {
    const std::unique_ptr<rocksdb::Iterator> it{
        database.db().NewIterator(rocksdb::ReadOptions{}, family)};
    it->SeekToFirst();
    if (!it->status().ok()) return std::unexpected{it->status()};
    if (it->Valid()) return false;
  }
  return true;
}

std::expected<std::optional<std::uint32_t>, rocksdb::Status> get_u32(
    const Database& database, rocksdb::ColumnFamilyHandle* family, std::string_view key) {
  std::string value;
  const auto status = database.db().Get(rocksdb::ReadOptions{}, family, slice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return std::unexpected{status};
  std::uint32_t number = 0;
  if (value.size() != sizeof number) return std::nullopt;
  __builtin_memcpy(&number, value.data(), sizeof number);
  return number;
}

LedgerError read_error(std::string_view what, const rocksdb::Status& status, base::Seqno entry) {
  const bool is_damage = status.IsCorruption();
  return {.code = is_damage ? LedgerError::Code::kDamaged : LedgerError::Code::kReadFailed,
          .sentence = std::string{what} + (is_damage ? " is damaged: " : " cannot be read: ") +
                      status.ToString() +
                      (is_damage ? ". Keep this directory as it is, run hugang-audit verify on a "
                                   "copy, and restore the ledger from a backup"
                                 : ". Check the disk and the permissions of the directory"),
          .entry = entry};
}

LedgerError write_error(std::string_view what, const rocksdb::Status& status, base::Seqno entry) {
  return {.code = LedgerError::Code::kWriteFailed,
          .sentence = std::string{what} + " cannot be written: " + status.ToString() +
                      ". Make room on the disk or repair it, then start the node again: it "
                      "recovers what was durable",
          .entry = entry};
}

}  // namespace hugang::ledger::rocks
