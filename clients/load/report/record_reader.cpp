#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

#include "clients/format/time_text.hpp"
#include "clients/load/report/json_fields.hpp"
#include "clients/load/report/record_json.hpp"
#include "clients/load/report/record_words.hpp"

namespace hugang::report {
namespace {

using nlohmann::json;

// Far above what a run can reach, and far below where sums of what is read would wrap.
constexpr std::uint64_t kCountMax = 1'000'000'000'000'000;
constexpr std::uint64_t kNsMax = std::uint64_t{1} << 62;
constexpr std::uint64_t kSecondsMax = 31 * 86'400;
constexpr std::size_t kFactsMax = 1000;
constexpr std::size_t kKindsMax = 100;
constexpr std::size_t kCodesMax = 1000;
constexpr std::size_t kScenarioBytesMax = std::size_t{1} << 20;

std::vector<Fact> facts_of(const JsonFields& fields, const char* name) {
  std::vector<Fact> facts;
  for (const JsonFields& item : fields.objects(name, kFactsMax)) {
    facts.push_back({item.text("name"), item.text("value")});
  }
  return facts;
}

CodeCounts codes_of(const JsonFields& fields, const char* name) {
  CodeCounts counts;
  for (auto& [code, count] : fields.tallies(name, kCodesMax, kCountMax)) {
    counts.push_back({std::move(code), count});
  }
  return counts;
}

template <class Scale>
std::vector<Slot> slots_of(const JsonFields& fields, const char* name) {
  const auto numbers = fields.wholes(name, 2 * Scale::kBuckets, kNsMax);
  if (numbers.size() % 2 != 0) fields.complain(name, "must hold pairs of lower end and count");
  std::vector<Slot> slots;
  for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) {
    slots.push_back({numbers[i], numbers[i + 1]});
  }
  return slots;
}

Histogram histogram_of(const JsonFields& fields) {
  const auto slots = slots_of<Histogram::Scale>(fields, "buckets");
  auto histogram =
      Histogram::restored(slots, {.min_ns = fields.whole("min_ns", kNsMax),
                                  .max_ns = fields.whole("max_ns", kNsMax),
                                  .sum_ns = fields.whole("sum_ns", ~std::uint64_t{0})});
  if (!histogram) {
    fields.complain("", std::string{"is damaged: "} + histogram.error());
    return {};
  }
  if (histogram->count() != fields.whole("count", kCountMax)) {
    fields.complain("count", "is not the sum of the buckets");
  }
  return *std::move(histogram);
}

Latency latency_of(const JsonFields& fields) {
  Latency latency{.count = fields.whole("count", kCountMax),
                  .p50_ns = fields.whole("p50_ns", kNsMax),
                  .p90_ns = fields.whole("p90_ns", kNsMax),
                  .p99_ns = fields.whole("p99_ns", kNsMax),
                  .p999_ns = fields.whole("p999_ns", kNsMax),
                  .max_ns = fields.whole("max_ns", kNsMax),
                  .outline = slots_of<LogLinear<6>>(fields, "outline")};
  if (latency.p50_ns > latency.p90_ns || latency.p90_ns > latency.p99_ns ||
      latency.p99_ns > latency.p999_ns || latency.p999_ns > latency.max_ns) {
    fields.complain("", "has percentiles that do not ascend");
  }
  using Coarse = LogLinear<6>;
  std::uint64_t sum = 0;
  const Slot* before = nullptr;
  for (const Slot& slot : latency.outline) {
    const bool is_known = Coarse::lower_of(Coarse::index_of(slot.lower_ns)) == slot.lower_ns;
    const bool is_ascending = before == nullptr || before->lower_ns < slot.lower_ns;
    if (!is_known || !is_ascending || slot.count == 0 || slot.count > kCountMax) {
      fields.complain("outline",
                      "is damaged: buckets must be the scale's, ascending and not empty");
    }
    sum += slot.count;
    before = &slot;
  }
  if (sum != latency.count) fields.complain("outline", "does not add up to count");
  return latency;
}

std::vector<Second> seconds_of(const JsonFields& fields) {
  std::vector<Second> seconds;
  for (const JsonFields& item : fields.objects("seconds", kSecondsMax)) {
    Second second{
        .second = static_cast<std::uint32_t>(item.whole("second", kSecondsMax)),
        .intended = item.whole("intended", kCountMax),
        .offered = item.whole("offered", kCountMax),
        .completed = item.whole("completed", kCountMax),
        .transfers_completed = item.whole("transfers_completed", kCountMax),
        .transfers_refused = item.whole("transfers_refused", kCountMax),
        .refused = codes_of(item, "refused"),
        .errors = codes_of(item, "errors"),
        .latency = latency_of(item.object("latency")),
    };
    if (!seconds.empty() && second.second != seconds.back().second + 1) {
      item.complain("second", "does not follow the one before");
    }
    seconds.push_back(std::move(second));
    if (!item.is_good()) break;
  }
  return seconds;
}

OperationKind kind_of(const JsonFields& fields, const std::vector<Second>& seconds) {
  OperationKind kind{
      .name = fields.text("name"),
      .requests_offered = fields.whole("requests_offered", kCountMax),
      .requests_completed = fields.whole("requests_completed", kCountMax),
      .retries = fields.whole("retries", kCountMax),
      .transfers_accepted = fields.whole("transfers_accepted", kCountMax),
      .refused = codes_of(fields, "refused"),
      .errors = codes_of(fields, "errors"),
      .latency = histogram_of(fields.object("latency")),
      .service_time = histogram_of(fields.object("service_time")),
      .seconds = {},
  };
  for (const JsonFields& item : fields.objects("seconds", kSecondsMax)) {
    kind.seconds.push_back({.second = static_cast<std::uint32_t>(item.whole("second", kSecondsMax)),
                            .completed = item.whole("completed", kCountMax),
                            .transfers_completed = item.whole("transfers_completed", kCountMax),
                            .latency = latency_of(item.object("latency"))});
    if (!item.is_good()) break;
  }
  if (!std::ranges::equal(kind.seconds, seconds, {}, &KindSecond::second, &Second::second)) {
    fields.complain("seconds", "are not the seconds of the run");
  }
  return kind;
}

Honesty honesty_of(const JsonFields& fields) {
  const auto verdict = verdict_of(fields.text("verdict"));
  if (!verdict) fields.complain("verdict", "must be offered, client-too-slow or closed-loop");
  return {.verdict = verdict.value_or(Verdict::kOffered),
          .sentence = fields.text("sentence"),
          .requests_intended = fields.whole("requests_intended", kCountMax),
          .requests_offered = fields.whole("requests_offered", kCountMax),
          .lag_p50_ns = fields.whole("lag_p50_ns", kNsMax),
          .lag_p99_ns = fields.whole("lag_p99_ns", kNsMax),
          .lag_p999_ns = fields.whole("lag_p999_ns", kNsMax),
          .lag_max_ns = fields.whole("lag_max_ns", kNsMax),
          .client_cores_busy = fields.number("client_cores_busy", 1e6)};
}

std::vector<Phase> phases_of(const JsonFields& fields) {
  std::vector<Phase> phases;
  for (const JsonFields& item : fields.objects("phases", kFactsMax)) {
    phases.push_back({.name = item.text("name"),
                      .from_s = item.number("from_s", kSecondsMax),
                      .to_s = item.number("to_s", kSecondsMax),
                      .is_measured = item.flag("is_measured")});
    if (phases.back().from_s > phases.back().to_s) item.complain("to_s", "is before from_s");
  }
  return phases;
}

std::vector<ServerStatus> servers_of(const JsonFields& fields) {
  std::vector<ServerStatus> servers;
  for (const JsonFields& item : fields.objects("servers", kKindsMax)) {
    servers.push_back({item.text("node"), item.text("version"), facts_of(item, "before"),
                       facts_of(item, "after")});
  }
  return servers;
}

Machine machine_of(const JsonFields& fields) {
  return {.cpu_model = fields.text("cpu_model"),
          .logical_cores = static_cast<std::uint32_t>(fields.whole("logical_cores", 1'000'000)),
          .memory_bytes = fields.whole("memory_bytes", kNsMax),
          .kernel = fields.text("kernel")};
}

std::uint64_t seed_of(const JsonFields& fields) {
  const std::string text = fields.text("seed");
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc{} || end != text.data() + text.size()) {
    fields.complain("seed", "must be a text of decimal digits, below 2^64");
  }
  return seed;
}

