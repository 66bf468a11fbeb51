#include "services/edge/durable_waits.hpp"

#include <cstring>

#include "clearing/base/check.hpp"
#include "clearing/wire/outcome.hpp"

namespace hugang::edge {
namespace {

/// The id of what came to its end, or nothing for every other event.
std::optional<base::CommandId> ended_by(const wire::EventHead& head, base::ByteSpan body) {
  if (head.kind == wire::EventKind::kSettlementChanged) {
    HG_CHECK(body.size() >= sizeof(wire::SettlementChanged));
    wire::SettlementChanged event;
    std::memcpy(&event, body.data(), sizeof event);
    const bool is_final = event.status == wire::SettlementStatus::kSettled ||
                          event.status == wire::SettlementStatus::kRefused;
    return is_final ? std::optional{event.settlement} : std::nullopt;
  }
  if (head.kind == wire::EventKind::kReconciled) {
    HG_CHECK(body.size() >= sizeof(wire::Reconciled));
    wire::Reconciled event;
    std::memcpy(&event, body.data(), sizeof event);
    return event.id;
  }
  return std::nullopt;
}

}  // namespace

DurableWaits::~DurableWaits() {
  stop();
  if (timer_.joinable()) timer_.join();
}

std::optional<DurableWaits::Ticket> DurableWaits::add(base::CommandId id, Clock::time_point until,
                                                      Done done) {
  std::unique_lock lock{mutex_};
  if (is_stopped_) {
    lock.unlock();
    done();
    return Ticket{0};
  }
  if (waits_.size() >= waits_max_) return std::nullopt;
  const Ticket ticket = ++last_ticket_;
  by_id_.emplace(Key{id, ticket}, ticket);
  const bool is_earliest = by_time_.empty() || until < by_time_.begin()->first;
  by_time_.emplace(until, ticket);
  waits_.emplace(ticket, Wait{.id = id, .until = until, .done = std::move(done)});
  if (!timer_.joinable()) timer_ = std::thread{[this] { run_timer(); }};
  if (is_earliest) earlier_.notify_one();
  return ticket;
}

std::optional<DurableWaits::Done> DurableWaits::take(Ticket ticket) {
  const auto found = waits_.find(ticket);
  if (found == waits_.end()) return std::nullopt;
  Done done = std::move(found->second.done);
  by_id_.erase(Key{found->second.id, ticket});
  auto [at, end] = by_time_.equal_range(found->second.until);
  while (at != end && at->second != ticket) ++at;
  HG_CHECK(at != end);
  by_time_.erase(at);
  waits_.erase(found);
  return done;
}

void DurableWaits::remove(Ticket ticket) {
  std::optional<Done> dropped;  // destroyed outside the lock
  const std::lock_guard lock{mutex_};
  dropped = take(ticket);
}

void DurableWaits::collect(base::CommandId id, std::vector<Done>& ended) {
  for (auto at = by_id_.lower_bound(Key{id, 0}); at != by_id_.end() && at->first.first == id;) {
    const Ticket ticket = at->second;
    ++at;
    ended.push_back(std::move(*take(ticket)));
  }
}

void DurableWaits::on_durable(const node::DurableEntry& entry) {
  if (entry.events.empty()) return;
  std::vector<Done> ended;
  {
    const std::lock_guard lock{mutex_};
    if (waits_.empty()) return;
    wire::EventReader events{entry.events};
    wire::EventHead head;
    base::ByteSpan body;
    while (events.next(head, body)) {
      if (const auto id = ended_by(head, body)) collect(*id, ended);
    }
    HG_CHECK(!events.is_malformed());
  }
  for (Done& done : ended) done();
}

void DurableWaits::stop() {
  std::vector<Done> ended;
  {
    const std::lock_guard lock{mutex_};
    is_stopped_ = true;
    for (auto& [ticket, wait] : waits_) ended.push_back(std::move(wait.done));
    waits_.clear();
    by_id_.clear();
    by_time_.clear();
    earlier_.notify_one();
  }
  for (Done& done : ended) done();
}

std::uint32_t DurableWaits::count() const {
  const std::lock_guard lock{mutex_};
  return static_cast<std::uint32_t>(waits_.size());
}

void DurableWaits::run_timer() {
  std::unique_lock lock{mutex_};
  while (!is_stopped_) {
    if (by_time_.empty()) {
      earlier_.wait(lock);
      continue;
    }
    const auto until = by_time_.begin()->first;
    if (Clock::now() < until) {
      earlier_.wait_until(lock, until);
      continue;
    }
    Done done = std::move(*take(by_time_.begin()->second));
    lock.unlock();
    done();
    lock.lock();
  }
}

}  // namespace hugang::edge
