// The wall clock as a port, so that tests and simulation decide what time it is.
#pragma once

#include <atomic>
#include <chrono>

#include "clearing/base/timestamp.hpp"

namespace hugang::node {

/// Wall clock time. It may jump in both directions: the sequencer makes strictly increasing time
/// of it.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Any thread.
  [[nodiscard]] virtual base::Timestamp now() const = 0;
};

/// The system's clock.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] base::Timestamp now() const override {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return base::Timestamp{
        std::chrono::duration_cast<std::chrono::nanoseconds>(since_epoch).count()};
  }
};

/// Stands still until it is set. After setting it, wake the node (Node::wake): it sleeps by the
/// real clock.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(base::Timestamp start) : now_ns_{start.ns()} {}

  [[nodiscard]] base::Timestamp now() const override { return base::Timestamp{now_ns_.load()}; }
  void set(base::Timestamp now) { now_ns_.store(now.ns()); }
  void advance(base::Duration by) { now_ns_.fetch_add(by.count_ns()); }

 private:
  std::atomic<std::int64_t> now_ns_;
};

}  // namespace hugang::node
