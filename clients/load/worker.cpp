#include "clients/load/worker.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <ctime>

#include "clearing/base/check.hpp"

namespace hugang::load {
namespace {

/// The receiver looks around at least this often: seconds are closed, broken streams reopened.
constexpr auto kLookAround = std::chrono::milliseconds{50};
/// A thread that sleeps for long looks whether it was stopped.
constexpr Nanos kNap = kSecond / 10;

double thread_cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::optional<Schedule> schedule_of(const Scenario& scenario) {
  if (scenario.loop == Loop::kClosed) return std::nullopt;
  return Schedule{segments_of(scenario), scenario.arrivals, scenario.seed};
}

Recorder::Plan recorder_plan(const Scenario& scenario, const Worker::Share& share) {
  return {.measure_from = measured_from(scenario),
          .end = end_of(scenario),
          .arrivals = schedule_of(scenario),
          .share_index = share.index,
          .share_count = share.count};
}

}  // namespace

Nanos end_of(const Scenario& scenario) {
  double total_s = 0;
  for (const PhasePlan& phase : scenario.phases) total_s += phase.duration_s;
  return to_nanos(total_s);
}

Nanos measured_from(const Scenario& scenario) {
  double before_s = 0;
  for (const PhasePlan& phase : scenario.phases) {
    if (phase.is_measured) break;
    before_s += phase.duration_s;
  }
  return to_nanos(before_s);
}

Worker::Worker(const RunPlan& plan, Share share, Collector& collector)
    : plan_{plan},
      scenario_{plan.scenario},
      share_{std::move(share)},
      is_paced_{scenario_.loop == Loop::kOpen || scenario_.think_s > 0},
      end_{end_of(scenario_)},
      measure_from_{measured_from(scenario_)},
      maker_{scenario_, plan.accounts.payers, {plan.run_number, share_.index, share_.count}},
      schedule_{schedule_of(scenario_).value_or(Schedule{{}, Arrivals::kEven, 0}), share_.index,
                share_.count},
      batches_{scenario_.batch_size,
               is_settlement_stream(scenario_) ? kInstructBytes : sizeof(wire::Transfer)},
      chains_{scenario_.mix.chain_length},
      recorder_{recorder_plan(scenario_, share_), collector, sent_} {
  if (plan.accounts.payees.accounts.size() > 0) {
    payee_picker_.emplace(plan.accounts.payees.accounts, scenario_);
  }
  const auto channels = static_cast<std::uint32_t>(share_.channels.size());
  const bool is_settling = is_settlement_stream(scenario_);
  if (is_settling) {
    book_.emplace(IdMaker::Place{plan.run_number, share_.index, share_.count},
                  scenario_.batch_size);
    watch_ = std::make_unique<WatchLane>(share_.channels[0], queue_,
                                         static_cast<WatchLane::Owner&>(*this));
  }
  if (scenario_.workload == Workload::kStream || is_settling) {
    const StreamLane::Protocol protocol =
        is_settling ? StreamLane::Protocol{method::kInstructStream, read_instruct_stream}
                    : StreamLane::Protocol{method::kSubmitStream, read_submit_stream};
    for (std::uint32_t i = 0; i < channels; ++i) {
      const std::uint32_t window = share_.in_flight / channels + (i < share_.in_flight % channels);
      lanes_.push_back(std::make_unique<StreamLane>(share_.channels[i], queue_, protocol,
                                                    std::max(window, 1u),
                                                    static_cast<StreamLane::Owner&>(*this)));
    }
    return;
  }
  for (const auto& channel : share_.channels) {
    stubs_.push_back(std::make_unique<grpc::GenericStub>(channel));
  }
  for (std::uint32_t i = 0; i < share_.in_flight; ++i) {
    calls_.push_back(std::make_unique<Call>(*this));
    calls_.back()->channel = i % channels;
    free_calls_.push_back(calls_.back().get());
  }
}

Worker::~Worker() { join(); }

void Worker::start(std::chrono::steady_clock::time_point epoch) {
  epoch_ = epoch;
  receiver_ = std::thread{[this] { run_receiver(); }};
  if (is_paced_) pacer_ = std::thread{[this] { run_pacer(); }};
}

void Worker::stop() {
  Nanos never = kNever;
  stopped_at_.compare_exchange_strong(never, now());
  is_stopped_ = true;
  const std::lock_guard lock{mutex_};
  changed_.notify_all();
}

void Worker::join() {
  if (pacer_.joinable()) pacer_.join();
  if (receiver_.joinable()) receiver_.join();
}

Nanos Worker::now() const {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() -
                                                              epoch_)
      .count();
}

