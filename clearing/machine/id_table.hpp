// The table of every command id ever seen. It only grows, is hit once per command at a random
// place, and must never pause: hence shards that grow one by one, slots probed in line, and a
// prefetch that lets a batch hide the memory's latency.
#pragma once

#include <emmintrin.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "clearing/base/check.hpp"
#include "clearing/base/strong_id.hpp"

namespace hugang::machine {

/// Maps an id (not 0, which is reserved) to a Record. Nothing is ever removed.
/// Pointers to records are good until the next insert.
template <class Record>
class IdTable {
 public:
  using Id = base::CommandId;

  struct Slot {
    Id id;
    Record record;
  };

  IdTable() : shards_{std::make_unique<Shards>()} {}
  IdTable(const IdTable& other) : IdTable() { copy_from(other); }
  IdTable& operator=(const IdTable& other) {
    if (this == &other) return *this;
    shards_ = std::make_unique<Shards>();
    size_ = 0;
    copy_from(other);
    return *this;
  }
  IdTable(IdTable&&) noexcept = default;
  IdTable& operator=(IdTable&&) noexcept = default;
  ~IdTable() = default;

  [[nodiscard]] std::size_t size() const { return size_; }

  /// The record of `id`, or nullptr.
  [[nodiscard]] const Record* find(Id id) const {
    const std::size_t hash = hash_of(id);
    const Shard& shard = shard_of(hash);
    if (shard.groups == 0) return nullptr;
    const Place place = find_place(shard, hash, id);
    return place.is_taken ? &shard.slots[place.at].record : nullptr;
  }
  [[nodiscard]] Record* find(Id id) {
    return const_cast<Record*>(static_cast<const IdTable&>(*this).find(id));
  }
  [[nodiscard]] bool contains(Id id) const { return find(id) != nullptr; }

  /// Adds a record, or replaces the one that is there. True when it was added.
  bool insert_or_assign(Id id, const Record& record) {
    HG_CHECK(!id.is_none());
    const std::size_t hash = hash_of(id);
    Shard& shard = shard_of(hash);
    // Three quarters: neighbours come in fours, and an open group should stay near.
    if ((shard.used + 1) * 4 > shard.groups * kGroup * 3) grow(shard);
    const Place place = find_place(shard, hash, id);
    put(shard, place.at, hash, {id, record});
    shard.used += place.is_taken ? 0 : 1;
    size_ += place.is_taken ? 0 : 1;
    return !place.is_taken;
  }

  /// Asks the memory for the tags of `id`; some time later prefetch_slot asks for the slot that the
  /// tags tell of.
  void prefetch_tags(Id id) const {
    const std::size_t hash = hash_of(id);
    const Shard& shard = shard_of(hash);
    if (shard.groups != 0) __builtin_prefetch(&shard.tags[first_group(shard, hash) * kGroup]);
  }
  void prefetch_slot(Id id) const {
    const std::size_t hash = hash_of(id);
    const Shard& shard = shard_of(hash);
    if (shard.groups == 0) return;
    const std::size_t base = first_group(shard, hash) * kGroup;
    const unsigned candidates =
        matches(shard, base, tag_of(hash, id)) | matches(shard, base, kFree);
    if (candidates == 0) return;
    const auto bit = static_cast<std::size_t>(std::countr_zero(candidates));
    const auto* slot = reinterpret_cast<const char*>(&shard.slots[base + bit]);
    __builtin_prefetch(slot, 1);
    __builtin_prefetch(slot + sizeof(Slot) - 1, 1);  // a slot may lie across two cache lines
  }

 private:
  static constexpr std::size_t kShardBits = 12;
  static constexpr std::size_t kGroup = 16;
  static constexpr int kNeighbourBits = 2;
  static constexpr std::uint8_t kFree = 0;

