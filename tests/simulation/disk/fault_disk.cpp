#include "tests/simulation/disk/fault_disk.hpp"

#include <rocksdb/env.h>

#include <cstdarg>
#include <cstdio>

#include "tests/simulation/disk/fault_files.hpp"

namespace hugang::simulation {
namespace {

namespace fs = std::filesystem;
using rocksdb::IOStatus;

constexpr std::size_t kLinesKept = 80;

/// RocksDB's own chatter is no part of the ledger.
class NoLogger final : public rocksdb::Logger {
 public:
  NoLogger() : rocksdb::Logger{rocksdb::InfoLogLevel::FATAL_LEVEL} {}
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

std::string directory_of(const std::string& name) { return fs::path{name}.parent_path().string(); }

std::string without_trailing_slash(std::string name) {
  while (name.size() > 1 && name.back() == '/') name.pop_back();
  return name;
}

}  // namespace

FaultDisk::FaultDisk(fs::path attic, std::uint64_t seed)
    : FileSystemWrapper{rocksdb::FileSystem::Default()},
      attic_{std::move(attic)},
      random_{seed ^ 0xD15C'D15C'D15C'D15CULL} {}

void FaultDisk::die_in(std::uint64_t operations) {
  HG_CHECK(operations > 0);
  die_at_ = operations_ + operations;
}

void FaultDisk::fail_in(std::uint64_t operations, std::uint64_t count, DiskFault fault) {
  HG_CHECK(operations > 0);
  fail_from_ = operations_ + operations;
  fail_to_ = fail_from_ + count;
  fault_ = fault;
}

void FaultDisk::heal() {
  heal_but_remember();
  has_hurt_ = false;
}

void FaultDisk::heal_but_remember() { die_at_ = fail_from_ = fail_to_ = 0; }

void FaultDisk::die() {
  is_dead_ = true;
  has_hurt_ = true;
  note("-- the machine dies");
}

void FaultDisk::note(const std::string& line) {
  note_removals();
  note_line(line);
}

void FaultDisk::note_removals() {
  const std::set<std::string> removals = std::exchange(removals_, {});
  for (const std::string& name : removals) note_line("remove " + name);
}

void FaultDisk::note_line(const std::string& line) {
  for (const char c : line) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  last_what_.clear();
  if (is_shown_) std::printf("  %s\n", line.c_str());
  last_.push_back(line);
  if (last_.size() > kLinesKept) last_.pop_front();
}

/// Appends to one file in a row are shown as one line.
void FaultDisk::note_operation(const std::string& what, std::uint64_t size, const char* result) {
  const bool goes_on = what == last_what_ && size > 0 && *result == '\0' && !last_.empty();
  if (goes_on) last_.pop_back();
  last_size_ = goes_on ? last_size_ + size : size;
  last_pieces_ = goes_on ? last_pieces_ + 1 : 1;
  std::string line = what;
  if (last_size_ > 0) line += " " + std::to_string(last_size_);
  if (last_pieces_ > 1) line += " in " + std::to_string(last_pieces_) + " pieces";
  note(line + result);
  last_what_ = what;
}

std::string FaultDisk::last_operations() const {
  std::string text;
  for (const std::string& line : last_) text += "  " + line + "\n";
  return text;
}

std::size_t FaultDisk::unsynced_files() const {
  std::size_t count = 0;
  for (const auto& [name, state] : files_) {
    if (!state->unsynced.empty() || state->versions.size() > 1) ++count;
  }
  for (const auto& [name, changes] : directories_) {
    if (!changes.empty()) ++count;
  }
  return count;
}

/// The name without the temporary folder, which differs between runs.
std::string FaultDisk::shown(const std::string& name) const {
  const std::string root = attic_.parent_path().string();
  return name.starts_with(root) ? name.substr(std::min(name.size(), root.size() + 1)) : name;
}

FaultDisk::Verdict FaultDisk::begin(const char* kind, const std::string& name, std::uint64_t size) {
  if (is_dead_) return {Fate::kNot, IOStatus::IOError("the machine is dead")};
  ++operations_;
  Verdict verdict;
  const char* result = "";
  const auto draw_fate = [&] {
    const std::uint64_t drawn = random_.below(3);
    return drawn == 0 ? Fate::kNot : drawn == 1 ? Fate::kHalf : Fate::kDone;
  };
  if (operations_ == die_at_) {
    verdict = {draw_fate(), IOStatus::IOError("the machine dies")};
    result = "  <- dies here";
  } else if (operations_ >= fail_from_ && operations_ < fail_to_) {
    // A full disk lets what is there be synced.
    const bool takes_space =
        std::string_view{kind} != "sync" && std::string_view{kind} != "sync-dir";
    if (fault_ == DiskFault::kInputOutput || takes_space) {
      const bool is_full = fault_ == DiskFault::kNoSpace;
      IOStatus status = is_full ? IOStatus::NoSpace("no space left on device")
                                : IOStatus::IOError("input/output error");
      status.SetRetryable(is_full);  // as the real file system has it
      verdict = {random_.chance(500) ? Fate::kNot : Fate::kHalf, status};
      has_hurt_ = true;
      result = is_full ? "  <- no space" : "  <- fails";
    }
  }
  note_operation(std::string{kind} + " " + shown(name), size, result);
  if (operations_ == die_at_) die();
  return verdict;
}

FaultDisk::FileStatePtr FaultDisk::state_of(const std::string& name) {
  FileStatePtr& state = files_[name];
  if (!state) {
    state = std::make_shared<FileState>();
    std::error_code error;
    const auto size = fs::file_size(name, error);
    state->size = error ? 0 : size;
  }
  return state;
}

void FaultDisk::changed(const std::string& name, DirectoryChange change) {
  directories_[directory_of(name)].push_back(std::move(change));
}

void FaultDisk::keep_creation(const std::string& name) {
  std::erase_if(directories_[directory_of(name)], [&](const DirectoryChange& change) {
    return change.change == NameChange::kCreated && change.name == name;
  });
}

/// Keeps a file that is about to be removed or replaced; empty where there is none.
std::string FaultDisk::to_attic(const std::string& name) {
  std::error_code error;
  if (!fs::exists(name, error)) return "";
  const fs::path kept = attic_ / std::to_string(++in_attic_);
  fs::create_hard_link(name, kept, error);
  HG_CHECK(!error);
  return kept.string();
}

/// The changes are durable: what they removed is gone.
void FaultDisk::settle(const std::vector<DirectoryChange>& changes) {
  std::error_code ignored;
  for (const DirectoryChange& change : changes) {
    if (!change.attic.empty()) fs::remove(change.attic, ignored);
  }
}

IOStatus FaultDisk::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    Debug* debug) {
  const Verdict verdict = begin("create", name, 0);
  if (verdict.fate == Fate::kNot) return verdict.status;
  std::error_code error;
  const bool is_new = !fs::exists(name, error);
  // Of a file that is written anew, the old bytes are gone at once: nobody here relies on them.
  std::unique_ptr<rocksdb::FSWritableFile> file;
  const IOStatus made = target()->NewWritableFile(name, options, &file, debug);
  if (!made.ok()) return made;
  files_[name] = std::make_shared<FileState>();
  if (is_new) {
    changed(name, {.change = NameChange::kCreated,
                   .name = name,
                   .new_name = {},
                   .attic = {},
                   .removed = nullptr});
  }
  if (!verdict.status.ok()) return verdict.status;
  *result = std::make_unique<FaultWritable>(*this, name, std::move(file));
  return IOStatus::OK();
}

IOStatus FaultDisk::ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* result,
                                       Debug* debug) {
  if (is_dead_) return IOStatus::IOError("the machine is dead");
  std::unique_ptr<rocksdb::FSWritableFile> file;
  const IOStatus opened = target()->ReopenWritableFile(name, options, &file, debug);
  if (!opened.ok()) return opened;
  state_of(name);
  *result = std::make_unique<FaultWritable>(*this, name, std::move(file));
  return IOStatus::OK();
}

IOStatus FaultDisk::ReuseWritableFile(const std::string& /*name*/, const std::string& /*old_name*/,
                                      const rocksdb::FileOptions& /*options*/,
                                      std::unique_ptr<rocksdb::FSWritableFile>* /*result*/,
                                      Debug* /*debug*/) {
  HG_CHECK(false && "the ledger does not use log files twice");
}

IOStatus FaultDisk::NewRandomRWFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSRandomRWFile>* result,
                                    Debug* debug) {
  if (is_dead_) return IOStatus::IOError("the machine is dead");
  std::unique_ptr<rocksdb::FSRandomRWFile> file;
  const IOStatus opened = target()->NewRandomRWFile(name, options, &file, debug);
  if (!opened.ok()) return opened;
  const FileStatePtr state = state_of(name);
  if (state->versions.empty()) {
    std::string bytes;
    const IOStatus read = rocksdb::ReadFileToString(target(), name, &bytes);
    if (!read.ok()) return read;
    state->versions.push_back(std::move(bytes));
  }
  *result = std::make_unique<FaultRandomRW>(*this, name, std::move(file));
  return IOStatus::OK();
}

