#include "clearing/machine/id_slots.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
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

void IdSlots::insert_all(std::span<const IdHash> hashes, std::uint64_t first_line) {
  std::vector<std::uint32_t> end(kRegions + 1);
  for (const IdHash hash : hashes) end[(hash >> kTagBits) + 1] += 1;
  const bool has_room = std::ranges::equal(
      std::span{end}.subspan(1), used_, [this](std::uint32_t more, std::uint32_t used) {
        return (std::size_t{used} + more) * 4 <= table_.groups_per_region * kGroupSlots * 3;
      });
  if (regions_to_move_ > 0 || !has_room) {
    for (std::size_t i = 0; i < hashes.size(); ++i) insert(hashes[i], first_line + i);
    return;
  }
  HG_CHECK(first_line + hashes.size() <= kLinesMax);
  std::partial_sum(end.begin(), end.end(), end.begin());
  std::vector<std::uint64_t> sorted(hashes.size());
  std::vector<std::uint32_t> next{end.begin(), end.end() - 1};
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    const IdHash hash = hashes[i];
    sorted[next[hash >> kTagBits]++] = (hash & kTagMask) << kLineBits | (first_line + i + 1);
  }
  for (std::size_t number = 0; number < kRegions; ++number) {
    const Region region = table_.region(number);
    for (std::uint32_t i = end[number]; i < end[number + 1]; ++i) {
      constexpr std::uint32_t kAhead = 12;
      if (i + kAhead < end[number + 1]) {
        __builtin_prefetch(&region.groups[region.home(sorted[i + kAhead] >> kLineBits)], 1);
      }
      put(region, sorted[i]);
    }
    used_[number] += end[number + 1] - end[number];
  }
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
