#include "clients/load/scenario.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>

#include "clearing/base/amount.hpp"
#include "clearing/base/long_line.hpp"
#include "clearing/machine/limits.hpp"
#include "clients/load/toml_section.hpp"

namespace hugang::load {
namespace {

constexpr double kDay = 86'400;
constexpr Range kRates{0, 100e6};
constexpr Range kShares{0, 1};
constexpr Range kWeights{0, 1e6};

constexpr Word<Workload> kWorkloads[] = {{"stream", Workload::kStream},
                                         {"batch", Workload::kBatch},
                                         {"unary", Workload::kUnary},
                                         {"cross-border", Workload::kCrossBorder},
                                         {"mixed", Workload::kMixed}};
constexpr Word<Loop> kLoops[] = {{"closed", Loop::kClosed}, {"open", Loop::kOpen}};
constexpr Word<Arrivals> kArrivals[] = {{"even", Arrivals::kEven}, {"random", Arrivals::kRandom}};
constexpr Word<Encoding> kEncodings[] = {{"packed", Encoding::kPacked},
                                         {"typed", Encoding::kTyped}};
constexpr Word<IdOrder> kIdOrders[] = {{"in-order", IdOrder::kInOrder},
                                       {"random", IdOrder::kRandom}};
constexpr Word<Shape> kShapes[] = {{"constant", Shape::kConstant},
                                   {"ramp", Shape::kRamp},
                                   {"step", Shape::kStep},
                                   {"spike", Shape::kSpike}};

void read_load(TomlSection load, Scenario& scenario) {
  load.word("loop", scenario.loop, kLoops);
  load.word("arrivals", scenario.arrivals, kArrivals);
  load.integer("connections", scenario.connections, {1, 1'000});
  load.integer("threads", scenario.threads, {1, 64});
  load.integer("in_flight", scenario.in_flight, {1, 1e6});
  load.integer("batch_size", scenario.batch_size, {1, machine::kTransfersPerBatchMax});
  load.word("encoding", scenario.encoding, kEncodings);
  load.duration("think", scenario.think_s, {0, kDay});
  load.boolean("think_random", scenario.is_think_random);
  load.duration("timeout", scenario.timeout_s, {0.1, 3'600});
  load.duration("lag_max", scenario.lag_max_s, {0.001, 60});
  load.finish();
}

PhasePlan read_phase(TomlSection section, const Scenario& scenario) {
  PhasePlan phase;
  section.text("name", phase.name);
  section.duration("duration", phase.duration_s, {0.1, kDay});
  section.boolean("measured", phase.is_measured);
  section.word("shape", phase.shape, kShapes);
  section.number("rate", phase.rate, kRates);
  section.number("to_rate", phase.to_rate, kRates);
  section.integer("steps", phase.steps, {2, 1'000});
  section.number("spike_rate", phase.spike_rate, kRates);
  section.duration("spike_every", phase.spike_every_s, {0.1, kDay});
  section.duration("spike_for", phase.spike_for_s, {0.01, kDay});
  if (!section.has("duration")) section.complain("duration", "is missing: how long the phase is");

  // What was written but means nothing here would be a mistake that nobody sees.
  const auto only_for = [&](std::string_view key, bool is_its_place, const char* place) {
    if (section.has(key) && !is_its_place) {
      section.complain(key, fmt::format("belongs to {} only", place));
    }
  };
  const bool grows = phase.shape == Shape::kRamp || phase.shape == Shape::kStep;
  const bool spikes = phase.shape == Shape::kSpike;
  const bool is_open = scenario.loop == Loop::kOpen;
  only_for("rate", is_open, "loop = \"open\"");
  only_for("shape", is_open, "loop = \"open\"");
  only_for("to_rate", grows, "shape = \"ramp\" and \"step\"");
  only_for("steps", phase.shape == Shape::kStep, "shape = \"step\"");
  only_for("spike_rate", spikes, "shape = \"spike\"");
  only_for("spike_every", spikes, "shape = \"spike\"");
  only_for("spike_for", spikes, "shape = \"spike\"");
  if (grows && !section.has("to_rate")) {
    section.complain("to_rate", "is missing: the rate at the end of the phase");
  }
  if (spikes && !section.has("spike_rate")) {
    section.complain("spike_rate", "is missing: the rate during a spike");
  }
  section.finish();
  return phase;
}

void read_accounts(TomlSection accounts, Scenario& scenario) {
  accounts.integer("count", scenario.accounts, {2, 100e6});
  accounts.number("hot_accounts", scenario.hot_accounts, kShares);
  accounts.number("hot_traffic", scenario.hot_traffic, kShares);
  if (accounts.has("hot_accounts") != accounts.has("hot_traffic")) {
    accounts.complain(accounts.has("hot_accounts") ? "hot_accounts" : "hot_traffic",
                      "hot_accounts and hot_traffic belong together");
  }
  accounts.finish();
}

void read_mix(TomlSection mix, Scenario& scenario) {
  Mix& weights = scenario.mix;
  mix.number("single", weights.single, kWeights);
  mix.number("hold", weights.hold, kWeights);
  mix.number("chain", weights.chain, kWeights);
  mix.number("balancing", weights.balancing, kWeights);
  mix.number("batch", weights.batch, kWeights);
  mix.number("cross_border", weights.cross_border, kWeights);
  mix.number("void_share", weights.void_share, kShares);
  mix.integer("chain_length", weights.chain_length, {2, machine::kTransfersPerBatchMax});
  mix.finish();
}

void read_rest(TomlSection& root, Scenario& scenario) {
  read_accounts(root.section("accounts"), scenario);
  TomlSection amounts = root.section("amounts");
  constexpr auto kAmountMax = static_cast<double>(base::Amount::kMaxMinor);
  amounts.integer("min", scenario.amount_min, {1, kAmountMax});
  amounts.integer("max", scenario.amount_max, {1, kAmountMax});
  amounts.finish();
  TomlSection ids = root.section("ids");
  ids.word("order", scenario.ids, kIdOrders);
  ids.number("retry_share", scenario.retry_share, kShares);
  ids.finish();
  read_mix(root.section("mix"), scenario);
}

Scenario read_scenario(TomlSection root, Complaints& complaints) {
  Workload workload = Workload::kStream;
  root.word("kind", workload, kWorkloads);
  if (!root.has("kind")) {
    complaints.add(1, "the file needs the key 'kind': stream, batch, unary, cross-border, mixed");
  }
  Scenario scenario = default_scenario(workload);
  root.text("name", scenario.name);
  root.integer("seed", scenario.seed, {0, 9e18});
  read_load(root.section("load"), scenario);
  std::vector<TomlSection> phases = root.sections("phase");
  if (!phases.empty()) scenario.phases.clear();
  for (TomlSection& phase : phases) scenario.phases.push_back(read_phase(phase, scenario));
  read_rest(root, scenario);
  root.finish();
  return scenario;
}

void check_phases(const Scenario& scenario, std::vector<std::string>& sentences) {
  bool was_measured = false;
  double total_s = 0;
  double before_s = 0;
  for (const PhasePlan& phase : scenario.phases) {
    if (was_measured && !phase.is_measured) {
      sentences.push_back("phase '" + phase.name +
                          "' is not measured, and only phases before all measured ones can be");
    }
    was_measured = was_measured || phase.is_measured;
    total_s += phase.duration_s;
    if (!was_measured) before_s = total_s;
    const double highest = std::max({phase.rate, phase.to_rate, phase.spike_rate});
    if (scenario.loop == Loop::kOpen && highest <= 0) {
      sentences.push_back("phase '" + phase.name +
                          "' has no rate: an open loop needs one in every phase");
    }
    if (phase.shape == Shape::kSpike && phase.spike_for_s >= phase.spike_every_s) {
      sentences.push_back("phase '" + phase.name + "': spike_for must be shorter than spike_every");
    }
  }
  if (!was_measured) sentences.emplace_back("no phase is measured: there would be no figures");
  if (before_s != std::floor(before_s)) {
    sentences.emplace_back("what comes before the measured phases must last whole seconds");
  }
  // What is kept of each second is small but not nothing.
  if (total_s > kDay) sentences.emplace_back("a run lasts a day at most: split it");
}

void check_mix(const Scenario& scenario, std::vector<std::string>& sentences) {
  const Mix& mix = scenario.mix;
  const bool is_mixed = scenario.workload == Workload::kMixed;
  const double local = mix.single + mix.hold + mix.chain + mix.balancing;
  if (!is_mixed && (mix.batch > 0 || mix.cross_border > 0)) {
    sentences.emplace_back("[mix] batch and cross_border belong to kind = \"mixed\" only");
  }
  if (local <= 0 && (!is_mixed || mix.batch > 0 || mix.cross_border <= 0)) {
    sentences.emplace_back("[mix] has no weight above 0 for any form of transfer");
  }
  const bool is_batched =
      scenario.workload == Workload::kStream || scenario.workload == Workload::kBatch;
  if ((is_batched || mix.batch > 0) && mix.chain > 0 && mix.chain_length > scenario.batch_size) {
    sentences.emplace_back("[mix] chain_length is above batch_size: a chain cannot be split");
  }
  if ((is_batched || mix.batch > 0) && mix.hold > 0 && scenario.batch_size < 2) {
    sentences.emplace_back("[mix] hold needs batches of 2 at least: its post is in the same batch");
  }
}

}  // namespace

Scenario default_scenario(Workload workload) {
  Scenario scenario;
  scenario.workload = workload;
  scenario.name = std::string{word_of(workload)};
  switch (workload) {
    case Workload::kStream:
    case Workload::kBatch:
      break;
    case Workload::kUnary:
      scenario.in_flight = 64;
      break;
    case Workload::kCrossBorder:
      scenario.in_flight = 16;
      scenario.batch_size = 1;
      scenario.accounts = 1'000;
      // Money leaves in one direction: small amounts, that a cap of the corridor is far.
      scenario.amount_max = 100;
      break;
    case Workload::kMixed:
      scenario.in_flight = 64;
      scenario.batch_size = 100;
      scenario.mix = {.single = 70, .hold = 15, .chain = 5, .balancing = 5, .batch = 5};
      break;
  }
  scenario.phases = {{.name = "warm-up", .duration_s = 2, .is_measured = false},
                     {.name = "steady", .duration_s = 30}};
  return scenario;
}

std::vector<std::string> contradictions(const Scenario& scenario) {
  std::vector<std::string> sentences;
  check_phases(scenario, sentences);
  check_mix(scenario, sentences);
  if (scenario.amount_min > scenario.amount_max) {
    sentences.emplace_back("[amounts] min is above max");
  }
  if (scenario.threads > scenario.connections) {
    sentences.emplace_back("threads must not be more than connections: each has its own");
  }
  if (scenario.in_flight < scenario.connections) {
    sentences.emplace_back("in_flight must not be below connections: some would stay idle");
  }
  if (scenario.think_s > 0 && scenario.loop == Loop::kOpen) {
    sentences.emplace_back("think belongs to loop = \"closed\" only: an open loop has its rate");
  }
  if (scenario.think_s > 0 && scenario.workload == Workload::kStream) {
    sentences.emplace_back("think does not go with kind = \"stream\": use \"batch\"");
  }
  if (is_settlement_stream(scenario)) {
    if (scenario.think_s > 0) sentences.emplace_back("think does not go with batches of payments");
    if (scenario.ids == IdOrder::kRandom) {
      sentences.emplace_back("batches of cross-border payments need ids in order");
    }
  }
  const double hot = scenario.hot_accounts * static_cast<double>(scenario.accounts);
  if (scenario.hot_traffic > 0 && (hot < 1 || scenario.hot_accounts >= 1)) {
    sentences.emplace_back(
        "hot_accounts must be a share of the accounts that is at least one "
        "account and not all");
  }
  return sentences;
}

std::expected<Scenario, std::vector<std::string>> parse_scenario(
    std::string_view toml, const std::filesystem::path& file) {
  const auto at = [&](std::uint32_t line, std::string_view sentence) {
    return std::vector{fmt::format("{}:{}: {}", file.string(), line, sentence)};
  };
  if (const auto line = base::find_long_line(toml)) {
    return std::unexpected{
        at(*line, fmt::format("the line is longer than {} bytes", base::kLineBytesMax))};
  }
  toml::table table;
  try {
    table = toml::parse(toml, file.string());
  } catch (const toml::parse_error& error) {
    return std::unexpected{at(error.source().begin.line, error.description())};
  }
  Complaints complaints{file};
  Scenario scenario = read_scenario(TomlSection{&table, "", complaints}, complaints);
  if (!complaints.are_none()) return std::unexpected{complaints.sentences()};
  std::vector<std::string> sentences = contradictions(scenario);
  for (std::string& sentence : sentences) sentence = file.string() + ": " + sentence;
  if (!sentences.empty()) return std::unexpected{std::move(sentences)};
  return scenario;
}

}  // namespace hugang::load
