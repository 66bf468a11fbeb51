#include <cmath>
#include <nlohmann/json.hpp>
#include <ostream>

#include "clients/hugang/text_width.hpp"
#include "clients/load/report/comparison.hpp"
#include "clients/load/report/comparison_words.hpp"
#include "clients/load/report/quantities.hpp"

namespace hugang::report {
namespace {

using program::Align;
using program::Cell;
using program::Tone;

std::string value_text(const Measure& measure, double value) {
  switch (measure.unit) {
    case Unit::kPerSecond:
      return rate_text(value);
    case Unit::kNanoseconds:
      return value > 0 ? latency_text(static_cast<std::uint64_t>(std::llround(value))) : "–";
    case Unit::kShare:
      return share_text(value);
  }
  return {};
}

Tone tone_of(Finding finding) {
  switch (finding) {
    case Finding::kBetter:
      return Tone::kGood;
    case Finding::kWorse:
      return Tone::kBad;
    case Finding::kNoDifference:
      return Tone::kPlain;
    case Finding::kTooLittleData:
      return Tone::kDim;
  }
  return Tone::kPlain;
}

std::string side_title(const char* side, std::size_t runs) {
  return runs == 1 ? std::string{side} : std::string{side} + " (" + std::to_string(runs) + " runs)";
}

}  // namespace

void print_comparison(const Comparison& comparison, std::ostream& out,
                      const program::Style& style) {
  program::Table table{{{"measure"},
                        {side_title("A", comparison.runs_a), Align::kRight},
                        {side_title("B", comparison.runs_b), Align::kRight},
                        {"B against A"}}};
  for (const Measure& measure : comparison.measures) {
    table.add_row({Cell{measure.name}, Cell{value_text(measure, measure.a)},
                   Cell{value_text(measure, measure.b)},
                   Cell{measure.sentence, tone_of(measure.finding)}});
  }
  table.print(out, style);
  if (!comparison.warnings.empty()) out << '\n';
  for (const std::string& warning : comparison.warnings) {
    out << style.paint(Tone::kWarning, "! " + program::printable(warning)) << '\n';
  }
}

void write_comparison_json(const Comparison& comparison, std::ostream& out) {
  using Json = nlohmann::ordered_json;
  Json measures = Json::array();
  for (const Measure& measure : comparison.measures) {
    Json line{{"name", measure.name}, {"unit", word_of(measure.unit)}};
    line["finding"] = word_of(measure.finding);
    line["sentence"] = measure.sentence;
    line["a"] = measure.a;
    line["b"] = measure.b;
    if (measure.finding != Finding::kTooLittleData) {
      line["change"] = measure.change;
      line["low"] = measure.low;
      line["high"] = measure.high;
    }
    measures.push_back(std::move(line));
  }
  const Json document{{"schema", "hugang-load-comparison"}, {"schema_version", 1},
                      {"runs_a", comparison.runs_a},        {"runs_b", comparison.runs_b},
                      {"measures", std::move(measures)},    {"warnings", comparison.warnings}};
  out << document.dump(1, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace hugang::report
