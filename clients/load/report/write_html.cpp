#include <fmt/format.h>

#include <ostream>

#include "clients/format/time_text.hpp"
#include "clients/load/report/charts.hpp"
#include "clients/load/report/figures.hpp"
#include "clients/load/report/markup.hpp"
#include "clients/load/report/outputs.hpp"
#include "clients/load/report/page_parts.hpp"
#include "clients/load/report/page_tables.hpp"
#include "clients/load/report/quantities.hpp"

namespace hugang::report {
namespace {

std::string title_of(const RunRecord& record) {
  return record.scenario_name.empty() ? std::string{"load run"} : record.scenario_name;
}

std::string heading(const RunRecord& record) {
  return fmt::format(
      "<header><p class=\"brand\">hugang-load {}</p>\n<h1>{}</h1>\n"
      "<p>{} &middot; measured for {} s &middot; against {}</p></header>\n",
      html_text(record.program_version), html_text(title_of(record)),
      html_text(format::time_text(record.started_at).substr(0, 19) + "Z"),
      seconds_text(record.measured_s), html_text(record.target));
}

std::string verdict(const RunRecord& record, const Figures& figures) {
  std::string html = "<ul class=\"verdict\">\n";
  for (const std::string& sentence : reservations(record, figures)) {
    html += "<li class=\"doubt\">" + html_text(sentence) + "</li>\n";
  }
  if (figures.is_rate_claimed && !record.honesty.sentence.empty()) {
    html += "<li>" + html_text(record.honesty.sentence) + "</li>\n";
  }
  return html + "</ul>\n";
}

std::string tile(const std::string& name, const std::string& value, const std::string& note,
                 bool is_bad = false) {
  return fmt::format("<div{}><dt>{}</dt><dd>{}<small>{}</small></dd></div>\n",
                     is_bad ? " class=\"bad\"" : "", html_text(name), html_text(value),
                     html_text(note));
}

std::string tiles(const Figures& figures) {
  const KindFigures& all = figures.all;
  std::string html = "<dl class=\"tiles\">\n";
  if (!figures.is_rate_claimed) {
    html += tile("Throughput", "not claimed", "the client was too slow", true);
  } else if (figures.has_batches) {
    html += tile("Transfers", rate_text(all.transfers_per_s),
                 "in " + rate_text(all.requests_per_s) + " requests");
  } else {
    html += tile("Requests", rate_text(all.requests_per_s), count_text(all.requests) + " in all");
  }
  const Histogram& latency = figures.latency;
  for (const double percent : supported_percentiles(latency.count())) {
    if (percent == 90 || percent > 99.9) continue;
    html += tile(percentile_name(percent), latency_text(latency.percentile_ns(percent)), "latency");
  }
  if (!latency.is_empty()) {
    html += tile("largest", latency_text(latency.max_ns()), "latency");
  }
  html += tile("Errors", share_text(all.error_share), count_text(all.errors) + " requests",
               all.errors != 0);
  return html + "</dl>\n";
}

std::string charts(const RunRecord& record, const Figures& figures) {
  const auto columns = columns_of(record.seconds);
  std::string html = "<h2>Over time</h2>\n";
  if (columns.empty()) return html + "<p>No second was measured.</p>\n";
  html += latency_chart(columns);
  html += throughput_chart(columns, record.honesty.verdict == Verdict::kClosedLoop);
  if (figures.has_batches) html += transfers_chart(columns);
  const std::string errors = errors_chart(columns);
  const std::string refusals = refusals_chart(columns);
  html += errors + refusals;
  if (errors.empty()) html += "<p>No request failed.</p>\n";
  if (refusals.empty()) html += "<p>No transfer was refused.</p>\n";
  html += "<h2>Latency in detail</h2>\n";
  if (figures.latency.is_empty()) return html + "<p>No request was answered.</p>\n";
  html += percentile_table(record, figures);
  html += percentile_chart(record);
  html += distribution_chart(record);
  return html;
}

}  // namespace

void write_html(const RunRecord& record, std::ostream& out) {
  const Figures figures = figures_of(record);
  out << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         // Nothing may be fetched, whatever a text from outside would like.
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
         "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n"
      << "<title>" << html_text(title_of(record)) << " – hugang-load</title>\n<style>\n"
      << kPageStyle << "</style>\n</head>\n<body>\n<main>\n";
  out << heading(record) << verdict(record, figures) << tiles(figures);
  out << charts(record, figures);
  out << "<h2>Outcomes</h2>\n" << outcome_tables(record, figures);
  out << "<h2>The run</h2>\n" << run_tables(record);
  out << "<h2>Data</h2>\n" << seconds_table(record);
  out << "<footer><p>Latency runs from the moment at which the scenario wanted a request to go "
         "out, "
         "so that a server that stalls cannot hide it. Percentiles are the upper ends of buckets "
         "of 1/256: never too small, at most 0.4 % too large.</p></footer>\n"
         "</main>\n<div id=\"tip\" role=\"status\" hidden></div>\n<script>\n"
      << kPageScript << "</script>\n</body>\n</html>\n";
}

}  // namespace hugang::report
