// A RocksDB database with our column families: how it is opened and tuned, and what its statuses
// mean.
#pragma once

#include <rocksdb/db.h>

#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "clearing/base/bytes.hpp"
#include "ledger/error.hpp"
#include "ledger/rocks/disk.hpp"

namespace hugang::ledger::rocks {

/// How much of a damaged write-ahead log is read. Named after what each is for.
enum class LogReading : std::uint8_t {
  kStrict,       ///< an unfinished last record is dropped, anything else wrong is an error
  kUpToDamage,   ///< everything before the first damaged record
  kAroundDamage  ///< every undamaged record, also behind damaged ones
};

/// The directory's own lock, taken without opening the database.
class DirectoryLock {
 public:
  /// kInUse when another process, or another Journal of this one, has it.
  [[nodiscard]] static std::expected<DirectoryLock, LedgerError> take(
      const std::filesystem::path& directory, const Disk& disk);
  DirectoryLock(DirectoryLock&& other) noexcept
      : env_{other.env_}, lock_{std::exchange(other.lock_, nullptr)} {}
  DirectoryLock& operator=(DirectoryLock&&) = delete;
  ~DirectoryLock() { release(); }
  void release();

 private:
  DirectoryLock(rocksdb::Env* env, rocksdb::FileLock* lock) : env_{env}, lock_{lock} {}
  rocksdb::Env* env_;
  rocksdb::FileLock* lock_;
};

/// An open database. Movable; closing it is destroying it. RocksDB's own thread rules.
class Database {
 public:
  /// For the node: creates what is missing.
  [[nodiscard]] static std::expected<Database, rocksdb::Status> open(
      const std::filesystem::path& directory, LogReading reading, const Disk& disk);
  /// Takes no lock, writes no file.
  [[nodiscard]] static std::expected<Database, rocksdb::Status> open_read_only(
      const std::filesystem::path& directory, LogReading reading, const Disk& disk);
  /// Only the column family that says what the directory is, so that a directory of a newer format
  /// can be recognised whatever else is in it. `reading` is kAroundDamage, or kUpToDamage for logs
  /// that cannot be read around.
  [[nodiscard]] static std::expected<Database, rocksdb::Status> open_meta_only(
      const std::filesystem::path& directory, LogReading reading, const Disk& disk);

  /// Whether the directory holds at most our column families and nothing in them: what a first
  /// start leaves behind that died half way.
  [[nodiscard]] static std::expected<bool, rocksdb::Status> is_empty_of_ours(
      const std::filesystem::path& directory, const Disk& disk);

  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  [[nodiscard]] rocksdb::DB& db() const { return *db_; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* meta() const { return families_[1]; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* journal() const { return families_[2]; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* checkpoints() const { return families_[3]; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* ids() const { return families_[4]; }

 private:
  Database() = default;
  void close() noexcept;

  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
};

[[nodiscard]] inline rocksdb::Slice slice(std::string_view text) {
  return {text.data(), text.size()};
}
[[nodiscard]] inline rocksdb::Slice slice(base::ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
[[nodiscard]] inline base::ByteSpan bytes_of(const rocksdb::Slice& slice) {
  return base::as_bytes({slice.data(), slice.size()});
}

[[nodiscard]] rocksdb::Env& env_of(const Disk& disk);

/// A number of 4 bytes out of a column family; nothing when it is missing or has another size.
[[nodiscard]] std::expected<std::optional<std::uint32_t>, rocksdb::Status> get_u32(
    const Database& database, rocksdb::ColumnFamilyHandle* family, std::string_view key);

/// What a failed read or open means. `what` begins the sentence, e.g. "the ledger in /x".
[[nodiscard]] LedgerError read_error(std::string_view what, const rocksdb::Status& status,
                                     base::Seqno entry = {});
/// What a failed write means.
[[nodiscard]] LedgerError write_error(std::string_view what, const rocksdb::Status& status,
                                      base::Seqno entry = {});

}  // namespace hugang::ledger::rocks
