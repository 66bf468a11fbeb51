#include "clients/load/report/page_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "clients/load/report/markup.hpp"
#include "clients/load/report/quantities.hpp"
#include "clients/load/report/timeline.hpp"

namespace hugang::report {
namespace {

using Texts = std::vector<std::string>;

/// A row whose first cell names it.
std::string row(const Texts& cells, const char* css_class = "") {
  std::string html = *css_class == '\0' ? "<tr>" : fmt::format("<tr class=\"{}\">", css_class);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    html += i == 0 ? "<th scope=\"row\">" : "<td>";
    html += html_text(cells[i]);
    html += i == 0 ? "</th>" : "</td>";
  }
  return html + "</tr>\n";
}

std::string head(const Texts& titles) {
  std::string html = "<thead><tr>";
  for (const std::string& title : titles) {
    html += "<th scope=\"col\">" + html_text(title) + "</th>";
  }
  return html + "</tr></thead>\n";
}

std::string table(const std::string& head_html, const std::string& rows,
                  const std::string& css_class = "numbers") {
  return "<div class=\"card scroll\"><table class=\"" + css_class + "\">\n" + head_html +
         "<tbody>\n" + rows + "</tbody></table></div>\n";
}

std::string facts_table(const std::string& title, const std::vector<Fact>& facts) {
  std::string rows;
  for (const Fact& fact : facts) rows += row({fact.name, fact.value});
  return "<div class=\"card\"><h3>" + html_text(title) + "</h3><table class=\"facts\"><tbody>\n" +
         rows + "</tbody></table></div>\n";
}

Texts percentile_row(const std::string& name, const Histogram& histogram, std::size_t columns) {
  Texts cells{name, count_text(histogram.count())};
  const auto supported = supported_percentiles(histogram.count());
  for (std::size_t i = 0; i < columns; ++i) {
    cells.push_back(i < supported.size() ? latency_text(histogram.percentile_ns(supported[i]))
                                         : "–");
  }
  cells.push_back(histogram.is_empty() ? "–" : latency_text(histogram.max_ns()));
  return cells;
}

std::string server_table(const ServerStatus& server) {
  std::string rows;
  for (const Fact& before : server.before) {
    const auto after = std::ranges::find(server.after, before.name, &Fact::name);
    rows += row({before.name, before.value, after == server.after.end() ? "–" : after->value});
  }
  for (const Fact& after : server.after) {
    if (std::ranges::find(server.before, after.name, &Fact::name) == server.before.end()) {
      rows += row({after.name, "–", after.value});
    }
  }
  return "<div class=\"card scroll\"><h3>" + html_text(server.node) + "</h3><p>hugangd " +
         html_text(server.version) + "</p><table>" + head({"", "before", "after"}) + "<tbody>\n" +
         rows + "</tbody></table></div>\n";
}

std::vector<Fact> honesty_facts(const RunRecord& record) {
  const Honesty& honesty = record.honesty;
  std::vector<Fact> facts;
  if (honesty.verdict != Verdict::kClosedLoop) {
    facts.push_back({"Requests intended", count_text(honesty.requests_intended)});
  }
  facts.push_back({"Requests sent", count_text(honesty.requests_offered)});
  if (honesty.verdict != Verdict::kClosedLoop) {
    facts.push_back({"Sent late by", latency_text(honesty.lag_p50_ns) + " at p50, " +
                                         latency_text(honesty.lag_p99_ns) + " at p99, " +
                                         latency_text(honesty.lag_p999_ns) + " at p99.9, at most " +
                                         latency_text(honesty.lag_max_ns)});
  }
  facts.push_back({"Cores kept busy", number_text(honesty.client_cores_busy) + " of " +
                                          std::to_string(record.machine.logical_cores)});
  return facts;
}

}  // namespace