  struct Shard {
    std::unique_ptr<std::uint8_t[]> tags;  // kFree, or 0x80 + 7 bits of the hash
    std::unique_ptr<Slot[]> slots;
    std::size_t groups = 0;  // of kGroup slots; a power of two, or 0
    std::size_t used = 0;
  };
  using Shards = std::array<Shard, std::size_t{1} << kShardBits>;

  struct Place {
    std::size_t at = 0;
    bool is_taken = false;
  };

  // Shard, group and tag take different bits of the hash, so they are independent.
  [[nodiscard]] Shard& shard_of(std::size_t hash) const {
    return (*shards_)[hash >> (sizeof(std::size_t) * 8 - kShardBits)];
  }
  /// Four ids that follow one another share a place, so that a client which counts touches a
  /// quarter of the memory; random ids are spread as ever.
  [[nodiscard]] static std::size_t hash_of(Id id) {
    return std::hash<Id>{}(Id{id.value() >> kNeighbourBits});
  }
  /// Tells neighbours apart, which have one hash. 37 is odd: the four get four tags.
  [[nodiscard]] static std::uint8_t tag_of(std::size_t hash, Id id) {
    const std::size_t neighbour = base::low64(id.value()) & ((1u << kNeighbourBits) - 1);
    return static_cast<std::uint8_t>(0x80u | ((hash + neighbour * 37) & 0x7Fu));
  }
  [[nodiscard]] static std::size_t first_group(const Shard& shard, std::size_t hash) {
    return (hash >> 7) & (shard.groups - 1);
  }

  /// One bit per slot of the group at `base` whose tag is `tag`.
  [[nodiscard]] static unsigned matches(const Shard& shard, std::size_t base, std::uint8_t tag) {
    const __m128i tags = _mm_loadu_si128(reinterpret_cast<const __m128i*>(&shard.tags[base]));
    const __m128i wanted = _mm_set1_epi8(static_cast<char>(tag));
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(tags, wanted)));
  }

  /// Where `id` is, or the free slot where it would go. Ends: a shard is never full.
  [[nodiscard]] static Place find_place(const Shard& shard, std::size_t hash, Id id) {
    for (std::size_t group = first_group(shard, hash);; group = (group + 1) & (shard.groups - 1)) {
      const std::size_t base = group * kGroup;
      for (unsigned hits = matches(shard, base, tag_of(hash, id)); hits != 0; hits &= hits - 1) {
        const std::size_t at = base + static_cast<std::size_t>(std::countr_zero(hits));
        if (shard.slots[at].id == id) return {at, true};
      }
      const unsigned open = matches(shard, base, kFree);
      if (open != 0) return {base + static_cast<std::size_t>(std::countr_zero(open)), false};
    }
  }

  static void put(Shard& shard, std::size_t at, std::size_t hash, const Slot& slot) {
    shard.tags[at] = tag_of(hash, slot.id);
    shard.slots[at] = slot;
  }

  static void grow(Shard& shard) {
    Shard larger;
    larger.groups = shard.groups == 0 ? 1 : shard.groups * 2;
    larger.tags = std::make_unique<std::uint8_t[]>(larger.groups * kGroup);
    // Slots need no first value: the tags say which of them count.
    larger.slots = std::make_unique_for_overwrite<Slot[]>(larger.groups * kGroup);
    larger.used = shard.used;
    for (std::size_t i = 0; i < shard.groups * kGroup; ++i) {
      if (shard.tags[i] == kFree) continue;
      const Slot& slot = shard.slots[i];
      const std::size_t hash = hash_of(slot.id);
      put(larger, find_place(larger, hash, slot.id).at, hash, slot);
    }
    shard = std::move(larger);
  }

  void copy_from(const IdTable& other) {
    for (const Shard& shard : *other.shards_) {
      for (std::size_t i = 0; i < shard.groups * kGroup; ++i) {
        if (shard.tags[i] != kFree) insert_or_assign(shard.slots[i].id, shard.slots[i].record);
      }
    }
  }

  std::unique_ptr<Shards> shards_;
  std::size_t size_ = 0;
};

}  // namespace hugang::machine
