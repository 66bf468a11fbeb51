// A file system that forgets, fails and dies on demand, over real files in a temporary folder: it
// knows of every file what was synced and what was only written, and of every directory which
// creations, renames and removals were. As LevelDB's environment for crash tests, with a harder
// disk.
#pragma once

#include <rocksdb/file_system.h>

#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/engine/random.hpp"

namespace hugang::simulation {

/// What a failing operation says.
enum class DiskFault : std::uint8_t { kNoSpace, kInputOutput };

/// One thread, as the rest of a simulation.
class FaultDisk final : public rocksdb::FileSystemWrapper {
 public:
  /// What becomes of one operation.
  enum class Fate : std::uint8_t { kDone, kHalf, kNot };
  struct Verdict {
    Fate fate = Fate::kDone;
    rocksdb::IOStatus status;  ///< ok with kDone only; what to answer otherwise
  };

  /// `attic` is a folder outside of what is simulated, on the same file system: removed files wait
  /// there until their removal is durable.
  FaultDisk(std::filesystem::path attic, std::uint64_t seed);

  [[nodiscard]] const char* Name() const override { return "FaultDisk"; }

  // --- plans ---------------------------------------------------------------------------------
  /// The machine dies in the `operations`th operation from now that changes anything (1: the
  /// next), which is done in part, wholly or not at all.
  void die_in(std::uint64_t operations);
  /// `count` operations fail, from the `operations`th on. Failing appends may write a part; what
  /// was not synced when a sync failed may be lost although a later sync succeeds.
  void fail_in(std::uint64_t operations, std::uint64_t count, DiskFault fault);
  /// Forgets both plans.
  void heal();
  /// The same, but has_hurt() stays.
  void heal_but_remember();
  /// Whether a plan came to effect since the last heal().
  [[nodiscard]] bool has_hurt() const { return has_hurt_; }
  [[nodiscard]] bool is_dead() const { return is_dead_; }
  /// From now on everything that changes anything fails.
  void die();

  // --- after a death, when nothing has the files open -------------------------------------------
  /// The process was killed, the machine lives on: nothing is lost.
  void survive_as_killed();
  /// The power failed: of what was not synced, what the disk model lets survive. Draws a model for
  /// each file: all, nothing, torn at any byte, any subset of blocks of 4 KiB or 512 bytes, sizes
  /// grown with zeros; of creations, renames and removals a prefix or a subset.
  void survive_as_cut_off();

  /// Forgets all about a folder that is removed with everything in it.
  void forget(const std::filesystem::path& folder);

  // --- what happened
  // ------------------------------------------------------------------------------
  [[nodiscard]] std::uint64_t operations() const { return operations_; }
  /// Of every operation: kind, file, size, result.
  [[nodiscard]] std::uint64_t hash() const { return hash_; }
  void note(const std::string& line);
  /// Prints what is noted as it happens.
  void show() { is_shown_ = true; }
  /// The last operations and notes, one a line, for a person.
  [[nodiscard]] std::string last_operations() const;
  /// Files whose bytes, or directories whose names, are not all durable.
  [[nodiscard]] std::size_t unsynced_files() const;

  // --- rocksdb::FileSystem
  // ------------------------------------------------------------------------
  using Options = rocksdb::IOOptions;
  using Debug = rocksdb::IODebugContext;
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    Debug* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* result,
                                       Debug* debug) override;
  rocksdb::IOStatus ReuseWritableFile(const std::string& name, const std::string& old_name,
                                      const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* result,
                                      Debug* debug) override;
  rocksdb::IOStatus NewRandomRWFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSRandomRWFile>* result,
                                    Debug* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const Options& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* result,
                                 Debug* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const Options& options,
                               Debug* debug) override;
  rocksdb::IOStatus Truncate(const std::string& name, std::size_t size, const Options& options,
                             Debug* debug) override;
  rocksdb::IOStatus CreateDir(const std::string& name, const Options& options,
                              Debug* debug) override;
  rocksdb::IOStatus CreateDirIfMissing(const std::string& name, const Options& options,
                                       Debug* debug) override;
  rocksdb::IOStatus DeleteDir(const std::string& name, const Options& options,
                              Debug* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const Options& options, Debug* debug) override;
  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to, const Options& options,
                             Debug* debug) override;
  rocksdb::IOStatus NewLogger(const std::string& name, const Options& options,
                              std::shared_ptr<rocksdb::Logger>* result, Debug* debug) override;

 private:
  friend class FaultWritable;
  friend class FaultRandomRW;
  friend class FaultDirectory;

  /// Bytes [begin, end) were written and not synced.
  struct Extent {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    bool is_doubtful = false;  ///< a sync of it failed: no later sync makes it durable
  };
  struct FileState {
    std::uint64_t size = 0;
    std::vector<Extent> unsynced;
    /// Of a file that is written in place: what it held when last synced, and each version since.
    std::vector<std::string> versions;
  };
  using FileStatePtr = std::shared_ptr<FileState>;

  enum class NameChange : std::uint8_t { kCreated, kRemoved, kRenamed, kDirectoryMade };
  struct DirectoryChange {
    NameChange change = NameChange::kCreated;
    std::string name;
    std::string new_name;  ///< kRenamed
    std::string attic;     ///< where a removed or replaced file waits; empty: none
    FileStatePtr removed;  ///< and its state
  };

  /// Counts, records and judges an operation.
  Verdict begin(const char* kind, const std::string& name, std::uint64_t size);

  void note_operation(const std::string& what, std::uint64_t size, const char* result);

  /// As ext4, XFS and Btrfs have it: the sync of a new file makes its name durable too.
  void keep_creation(const std::string& name);
  void note_removals();
  void note_line(const std::string& line);
  FileStatePtr state_of(const std::string& name);
  void changed(const std::string& name, DirectoryChange change);
  std::string to_attic(const std::string& name);
  void undo(const DirectoryChange& change);
  void lose_names();
  static void sort_removals(std::vector<DirectoryChange>& changes);
  void lose_names_of(std::vector<DirectoryChange>& changes);
  void lose_bytes(const std::string& name, FileState& state);
  void lose_version(const std::string& name, FileState& state);
  void settle(const std::vector<DirectoryChange>& changes);
  [[nodiscard]] std::string shown(const std::string& name) const;

  std::filesystem::path attic_;
  Random random_;
  std::map<std::string, FileStatePtr> files_;
  std::map<std::string, std::vector<DirectoryChange>> directories_;
  std::uint64_t operations_ = 0;
  std::uint64_t die_at_ = 0;  ///< 0: not planned
  std::uint64_t fail_from_ = 0;
  std::uint64_t fail_to_ = 0;  ///< not included
  DiskFault fault_ = DiskFault::kNoSpace;
  bool is_dead_ = false;
  bool has_hurt_ = false;
  bool is_shown_ = false;
  std::uint64_t in_attic_ = 0;
  std::uint64_t hash_ = 0xCBF29CE484222325ULL;
  std::deque<std::string> last_;
  std::set<std::string> removals_;  ///< not noted yet
  std::string last_what_;
  std::uint64_t last_size_ = 0;
  std::uint64_t last_pieces_ = 0;
};

}  // namespace hugang::simulation
