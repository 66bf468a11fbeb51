#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <vector>

#include "clients/load/report/figures.hpp"
#include "clients/load/report/outputs.hpp"

namespace hugang::report {
namespace {

/// RFC 4180: quoted where needed. A text that a spreadsheet would take for a formula gets an
/// apostrophe before it: names of kinds come from files of other people.
std::string csv_text(const std::string& text) {
  std::string safe = text;
  if (!safe.empty() && std::string_view{"=+-@\t\r"}.contains(safe.front())) safe.insert(0, 1, '\'');
  if (safe.find_first_of(",\"\r\n") == std::string::npos) return safe;
  std::string quoted = "\"";
  for (const char c : safe) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

/// Every fifth up to 50, then ten steps for each tenth of what is left above, as the chart's axis
/// has them, and those that people name. Ascending.
std::vector<double> listed_percentiles(std::uint64_t count) {
  std::vector<double> percentiles = supported_percentiles(count);
  std::erase(percentiles, 50.0);
  for (int step = 0; step < 50; step += 5) percentiles.push_back(step);
  constexpr double kTenthRootOfTen = 1.2589254117941673;
  for (double above = 50; above > std::max(100.0 / static_cast<double>(count), 0.001);
       above /= kTenthRootOfTen) {
    percentiles.push_back(100 - above);
  }
  std::ranges::sort(percentiles);
  return percentiles;
}

void write_percentiles(const std::string& kind, const char* clock, const Histogram& histogram,
                       std::ostream& out) {
  if (histogram.is_empty()) return;
  const auto write_line = [&](double percent, std::uint64_t value_ns) {
    out << fmt::format("{},{},{:.7g},{},{}\r\n", csv_text(kind), clock, percent, value_ns,
                       histogram.count_up_to(value_ns));
  };
  for (const double percent : listed_percentiles(histogram.count())) {
    write_line(percent, histogram.percentile_ns(percent));
  }
  write_line(100, histogram.max_ns());
}

}  // namespace

void write_csv_seconds(const RunRecord& record, std::ostream& out) {
  out << "second,intended,offered,completed,transfers_accepted,transfers_refused,errors,"
         "p50_ns,p90_ns,p99_ns,p999_ns,max_ns\r\n";
  for (const Second& s : record.seconds) {
    out << fmt::format("{},{},{},{},{},{},{},", s.second, s.intended, s.offered, s.completed,
                       s.transfers_completed, s.transfers_refused, total(s.errors));
    const Latency& l = s.latency;
    if (l.count == 0) {
      out << ",,,,\r\n";
    } else {
      out << fmt::format("{},{},{},{},{}\r\n", l.p50_ns, l.p90_ns, l.p99_ns, l.p999_ns, l.max_ns);
    }
  }
}

void write_csv_percentiles(const RunRecord& record, std::ostream& out) {
  out << "kind,clock,percentile,value_ns,requests_up_to\r\n";
  for (const OperationKind& kind : record.kinds) {
    write_percentiles(kind.name, "latency", kind.latency, out);
    write_percentiles(kind.name, "service_time", kind.service_time, out);
  }
}

}  // namespace hugang::report
