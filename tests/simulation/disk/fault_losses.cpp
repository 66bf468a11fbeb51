// What a disk that lost its power has kept.
#include <algorithm>
#include <fstream>
#include <set>

#include "tests/simulation/disk/fault_disk.hpp"

namespace hugang::simulation {
namespace {

namespace fs = std::filesystem;

std::string read_whole(const std::string& name) {
  std::ifstream file{name, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// Under a new inode: links in other folders keep what they had.
void write_whole(const std::string& name, const std::string& bytes) {
  std::error_code error;
  fs::remove(name, error);
  std::ofstream file{name, std::ios::binary};
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  HG_CHECK(file.flush().good());
}

}  // namespace

void FaultDisk::survive_as_killed() {
  is_dead_ = false;
  heal();
  note("-- killed: the machine lives on");
}

void FaultDisk::survive_as_cut_off() {
  is_dead_ = false;
  heal();
  note("-- power cut");
  lose_names();
  for (auto& [name, state] : files_) {
    if (state->versions.size() > 1) lose_version(name, *state);
    if (!state->unsynced.empty()) lose_bytes(name, *state);
  }
  note("-- power is back");
}

void FaultDisk::forget(const fs::path& folder) {
  const std::string prefix = folder.string();
  std::erase_if(files_, [&](const auto& file) { return file.first.starts_with(prefix); });
  std::erase_if(directories_, [&](const auto& entry) {
    if (!entry.first.starts_with(prefix)) return false;
    settle(entry.second);
    return true;
  });
}

/// A file system with a journal keeps a prefix of the changes; others any of them.
void FaultDisk::lose_names() {
  // A directory that was never durable takes along all that is in it, so the deepest come first.
  for (auto it = directories_.rbegin(); it != directories_.rend(); ++it) lose_names_of(it->second);
  directories_.clear();
  std::error_code ignored;
  std::erase_if(files_, [&](const auto& file) { return !fs::exists(file.first, ignored); });
}

/// Runs of removals by name: their order says nothing (FaultDisk::DeleteFile).
void FaultDisk::sort_removals(std::vector<DirectoryChange>& changes) {
  const auto is_removal = [](const DirectoryChange& change) {
    return change.change == NameChange::kRemoved;
  };
  auto begin = changes.begin();
  while (true) {
    begin = std::find_if(begin, changes.end(), is_removal);
    if (begin == changes.end()) return;
    const auto end = std::find_if_not(begin, changes.end(), is_removal);
    std::sort(begin, end, [](const auto& a, const auto& b) { return a.name < b.name; });
    begin = end;
  }
}

void FaultDisk::lose_names_of(std::vector<DirectoryChange>& changes) {
  sort_removals(changes);
  std::set<std::string> without;  // names of which an earlier change is lost
  std::vector<const DirectoryChange*> lost;
  std::vector<DirectoryChange> kept;
  const bool is_ordered = random_.chance(500);
  const std::uint32_t lost_permille = random_.chance(300) ? 0 : random_.chance(300) ? 1000 : 400;
  for (const DirectoryChange& change : changes) {
    const bool depends = (is_ordered && !lost.empty()) || without.contains(change.name) ||
                         without.contains(change.new_name);
    if (!depends && !random_.chance(lost_permille)) {
      kept.push_back(change);
      continue;
    }
    without.insert(change.name);
    if (!change.new_name.empty()) without.insert(change.new_name);
    lost.push_back(&change);
  }
  for (auto it = lost.rbegin(); it != lost.rend(); ++it) undo(**it);
  settle(kept);
  changes.clear();
}

void FaultDisk::undo(const DirectoryChange& change) {
  std::error_code error;
  switch (change.change) {
    case NameChange::kCreated:
      note("lost: creation of " + shown(change.name));
      fs::remove(change.name, error);
      files_.erase(change.name);
      return;
    case NameChange::kRemoved:
      note("lost: removal of " + shown(change.name));
      fs::rename(change.attic, change.name, error);
      HG_CHECK(!error);
      files_[change.name] = change.removed;
      return;
    case NameChange::kRenamed: {
      note("lost: renaming to " + shown(change.new_name));
      const FileStatePtr state = state_of(change.new_name);
      fs::rename(change.new_name, change.name, error);
      HG_CHECK(!error);
      files_.erase(change.new_name);
      files_[change.name] = state;
      if (change.attic.empty()) return;
      fs::rename(change.attic, change.new_name, error);
      HG_CHECK(!error);
      files_[change.new_name] = change.removed;
      return;
    }
    case NameChange::kDirectoryMade:
      note("lost: directory " + shown(change.name));
      fs::remove_all(change.name, error);
      return;
  }
}

void FaultDisk::lose_version(const std::string& name, FileState& state) {
  const std::uint64_t kept = random_.below(state.versions.size());
  note("lost: versions of " + shown(name) + " behind " + std::to_string(kept));
  const std::string version = state.versions[kept];
  write_whole(name, version);
  state.versions = {version};
  state.size = version.size();
}

void FaultDisk::lose_bytes(const std::string& name, FileState& state) {
  std::string bytes = read_whole(name);
  HG_CHECK(bytes.size() == state.size);
  const std::uint64_t first = state.unsynced.front().begin;
  std::uint64_t synced_end = 0;  // nothing behind it is durable
  {
    std::uint64_t at = 0;
    for (const Extent& extent : state.unsynced) {
      if (extent.begin > at) synced_end = extent.begin;
      at = extent.end;
    }
    if (at < state.size) synced_end = state.size;
  }
  const std::uint64_t block = random_.chance(500) ? 4096 : 512;
  const std::uint64_t model = random_.below(6);
  std::uint64_t keep_to = state.size;  // what lies behind it is lost
  std::uint32_t lost_permille = 0;     // of the blocks before it
  if (model == 0) keep_to = first;
  if (model == 1) keep_to = first + random_.below(state.size - first + 1);
  if (model >= 3) lost_permille = model == 3 ? 100 : model == 4 ? 500 : 900;
  const auto lose = [&](std::uint64_t begin, std::uint64_t end) {
    for (const Extent& extent : state.unsynced) {
      const std::uint64_t from = std::max(begin, extent.begin);
      const std::uint64_t to = std::min(end, extent.end);
      if (from < to)
        std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(from),
                  bytes.begin() + static_cast<std::ptrdiff_t>(to), '\0');
    }
  };
  lose(keep_to, state.size);
  std::uint64_t last_kept = std::max(first, synced_end);
  for (std::uint64_t at = first / block * block; at < keep_to; at += block) {
    const std::uint64_t end = std::min(at + block, keep_to);
    if (random_.chance(lost_permille)) {
      lose(at, end);
    } else {
      last_kept = std::max(last_kept, end);
    }
  }
  // The size may have come to disk, or not, or in steps of blocks.
  const std::uint64_t growth = random_.below(3);
  if (growth == 0) bytes.resize(std::max(last_kept, synced_end));
  if (growth == 1) bytes.resize((bytes.size() + block - 1) / block * block, '\0');
  note("lost: bytes of " + shown(name) + " from " + std::to_string(first) + ", kept to " +
       std::to_string(keep_to) + ", size " + std::to_string(state.size) + " -> " +
       std::to_string(bytes.size()) + ", " + std::to_string(lost_permille) + " of 1000 blocks of " +
       std::to_string(block));
  write_whole(name, bytes);
  state.size = bytes.size();
  state.unsynced.clear();
}

}  // namespace hugang::simulation
