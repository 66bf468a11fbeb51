#include <nlohmann/json.hpp>
#include <ostream>

#include "clients/format/time_text.hpp"
#include "clients/load/report/record_json.hpp"
#include "clients/load/report/record_words.hpp"

namespace hugang::report {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const std::vector<Fact>& facts) {
  Json list = Json::array();
  for (const Fact& fact : facts) list.push_back({{"name", fact.name}, {"value", fact.value}});
  return list;
}

Json to_json(const CodeCounts& counts) {
  Json object = Json::object();
  for (const CodeCount& code : counts) object[code.code] = code.count;
  return object;
}

/// Lower end, count, lower end, count: half the bytes of a list of pairs.
Json to_json(const std::vector<Slot>& slots) {
  Json list = Json::array();
  for (const Slot& slot : slots) {
    list.push_back(slot.lower_ns);
    list.push_back(slot.count);
  }
  return list;
}

Json to_json(const Histogram& histogram) {
  std::vector<Slot> slots;
  for (const Bucket& bucket : histogram.buckets()) slots.push_back({bucket.lower_ns, bucket.count});
  return {{"count", histogram.count()},
          {"min_ns", histogram.min_ns()},
          {"max_ns", histogram.max_ns()},
          {"sum_ns", histogram.sum_ns()},
          {"buckets", to_json(slots)}};
}

Json to_json(const Latency& latency) {
  return {{"count", latency.count},
          {"p50_ns", latency.p50_ns},
          {"p90_ns", latency.p90_ns},
          {"p99_ns", latency.p99_ns},
          {"p999_ns", latency.p999_ns},
          {"max_ns", latency.max_ns},
          {"outline", to_json(latency.outline)}};
}

Json to_json(const Second& second) {
  return {{"second", second.second},
          {"intended", second.intended},
          {"offered", second.offered},
          {"completed", second.completed},
          {"transfers_completed", second.transfers_completed},
          {"transfers_refused", second.transfers_refused},
          {"refused", to_json(second.refused)},
          {"errors", to_json(second.errors)},
          {"latency", to_json(second.latency)}};
}

Json to_json(const OperationKind& kind) {
  Json seconds = Json::array();
  for (const KindSecond& second : kind.seconds) {
    seconds.push_back({{"second", second.second},
                       {"completed", second.completed},
                       {"transfers_completed", second.transfers_completed},
                       {"latency", to_json(second.latency)}});
  }
  return {{"name", kind.name},
          {"requests_offered", kind.requests_offered},
          {"requests_completed", kind.requests_completed},
          {"retries", kind.retries},
          {"transfers_accepted", kind.transfers_accepted},
          {"refused", to_json(kind.refused)},
          {"errors", to_json(kind.errors)},
          {"latency", to_json(kind.latency)},
          {"service_time", to_json(kind.service_time)},
          {"seconds", std::move(seconds)}};
}

Json to_json(const Honesty& honesty) {
  return {{"verdict", word_of(honesty.verdict)},
          {"sentence", honesty.sentence},
          {"requests_intended", honesty.requests_intended},
          {"requests_offered", honesty.requests_offered},
          {"lag_p50_ns", honesty.lag_p50_ns},
          {"lag_p99_ns", honesty.lag_p99_ns},
          {"lag_p999_ns", honesty.lag_p999_ns},
          {"lag_max_ns", honesty.lag_max_ns},
          {"client_cores_busy", honesty.client_cores_busy}};
}

Json to_json(const Phase& phase) {
  return {{"name", phase.name},
          {"from_s", phase.from_s},
          {"to_s", phase.to_s},
          {"is_measured", phase.is_measured}};
}

Json to_json(const ServerStatus& server) {
  return {{"node", server.node},
          {"version", server.version},
          {"before", to_json(server.before)},
          {"after", to_json(server.after)}};
}

template <class T>
Json list_of(const std::vector<T>& items) {
  Json list = Json::array();
  for (const T& item : items) list.push_back(to_json(item));
  return list;
}

Json to_json(const RunRecord& record) {
  const Machine& machine = record.machine;
  return {{"schema", kSchemaName},
          {"schema_version", kSchemaVersion},
          {"program_version", record.program_version},
          {"machine",
           {{"cpu_model", machine.cpu_model},
            {"logical_cores", machine.logical_cores},
            {"memory_bytes", machine.memory_bytes},
            {"kernel", machine.kernel}}},
          {"target", record.target},
          {"scenario_name", record.scenario_name},
          {"scenario_text", record.scenario_text},
          {"scenario_summary", to_json(record.scenario_summary)},
          // As text: a seed above 2^53 would be rounded by readers that know no integers.
          {"seed", std::to_string(record.seed)},
          {"started_at", format::time_text(record.started_at)},
          {"measured_s", record.measured_s},
          {"ending", word_of(record.ending)},
          {"ending_sentence", record.ending_sentence},
          {"honesty", to_json(record.honesty)},
          {"phases", list_of(record.phases)},
          {"servers", list_of(record.servers)},
          {"kinds", list_of(record.kinds)},
          {"seconds", list_of(record.seconds)}};
}

bool holds_objects(const Json& value) {
  for (const Json& item : value) {
    if (item.is_object()) return true;
  }
  return false;
}

/// Objects within objects are broken into lines, what holds only numbers and texts stays on one.
void print(const Json& value, std::ostream& out, int depth) {
  if (!value.is_structured() || !holds_objects(value) || depth > 4) {
    out << value.dump(-1, ' ', false, Json::error_handler_t::replace);
    return;
  }
  const std::string blanks(static_cast<std::size_t>(depth) + 1, ' ');
  out << (value.is_array() ? "[" : "{");
  bool is_first = true;
  for (const auto& [key, item] : value.items()) {
    out << (is_first ? "\n" : ",\n") << blanks;
    is_first = false;
    if (value.is_object()) {
      out << Json(key).dump(-1, ' ', false, Json::error_handler_t::replace) << ": ";
    }
    const bool is_row = value.is_array() && item.is_object() && item.contains("second");
    print(item, out, is_row ? 5 : depth + 1);
  }
  out << '\n' << blanks.substr(1) << (value.is_array() ? "]" : "}");
}

}  // namespace

void write_json(const RunRecord& record, std::ostream& out) {
  print(to_json(record), out, 0);
  out << '\n';
}

}  // namespace hugang::report
