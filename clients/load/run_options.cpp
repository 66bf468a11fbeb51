// From options to a scenario and to profiles.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "clients/format/duration_text.hpp"
#include "clients/library/file_text.hpp"
#include "clients/load/commands.hpp"

namespace hugang::load {
namespace {

Attempt<double> seconds_of(const std::string& option, const std::string& text) {
  if (text == "0s" || text == "0") return 0;
  const auto parsed = format::parse_duration(text);
  if (!parsed) {
    return usage(option + ": '" + text + "' is no duration: write it like 500ms, 30s, 5m");
  }
  return static_cast<double>(parsed->count_ns()) / 1e9;
}

/// "10:90": 90 % of the traffic on 10 % of the accounts.
Attempt<void> read_hot(const std::string& text, Scenario& scenario) {
  double accounts = 0;
  double traffic = 0;
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, accounts);
  const bool has_colon = first.ec == std::errc{} && first.ptr != end && *first.ptr == ':';
  const auto second =
      has_colon ? std::from_chars(first.ptr + 1, end, traffic) : std::from_chars_result{end, {}};
  const bool is_good = has_colon && second.ec == std::errc{} && second.ptr == end && accounts > 0 &&
                       accounts < 100 && traffic >= 0 && traffic <= 100;
  if (!is_good) {
    return usage(
        "--hot: write two shares in percent, like 10:90 for 90 % of the traffic on 10 % of "
        "the accounts");
  }
  scenario.hot_accounts = accounts / 100;
  scenario.hot_traffic = traffic / 100;
  return {};
}

Attempt<void> read_phases(const RunOptions& options, Scenario& scenario) {
  const bool changes = options.rate || !options.duration.empty() || !options.warm_up.empty();
  if (!changes) return {};
  const auto measured = std::ranges::count_if(scenario.phases, &PhasePlan::is_measured);
  if (measured != 1 || scenario.phases.size() > 2) {
    return usage(
        "--duration, --warm-up and --rate go with one measured phase only, and the "
        "scenario has its own: edit the file");
  }
  PhasePlan& steady = scenario.phases.back();
  if (options.rate) {
    if (!(*options.rate > 0)) return usage("--rate: must be above 0");
    scenario.loop = Loop::kOpen;
    for (PhasePlan& phase : scenario.phases) {
      phase.shape = Shape::kConstant;
      phase.rate = *options.rate;
    }
  }
  if (!options.duration.empty()) {
    const auto seconds = seconds_of("--duration", options.duration);
    if (!seconds) return std::unexpected{seconds.error()};
    steady.duration_s = *seconds;
  }
  if (!options.warm_up.empty()) {
    const auto seconds = seconds_of("--warm-up", options.warm_up);
    if (!seconds) return std::unexpected{seconds.error()};
    PhasePlan warm_up = steady;
    warm_up.name = "warm-up";
    warm_up.is_measured = false;
    warm_up.duration_s = *seconds;
    if (scenario.phases.size() == 2) scenario.phases.erase(scenario.phases.begin());
    if (*seconds > 0) scenario.phases.insert(scenario.phases.begin(), warm_up);
  }
  return {};
}

Attempt<void> read_words(const RunOptions& options, Scenario& scenario) {
  if (!options.ids.empty()) {
    if (options.ids != "in-order" && options.ids != "random") {
      return usage("--ids: must be in-order or random");
    }
    scenario.ids = options.ids == "random" ? IdOrder::kRandom : IdOrder::kInOrder;
  }
  if (!options.arrivals.empty()) {
    if (options.arrivals != "even" && options.arrivals != "random") {
      return usage("--arrivals: must be even or random");
    }
    scenario.arrivals = options.arrivals == "random" ? Arrivals::kRandom : Arrivals::kEven;
  }
  if (!options.hot.empty()) {
    if (auto hot = read_hot(options.hot, scenario); !hot) return hot;
  }
  for (const auto& [option, text, target] :
       {std::tuple{"--timeout", &options.timeout, &scenario.timeout_s},
        std::tuple{"--lag-max", &options.lag_max, &scenario.lag_max_s},
        std::tuple{"--think", &options.think, &scenario.think_s}}) {
    if (text->empty()) continue;
    const auto seconds = seconds_of(option, *text);
    if (!seconds) return std::unexpected{seconds.error()};
    *target = *seconds;
  }
  return {};
}

void read_numbers(const RunOptions& options, Scenario& scenario) {
  if (options.seed) scenario.seed = *options.seed;
  if (options.batch_size) scenario.batch_size = *options.batch_size;
  if (options.accounts) scenario.accounts = *options.accounts;
  if (options.retries) scenario.retry_share = *options.retries / 100;
  if (options.connections) scenario.connections = *options.connections;
  if (options.threads) scenario.threads = *options.threads;
  if (options.in_flight) {
    scenario.in_flight = *options.in_flight;
  } else if (scenario.in_flight < scenario.connections) {
    scenario.in_flight = scenario.connections;
  } else if (options.rate && options.scenario.empty()) {
    // An open loop is to be limited by its rate, not by places.
    const bool is_batched = transfers_per_request(scenario) > 1;
    scenario.in_flight = std::max(scenario.in_flight, is_batched ? 16u : 1'024u);
  }
  if (options.typed) scenario.encoding = Encoding::kTyped;
  if (!options.name.empty()) scenario.name = options.name;
}

}  // namespace

Attempt<Scenario> scenario_of(const RunOptions& options) {
  Scenario scenario;
  if (!options.scenario.empty()) {
    if (!options.kind.empty()) return usage("give a scenario file or --kind, not both");
    const auto text = client::read_file(options.scenario);
    if (!text) return usage("cannot read the scenario " + options.scenario);
    auto parsed = parse_scenario(*text, options.scenario);
    if (!parsed) return usage(fmt::format("{}", fmt::join(parsed.error(), "\n")));
    scenario = std::move(*parsed);
  } else {
    const auto workload = workload_of(options.kind.empty() ? "stream" : options.kind);
    if (!workload) return usage("--kind: must be stream, batch, unary, cross-border or mixed");
    scenario = default_scenario(*workload);
  }
  if (auto phases = read_phases(options, scenario); !phases) {
    return std::unexpected{phases.error()};
  }
  if (auto words = read_words(options, scenario); !words) return std::unexpected{words.error()};
  read_numbers(options, scenario);
  const auto sentences = contradictions(scenario);
  if (!sentences.empty()) return usage(fmt::format("{}", fmt::join(sentences, "\n")));
  return scenario;
}

Attempt<client::Profile> profile_of(const TargetOptions& target, const std::string& name) {
  const auto file =
      client::read_profiles(target.profiles.empty() ? client::default_profile_path()
                                                    : std::filesystem::path{target.profiles});
  if (!file) return usage(file.error().sentence);
  auto profile = client::find_profile(*file, name);
  if (!profile) return usage(profile.error().sentence);
  return std::move(*profile);
}

std::filesystem::path account_file_of(const TargetOptions& target, const client::Profile& bank) {
  if (!target.accounts_file.empty()) return target.accounts_file;
  return default_account_file(bank);
}

}  // namespace hugang::load
