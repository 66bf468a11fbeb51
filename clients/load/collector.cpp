#include "clients/load/collector.hpp"

#include "clearing/base/check.hpp"

namespace hugang::load {
namespace {

void add_all(report::CodeCounts& to, const report::CodeCounts& from) {
  for (const report::CodeCount& each : from) report::add_code(to, each.code, each.count);
}

}  // namespace

void KindCounts::add(const Answer& answer, std::uint64_t latency_ns) {
  if (!answer.error.empty()) {
    report::add_code(errors, answer.error);
    return;
  }
  ++completed;
  accepted += answer.accepted;
  repeated += answer.repeated;
  add_all(refused, answer.refused);
  latency.record(latency_ns);
}

void KindCounts::merge(const KindCounts& other) {
  completed += other.completed;
  accepted += other.accepted;
  repeated += other.repeated;
  add_all(refused, other.refused);
  add_all(errors, other.errors);
  latency.merge(other.latency);
}

void KindCounts::reset() {
  completed = accepted = repeated = 0;
  refused.clear();
  errors.clear();
  latency.reset();
}

Collector::Collector(std::uint32_t threads, std::uint32_t first_measured)
    : threads_{threads}, first_measured_{first_measured} {}

void Collector::add(std::uint32_t second, const Window& window) {
  const std::lock_guard lock{mutex_};
  if (open_.empty()) open_.push_back({.second = second, .reported = 0, .sum = {}});
  HG_CHECK(second >= open_.front().second);
  while (open_.back().second < second) {
    open_.push_back({.second = open_.back().second + 1, .reported = 0, .sum = {}});
  }
  Open& open = open_[second - open_.front().second];
  open.sum.intended += window.intended;
  open.sum.offered += window.offered;
  for (std::size_t i = 0; i < kKinds; ++i) {
    if (window.kinds[i] == nullptr) continue;
    if (open.sum.kinds[i] == nullptr) open.sum.kinds[i] = std::make_unique<KindCounts>();
    open.sum.kinds[i]->merge(*window.kinds[i]);
  }
  ++open.reported;
  while (!open_.empty() && open_.front().reported == threads_) {
    close(open_.front());
    open_.pop_front();
  }
}

void Collector::close(Open& open) {
  report::Histogram latency;
  Closed closed;
  closed.all.second = open.second;
  closed.all.intended = open.sum.intended;
  closed.all.offered = open.sum.offered;
  for (std::size_t i = 0; i < kKinds; ++i) {
    report::KindSecond& of_kind = closed.kinds[i];
    of_kind.second = open.second;
    const KindCounts* counts = open.sum.kinds[i].get();
    if (counts == nullptr) continue;
    of_kind.completed = counts->completed;
    of_kind.transfers_completed = counts->accepted;
    of_kind.latency = report::summarise(counts->latency);
    closed.all.completed += counts->completed;
    closed.all.transfers_completed += counts->accepted;
    closed.all.transfers_refused += report::total(counts->refused);
    add_all(closed.all.refused, counts->refused);
    add_all(closed.all.errors, counts->errors);
    latency.merge(counts->latency);
  }
  closed.all.latency = report::summarise(latency);
  glance_.seconds += 1;
  glance_.intended += closed.all.intended;
  glance_.offered += closed.all.offered;
  glance_.completed += closed.all.completed;
  glance_.accepted += closed.all.transfers_completed;
  glance_.refused += closed.all.transfers_refused;
  glance_.errors += report::total(closed.all.errors);
  glance_.latency.merge(latency);
  if (open.second >= first_measured_) closed_.push_back(std::move(closed));
}

std::optional<Glance> Collector::glance() {
  const std::lock_guard lock{mutex_};
  if (glance_.seconds == 0) return std::nullopt;
  Glance seen = glance_;
  glance_ = Glance{};
  return seen;
}

void Collector::finish(const std::vector<Kind>& kinds, report::RunRecord& record) {
  const std::lock_guard lock{mutex_};
  for (Open& open : open_) close(open);
  open_.clear();
  HG_CHECK(kinds.size() == record.kinds.size());
  for (const Closed& closed : closed_) {
    record.seconds.push_back(closed.all);
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      record.kinds[i].seconds.push_back(closed.kinds[index_of(kinds[i])]);
    }
  }
}

}  // namespace hugang::load
