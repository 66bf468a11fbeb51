// The open files and directories of a FaultDisk.
#pragma once

#include <memory>
#include <string>

#include "tests/simulation/disk/fault_disk.hpp"

namespace hugang::simulation {

/// A file that grows at its end.
class FaultWritable final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultWritable(FaultDisk& disk, std::string name, std::unique_ptr<rocksdb::FSWritableFile> file);

  using Options = rocksdb::IOOptions;
  using Debug = rocksdb::IODebugContext;
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const Options& options,
                           Debug* debug) override;
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const Options& options,
                           const rocksdb::DataVerificationInfo& /*info*/, Debug* debug) override {
    return Append(data, options, debug);
  }
  rocksdb::IOStatus Truncate(std::uint64_t size, const Options& options, Debug* debug) override;
  rocksdb::IOStatus Sync(const Options& options, Debug* debug) override;
  rocksdb::IOStatus Fsync(const Options& options, Debug* debug) override {
    return Sync(options, debug);
  }
  /// No space is set aside: in memory that costs more than all else.
  void PrepareWrite(std::size_t /*offset*/, std::size_t /*size*/, const Options& /*options*/,
                    Debug* /*debug*/) override {}
  /// Starts writing out and promises nothing.
  rocksdb::IOStatus RangeSync(std::uint64_t /*offset*/, std::uint64_t /*bytes*/,
                              const Options& /*options*/, Debug* /*debug*/) override {
    return rocksdb::IOStatus::OK();
  }

 private:
  FaultDisk& disk_;
  std::string name_;
  FaultDisk::FileStatePtr state_;
};

/// A small file that is written in place, each write within one sector: that much a disk writes
/// wholly or not at all.
class FaultRandomRW final : public rocksdb::FSRandomRWFileOwnerWrapper {
 public:
  FaultRandomRW(FaultDisk& disk, std::string name, std::unique_ptr<rocksdb::FSRandomRWFile> file);

  using Options = rocksdb::IOOptions;
  using Debug = rocksdb::IODebugContext;
  rocksdb::IOStatus Write(std::uint64_t offset, const rocksdb::Slice& data, const Options& options,
                          Debug* debug) override;
  rocksdb::IOStatus Sync(const Options& options, Debug* debug) override;
  rocksdb::IOStatus Fsync(const Options& options, Debug* debug) override {
    return Sync(options, debug);
  }

 private:
  FaultDisk& disk_;
  std::string name_;
  FaultDisk::FileStatePtr state_;
};

class FaultDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  FaultDirectory(FaultDisk& disk, std::string name, std::unique_ptr<rocksdb::FSDirectory> directory)
      : FSDirectoryWrapper{std::move(directory)}, disk_{disk}, name_{std::move(name)} {}

  using Options = rocksdb::IOOptions;
  using Debug = rocksdb::IODebugContext;
  rocksdb::IOStatus Fsync(const Options& options, Debug* debug) override;
  rocksdb::IOStatus FsyncWithDirOptions(const Options& options, Debug* debug,
                                        const rocksdb::DirFsyncOptions& /*why*/) override {
    return Fsync(options, debug);
  }

 private:
  FaultDisk& disk_;
  std::string name_;
};

}  // namespace hugang::simulation
