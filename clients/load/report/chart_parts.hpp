// What the charts have in common: axes of time and of latency, and the frame around a plot.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "clients/load/report/plot.hpp"
#include "clients/load/report/timeline.hpp"

namespace hugang::report {

struct LegendEntry {
  std::string name;
  std::string css_class;
};

/// The figure with its heading, a sentence and a legend.
[[nodiscard]] std::string figure(const std::string& title, const std::string& sentence,
                                 const std::vector<LegendEntry>& legend, const Plot& plot);

/// From the start of the first column to the end of the last.
[[nodiscard]] Axis time_axis(const std::vector<Column>& columns);
void add_time_ticks(Plot& plot, const Axis& axis, const std::vector<Column>& columns);
/// The middle of each column, and its title.
[[nodiscard]] Hover time_hover(const Axis& axis, const std::vector<Column>& columns);

/// Latencies from `low_ns` to `high_ns` (cut to at least a factor of two), a little air around.
struct LatencyAxis {
  Axis axis;
  std::vector<Tick> ticks;
};
[[nodiscard]] LatencyAxis latency_axis(std::uint64_t low_ns, std::uint64_t high_ns, double from_px,
                                       double to_px);

/// From 0 to a round value above `high`, upwards in `plot`.
[[nodiscard]] Axis count_axis(const Plot& plot, double high);
void add_count_ticks(Plot& plot, const Axis& axis, double high, const std::string& unit);

/// The class of the i-th of several kinds or codes.
[[nodiscard]] std::string colour_class(std::size_t index);

}  // namespace hugang::report
