#include "clients/load/pacing.hpp"

#include <algorithm>
#include <cmath>

#include "clearing/base/check.hpp"

namespace hugang::load {
namespace {

/// Phases into segments; `scale` turns transfers into requests.
void append(std::vector<Segment>& segments, const PhasePlan& phase, double from_s, double scale) {
  const double rate = phase.rate * scale;
  const double to_rate = phase.to_rate * scale;
  switch (phase.shape) {
    case Shape::kConstant:
      segments.push_back({from_s, phase.duration_s, rate, rate});
      return;
    case Shape::kRamp:
      segments.push_back({from_s, phase.duration_s, rate, to_rate});
      return;
    case Shape::kStep:
      for (std::uint32_t i = 0; i < phase.steps; ++i) {
        const double length = phase.duration_s / phase.steps;
        const double height = rate + (to_rate - rate) * i / (phase.steps - 1);
        segments.push_back({from_s + length * i, length, height, height});
      }
      return;
    case Shape::kSpike: {
      // A spike ends each period, so that the first one meets a server that is under way.
      const double end_s = from_s + phase.duration_s;
      const double spike = phase.spike_rate * scale;
      for (double t = from_s; t < end_s; t += phase.spike_every_s) {
        const double calm = std::min(phase.spike_every_s - phase.spike_for_s, end_s - t);
        segments.push_back({t, calm, rate, rate});
        const double rest = std::min(phase.spike_for_s, end_s - t - calm);
        if (rest > 0) segments.push_back({t + calm, rest, spike, spike});
      }
      return;
    }
  }
}

}  // namespace

double Segment::time_of(double count) const {
  const double slope = (end_rate - start_rate) / length_s;
  double t = 0;
  if (std::abs(slope) * length_s < 1e-9 * (start_rate + end_rate)) {
    t = count / start_rate;
  } else {
    // The root of slope/2 t² + start t = count that lies in the segment, in the form that does not
    // cancel where the slope is small.
    const double root = std::sqrt(std::max(0.0, start_rate * start_rate + 2 * slope * count));
    t = 2 * count / (start_rate + root);
  }
  return std::clamp(t, 0.0, length_s);
}

std::vector<Segment> segments_of(const Scenario& scenario) {
  std::vector<Segment> segments;
  double from_s = 0;
  for (const PhasePlan& phase : scenario.phases) {
    append(segments, phase, from_s, 1 / transfers_per_request(scenario));
    from_s += phase.duration_s;
  }
  return segments;
}

Schedule::Schedule(std::vector<Segment> segments, Arrivals arrivals, std::uint64_t seed)
    : segments_{std::move(segments)}, arrivals_{arrivals}, random_{seed} {}

std::optional<Nanos> Schedule::next() {
  while (at_ < segments_.size()) {
    const Segment& segment = segments_[at_];
    const double whole = segment.count_until(segment.length_s);
    const double inside = position_ - segment_begin_;
    if (inside < whole) {
      const double t = segment.from_s + (inside <= 0 ? 0 : segment.time_of(inside));
      // 1 - unit() is above 0: its logarithm is finite.
      position_ += arrivals_ == Arrivals::kEven ? 1.0 : -std::log(1 - random_.unit());
      return to_nanos(t);
    }
    segment_begin_ += whole;
    ++at_;
  }
  return std::nullopt;
}

SharedSchedule::SharedSchedule(Schedule schedule, std::uint32_t index, std::uint32_t count)
    : schedule_{std::move(schedule)}, skip_{index}, count_{count} {
  HG_CHECK(index < count);
}

std::optional<Nanos> SharedSchedule::next() {
  for (; skip_ > 0; --skip_) {
    if (!schedule_.next()) return std::nullopt;
  }
  skip_ = count_ - 1;
  return schedule_.next();
}

}  // namespace hugang::load