IOStatus FaultDisk::NewDirectory(const std::string& name, const Options& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* result, Debug* debug) {
  std::unique_ptr<rocksdb::FSDirectory> directory;
  const IOStatus opened = target()->NewDirectory(name, options, &directory, debug);
  if (!opened.ok()) return opened;
  *result =
      std::make_unique<FaultDirectory>(*this, without_trailing_slash(name), std::move(directory));
  return IOStatus::OK();
}

/// RocksDB removes files in the order of their places in memory. So that a seed tells one story, a
/// run of removals is one thing in any order, and no fault befalls it; a power cut does.
IOStatus FaultDisk::DeleteFile(const std::string& name, const Options& options, Debug* debug) {
  if (is_dead_) return IOStatus::IOError("the machine is dead");
  const FileStatePtr state = state_of(name);
  const std::string kept = to_attic(name);
  const IOStatus removed = target()->DeleteFile(name, options, debug);
  if (!removed.ok()) return removed;
  files_.erase(name);
  removals_.insert(shown(name));
  changed(name, {.change = NameChange::kRemoved,
                 .name = name,
                 .new_name = {},
                 .attic = kept,
                 .removed = state});
  return IOStatus::OK();
}

IOStatus FaultDisk::Truncate(const std::string& /*name*/, std::size_t /*size*/,
                             const Options& /*options*/, Debug* /*debug*/) {
  HG_CHECK(false && "the ledger truncates no file by name");
}

