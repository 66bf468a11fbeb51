// RocksDB's environment for a simulation: one thread, a clock that stands, and background work that
// waits until it is told to run, so that a seed decides when flushes and compactions happen.
#pragma once

#include <rocksdb/env.h>

#include <deque>
#include <memory>

#include "tests/simulation/disk/fault_disk.hpp"

namespace hugang::simulation {

class DiskEnv final : public rocksdb::EnvWrapper {
 public:
  explicit DiskEnv(std::shared_ptr<FaultDisk> disk);

  [[nodiscard]] const char* Name() const override { return "DiskEnv"; }

  /// Runs the oldest waiting job on this thread; false when none waits. Never to be called by a
  /// job.
  bool run_one();
  void run_all();
  [[nodiscard]] std::size_t waiting() const { return jobs_.size(); }

  void Schedule(void (*function)(void* argument), void* argument, Priority priority, void* tag,
                void (*unscheduled)(void* argument)) override;
  int UnSchedule(void* tag, Priority priority) override;
  [[nodiscard]] unsigned int GetThreadPoolQueueLen(Priority /*priority*/) const override {
    return static_cast<unsigned int>(jobs_.size());
  }
  void SetBackgroundThreads(int /*number*/, Priority /*priority*/) override {}
  void IncBackgroundThreadsIfNeeded(int /*number*/, Priority /*priority*/) override {}
  int ReserveThreads(int /*wanted*/, Priority /*priority*/) override { return 0; }
  int ReleaseThreads(int /*wanted*/, Priority /*priority*/) override { return 0; }
  std::uint64_t NowMicros() override;
  std::uint64_t NowNanos() override { return NowMicros() * 1000; }
  void SleepForMicroseconds(int /*micros*/) override {}
  rocksdb::Status GetCurrentTime(std::int64_t* seconds) override;

 private:
  struct Job {
    void (*function)(void*) = nullptr;
    void* argument = nullptr;
    Priority priority = LOW;
    void* tag = nullptr;
    void (*unscheduled)(void*) = nullptr;
  };
  std::deque<Job> jobs_;
};

}  // namespace hugang::simulation
