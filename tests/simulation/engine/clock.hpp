// A city's wall clock: wrong by an offset, too fast or too slow, and set now and then.
#pragma once

#include "services/node/clock.hpp"
#include "tests/simulation/engine/scheduler.hpp"

namespace hugang::simulation {

/// 2026-01-01T00:00:00Z: virtual time 0 on a clock that is right.
inline constexpr std::int64_t kEpochNs = 1'767'225'600'000'000'000;

class CityClock final : public node::Clock {
 public:
  explicit CityClock(const Scheduler& scheduler) : scheduler_{scheduler} {}

  [[nodiscard]] base::Timestamp now() const override {
    const VirtualTime since = scheduler_.now() - set_at_;
    return base::Timestamp{kEpochNs + scheduler_.now() + offset_ + since / 1000 * drift_permille_};
  }

  /// From now on it is `offset` ahead of the true time and gains `drift_permille` on it.
  void set(VirtualTime offset, std::int64_t drift_permille) {
    set_at_ = scheduler_.now();
    offset_ = offset;
    drift_permille_ = drift_permille;
  }

 private:
  const Scheduler& scheduler_;
  VirtualTime set_at_ = 0;
  VirtualTime offset_ = 0;
  std::int64_t drift_permille_ = 0;
};

}  // namespace hugang::simulation
