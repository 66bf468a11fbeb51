// Virtual time: what happens next, and when. Nothing else in a simulation waits.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "clearing/base/check.hpp"

namespace hugang::simulation {

/// Nanoseconds since the simulation began.
using VirtualTime = std::int64_t;
inline constexpr VirtualTime kMicrosecond = 1'000;
inline constexpr VirtualTime kMillisecond = 1'000'000;
inline constexpr VirtualTime kSecond = 1'000'000'000;

/// Runs actions by time; those of one instant in the order in which they were added.
class Scheduler {
 public:
  using Action = std::move_only_function<void()>;

  [[nodiscard]] VirtualTime now() const { return now_; }
  void after(VirtualTime delay, Action action) {
    HG_CHECK(delay >= 0);
    actions_.emplace(std::pair{now_ + delay, ++count_}, std::move(action));
  }
  /// False when nothing is left to do.
  bool run_next() {
    if (actions_.empty()) return false;
    auto node = actions_.extract(actions_.begin());
    now_ = node.key().first;
    node.mapped()();
    return true;
  }

 private:
  VirtualTime now_ = 0;
  std::uint64_t count_ = 0;
  std::map<std::pair<VirtualTime, std::uint64_t>, Action> actions_;
};

}  // namespace hugang::simulation
