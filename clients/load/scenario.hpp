// What a run does: how requests arrive, what they carry, to whom, for how long. Read from a TOML
// file or put together from options.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clients/load/report/run_record.hpp"

namespace hugang::load {

/// What a request is.
enum class Workload : std::uint8_t {
  kStream,       ///< batches on SubmitStream
  kBatch,        ///< batches by SubmitBatch
  kUnary,        ///< one transfer (or one chain) a request
  kCrossBorder,  ///< Instruct, and the wait for the final answer
  kMixed,        ///< transfers, batches and settlements by weight
};

enum class Loop : std::uint8_t {
  kClosed,  ///< a number of requests under way; the next goes out when one is answered
  kOpen,    ///< requests at their own times, whatever the server does
};

enum class Encoding : std::uint8_t { kPacked, kTyped };
enum class IdOrder : std::uint8_t { kInOrder, kRandom };
/// When requests of an open loop arrive: at even distances, or independently of each other
/// (exponential distances).
enum class Arrivals : std::uint8_t { kEven, kRandom };
enum class Shape : std::uint8_t { kConstant, kRamp, kStep, kSpike };

/// One part of a run. Rates are transfers (in mixed runs: operations) a second; closed loops have
/// none.
struct PhasePlan {
  std::string name = "steady";
  double duration_s = 30;
  bool is_measured = true;
  Shape shape = Shape::kConstant;
  double rate = 0;
  double to_rate = 0;       ///< ramp, step: the rate at the end
  std::uint32_t steps = 5;  ///< step: from rate to to_rate in so many equal parts
  double spike_rate = 0;    ///< spike: instead of rate, for spike_for_s in every spike_every_s
  double spike_every_s = 10;
  double spike_for_s = 1;
  friend bool operator==(const PhasePlan&, const PhasePlan&) = default;
};

/// How often each form of transfer is, by weight among each other. Not negative, at least one
/// above 0.
struct Mix {
  double single = 1;
  double hold = 0;  ///< a hold and its post or void
  double chain = 0;
  double balancing = 0;
  double batch = 0;         ///< mixed runs only
  double cross_border = 0;  ///< mixed runs only
  double void_share = 0.1;  ///< of the holds, those that are voided
  std::uint32_t chain_length = 3;
  friend bool operator==(const Mix&, const Mix&) = default;
};

struct Scenario {
  std::string name = "unnamed";
  Workload workload = Workload::kStream;
  std::uint64_t seed = 1;

  Loop loop = Loop::kClosed;
  Arrivals arrivals = Arrivals::kEven;
  std::uint32_t connections = 1;
  std::uint32_t threads = 1;         ///< at most connections
  std::uint32_t in_flight = 4;       ///< requests under way at most, over all connections
  std::uint32_t batch_size = 8'190;  ///< cross-border: above 1, on a stream
  Encoding encoding = Encoding::kPacked;
  double think_s = 0;  ///< closed loop: from an answer to the next request, on average
  bool is_think_random = false;
  double timeout_s = 10;    ///< how long an answer is waited for
  double lag_max_s = 0.02;  ///< the client's own lateness, p99, above which no rate is claimed

  std::vector<PhasePlan> phases;

  std::uint64_t accounts = 10'000;
  double hot_accounts = 0;  ///< share of the accounts that is hot
  double hot_traffic = 0;   ///< share of the debits and credits that goes to hot accounts

  std::int64_t amount_min = 1;
  std::int64_t amount_max = 10'000;
  IdOrder ids = IdOrder::kInOrder;
  double retry_share = 0;  ///< of the transfers, those that are sent again with the same id
  Mix mix;

  friend bool operator==(const Scenario&, const Scenario&) = default;
};

/// What a workload does where nothing else is said: closed loop, 2 s of warm-up, 30 s of figures.
[[nodiscard]] Scenario default_scenario(Workload workload);

/// Reads the file's text; `file` is what errors name. Every error is a sentence with its line:
/// unknown keys, wrong types and ranges, and what does not go together.
[[nodiscard]] std::expected<Scenario, std::vector<std::string>> parse_scenario(
    std::string_view toml, const std::filesystem::path& file);

/// What does not go together, as sentences; empty when all does. For scenarios from options.
[[nodiscard]] std::vector<std::string> contradictions(const Scenario& scenario);

/// The scenario as a file that parse_scenario reads to the same.
[[nodiscard]] std::string to_toml(const Scenario& scenario);

/// A few lines for people.
[[nodiscard]] std::vector<report::Fact> summary_of(const Scenario& scenario);

[[nodiscard]] std::string_view word_of(Workload workload);
/// Nothing for other words than stream, batch, unary, cross-border, mixed.
[[nodiscard]] std::optional<Workload> workload_of(std::string_view word);

/// Transfers that one request carries, for turning rates of transfers into rates of requests.
[[nodiscard]] inline double transfers_per_request(const Scenario& scenario) {
  const bool is_single =
      scenario.workload == Workload::kUnary || scenario.workload == Workload::kMixed;
  return is_single ? 1.0 : static_cast<double>(scenario.batch_size);
}

/// Cross-border payments in batches go on InstructStream; their ends come from WatchSettlements.
[[nodiscard]] inline bool is_settlement_stream(const Scenario& scenario) {
  return scenario.workload == Workload::kCrossBorder && scenario.batch_size > 1;
}

[[nodiscard]] inline bool needs_payees(const Scenario& scenario) {
  return scenario.workload == Workload::kCrossBorder ||
         (scenario.workload == Workload::kMixed && scenario.mix.cross_border > 0);
}

}  // namespace hugang::load
