#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "clients/load/report/chart_parts.hpp"
#include "clients/load/report/charts.hpp"
#include "clients/load/report/quantities.hpp"

namespace hugang::report {
namespace {

constexpr double kPlot = 300;
/// Tens: 1 is 90 %, 5 is 99.999 %.
constexpr double kNinesMax = 5;
constexpr int kStops = 120;

struct Range {
  std::uint64_t low = UINT64_MAX;
  std::uint64_t high = 0;
  std::uint64_t requests = 0;
};

Range range_of(const RunRecord& record) {
  Range range;
  for (const OperationKind& kind : record.kinds) {
    if (kind.latency.is_empty()) continue;
    range.low = std::min(range.low, kind.latency.min_ns());
    if (!kind.service_time.is_empty()) {
      range.low = std::min(range.low, kind.service_time.min_ns());
    }
    range.high = std::max({range.high, kind.latency.max_ns(), kind.service_time.max_ns()});
    range.requests = std::max(range.requests, kind.latency.count());
  }
  range.low = std::min(range.low, range.high);
  return range;
}

double nines_of(double share) { return -std::log10(std::max(1 - share, 1e-12)); }

/// The last place at which a histogram of so many values says something.
double nines_max(std::uint64_t count) {
  return std::min(kNinesMax, std::log10(std::max(1.0, static_cast<double>(count))));
}

/// A step at each bucket: where the share of requests is reached.
std::vector<Point> percentile_points(const Histogram& histogram, const Axis& x, const Axis& y) {
  std::vector<Point> points;
  const auto count = static_cast<double>(histogram.count());
  const double last = nines_max(histogram.count());
  double seen = 0;
  for (const Bucket& bucket : histogram.buckets()) {
    const double nines = nines_of(seen / count);
    if (nines > last) break;
    const double at = x.at(nines);
    // Steps closer than a pixel would only make the page larger.
    if (points.empty() || at - points.back().x_px >= 1.0) {
      const auto value = std::clamp(bucket.upper_ns, histogram.min_ns(), histogram.max_ns());
      points.push_back({at, y.at(static_cast<double>(value))});
    }
    seen += static_cast<double>(bucket.count);
  }
  const auto end = histogram.percentile_ns(100 * (1 - std::pow(10, -last)));
  points.push_back({x.at(last), y.at(static_cast<double>(end))});
  return points;
}

HoverSeries percentile_hover(const std::string& name, const std::string& css_class,
                             const Histogram& histogram, double end, const Axis& y) {
  HoverSeries series{name, css_class, {}, {}};
  for (int i = 0; i <= kStops; ++i) {
    const double nines = end * i / kStops;
    if (nines > nines_max(histogram.count()) + 1e-9) {
      series.texts.emplace_back();
      series.y_px.emplace_back();
      continue;
    }
    const auto value = histogram.percentile_ns(100 * (1 - std::pow(10, -nines)));
    series.texts.push_back(latency_text(value));
    series.y_px.emplace_back(y.at(static_cast<double>(value)));
  }
  return series;
}

std::string percent_text(double nines) {
  const double above = std::pow(10, -nines) * 100;
  const int digits = nines < 1 ? 1 : static_cast<int>(std::floor(nines + 1e-9)) + 1;
  return fmt::format("{:.{}f} % of requests", 100 - above, digits);
}

/// A distribution's bar is a quarter of an octave, on the logarithmic scale on which it is drawn.
constexpr double kBarsPerOctave = 4;
constexpr std::size_t kBars = (Histogram::Scale::kValueBits + 1) * 4;

std::size_t bar_of(std::uint64_t ns) {
  const double place = std::log2(std::max(1.0, static_cast<double>(ns))) * kBarsPerOctave;
  return std::min(static_cast<std::size_t>(place), kBars - 1);
}

/// Where a bar begins, in nanoseconds; and where the last one ends.
double bar_start(std::size_t bar) { return std::exp2(static_cast<double>(bar) / kBarsPerOctave); }

std::vector<double> shares_of(const Histogram& histogram) {
  std::vector<double> shares(kBars);
  for (const Bucket& bucket : histogram.buckets()) {
    shares[bar_of(bucket.lower_ns)] +=
        static_cast<double>(bucket.count) / static_cast<double>(histogram.count());
  }
  return shares;
}

std::vector<Point> outline_of(const std::vector<double>& shares, const Axis& x, const Axis& y) {
  std::vector<Point> points;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const bool is_near = shares[i] > 0 || (i > 0 && shares[i - 1] > 0) ||
                         (i + 1 < shares.size() && shares[i + 1] > 0);
    if (!is_near) continue;
    const double left = x.at(bar_start(i));
    const double right = x.at(bar_start(i + 1));
    points.push_back({left, y.at(shares[i])});
    points.push_back({right, y.at(shares[i])});
  }
  return points;
}

}  // namespace

