#include "tests/simulation/disk/disk_env.hpp"

#include <rocksdb/system_clock.h>

#include <vector>

namespace hugang::simulation {
namespace {

/// 2100-01-01: RocksDB's timer thread waits for moments of this clock by the real one, and is to
/// wait for ever.
constexpr std::int64_t kNowSeconds = 4'102'444'800;

class StandingClock final : public rocksdb::SystemClockWrapper {
 public:
  StandingClock() : SystemClockWrapper{rocksdb::SystemClock::Default()} {}
  [[nodiscard]] const char* Name() const override { return "StandingClock"; }
  std::uint64_t NowMicros() override { return std::uint64_t{kNowSeconds} * 1'000'000; }
  std::uint64_t NowNanos() override { return NowMicros() * 1000; }
  void SleepForMicroseconds(int /*micros*/) override {}
  rocksdb::Status GetCurrentTime(std::int64_t* seconds) override {
    *seconds = kNowSeconds;
    return rocksdb::Status::OK();
  }
};

}  // namespace

DiskEnv::DiskEnv(std::shared_ptr<FaultDisk> disk) : EnvWrapper{rocksdb::NewCompositeEnv(disk)} {
  file_system_ = std::move(disk);
  system_clock_ = std::make_shared<StandingClock>();
}

bool DiskEnv::run_one() {
  if (jobs_.empty()) return false;
  const Job job = jobs_.front();
  jobs_.pop_front();
  job.function(job.argument);
  return true;
}

void DiskEnv::run_all() {
  while (run_one()) {
  }
}

void DiskEnv::Schedule(void (*function)(void* argument), void* argument, Priority priority,
                       void* tag, void (*unscheduled)(void* argument)) {
  jobs_.push_back({function, argument, priority, tag, unscheduled});
}

int DiskEnv::UnSchedule(void* tag, Priority priority) {
  std::vector<Job> taken;
  std::erase_if(jobs_, [&](const Job& job) {
    if (job.tag != tag || job.priority != priority) return false;
    taken.push_back(job);
    return true;
  });
  for (const Job& job : taken) {
    if (job.unscheduled != nullptr) job.unscheduled(job.argument);
  }
  return static_cast<int>(taken.size());
}

std::uint64_t DiskEnv::NowMicros() { return system_clock_->NowMicros(); }

rocksdb::Status DiskEnv::GetCurrentTime(std::int64_t* seconds) {
  return system_clock_->GetCurrentTime(seconds);
}

}  // namespace hugang::simulation