// ---- The thread that keeps times ---------------------------------------------------------------

void Worker::run_pacer() {
  // The kernel may wake a thread up to 50 µs late to save power, unless it asks otherwise.
  prctl(PR_SET_TIMERSLACK, 1'000, 0, 0, 0);
  const Nanos began = now();
  const double cpu_before = thread_cpu_seconds();
  if (scenario_.loop == Loop::kOpen) {
    pace_schedule();
  } else {
    pace_thinkers();
  }
  const double elapsed = static_cast<double>(now() - began) * 1e-9;
  pacer_busy_ = elapsed > 0 ? (thread_cpu_seconds() - cpu_before) / elapsed : 0;
  has_sent_all_ = true;
}

bool Worker::sleep_until(Nanos at) {
  while (!is_stopped_.load()) {
    const Nanos left = at - now();
    if (left <= 0) return true;
    const auto until = (epoch_ + std::chrono::nanoseconds{now() + std::min(left, kNap)});
    const auto since = until.time_since_epoch().count();
    const timespec time{.tv_sec = since / kSecond, .tv_nsec = since % kSecond};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr);
  }
  return false;
}

void Worker::pace_schedule() {
  // What is overdue may still go out for a while after the end of the scenario, and is late.
  const Nanos last = end_ + to_nanos(scenario_.timeout_s);
  std::optional<Nanos> intended = schedule_.next();
  while (intended && sleep_until(*intended) && now() < last && send_when_placed(*intended, last)) {
    intended = schedule_.next();
  }
  if (is_stopped_.load()) return;
  std::uint64_t unsent = 0;
  for (; intended; intended = schedule_.next()) ++unsent;
  unsent_ = unsent;
}

bool Worker::send_when_placed(Nanos intended, Nanos last) {
  Call* call = nullptr;
  StreamLane* lane = nullptr;
  {
    std::unique_lock lock{mutex_};
    const auto find_place = [&] {
      if (is_stopped_.load()) return true;
      if (!free_calls_.empty()) call = free_calls_.front();
      for (const auto& each : lanes_) {
        if (!each->is_ready()) continue;
        if (lane == nullptr || each->ready_since() < lane->ready_since()) lane = each.get();
      }
      return call != nullptr || lane != nullptr;
    };
    const auto patience = epoch_ + std::chrono::nanoseconds{last};
    if (!changed_.wait_until(lock, patience, find_place) || is_stopped_.load()) return false;
    if (call != nullptr) free_calls_.pop_front();
    if (lane != nullptr) lane->reserve();
    if (call != nullptr) ++under_way_;
  }
  if (call != nullptr) begin(*call, intended);
  if (lane != nullptr) begin(*lane, intended);
  return true;
}

void Worker::pace_thinkers() {
  {
    // Everybody begins with a part of a think time: not all at once.
    const std::lock_guard lock{mutex_};
    while (!free_calls_.empty()) {
      const Nanos first = to_nanos(scenario_.think_s * maker_.random().unit());
      thinking_.push({.until = first, .call = free_calls_.front()});
      free_calls_.pop_front();
    }
  }
  for (;;) {
    Thinking next{};
    {
      std::unique_lock lock{mutex_};
      changed_.wait_for(lock, std::chrono::nanoseconds{kNap},
                        [&] { return is_stopped_.load() || !thinking_.empty(); });
      if (!may_send(now())) return;
      if (thinking_.empty()) continue;
      next = thinking_.top();
      const auto due = epoch_ + std::chrono::nanoseconds{next.until};
      // Woken early when somebody shorter of thought comes, or to stop.
      if (next.until > now()) {
        changed_.wait_until(
            lock, std::min(due, std::chrono::steady_clock::now() + std::chrono::nanoseconds{kNap}));
        continue;
      }
      thinking_.pop();
      ++under_way_;
    }
    next.call->place_since = next.until;
    begin(*next.call, next.until);
  }
}

