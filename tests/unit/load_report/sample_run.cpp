#include "tests/unit/load_report/sample_run.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

namespace hugang::report {
namespace {

/// Random numbers that are the same with every library: only the engine of <random> is specified
/// bit by bit, its distributions are not.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : engine_{seed} {}
  double uniform() { return (static_cast<double>(engine_() >> 11U) + 0.5) * 0x1p-53; }
  double normal() {
    return std::sqrt(-2.0 * std::log(uniform())) * std::cos(2 * std::numbers::pi * uniform());
  }

 private:
  std::mt19937_64 engine_;
};

class Maker {
 public:
  explicit Maker(const Habits& habits) : habits_{habits}, draw_{habits.seed} {}

  OperationKind kind(const std::string& name, double slowness) {
    kind_ = OperationKind{};
    kind_.name = name;
    double wander = 0;
    for (std::uint32_t second = 0; second < habits_.seconds; ++second) {
      // Neighbouring seconds resemble each other, as flushes and checkpoints make them.
      wander = (0.6 * wander) + (0.8 * habits_.wander * draw_.normal());
      one_second(second, slowness * std::exp(wander));
    }
    return std::move(kind_);
  }

 private:
  [[nodiscard]] bool is_stalled(std::uint32_t second) const {
    return habits_.stall_length != 0 && second >= habits_.stall_second &&
           second < habits_.stall_second + habits_.stall_length;
  }

  void one_second(std::uint32_t second, double slowness) {
    const double jitter = 1.0 + (0.02 * draw_.normal());
    const auto offered = static_cast<std::uint64_t>(
        std::max(1.0, std::round(habits_.rate * habits_.speed * jitter)));
    Histogram window;
    KindSecond row{.second = second, .completed = 0, .transfers_completed = 0, .latency = {}};
    kind_.requests_offered += offered;
    held_ += offered;
    if (!is_stalled(second)) {
      for (; held_ > 0; --held_) {
        const bool was_held = held_ > offered;
        request(window, row, slowness, was_held ? draw_.uniform() * habits_.stall_length : 0.0);
      }
    }
    row.latency = summarise(window);
    kind_.seconds.push_back(row);
  }

  void request(Histogram& window, KindSecond& row, double slowness, double held_s) {
    if (draw_.uniform() < habits_.error_share) {
      add_code(kind_.errors, draw_.uniform() < 0.7 ? "UNAVAILABLE" : "RESOURCE_EXHAUSTED");
      return;
    }
    const double service_ms =
        habits_.median_ms * slowness / habits_.speed * std::exp(0.5 * draw_.normal());
    const auto service_ns = static_cast<std::uint64_t>(service_ms * 1e6);
    const auto latency_ns = static_cast<std::uint64_t>((service_ms * 1e6) + (held_s * 1e9));
    window.record(latency_ns);
    kind_.latency.record(latency_ns);
    kind_.service_time.record(service_ns);
    ++kind_.requests_completed;
    ++row.completed;
    const auto refused = static_cast<std::uint64_t>(
        std::floor((habits_.batch * habits_.refused_share) + draw_.uniform()));
    add_code(kind_.refused, "insufficient-funds", refused);
    row.transfers_completed += habits_.batch - refused;
    kind_.transfers_accepted += habits_.batch - refused;
  }

  Habits habits_;
  Draw draw_;
  OperationKind kind_;
  std::uint64_t held_ = 0;
};

/// The seconds of the whole run from those of its kinds.
std::vector<Second> seconds_of(const std::vector<OperationKind>& kinds, const Habits& habits) {
  std::vector<Second> seconds;
  for (std::uint32_t i = 0; i < habits.seconds; ++i) {
    Second row;
    row.second = i;
    Histogram window;
    for (const OperationKind& kind : kinds) {
      const KindSecond& part = kind.seconds[i];
      row.completed += part.completed;
      row.transfers_completed += part.transfers_completed;
      for (const Slot& slot : part.latency.outline) window.record(slot.lower_ns, slot.count);
      const std::uint64_t errors =
          total(kind.errors) * (i + 1) / habits.seconds - total(kind.errors) * i / habits.seconds;
      if (errors != 0) add_code(row.errors, "UNAVAILABLE", errors);
      const std::uint64_t offered = kind.requests_offered * (i + 1) / habits.seconds -
                                    kind.requests_offered * i / habits.seconds;
      row.intended += offered;
      row.offered += offered;
    }
    row.transfers_refused = (row.completed * habits.batch) - row.transfers_completed;
    if (row.transfers_refused != 0) {
      add_code(row.refused, "insufficient-funds", row.transfers_refused);
    }
    row.latency = summarise(window);
    seconds.push_back(std::move(row));
  }
  return seconds;
}

}  // namespace

RunRecord sample_run(const Habits& habits) {
  RunRecord record;
  record.program_version = "0.1.0";
  record.machine = {"Example CPU @ 3.00GHz", 2, std::uint64_t{8} << 30, "Linux 6.1.0-18-amd64"};
  record.target = "127.0.0.1:7001";
  record.scenario_name = habits.batch > 1 ? "batches" : "steady transfers";
  record.scenario_text =
      "name = \"steady transfers\"\n\n[arrivals]\nshape = \"constant\"\nrate = " +
      std::to_string(habits.rate) + "\nfor = \"" + std::to_string(habits.seconds) + "s\"\n";
  record.scenario_summary = {
      {"Arrivals", "open loop, " + std::to_string(habits.rate) + "/s"},
      {"Transfers", std::to_string(habits.batch) + " in a request, 10,000 accounts"},
      {"Connections", "4"},
  };
  record.seed = habits.seed;
  record.started_at = base::Timestamp{1'795'000'000'000'000'000};
  record.measured_s = habits.seconds;
  const double end_s = habits.seconds;
  record.phases = {{"warm-up", 0, 0, false}, {"steady", 0, end_s, true}};
  Maker maker{habits};
  record.kinds.push_back(maker.kind(habits.batch > 1 ? "batch" : "transfer", 1.0));
  if (habits.has_second_kind) record.kinds.push_back(maker.kind("settlement", 3.0));
  record.seconds = seconds_of(record.kinds, habits);
  Honesty& honesty = record.honesty;
  for (const OperationKind& kind : record.kinds) honesty.requests_offered += kind.requests_offered;
  honesty.requests_intended = honesty.requests_offered;
  honesty.sentence = "The client offered every request on time.";
  honesty.lag_p50_ns = 12'000;
  honesty.lag_p99_ns = 85'000;
  honesty.lag_p999_ns = 640'000;
  honesty.lag_max_ns = 2'100'000;
  honesty.client_cores_busy = 0.31;
  record.servers = {{"Shanghai (127.0.0.1:7001)",
                     "0.1.0",
                     {{"Durable entries", "1,204"}, {"Transfers", "1,000,000"}},
                     {{"Durable entries", "13,204"}, {"Transfers", "1,012,000"}}}};
  return record;
}

}  // namespace hugang::report
