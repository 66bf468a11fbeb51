#include "clients/load/recorder.hpp"

#include <algorithm>

#include "clearing/base/check.hpp"

namespace hugang::load {
namespace {

std::uint64_t length(Nanos from, Nanos to) {
  return to > from ? static_cast<std::uint64_t>(to - from) : 0;
}

}  // namespace

Recorder::Recorder(Plan plan, Collector& collector, const SentCounts& sent)
    : plan_{std::move(plan)}, collector_{collector}, sent_{sent} {
  HG_CHECK(plan_.measure_from % kSecond == 0);
  if (!plan_.arrivals) return;
  arrivals_.emplace(*plan_.arrivals, plan_.share_index, plan_.share_count);
  next_arrival_ = arrivals_->next();
}

void Recorder::ended(Kind kind, const Moments& moments, const Answer& answer) {
  pass(moments.answered);
  const bool is_measured = moments.intended >= plan_.measure_from;
  if (!is_measured && moments.answered >= plan_.measure_from) return;
  const std::uint64_t latency = length(moments.intended, moments.answered);
  counts_of(kind).add(answer, latency);
  if (!is_measured) return;

  KindTotals& totals = totals_of(kind);
  last_answer_ = std::max(last_answer_, moments.answered);
  if (!answer.error.empty()) {
    report::add_code(totals.errors, answer.error);
    return;
  }
  ++totals.completed;
  totals.accepted += answer.accepted;
  totals.repeated += answer.repeated;
  for (const report::CodeCount& each : answer.refused) {
    report::add_code(totals.refused, each.code, each.count);
  }
  totals.latency.record(latency);
  totals.service_time.record(length(moments.sent, moments.answered));
}

void Recorder::not_sent(Kind kind, std::uint64_t count) {
  if (count == 0) return;
  report::add_code(counts_of(kind).errors, "NOT_SENT", count);
  report::add_code(totals_of(kind).errors, "NOT_SENT", count);
}

KindTotals& Recorder::totals_of(Kind kind) {
  auto& totals = totals_[index_of(kind)];
  if (totals == nullptr) totals = std::make_unique<KindTotals>();
  return *totals;
}

KindCounts& Recorder::counts_of(Kind kind) {
  auto& counts = window_.kinds[index_of(kind)];
  if (counts == nullptr) counts = std::make_unique<KindCounts>();
  return *counts;
}

std::uint64_t Recorder::count_intended(Nanos until) {
  until = std::min(until, arrivals_end_);
  std::uint64_t count = 0;
  while (next_arrival_ && *next_arrival_ < until) {
    ++count;
    next_arrival_ = arrivals_->next();
  }
  return count;
}

void Recorder::close_second() {
  const std::uint64_t sent = sent_.all();
  window_.offered = sent - sent_before_;
  sent_before_ = sent;
  window_.intended = window_.offered;
  const std::uint64_t follow_ups = sent_.follow_ups();
  if (arrivals_) {
    window_.intended = count_intended((static_cast<Nanos>(second_) + 1) * kSecond) + follow_ups -
                       follow_ups_before_;
  }
  follow_ups_before_ = follow_ups;
  if (second_ * kSecond >= plan_.measure_from) intended_measured_ += window_.intended;
  collector_.add(second_, window_);
  for (auto& kind : window_.kinds) {
    if (kind != nullptr) kind->reset();
  }
  ++second_;
}

void Recorder::pass(Nanos now) {
  for (;;) {
    Nanos over = (static_cast<Nanos>(second_) + 1) * kSecond;
    if (over - kSecond < plan_.end && plan_.end <= over) over += kSecond / 2;
    if (now < over) return;
    close_second();
  }
}

void Recorder::finish(Nanos now) {
  pass(now);
  close_second();
}

}  // namespace hugang::load