void check_schema(const JsonFields& fields) {
  if (fields.text("schema") != kSchemaName) {
    fields.complain("schema", "is not \"hugang-load-run\": this is not a record of hugang-load");
  }
  if (fields.whole("schema_version", 1'000'000) != kSchemaVersion) {
    fields.complain("schema_version",
                    "is not " + std::to_string(kSchemaVersion) +
                        ": read it with the version of hugang-load that wrote it");
  }
}

RunRecord record_of(const JsonFields& fields) {
  RunRecord record;
  check_schema(fields);
  record.program_version = fields.text("program_version");
  record.machine = machine_of(fields.object("machine"));
  record.target = fields.text("target");
  record.scenario_name = fields.text("scenario_name");
  record.scenario_text = fields.text("scenario_text", kScenarioBytesMax);
  record.scenario_summary = facts_of(fields, "scenario_summary");
  record.seed = seed_of(fields);
  const auto started_at = format::parse_time(fields.text("started_at"));
  if (!started_at) fields.complain("started_at", "must be a time as RFC 3339 has it");
  record.started_at = started_at.value_or(base::Timestamp{});
  record.measured_s = fields.number("measured_s", kSecondsMax);
  const auto ending = ending_of(fields.text("ending"));
  if (!ending) fields.complain("ending", "must be complete, interrupted or failed");
  record.ending = ending.value_or(Ending::kFailed);
  record.ending_sentence = fields.text("ending_sentence");
  record.honesty = honesty_of(fields.object("honesty"));
  record.phases = phases_of(fields);
  record.servers = servers_of(fields);
  record.seconds = seconds_of(fields);
  for (const JsonFields& item : fields.objects("kinds", kKindsMax)) {
    record.kinds.push_back(kind_of(item, record.seconds));
    if (!item.is_good()) break;
  }
  return record;
}

}  // namespace

std::expected<RunRecord, ReadError> read_json(std::string_view text) {
  if (text.size() > kRecordBytesMax) {
    return std::unexpected{ReadError{"the file is larger than 1 GiB: no run writes that much"}};
  }
  const json document = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (document.is_discarded()) {
    return std::unexpected{ReadError{"the file is not JSON: it may have been cut short"}};
  }
  Complaint complaint;
  RunRecord record = record_of(JsonFields{document, "", complaint});
  if (!complaint.sentence.empty()) return std::unexpected{ReadError{complaint.sentence}};
  return record;
}

std::expected<RunRecord, ReadError> read_json_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) return std::unexpected{ReadError{path + ": cannot be opened: check name and rights"}};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (file.bad()) return std::unexpected{ReadError{path + ": cannot be read"}};
  auto record = read_json(text);
  if (!record) return std::unexpected{ReadError{path + ": " + record.error().sentence}};
  return record;
}

}  // namespace hugang::report
