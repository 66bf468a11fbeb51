#include "clients/load/settlement_book.hpp"

#include "clearing/base/check.hpp"

namespace hugang::load {

SettlementBook::SettlementBook(IdMaker::Place place, std::uint32_t batch_size)
    : place_{place}, batch_size_{batch_size} {}

std::uint64_t SettlementBook::begin(StreamLane& lane, Moments moments) {
  Entry& entry = entries_.emplace_back();
  entry.batch = {.lane = &lane, .moments = moments, .answer = {}};
  entry.open = batch_size_;
  return first_ + entries_.size() - 1;
}

SettlementBook::Entry* SettlementBook::find(std::uint64_t number) {
  if (number < first_ || number - first_ >= entries_.size()) return nullptr;
  Entry& entry = entries_[number - first_];
  return entry.is_over ? nullptr : &entry;
}

std::optional<SettledBatch> SettlementBook::close_if_over(Entry& entry) {
  if (!entry.is_held || entry.open > 0) return std::nullopt;
  entry.is_over = true;
  std::optional<SettledBatch> batch{std::move(entry.batch)};
  while (!entries_.empty() && entries_.front().is_over) {
    entries_.pop_front();
    ++first_;
  }
  return batch;
}

std::optional<SettledBatch> SettlementBook::held(std::uint64_t number, const Answer& held) {
  Entry* entry = find(number);
  if (entry == nullptr) return std::nullopt;
  entry->is_held = true;
  HG_CHECK(entry->open + held.accepted >= batch_size_);
  entry->open -= batch_size_ - held.accepted;
  for (const auto& each : held.refused) {
    report::add_code(entry->batch.answer.refused, each.code, each.count);
  }
  return close_if_over(*entry);
}

std::optional<SettledBatch> SettlementBook::ended(base::CommandId id, const std::string* refused) {
  const std::uint64_t counter = base::low64(id.value());
  const bool is_ours = base::high64(id.value()) == place_.run && counter >= place_.threads &&
                       counter % place_.threads == place_.thread;
  if (!is_ours) return std::nullopt;
  // The maker's first id is thread + threads.
  const std::uint64_t position = (counter - place_.thread) / place_.threads - 1;
  Entry* entry = find(position / batch_size_);
  if (entry == nullptr || entry->open == 0) return std::nullopt;
  --entry->open;
  if (refused == nullptr) {
    ++entry->batch.answer.accepted;
  } else {
    report::add_code(entry->batch.answer.refused, *refused);
  }
  return close_if_over(*entry);
}

void SettlementBook::lost(std::uint64_t number) {
  Entry* entry = find(number);
  if (entry == nullptr) return;
  entry->is_held = true;
  entry->open = 0;
  close_if_over(*entry);
}

}  // namespace hugang::load
