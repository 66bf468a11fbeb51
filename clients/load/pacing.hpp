// When requests of an open loop are to go out: from rates over time to the intended start of each.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "clients/load/random.hpp"
#include "clients/load/scenario.hpp"

namespace hugang::load {

/// Nanoseconds since the start of the run.
using Nanos = std::int64_t;

[[nodiscard]] constexpr Nanos to_nanos(double seconds) {
  return static_cast<Nanos>(seconds * 1e9 + 0.5);
}

/// A stretch of time in which the rate goes evenly from one value to another (the same, mostly).
/// Requests a second.
struct Segment {
  double from_s = 0;
  double length_s = 0;
  double start_rate = 0;
  double end_rate = 0;

  /// How many requests are intended in the first `t` seconds of it; a fraction counts as such.
  [[nodiscard]] double count_until(double t) const {
    return t * (start_rate + (end_rate - start_rate) * t / (2 * length_s));
  }
  /// The inverse: after how many seconds `count` is reached. Requires 0 <= count <= all of it.
  [[nodiscard]] double time_of(double count) const;
};

/// The phases as segments, one after another without gaps. Rates of transfers become rates of
/// requests.
[[nodiscard]] std::vector<Segment> segments_of(const Scenario& scenario);

/// The intended starts, one after another. With even arrivals request i starts when the integral
/// of the rate over time has reached i; with random ones the integral grows by exponentially
/// distributed steps of mean 1 from one start to the next. Copies go on by themselves.
class Schedule {
 public:
  Schedule(std::vector<Segment> segments, Arrivals arrivals, std::uint64_t seed);

  /// The next intended start; nothing once the last segment is over. Never goes back.
  [[nodiscard]] std::optional<Nanos> next();

 private:
  std::vector<Segment> segments_;
  Arrivals arrivals_;
  Random random_;
  std::size_t at_ = 0;
  double position_ = 0;       ///< of the next start, in requests since the start of the run
  double segment_begin_ = 0;  ///< requests before the segment at_
};

/// Splits a schedule among threads: every `count`th start, from the `index`th on.
class SharedSchedule {
 public:
  SharedSchedule(Schedule schedule, std::uint32_t index, std::uint32_t count);
  [[nodiscard]] std::optional<Nanos> next();

 private:
  Schedule schedule_;
  std::uint32_t skip_;
  std::uint32_t count_;
};

}  // namespace hugang::load
