#include "clearing/machine/id_slots.hpp"

#include <cstring>
#include <utility>

#include "clearing/base/check.hpp"

namespace hugang::machine {
namespace {

/// Groups that one insert pays for while the table grows. The table then has about five lines a
/// group, so growth is over after a twentieth more.
constexpr std::size_t kGroupsPerInsert = 4;

/// Half as much again rather than twice keeps the memory near what is used.
std::size_t larger(std::size_t groups) { return groups + groups / 2 + 1; }

}  // namespace

IdSlots::IdSlots() : table_{1}, used_(kRegions) { is_moved_.fill(1); }

IdSlots::IdSlots(const IdSlots& other)
    : table_{other.table_.groups_per_region},
      before_{other.before_.groups_per_region},
      is_moved_{other.is_moved_},
      used_{other.used_},
      regions_to_move_{other.regions_to_move_},
      credit_{other.credit_} {
  std::memcpy(table_.memory.data(), other.table_.memory.data(), table_.memory.size());
  if (before_.memory.size() == 0) return;
  std::memcpy(before_.memory.data(), other.before_.memory.data(), before_.memory.size());
}

IdSlots& IdSlots::operator=(const IdSlots& other) {
  if (this != &other) *this = IdSlots{other};
  return *this;
}

void IdSlots::insert(IdHash hash, std::uint64_t line) {
  HG_CHECK(hash <= kIdHashMax && line < kLinesMax);
  const std::size_t number = hash >> kTagBits;
  // Three quarters: neighbours come in fours, and the next open slot should stay near.
  const auto is_crowded = [&] {
    return (used_[number] + 1) * std::size_t{4} > region_of(hash).count * kGroupSlots * 3;
  };
  if (regions_to_move_ == 0) {
    if (is_crowded()) begin_growth(larger(table_.groups_per_region));
  } else {
    go_on_growing();
  }
  // Its turn has not come, but it cannot wait; or, in a small table, chance has filled it again.
  while (is_crowded()) {
    if (is_moved_[number] == 0) {
      move_region(number);
    } else {
      finish_growing();
      begin_growth(larger(table_.groups_per_region));
    }
  }
  put(region_of(hash), (hash & kTagMask) << kLineBits | (line + 1));
  used_[number] += 1;
}

void IdSlots::put(Region region, std::uint64_t slot) {
  for (std::size_t at = region.home(slot >> kLineBits);; at = region.after(at)) {
    Group& group = region.groups[at];
    if (group.is_full()) continue;
    group.slots[group.used()] = slot;
    return;
  }
}

void IdSlots::begin_growth(std::size_t groups) {
  before_ = std::exchange(table_, Table{groups});
  is_moved_.fill(0);
  regions_to_move_ = kRegions;
  credit_ = 0;
}

void IdSlots::go_on_growing() {
  credit_ += kGroupsPerInsert;
  while (regions_to_move_ > 0 && credit_ >= before_.groups_per_region) {
    credit_ -= before_.groups_per_region;
    move_region(--regions_to_move_);
  }
  if (regions_to_move_ == 0) before_ = Table{};
}

void IdSlots::finish_growing() {
  while (regions_to_move_ > 0) move_region(--regions_to_move_);
  before_ = Table{};
}

void IdSlots::move_region(std::size_t number) {
  if (is_moved_[number] != 0) return;
  const Region from = before_.region(number);
  const Region to = table_.region(number);
  for (std::size_t at = 0; at < from.count; ++at) {
    for (const std::uint64_t slot : from.groups[at].slots) {
      if (slot == 0) break;
      put(to, slot);
    }
  }
  is_moved_[number] = 1;
}

void IdSlots::reserve(std::uint64_t lines) {
  finish_growing();
  // A region's share, some deviations to spare, at two thirds.
  const std::uint64_t share = lines >> kRegionBits;
  const auto groups = static_cast<std::size_t>((share + share / 16 + 8) * 3 / 2 / kGroupSlots);
  if (groups <= table_.groups_per_region) return;
  begin_growth(groups);
  finish_growing();
}

std::size_t IdSlots::memory_bytes() const {
  return table_.memory.size() + before_.memory.size() + used_.size() * sizeof(std::uint32_t);
}

}  // namespace hugang::machine
