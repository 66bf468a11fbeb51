// Where in the id log an id may be. The table grows for ever, is asked once per command at a random
// place and must never pause: eight bytes a line, one cache line a look-up, and growth that moves a
// little with every insert.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "clearing/base/large_memory.hpp"
#include "clearing/base/strong_id.hpp"

namespace hugang::machine {

/// 42 bits of an id that place it in the table: region, place within it, and which of four
/// neighbours. Ids of one hash are told apart by their lines.
using IdHash = std::uint64_t;
inline constexpr IdHash kIdHashMax = (IdHash{1} << 42) - 1;

/// Four ids that follow one another share a place, so that a client which counts touches a quarter
/// of the memory; random ids are spread as ever. `seed` is the ledger's own, so that nobody can
/// choose ids that crowd one place.
[[nodiscard]] inline IdHash hash_of_id(base::CommandId id, std::uint64_t seed) {
  const base::u128 place = id.value() >> 2;
  // Two folded multiplications of 64 by 64 bits, as in wyhash: every bit reaches every other.
  const auto folded = [](std::uint64_t a, std::uint64_t b) {
    const base::u128 product = base::u128{a} * b;
    return base::low64(product) ^ base::high64(product);
  };
  const std::uint64_t mixed =
      folded(base::low64(place) ^ seed, base::high64(place) ^ 0x9E3779B97F4A7C15ULL ^ (seed << 1));
  const std::uint64_t hash = folded(mixed ^ 0xD1B54A32D192ED03ULL, seed ^ 0xAEF17502108EF2D9ULL);
  return hash >> 24 << 2 | (base::low64(id.value()) & 3);
}

/// Maps hashes to line numbers. Nothing is ever removed; a hash may have several lines.
/// Memory: 8 bytes a line at a load of one half to three quarters, so 10.7 to 16 bytes a line; some
/// more below a few million lines, where chance makes the regions unequal, and while it grows.
class IdSlots {
 public:
  /// Lines that can be numbered: 17 thousand million.
  static constexpr std::uint64_t kLinesMax = (std::uint64_t{1} << 34) - 1;

  IdSlots();
  IdSlots(const IdSlots& other);
  IdSlots& operator=(const IdSlots& other);
  IdSlots(IdSlots&&) noexcept = default;
  IdSlots& operator=(IdSlots&&) noexcept = default;
  ~IdSlots() = default;

  /// Requires hash <= kIdHashMax and line < kLinesMax.
  void insert(IdHash hash, std::uint64_t line);

  /// Inserts hashes[i] as line first_line + i. Many at once are put region by region, so that the
  /// table is walked from front to back instead of here and there.
  void insert_all(std::span<const IdHash> hashes, std::uint64_t first_line);

  /// Calls `visit(line)` for every line of this hash, in no order.
  template <class Visit>
  void for_each(IdHash hash, Visit visit) const {
    const Region region = region_of(hash);
    const std::uint64_t tag = hash & kTagMask;
    for (std::size_t at = region.home(tag);; at = region.after(at)) {
      const Group& group = region.groups[at];
      for (unsigned hits = group.hits(tag); hits != 0; hits &= hits - 1) {
        visit((group.slots[static_cast<unsigned>(std::countr_zero(hits))] & kLineMask) - 1);
      }
      if (!group.is_full()) return;  // filled from the front: nothing is behind
    }
  }

  /// Asks the memory for the place of `hash`. Only a hint. Always inline: the compiler takes a
  /// function that does nothing but prefetch for one without effect, and drops the call.
  [[gnu::always_inline]] void prefetch(IdHash hash) const {
    const Region region = region_of(hash);
    __builtin_prefetch(&region.groups[region.home(hash & kTagMask)], 1);
  }

  /// Makes room for `lines` lines in all, so that a restore does not grow step by step. Moves at
  /// once what is there.
  void reserve(std::uint64_t lines);

  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  static constexpr unsigned kRegionBits = 12;
  static constexpr unsigned kTagBits = 30;
  static constexpr unsigned kLineBits = 34;
  static constexpr std::size_t kRegions = std::size_t{1} << kRegionBits;
  static constexpr std::uint64_t kTagMask = (std::uint64_t{1} << kTagBits) - 1;
  static constexpr std::uint64_t kLineMask = (std::uint64_t{1} << kLineBits) - 1;
  static_assert(kTagBits + kLineBits == 64);
  static_assert(kIdHashMax >> kTagBits == kRegions - 1);

  static constexpr unsigned kGroupSlots = 8;
  /// One cache line. A slot is tag and line + 1; 0 is free. Filled from the front.
  struct alignas(64) Group {
    std::array<std::uint64_t, 8> slots;

    // Without branches: which slot it is cannot be foreseen, and a wrong guess costs more than
    // looking at all eight.
    /// One bit per slot of this tag. A free slot has tag 0 too, and line 0 as no other has.
    [[nodiscard]] unsigned hits(std::uint64_t tag) const {
      unsigned bits = 0;
      for (unsigned i = 0; i < kGroupSlots; ++i) {
        const bool is_hit = slots[i] >> kLineBits == tag && slots[i] != 0;
        bits |= static_cast<unsigned>(is_hit) << i;
      }
      return bits;
    }
    [[nodiscard]] unsigned used() const {
      unsigned count = 0;
      for (const std::uint64_t slot : slots) count += slot != 0 ? 1 : 0;
      return count;
    }
    [[nodiscard]] bool is_full() const { return slots.back() != 0; }
  };

  /// The groups of one region: a ring. Never full.
  struct Region {
    Group* groups;
    std::size_t count;
    /// In the order of the tags, so that a larger table has everything in the same order and
    /// growing walks both from front to back.
    [[nodiscard]] std::size_t home(std::uint64_t tag) const { return tag * count >> kTagBits; }
    [[nodiscard]] std::size_t after(std::size_t at) const { return at + 1 == count ? 0 : at + 1; }
  };

  /// All regions of one size.
  struct Table {
    Table() = default;
    explicit Table(std::size_t groups)
        : memory{groups * kRegions * sizeof(Group)}, groups_per_region{groups} {}
    [[nodiscard]] Region region(std::size_t number) const {
      return {reinterpret_cast<Group*>(memory.data()) + number * groups_per_region,
              groups_per_region};
    }
    base::LargeMemory memory;
    std::size_t groups_per_region = 0;
  };

  [[nodiscard]] Region region_of(IdHash hash) const {
    const std::size_t number = hash >> kTagBits;
    return (is_moved_[number] != 0 ? table_ : before_).region(number);
  }
  void begin_growth(std::size_t groups);
  void go_on_growing();
  void finish_growing();
  void move_region(std::size_t number);
  static void put(Region region, std::uint64_t slot);

  Table table_;
  Table before_;  ///< while growing: what is not moved yet
  /// Per region: whether it lies in table_. Bytes, as it is read with every look-up.
  std::array<std::uint8_t, kRegions> is_moved_;
  std::vector<std::uint32_t> used_;  ///< per region
  std::size_t regions_to_move_ = 0;  ///< the first so many may still have to
  std::size_t credit_ = 0;           ///< groups that may be moved now
};

}  // namespace hugang::machine
