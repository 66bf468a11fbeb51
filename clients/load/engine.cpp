#include "clients/load/engine.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>

#include "clearing/base/check.hpp"
#include "clients/format/duration_text.hpp"
#include "clients/library/channel.hpp"

namespace hugang::load {
namespace {

/// A thread that computes for more of its time than this has none left for another request.
constexpr double kThreadIsFull = 0.97;

double seconds_of(Nanos nanos) { return static_cast<double>(nanos) * 1e-9; }

double process_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Microseconds since 1970: below 2^51 until 2041, and later runs have higher ones.
std::uint64_t new_run_number() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

std::string lag_text(std::uint64_t ns) {
  return format::duration_text(base::Duration::nanoseconds(static_cast<std::int64_t>(ns)));
}

/// `count` over `parts`, the first ones taking what is left.
std::uint32_t part_of(std::uint32_t count, std::uint32_t parts, std::uint32_t index) {
  return count / parts + (index < count % parts ? 1 : 0);
}

}  // namespace

Engine::Engine(RunPlan plan)
    : plan_{std::move(plan)},
      collector_{plan_.scenario.threads,
                 static_cast<std::uint32_t>(measured_from(plan_.scenario) / kSecond)} {
  const std::uint32_t threads = plan_.scenario.threads;
  std::size_t next_channel = 0;
  for (std::uint32_t i = 0; i < threads; ++i) {
    Worker::Share share{.index = i,
                        .count = threads,
                        .in_flight = std::max(part_of(plan_.scenario.in_flight, threads, i), 1u),
                        .channels = {}};
    for (std::uint32_t c = part_of(plan_.scenario.connections, threads, i); c > 0; --c) {
      share.channels.push_back(plan_.channels[next_channel++]);
    }
    workers_.push_back(std::make_unique<Worker>(plan_, std::move(share), collector_));
  }
}

client::Result<std::unique_ptr<Engine>> Engine::open(Scenario scenario, AccountFile accounts,
                                                     const client::Profile& profile) {
  RunPlan plan{.scenario = std::move(scenario),
               .accounts = std::move(accounts),
               .run_number = new_run_number(),
               .channels = {}};
  for (std::uint32_t i = 0; i < plan.scenario.connections; ++i) {
    auto channel = client::open_channel(profile);
    if (!channel) return std::unexpected{channel.error()};
    plan.channels.push_back(std::move(*channel));
  }
  return std::unique_ptr<Engine>{new Engine{std::move(plan)}};
}

void Engine::start() {
  cpu_seconds_before_ = process_cpu_seconds();
  epoch_ = std::chrono::steady_clock::now();
  for (auto& worker : workers_) worker->start(epoch_);
}

void Engine::stop() {
  if (!is_over()) is_stopped_ = true;
  for (auto& worker : workers_) worker->stop();
}

bool Engine::is_over() const {
  return std::ranges::all_of(workers_, [](const auto& worker) { return worker->is_over(); });
}

double Engine::elapsed_s() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - epoch_).count();
}

const PhasePlan& Engine::phase_at(double elapsed_s) const {
  for (const PhasePlan& phase : plan_.scenario.phases) {
    if (elapsed_s < phase.duration_s) return phase;
    elapsed_s -= phase.duration_s;
  }
  return plan_.scenario.phases.back();
}

void Engine::finish(report::RunRecord& record) {
  for (auto& worker : workers_) worker->join();
  std::vector<Kind> kinds;
  fill_kinds(record, kinds);
  collector_.finish(kinds, record);
  fill_times(record);
  fill_honesty(record);
  std::uint64_t completed = 0;
  report::CodeCounts errors;
  for (const auto& kind : record.kinds) {
    completed += kind.requests_completed;
    for (const auto& each : kind.errors) report::add_code(errors, each.code, each.count);
  }
  if (completed == 0 && !is_stopped_) {
    const auto most = std::ranges::max_element(errors, {}, &report::CodeCount::count);
    record.ending = report::Ending::kFailed;
    record.ending_sentence = "no request had an answer";
    if (most != errors.end()) {
      record.ending_sentence += fmt::format("; {} times {}", most->count, most->code);
    }
  } else if (is_stopped_) {
    record.ending = report::Ending::kInterrupted;
    record.ending_sentence = fmt::format(
        "stopped after {:.1f} s of {:.1f} s; what was under way was waited for",
        seconds_of(workers_.front()->sending_ended()), seconds_of(end_of(plan_.scenario)));
  }
}

