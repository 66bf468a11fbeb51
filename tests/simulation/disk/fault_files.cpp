#include "tests/simulation/disk/fault_files.hpp"

#include <algorithm>

namespace hugang::simulation {

using rocksdb::IOStatus;
using Fate = FaultDisk::Fate;

FaultWritable::FaultWritable(FaultDisk& disk, std::string name,
                             std::unique_ptr<rocksdb::FSWritableFile> file)
    : FSWritableFileOwnerWrapper{std::move(file)},
      disk_{disk},
      name_{std::move(name)},
      state_{disk.state_of(name_)} {}

IOStatus FaultWritable::Append(const rocksdb::Slice& data, const Options& options, Debug* debug) {
  const auto verdict = disk_.begin("append", name_, data.size());
  rocksdb::Slice written = data;
  if (verdict.fate == Fate::kNot) written = {data.data(), 0};
  if (verdict.fate == Fate::kHalf) {
    written = {data.data(), static_cast<std::size_t>(disk_.random_.below(data.size() + 1))};
  }
  if (!written.empty()) {
    const IOStatus appended = target()->Append(written, options, debug);
    if (!appended.ok()) return appended;
    state_->unsynced.push_back({.begin = state_->size, .end = state_->size + written.size()});
    state_->size += written.size();
  }
  return verdict.status;
}

IOStatus FaultWritable::Truncate(std::uint64_t size, const Options& options, Debug* debug) {
  const auto verdict = disk_.begin("truncate", name_, size);
  if (verdict.fate == Fate::kNot) return verdict.status;
  const IOStatus done = target()->Truncate(size, options, debug);
  if (!done.ok()) return done;
  for (auto& extent : state_->unsynced) extent.end = std::min(extent.end, size);
  std::erase_if(state_->unsynced, [](const auto& extent) { return extent.begin >= extent.end; });
  state_->size = size;
  return verdict.status;
}

IOStatus FaultWritable::Sync(const Options& /*options*/, Debug* /*debug*/) {
  const auto verdict = disk_.begin("sync", name_, 0);
  const bool is_dying = disk_.is_dead();
  if (verdict.status.ok() || (is_dying && verdict.fate == Fate::kDone)) {
    std::erase_if(state_->unsynced, [](const auto& extent) { return !extent.is_doubtful; });
    disk_.keep_creation(name_);
  } else if (!is_dying) {
    // The pages are clean now as the kernel sees it, and nobody knows what reached the disk.
    for (auto& extent : state_->unsynced) extent.is_doubtful = true;
  }
  return verdict.status;
}

FaultRandomRW::FaultRandomRW(FaultDisk& disk, std::string name,
                             std::unique_ptr<rocksdb::FSRandomRWFile> file)
    : FSRandomRWFileOwnerWrapper{std::move(file)},
      disk_{disk},
      name_{std::move(name)},
      state_{disk.state_of(name_)} {}

IOStatus FaultRandomRW::Write(std::uint64_t offset, const rocksdb::Slice& data,
                              const Options& options, Debug* debug) {
  HG_CHECK(offset / 512 == (offset + data.size() - 1) / 512);
  const auto verdict = disk_.begin("write", name_, data.size());
  if (verdict.fate == Fate::kNot) return verdict.status;
  const IOStatus written = target()->Write(offset, data, options, debug);
  if (!written.ok()) return written;
  std::string version = state_->versions.back();
  version.resize(std::max<std::size_t>(version.size(), offset + data.size()));
  version.replace(offset, data.size(), data.data(), data.size());
  state_->versions.push_back(std::move(version));
  return verdict.status;
}

IOStatus FaultRandomRW::Sync(const Options& /*options*/, Debug* /*debug*/) {
  const auto verdict = disk_.begin("sync", name_, 0);
  if (verdict.status.ok() || (disk_.is_dead() && verdict.fate == Fate::kDone)) {
    state_->versions.erase(state_->versions.begin(), state_->versions.end() - 1);
  }
  return verdict.status;
}

IOStatus FaultDirectory::Fsync(const Options& /*options*/, Debug* /*debug*/) {
  const auto verdict = disk_.begin("sync-dir", name_, 0);
  if (verdict.status.ok() || (disk_.is_dead() && verdict.fate == Fate::kDone)) {
    auto& changes = disk_.directories_[name_];
    disk_.settle(changes);
    changes.clear();
  }
  return verdict.status;
}

}  // namespace hugang::simulation
