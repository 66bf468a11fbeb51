#include "clearing/machine/settlement_table.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace hugang::machine {
namespace {

constexpr std::size_t kFirstSlots = 16;

/// The hash's parts do not overlap: the shard, the bits kept in the slot, of which the lowest say
/// where in the shard it begins to look.
std::size_t shard_of(std::uint64_t hash) { return hash >> 56U; }
std::uint64_t tag_of(std::uint64_t hash) { return hash << 32U; }
std::size_t home_of(std::uint64_t slot, std::size_t slots) { return (slot >> 32U) & (slots - 1); }
std::uint32_t position_of(std::uint64_t slot) { return static_cast<std::uint32_t>(slot) - 1; }

}  // namespace

Settlement& SettlementTable::add(Settlement settlement) {
  HG_CHECK(size_ < UINT32_MAX - 1);
  HG_CHECK(!contains(settlement.id));
  if (size_ == chunks_.size() * kChunk) chunks_.emplace_back();
  std::vector<Settlement>& chunk = chunks_.back();
  chunk.reserve(kChunk);  // once, so that no element moves
  settlement.position = static_cast<std::uint32_t>(size_);
  put_into_index(std::hash<CommandId>{}(settlement.id), settlement.position);
  chunk.push_back(std::move(settlement));
  ++size_;
  return chunk.back();
}

const Settlement* SettlementTable::find(CommandId id) const {
  const std::uint64_t hash = std::hash<CommandId>{}(id);
  const std::vector<std::uint64_t>& slots = shards_[shard_of(hash)].slots;
  if (slots.empty()) return nullptr;
  const std::uint64_t tag = tag_of(hash);
  for (std::size_t i = home_of(tag, slots.size());; i = (i + 1) & (slots.size() - 1)) {
    const std::uint64_t slot = slots[i];
    if (slot == 0) return nullptr;
    if ((slot ^ tag) >> 32U != 0) continue;
    const Settlement& found = (*this)[position_of(slot)];
    if (found.id == id) return &found;
  }
}

Settlement* SettlementTable::find(CommandId id) {
  return const_cast<Settlement*>(std::as_const(*this).find(id));
}

void SettlementTable::place(std::vector<std::uint64_t>& slots, std::uint64_t slot) {
  std::size_t i = home_of(slot, slots.size());
  while (slots[i] != 0) i = (i + 1) & (slots.size() - 1);
  slots[i] = slot;
}

void SettlementTable::put_into_index(std::uint64_t hash, std::uint32_t position) {
  Shard& shard = shards_[shard_of(hash)];
  if ((shard.used + 1) * 8 > shard.slots.size() * 5) {
    std::vector<std::uint64_t> larger(std::max(kFirstSlots, shard.slots.size() * 2));
    for (const std::uint64_t slot : shard.slots) {
      if (slot != 0) place(larger, slot);
    }
    shard.slots = std::move(larger);
  }
  place(shard.slots, tag_of(hash) | (position + 1));
  ++shard.used;
}

void SettlementTable::rebuild_ends() {
  ends_.clear();
  for (const Settlement& settlement : *this) {
    if (!settlement.is_open()) ends_.push_back(settlement.position);
  }
  std::ranges::sort(ends_, {}, [this](std::uint32_t position) {
    const Settlement& settlement = (*this)[position];
    return std::tuple{settlement.closed_seqno, settlement.closed_at, settlement.decision_message,
                      position};
  });
}

}  // namespace hugang::machine
