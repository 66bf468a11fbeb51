#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "clients/load/report/chart_parts.hpp"
#include "clients/load/report/charts.hpp"
#include "clients/load/report/quantities.hpp"

namespace hugang::report {
namespace {

constexpr double kTallPlot = 340;
constexpr double kPlot = 230;
constexpr double kLowPlot = 170;

/// One value of each column as a line, and what the pointer says of it.
struct Track {
  std::string name;
  std::string css_class;
  double Column::* value;
};

double left_of(const Axis& x, const Column& column) { return x.at(column.from_s); }
double width_of(const Axis& x, const Column& column) {
  return x.at(column.from_s + column.seconds) - x.at(column.from_s);
}

/// Cells of an eighth of an octave, in five shades by how many requests of the column they hold.
void add_density(Plot& plot, const Axis& x, const Axis& y, const std::vector<Column>& columns) {
  using Cell = LogLinear<3>;
  std::array<std::vector<Plot::Box>, 5> shades;
  for (const Column& column : columns) {
    std::map<std::size_t, std::uint64_t> cells;
    for (const Slot& slot : column.latency.outline) {
      cells[Cell::index_of(slot.lower_ns)] += slot.count;
    }
    for (const auto& [index, count] : cells) {
      const auto lower = static_cast<double>(Cell::lower_of(index));
      const auto upper = static_cast<double>(Cell::upper_of(index)) + 1;
      // By how many octaves the cell spans: within an octave cells are equal on a linear scale.
      const double octaves = std::log2(upper / std::max(lower, 0.5));
      const double share =
          static_cast<double>(count) / static_cast<double>(column.latency.count) / (octaves * 8);
      // One shade for each factor of four below 40 %.
      const double steps = std::log(0.4 / share) / std::log(4.0);
      const auto shade = static_cast<std::size_t>(std::clamp(4 - std::floor(steps), 0.0, 4.0));
      const double top = y.at(upper);
      const double bottom = y.at(lower);
      shades[shade].push_back({left_of(x, column), top, width_of(x, column), bottom - top});
    }
  }
  for (std::size_t i = 0; i < shades.size(); ++i) {
    plot.add_boxes(fmt::format("heat h{}", i + 1), shades[i]);
  }
}

void add_silences(Plot& plot, const Axis& x, const std::vector<Column>& columns) {
  std::vector<Plot::Box> boxes;
  for (const Column& column : columns) {
    if (column.latency.count != 0) continue;
    boxes.push_back({left_of(x, column), Plot::kTop, width_of(x, column),
                     plot.height() - Plot::kBottom - Plot::kTop});
  }
  plot.add_boxes("silence", boxes);
}

std::string lines_chart(Plot plot, const std::vector<Column>& columns,
                        const std::vector<Track>& tracks, const std::string& title,
                        const std::string& sentence) {
  const Axis x = time_axis(columns);
  double high = 0;
  for (const Track& track : tracks) {
    for (const Column& column : columns) high = std::max(high, column.*track.value);
  }
  const Axis y = count_axis(plot, high);
  add_time_ticks(plot, x, columns);
  add_count_ticks(plot, y, high, "");
  Hover hover = time_hover(x, columns);
  std::vector<LegendEntry> legend;
  for (const Track& track : tracks) {
    std::vector<Point> points;
    HoverSeries series{track.name, track.css_class, {}, {}};
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const double value = columns[i].*track.value;
      points.push_back({hover.x_px[i], y.at(value)});
      series.texts.push_back(rate_text(value));
      series.y_px.emplace_back(y.at(value));
    }
    if (&track == &tracks.back()) plot.add_area(track.css_class, points);
    plot.add_line(track.css_class, points);
    legend.push_back({track.name, track.css_class});
    hover.series.push_back(std::move(series));
  }
  plot.set_hover(std::move(hover));
  return figure(title, sentence, legend, plot);
}

/// The most frequent codes, at most five, the last of them "other" when there are more.
std::vector<std::string> shown_codes(const std::vector<Column>& columns,
                                     CodeCounts Column::* codes) {
  CodeCounts sum;
  for (const Column& column : columns) {
    for (const CodeCount& code : column.*codes) add_code(sum, code.code, code.count);
  }
  std::ranges::stable_sort(sum, std::ranges::greater{}, &CodeCount::count);
  std::vector<std::string> names;
  for (const CodeCount& code : sum) names.push_back(code.code);
  if (names.size() > 5) {
    names.resize(4);
    names.emplace_back("other");
  }
  return names;
}

/// How many of one column each shown code has, per second.
std::vector<double> rates_of(const Column& column, const CodeCounts& counts,
                             const std::vector<std::string>& names) {
  std::vector<double> rates(names.size());
  for (const CodeCount& code : counts) {
    const auto place = std::ranges::find(names, code.code);
    const auto index =
        place == names.end() ? names.size() - 1 : static_cast<std::size_t>(place - names.begin());
    rates[index] += static_cast<double>(code.count) / column.seconds;
  }
  return rates;
}

std::string codes_chart(Plot plot, const std::vector<Column>& columns, CodeCounts Column::* codes,
                        const std::string& title, const std::string& sentence) {
  const auto names = shown_codes(columns, codes);
  if (names.empty()) return {};
  const Axis x = time_axis(columns);
  double high = 0;
  for (const Column& column : columns) {
    high = std::max(high, static_cast<double>(total(column.*codes)) / column.seconds);
  }
  const Axis y = count_axis(plot, high);
  add_time_ticks(plot, x, columns);
  add_count_ticks(plot, y, high, "");
  Hover hover = time_hover(x, columns);
  std::vector<LegendEntry> legend;
  std::vector<std::vector<Plot::Box>> boxes(names.size());
  for (std::size_t k = 0; k < names.size(); ++k) {
    const std::string css_class = "bar " + colour_class(k);
    legend.push_back({names[k], css_class});
    hover.series.push_back({names[k], css_class, {}, {}});
  }
  for (const Column& column : columns) {
    const auto rates = rates_of(column, column.*codes, names);
    double below = 0;
    for (std::size_t k = 0; k < names.size(); ++k) {
      hover.series[k].texts.push_back(rates[k] > 0 ? rate_text(rates[k]) : "");
      if (!(rates[k] > 0)) continue;
      const double top = y.at(below + rates[k]);
      const double bottom = y.at(below);
      boxes[k].push_back({left_of(x, column), top, std::max(width_of(x, column) * 0.9, 0.5),
                          std::max(bottom - top, 0.8)});
      below += rates[k];
    }
  }
  for (std::size_t k = 0; k < names.size(); ++k) {
    plot.add_boxes("bar " + colour_class(k), boxes[k]);
  }
  plot.set_hover(std::move(hover));
  return figure(title, sentence, legend, plot);
}

}  // namespace