IOStatus FaultDisk::CreateDir(const std::string& given, const Options& options, Debug* debug) {
  const std::string name = without_trailing_slash(given);
  const Verdict verdict = begin("make-dir", name, 0);
  if (verdict.fate == Fate::kNot) return verdict.status;
  const IOStatus made = target()->CreateDir(name, options, debug);
  if (!made.ok()) return made;
  changed(name, {.change = NameChange::kDirectoryMade,
                 .name = name,
                 .new_name = {},
                 .attic = {},
                 .removed = nullptr});
  return verdict.status;
}

IOStatus FaultDisk::CreateDirIfMissing(const std::string& name, const Options& options,
                                       Debug* debug) {
  std::error_code error;
  if (fs::is_directory(name, error)) return IOStatus::OK();
  return CreateDir(name, options, debug);
}

IOStatus FaultDisk::DeleteDir(const std::string& /*name*/, const Options& /*options*/,
                              Debug* /*debug*/) {
  HG_CHECK(false && "the ledger removes no directory");
}

IOStatus FaultDisk::RenameFile(const std::string& from, const std::string& to,
                               const Options& options, Debug* debug) {
  const Verdict verdict = begin("rename", from + " -> " + shown(to), 0);
  if (verdict.fate == Fate::kNot) return verdict.status;
  HG_CHECK(directory_of(from) == directory_of(to));
  const FileStatePtr state = state_of(from);
  const std::string kept = to_attic(to);
  const FileStatePtr replaced = kept.empty() ? nullptr : state_of(to);
  const IOStatus renamed = target()->RenameFile(from, to, options, debug);
  if (!renamed.ok()) return renamed;
  files_.erase(from);
  files_[to] = state;
  changed(to, {.change = NameChange::kRenamed,
               .name = from,
               .new_name = to,
               .attic = kept,
               .removed = replaced});
  return verdict.status;
}

IOStatus FaultDisk::LinkFile(const std::string& /*from*/, const std::string& /*to*/,
                             const Options& /*options*/, Debug* /*debug*/) {
  return IOStatus::NotSupported("no links on this disk");
}

IOStatus FaultDisk::NewLogger(const std::string& /*name*/, const Options& /*options*/,
                              std::shared_ptr<rocksdb::Logger>* result, Debug* /*debug*/) {
  *result = std::make_shared<NoLogger>();
  return IOStatus::OK();
}

}  // namespace hugang::simulation
