#include "clients/load/report/comparison_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "clients/load/report/quantities.hpp"

namespace hugang::report {
namespace {

using Records = std::span<const RunRecord>;

/// Two digits that mean something: "0.35", "3.2", "12", "1,200".
std::string percent_number(double value) {
  const double size = std::abs(value) * 100;
  if (size >= 9.95) return count_text(static_cast<std::uint64_t>(std::llround(size)));
  return fmt::format("{:.{}f}", size, size >= 0.995 ? 1 : 2);
}

/// All different values of one field on both sides.
std::set<std::string> values_of(Records a, Records b,
                                const std::function<std::string(const RunRecord&)>& field) {
  std::set<std::string> values;
  for (const RunRecord& record : a) values.insert(field(record));
  for (const RunRecord& record : b) values.insert(field(record));
  return values;
}

std::string machine_text(const RunRecord& record) {
  const Machine& machine = record.machine;
  return fmt::format("{}, {} cores, {}, {}", machine.cpu_model, machine.logical_cores,
                     memory_text(machine.memory_bytes), machine.kernel);
}

void add_differing_settings(Records a, Records b, std::vector<std::string>& sentences) {
  const auto compare = [&](const char* what, const auto& field, bool are_values_named) {
    const auto values = values_of(a, b, field);
    if (values.size() < 2) return;
    std::string sentence = fmt::format("The {} differ", what);
    const char* separator = ": ";
    for (const std::string& value : values) {
      if (!are_values_named) break;
      sentence += separator + value;
      separator = "; ";
    }
    sentences.push_back(sentence + ".");
  };
  compare("machines", machine_text, true);
  compare("scenarios", [](const RunRecord& r) { return r.scenario_text; }, false);
  compare("seeds", [](const RunRecord& r) { return std::to_string(r.seed); }, true);
  compare("versions of hugang-load", [](const RunRecord& r) { return r.program_version; }, true);
  const auto servers = [](const RunRecord& r) {
    std::string versions;
    for (const ServerStatus& server : r.servers) {
      versions += (versions.empty() ? "" : " and ") + server.version;
    }
    return versions.empty() ? "not known" : versions;
  };
  compare("versions of the nodes", servers, true);
}

void add_own_doubts(Records records, const char* side, std::vector<std::string>& sentences) {
  for (std::size_t i = 0; i < records.size(); ++i) {
    const RunRecord& record = records[i];
    const std::string which =
        records.size() == 1 ? std::string{side} : fmt::format("{} (run {})", side, i + 1);
    if (record.honesty.verdict == Verdict::kClientTooSlow) {
      sentences.push_back(which + ": the client was too slow to offer the load; its rates and " +
                          "latencies say little about the server.");
    }
    if (record.ending != Ending::kComplete)
      sentences.push_back(which + ": the run did not end well.");
  }
}

void add_lone_kinds(Records a, Records b, std::vector<std::string>& sentences) {
  const auto kinds_of = [](Records records) {
    std::set<std::string> kinds;
    for (const RunRecord& record : records) {
      for (const OperationKind& kind : record.kinds) kinds.insert(kind.name);
    }
    return kinds;
  };
  const auto in_a = kinds_of(a);
  const auto in_b = kinds_of(b);
  for (const std::string& kind : in_a) {
    if (!in_b.contains(kind)) sentences.push_back("Only A has requests of kind \"" + kind + "\".");
  }
  for (const std::string& kind : in_b) {
    if (!in_a.contains(kind)) sentences.push_back("Only B has requests of kind \"" + kind + "\".");
  }
}

}  // namespace

std::string finding_text(const Measure& measure) {
  const bool is_share = measure.unit == Unit::kShare;
  const char* unit = is_share ? "points" : "%";
  if (measure.finding == Finding::kNoDifference) {
    const double half = std::max(measure.high - measure.change, measure.change - measure.low);
    return fmt::format("no difference beyond noise (±{} {})", percent_number(half), unit);
  }
  const bool is_more = measure.change > 0;
  const char* word = nullptr;
  switch (measure.unit) {
    case Unit::kPerSecond:
      word = is_more ? "higher" : "lower";
      break;
    case Unit::kNanoseconds:
      word = is_more ? "slower" : "faster";
      break;
    case Unit::kShare:
      word = is_more ? "more" : "fewer";
      break;
  }
  const double near = is_more ? measure.low : measure.high;
  const double far = is_more ? measure.high : measure.low;
  return fmt::format("{} by {} {} ({}..{} {})", word, percent_number(measure.change), unit,
                     percent_number(near), percent_number(far), unit);
}

std::vector<std::string> doubts(Records a, Records b) {
  std::vector<std::string> sentences;
  add_differing_settings(a, b, sentences);
  add_own_doubts(a, "A", sentences);
  add_own_doubts(b, "B", sentences);
  add_lone_kinds(a, b, sentences);
  if (a.size() < 2 || b.size() < 2) {
    sentences.emplace_back(
        "With one run on a side, what differs from run to run cannot be seen: repeat each side "
        "three times or more to be sure.");
  }
  return sentences;
}

std::string_view word_of(Finding finding) {
  switch (finding) {
    case Finding::kNoDifference:
      return "no-difference";
    case Finding::kBetter:
      return "better";
    case Finding::kWorse:
      return "worse";
    case Finding::kTooLittleData:
      return "too-little-data";
  }
  return "";
}

std::string_view word_of(Unit unit) {
  switch (unit) {
    case Unit::kPerSecond:
      return "per-second";
    case Unit::kNanoseconds:
      return "ns";
    case Unit::kShare:
      return "share";
  }
  return "";
}

}  // namespace hugang::report
