// Scenarios as text: the file that a scenario amounts to, and lines for people.
#include <fmt/format.h>

#include <cmath>

#include "clients/load/report/quantities.hpp"
#include "clients/load/scenario.hpp"

namespace hugang::load {
namespace {

std::string seconds_text(double seconds) {
  const auto ms = static_cast<std::int64_t>(std::llround(seconds * 1'000));
  return ms % 1'000 == 0 ? fmt::format("{}s", ms / 1'000) : fmt::format("{}ms", ms);
}

const char* word(Loop loop) { return loop == Loop::kOpen ? "open" : "closed"; }
const char* word(Arrivals arrivals) { return arrivals == Arrivals::kEven ? "even" : "random"; }
const char* word(Encoding encoding) { return encoding == Encoding::kPacked ? "packed" : "typed"; }
const char* word(IdOrder order) { return order == IdOrder::kInOrder ? "in-order" : "random"; }

const char* word(Shape shape) {
  switch (shape) {
    case Shape::kConstant:
      return "constant";
    case Shape::kRamp:
      return "ramp";
    case Shape::kStep:
      return "step";
    case Shape::kSpike:
      return "spike";
  }
  return "";
}

/// TOML's basic strings escape the same as ours need: backslash, quote, control characters.
std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string phase_toml(const PhasePlan& phase, Loop loop) {
  std::string text =
      fmt::format("\n[[phase]]\nname = {}\nduration = \"{}\"\nmeasured = {}\n",
                  toml_text(phase.name), seconds_text(phase.duration_s), phase.is_measured);
  if (loop == Loop::kClosed) return text;
  text += fmt::format("shape = \"{}\"\nrate = {}\n", word(phase.shape), phase.rate);
  if (phase.shape == Shape::kRamp || phase.shape == Shape::kStep) {
    text += fmt::format("to_rate = {}\n", phase.to_rate);
  }
  if (phase.shape == Shape::kStep) text += fmt::format("steps = {}\n", phase.steps);
  if (phase.shape == Shape::kSpike) {
    text +=
        fmt::format("spike_rate = {}\nspike_every = \"{}\"\nspike_for = \"{}\"\n", phase.spike_rate,
                    seconds_text(phase.spike_every_s), seconds_text(phase.spike_for_s));
  }
  return text;
}

/// "20,000".
std::string grouped(double count) {
  return report::count_text(static_cast<std::uint64_t>(std::nearbyint(count)));
}

std::string rate_text(double rate) {
  return (rate < 100 ? fmt::format("{:g}", rate) : grouped(rate)) + "/s";
}

std::string phase_text(const PhasePlan& phase, Loop loop) {
  const std::string tail = fmt::format(" for {}{}", seconds_text(phase.duration_s),
                                       phase.is_measured ? "" : ", not measured");
  if (loop == Loop::kClosed) return phase.name + tail;
  const std::string head = phase.name + ": " + rate_text(phase.rate);
  switch (phase.shape) {
    case Shape::kConstant:
      return head + tail;
    case Shape::kRamp:
      return head + " rising to " + rate_text(phase.to_rate) + tail;
    case Shape::kStep:
      return fmt::format("{} to {} in {} steps{}", head, rate_text(phase.to_rate), phase.steps,
                         tail);
    case Shape::kSpike:
      return fmt::format("{} with spikes of {} for {} every {}{}", head,
                         rate_text(phase.spike_rate), seconds_text(phase.spike_for_s),
                         seconds_text(phase.spike_every_s), tail);
  }
  return head;
}

std::string mix_text(const Scenario& scenario) {
  const Mix& mix = scenario.mix;
  std::string text;
  const auto add = [&](const char* name, double weight) {
    if (weight > 0) text += fmt::format("{}{} {:g}", text.empty() ? "" : ", ", name, weight);
  };
  add("single", mix.single);
  add("hold", mix.hold);
  add(fmt::format("chain of {}", mix.chain_length).c_str(), mix.chain);
  add("balancing", mix.balancing);
  add("batch", mix.batch);
  add("cross-border", mix.cross_border);
  return text;
}

}  // namespace

std::string_view word_of(Workload workload) {
  switch (workload) {
    case Workload::kStream:
      return "stream";
    case Workload::kBatch:
      return "batch";
    case Workload::kUnary:
      return "unary";
    case Workload::kCrossBorder:
      return "cross-border";
    case Workload::kMixed:
      return "mixed";
  }
  return "";
}

std::optional<Workload> workload_of(std::string_view text) {
  for (const Workload each : {Workload::kStream, Workload::kBatch, Workload::kUnary,
                              Workload::kCrossBorder, Workload::kMixed}) {
    if (word_of(each) == text) return each;
  }
  return std::nullopt;
}

std::string to_toml(const Scenario& s) {
  std::string text = fmt::format("name = {}\nkind = \"{}\"\nseed = {}\n", toml_text(s.name),
                                 word_of(s.workload), s.seed);
  text += fmt::format(
      "\n[load]\nloop = \"{}\"\narrivals = \"{}\"\nconnections = {}\nthreads = {}\nin_flight = "
      "{}\nbatch_size = {}\nencoding = \"{}\"\nthink = \"{}\"\nthink_random = {}\ntimeout = "
      "\"{}\"\nlag_max = \"{}\"\n",
      word(s.loop), word(s.arrivals), s.connections, s.threads, s.in_flight, s.batch_size,
      word(s.encoding), seconds_text(s.think_s), s.is_think_random, seconds_text(s.timeout_s),
      seconds_text(s.lag_max_s));
  for (const PhasePlan& phase : s.phases) text += phase_toml(phase, s.loop);
  text += fmt::format("\n[accounts]\ncount = {}\nhot_accounts = {}\nhot_traffic = {}\n", s.accounts,
                      s.hot_accounts, s.hot_traffic);
  text += fmt::format("\n[amounts]\nmin = {}\nmax = {}\n", s.amount_min, s.amount_max);
  text += fmt::format("\n[ids]\norder = \"{}\"\nretry_share = {}\n", word(s.ids), s.retry_share);
  const Mix& m = s.mix;
  text += fmt::format(
      "\n[mix]\nsingle = {}\nhold = {}\nchain = {}\nbalancing = {}\nbatch = {}\ncross_border = "
      "{}\nvoid_share = {}\nchain_length = {}\n",
      m.single, m.hold, m.chain, m.balancing, m.batch, m.cross_border, m.void_share,
      m.chain_length);
  return text;
}

std::vector<report::Fact> summary_of(const Scenario& s) {
  std::vector<report::Fact> facts;
  const bool is_batched = s.workload == Workload::kStream || s.workload == Workload::kBatch;
  std::string requests{word_of(s.workload)};
  if (is_settlement_stream(s)) requests += fmt::format(", {} payments each", grouped(s.batch_size));
  if (is_batched) {
    requests += fmt::format(", {} {} transfers each", word(s.encoding), grouped(s.batch_size));
  }
  facts.push_back({"Requests", requests});
  std::string arrivals = s.loop == Loop::kOpen
                             ? fmt::format("open loop, {} arrivals, at most {} under way",
                                           word(s.arrivals), grouped(s.in_flight))
                             : fmt::format("closed loop, {} under way", grouped(s.in_flight));
  if (s.think_s > 0) arrivals += ", think time " + seconds_text(s.think_s);
  facts.push_back({"Arrivals", arrivals});
  for (const PhasePlan& phase : s.phases) facts.push_back({"Phase", phase_text(phase, s.loop)});
  facts.push_back({"Connections", fmt::format("{} on {} {}", s.connections, s.threads,
                                              s.threads == 1 ? "thread" : "threads")});
  std::string accounts = grouped(static_cast<double>(s.accounts));
  if (s.hot_traffic > 0) {
    accounts += fmt::format(", {:g} % of the traffic on {:g} % of them", s.hot_traffic * 100,
                            s.hot_accounts * 100);
  }
  facts.push_back({"Accounts", accounts});
  facts.push_back({"Ids", s.ids == IdOrder::kInOrder ? "in order" : "random (UUID v4)"});
  facts.push_back({"Mix", mix_text(s)});
  if (s.retry_share > 0)
    facts.push_back({"Sent again", fmt::format("{:g} %", s.retry_share * 100)});
  return facts;
}

}  // namespace hugang::load