std::string latency_chart(const std::vector<Column>& columns) {
  Plot plot{"latency", kTallPlot,
            "Latency over time: p50, p99, p99.9 and the largest of each moment, logarithmic. The "
            "values are in the table of all seconds."};
  const Axis x = time_axis(columns);
  std::uint64_t low = UINT64_MAX;
  std::uint64_t high = 0;
  for (const Column& column : columns) {
    if (column.latency.count == 0) continue;
    low = std::min(low, column.latency.outline.front().lower_ns);
    high = std::max(high, column.latency.max_ns);
  }
  const auto y = latency_axis(std::min(low, high), high, plot.height() - Plot::kBottom, Plot::kTop);
  add_silences(plot, x, columns);
  add_density(plot, x, y.axis, columns);
  add_time_ticks(plot, x, columns);
  plot.add_y_ticks(y.axis, y.ticks);
  Hover hover = time_hover(x, columns);
  const std::pair<const char*, std::pair<const char*, std::uint64_t Latency::*>> tracks[] = {
      {"p50", {"p50", &Latency::p50_ns}},
      {"p99", {"p99", &Latency::p99_ns}},
      {"p99.9", {"p999", &Latency::p999_ns}},
      {"largest", {"max", &Latency::max_ns}}};
  std::vector<LegendEntry> legend;
  for (const auto& [name, track] : tracks) {
    const auto& [css_class, member] = track;
    std::vector<Point> points;
    HoverSeries series{name, css_class, {}, {}};
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const Latency& latency = columns[i].latency;
      std::optional<double> at;
      if (latency.count != 0) at = y.axis.at(static_cast<double>(latency.*member));
      points.push_back({hover.x_px[i], at});
      series.texts.push_back(at ? latency_text(latency.*member) : "no answer");
      series.y_px.push_back(at);
    }
    plot.add_line(css_class, points);
    legend.push_back({name, css_class});
    hover.series.insert(hover.series.begin(), std::move(series));
  }
  plot.set_hover(std::move(hover));
  return figure("Latency over time",
                "From the intended start to the durable answer, by the second of the answer. The "
                "shade shows where all requests lie; in a red band nothing was answered.",
                legend, plot);
}

std::string throughput_chart(const std::vector<Column>& columns, bool is_closed_loop) {
  std::vector<Track> tracks;
  if (!is_closed_loop) tracks.push_back({"intended", "intended", &Column::intended});
  tracks.push_back({"offered", "offered", &Column::offered});
  tracks.push_back({"completed", "completed", &Column::completed});
  return lines_chart(Plot{"throughput", kPlot,
                          "Requests a second over time: intended, offered and completed. The "
                          "values are in the table of all seconds."},
                     columns, tracks, "Throughput",
                     is_closed_loop
                         ? "Requests a second: sent, and answered."
                         : "Requests a second: as the scenario wanted, as sent, and as answered.");
}

std::string transfers_chart(const std::vector<Column>& columns) {
  return lines_chart(Plot{"transfers", kPlot,
                          "Transfers accepted a second over time. The values are in the table of "
                          "all seconds."},
                     columns, {{"accepted", "completed", &Column::transfers}}, "Transfers",
                     "Transfers accepted and durable, a second.");
}

std::string errors_chart(const std::vector<Column>& columns) {
  return codes_chart(Plot{"errors", kLowPlot, "Failed requests a second over time, by status."},
                     columns, &Column::errors, "Errors",
                     "Requests without a valid answer, a second, by status.");
}

std::string refusals_chart(const std::vector<Column>& columns) {
  return codes_chart(
      Plot{"refusals", kLowPlot, "Refused transfers a second over time, by reason."}, columns,
      &Column::refused, "Refusals",
      "Transfers refused by a rule of the ledger, a second, by reason: answers, not failures.");
}

}  // namespace hugang::report
