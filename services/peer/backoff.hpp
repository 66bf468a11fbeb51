// How long to wait before trying again: doubling up to a longest pause, with jitter so that peers
// that lost each other at the same moment do not come back in step.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace hugang::peer {

/// Not thread-safe.
class Backoff {
 public:
  /// Requires 0 < first <= longest.
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds longest, std::uint64_t seed)
      : first_{first}, longest_{longest}, next_{first}, random_{seed} {}

  /// Between half of the pause that is due and all of it; the next one is twice as long.
  [[nodiscard]] std::chrono::milliseconds next() {
    const auto pause = next_;
    next_ = std::min(2 * next_, longest_);
    std::uniform_int_distribution<std::int64_t> jitter{pause.count() / 2, pause.count()};
    return std::chrono::milliseconds{jitter(random_)};
  }
  void reset() { next_ = first_; }

 private:
  std::chrono::milliseconds first_;
  std::chrono::milliseconds longest_;
  std::chrono::milliseconds next_;
  std::mt19937_64 random_;
};

}  // namespace hugang::peer