std::string percentile_table(const RunRecord& record, const Figures& figures) {
  const auto percentiles = supported_percentiles(figures.latency.count());
  Texts titles{"", "requests"};
  for (const double percent : percentiles) titles.push_back(percentile_name(percent));
  titles.emplace_back("largest");
  std::string rows;
  for (const OperationKind& kind : record.kinds) {
    rows += row(percentile_row(kind.name, kind.latency, percentiles.size()));
    rows += row(percentile_row("once sent", kind.service_time, percentiles.size()), "quiet");
  }
  if (record.kinds.size() > 1) {
    rows += row(percentile_row("all", figures.latency, percentiles.size()));
  }
  return table(head(titles), rows);
}

std::string outcome_tables(const RunRecord& record, const Figures& figures) {
  std::string rows;
  const auto add = [&](const KindFigures& kind) {
    const bool is_claimed = figures.is_rate_claimed;
    rows += row({kind.name, count_text(kind.requests),
                 is_claimed ? rate_text(kind.requests_per_s) : "–", count_text(kind.transfers),
                 is_claimed ? rate_text(kind.transfers_per_s) : "–",
                 fmt::format("{} ({})", count_text(kind.refused), share_text(kind.refused_share)),
                 fmt::format("{} ({})", count_text(kind.errors), share_text(kind.error_share)),
                 count_text(kind.retries)});
  };
  for (const KindFigures& kind : figures.kinds) add(kind);
  if (figures.kinds.size() > 1) add(figures.all);
  std::string html = table(head({"", "requests answered", "a second", "transfers accepted",
                                 "a second", "refused", "errors", "retries"}),
                           rows);
  std::string codes;
  const auto add_codes = [&](const CodeCounts& counts, const char* what) {
    for (const CodeCount& code : counts) codes += row({code.code, what, count_text(code.count)});
  };
  add_codes(all_errors(record), "requests failed");
  add_codes(all_refused(record), "transfers refused");
  if (!codes.empty()) html += table(head({"code", "what", "count"}), codes, "words");
  return html;
}

std::string run_tables(const RunRecord& record) {
  std::vector<Fact> scenario = record.scenario_summary;
  scenario.push_back({"Seed", std::to_string(record.seed)});
  for (const Phase& phase : record.phases) {
    scenario.push_back(
        {"Phase " + phase.name, fmt::format("{:g} s to {:g} s{}", phase.from_s, phase.to_s,
                                            phase.is_measured ? "" : ", not measured")});
  }
  std::string html = "<div class=\"columns\">\n" + facts_table("Scenario", scenario);
  html += facts_table("Client", honesty_facts(record));
  const Machine& machine = record.machine;
  html += facts_table("Machine of the client", {{"Processor", machine.cpu_model},
                                                {"Cores", std::to_string(machine.logical_cores)},
                                                {"Memory", memory_text(machine.memory_bytes)},
                                                {"Kernel", machine.kernel}});
  for (const ServerStatus& server : record.servers) html += server_table(server);
  html += "</div>\n";
  if (!record.scenario_text.empty()) {
    html += "<details><summary>The scenario's text</summary><pre>" +
            html_text(record.scenario_text) + "</pre></details>\n";
  }
  return html;
}

std::string seconds_table(const RunRecord& record) {
  std::string rows;
  const auto columns = columns_of(record.seconds);
  for (const Column& column : columns) {
    const Latency& latency = column.latency;
    const auto shown = [&](std::uint64_t ns) {
      return latency.count == 0 ? std::string{"–"} : latency_text(ns);
    };
    rows += row({place_text(column), rate_text(column.intended), rate_text(column.offered),
                 rate_text(column.completed), rate_text(column.transfers),
                 count_text(total(column.refused)), count_text(total(column.errors)),
                 shown(latency.p50_ns), shown(latency.p90_ns), shown(latency.p99_ns),
                 shown(latency.p999_ns), shown(latency.max_ns)});
  }
  return "<details class=\"all-seconds\"><summary>The values of the charts over time</summary>\n" +
         table(head({"when", "intended", "offered", "completed", "accepted", "refused", "errors",
                     "p50", "p90", "p99", "p99.9", "largest"}),
               rows) +
         "</details>\n";
}

}  // namespace hugang::report