// ---- The thread that receives ------------------------------------------------------------------

void Worker::run_receiver() {
  const double cpu_before = thread_cpu_seconds();
  const Nanos began = now();
  {
    const std::lock_guard lock{mutex_};
    if (watch_ != nullptr) {
      watch_->open();
    } else {
      for (auto& lane : lanes_) lane->open();
      are_lanes_open_ = true;
    }
    while (!is_paced_ && !free_calls_.empty()) {
      Call& call = *free_calls_.front();
      free_calls_.pop_front();
      ++under_way_;
      begin(call, std::nullopt);
    }
  }
  Nanos give_up_at = 0;
  Nanos look_at = 0;
  for (;;) {
    void* tag = nullptr;
    bool ok = false;
    const auto deadline = std::chrono::system_clock::now() + kLookAround;
    const auto got = queue_.AsyncNext(&tag, &ok, deadline);
    event_at_ = now();
    if (got == grpc::CompletionQueue::GOT_EVENT) {
      const std::lock_guard lock{mutex_};
      static_cast<Completion*>(tag)->complete(ok);
    }
    if (event_at_ >= look_at) {
      look_after_lanes();
      look_at = event_at_ + kSecond / 20;
    }
    recorder_.pass(event_at_);
    if (!is_paced_ && !may_send(event_at_)) has_sent_all_ = true;
    if (!has_sent_all_.load()) continue;
    if (give_up_at == 0) {
      sending_ended_ = std::min({event_at_, end_, stopped_at_.load()});
      if (is_stopped_.load()) recorder_.stop_arrivals(sending_ended_);
      give_up_at = event_at_ + to_nanos(scenario_.timeout_s);
    }
    if (is_quiet()) break;
    if (event_at_ > give_up_at) {
      cancel_all();
      give_up_at = event_at_ + kSecond;
    }
  }
  recorder_.not_sent(scenario_.workload == Workload::kCrossBorder               ? Kind::kSettlement
                     : lanes_.empty() && scenario_.workload != Workload::kBatch ? Kind::kTransfer
                                                                                : Kind::kBatch,
                     unsent_.load());
  recorder_.finish(now());
  const double elapsed = static_cast<double>(now() - began) * 1e-9;
  receiver_busy_ = elapsed > 0 ? (thread_cpu_seconds() - cpu_before) / elapsed : 0;
  end_lanes();
  is_over_ = true;
}

bool Worker::is_quiet() {
  const std::lock_guard lock{mutex_};
  std::size_t pending = under_way_.load();
  for (const auto& lane : lanes_) pending += lane->pending();
  return pending == 0;
}

void Worker::look_after_lanes() {
  const std::lock_guard lock{mutex_};
  if (watch_ != nullptr) watch_->look_after(event_at_);
  if (!are_lanes_open_) return;
  for (auto& lane : lanes_) lane->look_after(event_at_);
}

void Worker::cancel_all() {
  const std::lock_guard lock{mutex_};
  for (auto& lane : lanes_) lane->cancel();
  for (auto& call : calls_) {
    if (call->is_under_way) call->call.cancel();
  }
}

void Worker::end_lanes() {
  {
    const std::lock_guard lock{mutex_};
    for (auto& lane : lanes_) lane->close();
    if (watch_ != nullptr) watch_->close();
  }
  const Nanos patience = now() + 2 * kSecond;
  bool is_cancelled = false;
  for (;;) {
    {
      const std::lock_guard lock{mutex_};
      const bool is_deaf = watch_ == nullptr || watch_->is_ended();
      if (is_deaf &&
          std::ranges::all_of(lanes_, [](const auto& lane) { return lane->is_ended(); })) {
        break;
      }
      if (!is_cancelled && now() > patience) {
        for (auto& lane : lanes_) lane->cancel();
        is_cancelled = true;
      }
    }
    void* tag = nullptr;
    bool ok = false;
    const auto deadline = std::chrono::system_clock::now() + kLookAround;
    if (queue_.AsyncNext(&tag, &ok, deadline) != grpc::CompletionQueue::GOT_EVENT) continue;
    const std::lock_guard lock{mutex_};
    static_cast<Completion*>(tag)->complete(ok);
  }
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
}

}  // namespace hugang::load
