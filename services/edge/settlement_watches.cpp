#include "services/edge/settlement_watches.hpp"

#include "clearing/wire/batch.hpp"
#include "clearing/wire/outcome.hpp"

namespace hugang::edge {
namespace {

/// One settlement that ended is enough to look; entries of transfers alone cost nothing.
bool tells_of_an_end(base::ByteSpan events) {
  wire::EventReader reader{events};
  wire::EventHead head;
  base::ByteSpan body;
  while (reader.next(head, body)) {
    if (head.kind != wire::EventKind::kSettlementChanged) continue;
    const auto event = wire::read_record<wire::SettlementChanged>(body);
    if (event.status == wire::SettlementStatus::kSettled ||
        event.status == wire::SettlementStatus::kRefused) {
      return true;
    }
  }
  return false;
}

}  // namespace

SettlementWatches::Id SettlementWatches::add(Wake wake) {
  const std::lock_guard lock{mutex_};
  watches_.emplace(++last_id_, std::move(wake));
  return last_id_;
}

void SettlementWatches::remove(Id id) {
  const std::lock_guard lock{mutex_};
  watches_.erase(id);
}

void SettlementWatches::on_durable(const node::DurableEntry& entry) {
  if (entry.events.empty()) return;
  const std::lock_guard lock{mutex_};
  if (watches_.empty() || !tells_of_an_end(entry.events)) return;
  // By id, since a watch that ends at once may take itself out.
  for (auto next = watches_.begin(); next != watches_.end();) {
    const Id id = next->first;
    const Wake wake = next->second;
    wake();
    next = watches_.upper_bound(id);
  }
}

}  // namespace hugang::edge
