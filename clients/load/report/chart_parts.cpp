#include "clients/load/report/chart_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "clearing/base/check.hpp"
#include "clients/load/report/markup.hpp"
#include "clients/load/report/quantities.hpp"

namespace hugang::report {
namespace {

/// "200 µs", "1 ms", "10 s": a tick's latency is a round number.
std::string tick_text(double ns) {
  constexpr std::pair<double, const char*> kUnits[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "µs"}};
  for (const auto& [size, unit] : kUnits) {
    if (ns >= size * 0.999) return fmt::format("{:g} {}", std::round(ns / size), unit);
  }
  return fmt::format("{:g} ns", std::round(ns));
}

/// "0", "500", "20,000", "1.2 M".
std::string short_count(double value, const std::string& unit) {
  std::string text = "0";
  if (value >= 1e6) {
    text = fmt::format("{:g} M", std::round(value / 1e4) / 100);
  } else if (value >= 10) {
    text = number_text(std::round(value));
    if (value < 100) text = fmt::format("{:g}", std::round(value));
  } else if (value > 0) {
    text = fmt::format("{:g}", value);
  }
  return text + unit;
}

double end_of(const std::vector<Column>& columns) {
  return static_cast<double>(columns.back().from_s) + columns.back().seconds;
}

}  // namespace

std::string figure(const std::string& title, const std::string& sentence,
                   const std::vector<LegendEntry>& legend, const Plot& plot) {
  std::string html =
      "<figure>\n<figcaption><h3>" + html_text(title) + "</h3><p>" + html_text(sentence) + "</p>";
  if (!legend.empty()) {
    html += "<ul class=\"legend\">";
    for (const LegendEntry& entry : legend) {
      html += fmt::format(
          "<li><svg class=\"key\" viewBox=\"0 0 22 8\" aria-hidden=\"true\"><path class=\"line "
          "{}\" d=\"M1 4H21\"/></svg>{}</li>",
          entry.css_class, html_text(entry.name));
    }
    html += "</ul>";
  }
  return html + "</figcaption>\n<div class=\"scroll\">" + plot.html() + "</div></figure>\n";
}

Axis time_axis(const std::vector<Column>& columns) {
  HG_CHECK(!columns.empty());
  return Axis::linear(columns.front().from_s, end_of(columns), Plot::kLeft,
                      Plot::kWidth - Plot::kRight);
}

void add_time_ticks(Plot& plot, const Axis& axis, const std::vector<Column>& columns) {
  const double from = columns.front().from_s;
  const double to = end_of(columns);
  // Steps that people count time in.
  double step = 86'400;
  for (const double s : {1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21'600}) {
    if ((to - from) / s <= 12) {
      step = s;
      break;
    }
  }
  std::vector<Tick> ticks;
  for (double at = std::ceil(from / step) * step; at <= to; at += step) {
    const std::string label = step < 60 && to < 600
                                  ? fmt::format("{:g}", at)
                                  : elapsed_text(static_cast<std::uint32_t>(std::llround(at)));
    ticks.push_back({at, label});
  }
  plot.add_x_ticks(axis, ticks,
                   step < 60 && to < 600 ? "seconds since the start" : "since the start");
}

Hover time_hover(const Axis& axis, const std::vector<Column>& columns) {
  Hover hover;
  for (const Column& column : columns) {
    hover.x_px.push_back(axis.at(column.from_s + (column.seconds / 2.0)));
    hover.titles.push_back(place_text(column));
  }
  return hover;
}

LatencyAxis latency_axis(std::uint64_t low_ns, std::uint64_t high_ns, double from_px,
                         double to_px) {
  const double low = std::max(1.0, static_cast<double>(low_ns)) * 0.85;
  const double high = std::max(static_cast<double>(high_ns) * 1.15, low * 2);
  LatencyAxis found{Axis::logarithmic(low, high, from_px, to_px), {}};
  const bool is_narrow = high / low < 60;
  for (double decade = 1; decade <= high; decade *= 10) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      if (factor != 1.0 && !is_narrow) continue;
      const double value = decade * factor;
      if (value >= low && value <= high) found.ticks.push_back({value, tick_text(value)});
    }
  }
  return found;
}

Axis count_axis(const Plot& plot, double high) {
  return Axis::linear(0, high > 0 ? high * 1.08 : 1, plot.height() - Plot::kBottom, Plot::kTop);
}

void add_count_ticks(Plot& plot, const Axis& axis, double high, const std::string& unit) {
  std::vector<Tick> ticks;
  for (const double value : round_steps(0, high > 0 ? high * 1.08 : 1, 5)) {
    ticks.push_back({value, short_count(value, unit)});
  }
  plot.add_y_ticks(axis, ticks);
}

std::string colour_class(std::size_t index) { return fmt::format("k{}", index % 6); }

}  // namespace hugang::report
