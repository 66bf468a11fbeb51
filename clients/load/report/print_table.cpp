#include <ostream>

#include "clients/format/time_text.hpp"
#include "clients/hugang/text_width.hpp"
#include "clients/load/report/figures.hpp"
#include "clients/load/report/outputs.hpp"
#include "clients/load/report/quantities.hpp"

namespace hugang::report {
namespace {

using program::Align;
using program::Cell;
using program::Column;
using program::Style;
using program::Table;
using program::Tone;

constexpr std::size_t kLabelWidth = 12;

void print_line(std::ostream& out, const Style& style, std::string_view label,
                const std::string& text, Tone tone = Tone::kPlain) {
  std::string padded{label};
  padded.resize(kLabelWidth, ' ');
  out << "  " << style.paint(Tone::kDim, padded) << style.paint(tone, program::printable(text))
      << '\n';
}

void print_heading(const RunRecord& record, std::ostream& out, const Style& style) {
  const std::string name = record.scenario_name.empty() ? "load run" : record.scenario_name;
  out << style.paint(Tone::kTitle, program::printable(name)) << '\n';
  print_line(out, style, "target", record.target);
  print_line(out, style, "started",
             format::time_text(record.started_at).substr(0, 19) + "Z, measured for " +
                 seconds_text(record.measured_s) + " s, seed " + std::to_string(record.seed));
  for (const Fact& fact : record.scenario_summary) {
    std::string label = program::printable(fact.name);
    if (label.size() + 2 > kLabelWidth) label += "  ";
    print_line(out, style, label, fact.value);
  }
  out << '\n';
}

void print_rates(const RunRecord& record, const Figures& figures, std::ostream& out,
                 const Style& style) {
  const KindFigures& all = figures.all;
  if (figures.is_rate_claimed) {
    std::string rate = rate_text(all.requests_per_s) + " requests";
    if (figures.has_batches) rate = rate_text(all.transfers_per_s) + " transfers in " + rate;
    print_line(out, style, "throughput", rate, Tone::kTitle);
  } else {
    print_line(out, style, "throughput", "not claimed: the client could not offer the load",
               Tone::kBad);
  }
  if (record.honesty.verdict != Verdict::kClosedLoop) {
    print_line(out, style, "offered",
               rate_text(figures.offered_per_s) + " of " + rate_text(figures.intended_per_s) +
                   " intended, late by " + latency_text(record.honesty.lag_p99_ns) + " at p99");
  }
  print_line(out, style, "errors",
             share_text(all.error_share) + " of requests (" + count_text(all.errors) + ")",
             all.errors == 0 ? Tone::kGood : Tone::kBad);
  print_line(out, style, "refused",
             share_text(all.refused_share) + " of transfers (" + count_text(all.refused) + ")");
  if (all.retries != 0) print_line(out, style, "retries", count_text(all.retries));
  print_line(out, style, "client",
             number_text(record.honesty.client_cores_busy) + " of " +
                 std::to_string(record.machine.logical_cores) + " cores busy");
  out << '\n';
}

void add_latency_row(Table& table, const std::string& name, const Histogram& histogram,
                     std::size_t percentile_count) {
  std::vector<Cell> row{Cell{name}, Cell{count_text(histogram.count())}};
  const auto supported = supported_percentiles(histogram.count());
  for (std::size_t i = 0; i < percentile_count; ++i) {
    row.emplace_back(i < supported.size() ? latency_text(histogram.percentile_ns(supported[i]))
                                          : "–");
  }
  row.emplace_back(histogram.is_empty() ? "–" : latency_text(histogram.max_ns()));
  table.add_row(std::move(row));
}

void print_latencies(const RunRecord& record, const Figures& figures, std::ostream& out,
                     const Style& style) {
  const auto percentiles = supported_percentiles(figures.latency.count());
  std::vector<Column> columns{{"latency"}, {"requests", Align::kRight}};
  for (const double p : percentiles) columns.push_back({percentile_name(p), Align::kRight});
  columns.push_back({"max", Align::kRight});
  Table table{std::move(columns)};
  for (const OperationKind& kind : record.kinds) {
    add_latency_row(table, kind.name, kind.latency, percentiles.size());
    add_latency_row(table, "  once sent", kind.service_time, percentiles.size());
  }
  if (record.kinds.size() > 1) {
    table.add_rule();
    add_latency_row(table, "all", figures.latency, percentiles.size());
  }
  table.print(out, style);
  out << style.paint(Tone::kDim,
                     "from the intended start to the durable answer; \"once sent\" leaves out the "
                     "wait before")
      << '\n';
}

void print_codes(const RunRecord& record, std::ostream& out, const Style& style) {
  const CodeCounts refused = all_refused(record);
  const CodeCounts errors = all_errors(record);
  if (refused.empty() && errors.empty()) return;
  out << '\n';
  Table table{{{"not accepted"}, {"what"}, {"count", Align::kRight}}};
  for (const CodeCount& code : errors) {
    table.add_row({Cell{code.code, Tone::kBad}, "requests failed", count_text(code.count)});
  }
  for (const CodeCount& code : refused) {
    table.add_row({Cell{code.code}, "transfers refused", count_text(code.count)});
  }
  table.print(out, style);
}

}  // namespace

void print_table(const RunRecord& record, std::ostream& out, const Style& style) {
  const Figures figures = figures_of(record);
  print_heading(record, out, style);
  print_rates(record, figures, out, style);
  print_latencies(record, figures, out, style);
  print_codes(record, out, style);
  out << '\n';
  for (const std::string& sentence : reservations(record, figures)) {
    out << style.paint(Tone::kWarning, "! " + program::printable(sentence)) << '\n';
  }
  if (figures.is_rate_claimed && !record.honesty.sentence.empty()) {
    out << program::printable(record.honesty.sentence) << '\n';
  }
}

}  // namespace hugang::report