void Engine::fill_kinds(report::RunRecord& record, std::vector<Kind>& kinds) const {
  for (std::size_t i = 0; i < kKinds; ++i) {
    const auto kind = static_cast<Kind>(i);
    report::OperationKind sum;
    sum.name = std::string{name_of(kind)};
    bool is_there = false;
    for (const auto& worker : workers_) {
      sum.requests_offered += worker->sent().of(kind);
      sum.retries += worker->sent().retries_of(kind);
      const KindTotals* totals = worker->recorder().totals(kind);
      is_there = is_there || totals != nullptr || sum.requests_offered > 0;
      if (totals == nullptr) continue;
      sum.requests_completed += totals->completed;
      sum.transfers_accepted += totals->accepted;
      for (const auto& each : totals->refused) report::add_code(sum.refused, each.code, each.count);
      for (const auto& each : totals->errors) report::add_code(sum.errors, each.code, each.count);
      sum.latency.merge(totals->latency);
      sum.service_time.merge(totals->service_time);
    }
    if (!is_there) continue;
    kinds.push_back(kind);
    record.kinds.push_back(std::move(sum));
  }
}

void Engine::fill_times(report::RunRecord& record) const {
  Nanos ended = 0;
  for (const auto& worker : workers_) {
    ended = std::max({ended, worker->sending_ended(), worker->recorder().last_answer()});
  }
  // From the first measured moment to the last answer: what was under way at the end is counted,
  // and so is the time that it took.
  const Nanos from = measured_from(plan_.scenario);
  record.measured_s = seconds_of(std::max<Nanos>(ended - from, 0));
  double begin_s = 0;
  for (const PhasePlan& phase : plan_.scenario.phases) {
    const double end_s = begin_s + phase.duration_s;
    if (begin_s >= seconds_of(ended)) break;
    record.phases.push_back({.name = phase.name,
                             .from_s = begin_s,
                             .to_s = std::min(end_s, seconds_of(ended)),
                             .is_measured = phase.is_measured});
    begin_s = end_s;
  }
}

void Engine::fill_honesty(report::RunRecord& record) const {
  report::Histogram lag;
  Punctuality punctuality{.loop = plan_.scenario.loop, .lag_max_s = plan_.scenario.lag_max_s};
  for (const auto& worker : workers_) {
    lag.merge(worker->lag());
    punctuality.intended += worker->recorder().intended_measured();
    punctuality.busiest_thread = std::max(punctuality.busiest_thread, worker->busiest_thread());
  }
  for (const auto& kind : record.kinds) punctuality.offered += kind.requests_offered;
  const double elapsed = elapsed_s();
  if (elapsed > 0) {
    punctuality.cores_busy = (process_cpu_seconds() - cpu_seconds_before_) / elapsed;
  }
  record.honesty = judge(punctuality, lag);
}

report::Honesty judge(const Punctuality& p, const report::Histogram& lag) {
  report::Honesty honesty;
  honesty.requests_offered = p.offered;
  honesty.requests_intended = p.loop == Loop::kClosed ? p.offered : p.intended;
  honesty.lag_p50_ns = lag.percentile_ns(50);
  honesty.lag_p99_ns = lag.percentile_ns(99);
  honesty.lag_p999_ns = lag.percentile_ns(99.9);
  honesty.lag_max_ns = lag.max_ns();
  honesty.client_cores_busy = p.cores_busy;
  const bool is_full = p.busiest_thread >= kThreadIsFull;
  const bool is_late = static_cast<double>(honesty.lag_p99_ns) > p.lag_max_s * 1e9;
  // One or two may be due at the very moment of the end.
  const bool is_behind =
      static_cast<double>(p.offered) + 2 < 0.99 * static_cast<double>(honesty.requests_intended);
  if (is_late) {
    honesty.verdict = report::Verdict::kClientTooSlow;
    honesty.sentence = fmt::format(
        "The client was the limit: it sent one request in a hundred more than {} late by its own "
        "fault (allowed: {}). No rate is claimed; lower the rate, or give it more --threads and "
        "--connections or a machine of its own.",
        lag_text(honesty.lag_p99_ns), lag_text(static_cast<std::uint64_t>(p.lag_max_s * 1e9)));
  } else if (p.loop == Loop::kOpen && is_full && is_behind) {
    honesty.verdict = report::Verdict::kClientTooSlow;
    honesty.sentence = fmt::format(
        "The client was the limit: one of its threads computed {:.0f} % of the time, and {} of {} "
        "requests went out. No rate is claimed; lower the rate, or give it more --threads and "
        "--connections.",
        p.busiest_thread * 100, p.offered, honesty.requests_intended);
  } else if (p.loop == Loop::kClosed) {
    honesty.verdict = report::Verdict::kClosedLoop;
    honesty.sentence = fmt::format(
        "Closed loop: the node's pace is the client's. The client's busiest thread computed {:.0f} "
        "% of the time{}.",
        p.busiest_thread * 100,
        is_full ? ": the node may be able to do more than this client asked of it" : "");
  } else {
    honesty.verdict = report::Verdict::kOffered;
    honesty.sentence = fmt::format(
        "The client sent {} of {} intended requests, 99 % of them no more than {} late by its own "
        "fault{}.",
        p.offered, honesty.requests_intended, lag_text(honesty.lag_p99_ns),
        is_behind ? "; the rest found all places taken by requests that the node had not answered"
                  : "");
  }
  return honesty;
}

}  // namespace hugang::load