std::string percentile_chart(const RunRecord& record) {
  Plot plot{"percentiles", kPlot,
            "Latency by percentile up to 99.999 %, for each kind of request. The values are in "
            "the table of percentiles."};
  const Range range = range_of(record);
  const double end = std::max(1.0, nines_max(range.requests));
  const Axis x = Axis::linear(0, end, Plot::kLeft, Plot::kWidth - Plot::kRight);
  const auto y = latency_axis(range.low, range.high, plot.height() - Plot::kBottom, Plot::kTop);
  std::vector<Tick> ticks{{0, "0 %"}, {nines_of(0.5), "50 %"}};
  const char* const labels[] = {"90 %", "99 %", "99.9 %", "99.99 %", "99.999 %"};
  for (int i = 0; i < 5; ++i) {
    if (i + 1 <= end + 0.01) ticks.push_back({static_cast<double>(i + 1), labels[i]});
  }
  plot.add_x_ticks(x, ticks, "share of requests that took no longer");
  plot.add_y_ticks(y.axis, y.ticks);
  Hover hover;
  for (int i = 0; i <= kStops; ++i) {
    hover.x_px.push_back(x.at(end * i / kStops));
    hover.titles.push_back(percent_text(end * i / kStops));
  }
  std::vector<LegendEntry> legend;
  for (std::size_t k = 0; k < record.kinds.size(); ++k) {
    const OperationKind& kind = record.kinds[k];
    const std::string colour = colour_class(k);
    const auto add = [&](const Histogram& histogram, const std::string& name,
                         const std::string& css_class) {
      if (histogram.is_empty()) return;
      plot.add_line(css_class, percentile_points(histogram, x, y.axis));
      hover.series.push_back(percentile_hover(name, css_class, histogram, end, y.axis));
      legend.push_back({name, css_class});
    };
    add(kind.service_time, kind.name + ", once sent", colour + " service");
    add(kind.latency, kind.name, colour);
  }
  plot.set_hover(std::move(hover));
  return figure("Latency by percentile",
                "Each step to the right is ten times rarer. Solid: from the intended start. "
                "Dashed: once sent, without the wait before.",
                legend, plot);
}

std::string distribution_chart(const RunRecord& record) {
  Plot plot{"distribution", kPlot - 60, "How many requests took how long, for each kind."};
  const Range range = range_of(record);
  const auto x = latency_axis(range.low, range.high, Plot::kLeft, Plot::kWidth - Plot::kRight);
  double high = 0;
  std::vector<std::vector<double>> shares;
  for (const OperationKind& kind : record.kinds) {
    shares.push_back(kind.latency.is_empty() ? std::vector<double>(kBars)
                                             : shares_of(kind.latency));
    high = std::max(high, std::ranges::max(shares.back()));
  }
  const Axis y = count_axis(plot, high * 100);
  const Axis by_share = Axis::linear(0, high * 1.08, y.from_px(), y.to_px());
  plot.add_x_ticks(x.axis, x.ticks, "latency");
  add_count_ticks(plot, y, high * 100, " %");
  Hover hover;
  std::vector<LegendEntry> legend;
  for (std::size_t k = 0; k < record.kinds.size(); ++k) {
    const std::string colour = colour_class(k);
    const auto points = outline_of(shares[k], x.axis, by_share);
    plot.add_area(colour, points);
    plot.add_line(colour, points);
    legend.push_back({record.kinds[k].name, colour});
    hover.series.push_back({record.kinds[k].name, colour, {}, {}});
  }
  for (std::size_t i = 0; i < kBars; ++i) {
    const bool is_used = std::ranges::any_of(shares, [&](const auto& s) { return s[i] > 0; });
    if (!is_used) continue;
    const auto from = static_cast<std::uint64_t>(bar_start(i));
    const auto to = static_cast<std::uint64_t>(bar_start(i + 1));
    hover.x_px.push_back(x.axis.at(bar_start(i) * std::exp2(0.5 / kBarsPerOctave)));
    hover.titles.push_back(latency_text(from) + " to " + latency_text(to));
    for (std::size_t k = 0; k < shares.size(); ++k) {
      hover.series[k].texts.push_back(shares[k][i] > 0 ? share_text(shares[k][i]) : "");
    }
  }
  plot.set_hover(std::move(hover));
  return figure("Distribution of latency",
                "Share of requests in each quarter of an octave, from the intended start.",
                record.kinds.size() > 1 ? legend : std::vector<LegendEntry>{}, plot);
}

}  // namespace hugang::report
