// Sorting by account without comparisons: a few sequential passes over millions of small keys.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

namespace hugang::ledger::index {

/// An account (high half) and a place in a buffer (low half).
using SortKey = std::uint64_t;

[[nodiscard]] constexpr SortKey make_key(std::uint32_t account, std::uint32_t place) {
  return (static_cast<SortKey>(account) << 32) | place;
}
[[nodiscard]] constexpr std::uint32_t account_of(SortKey key) {
  return static_cast<std::uint32_t>(key >> 32);
}
[[nodiscard]] constexpr std::uint32_t place_of(SortKey key) {
  return static_cast<std::uint32_t>(key);
}

/// Sorts by account; keys of one account stay in the order in which they came. `scratch` is
/// overwritten and grows to the size of `keys`; the two may be exchanged.
inline void sort_by_account(std::vector<SortKey>& keys, std::vector<SortKey>& scratch) {
  constexpr unsigned kDigitBitsMax = 12;  // 4,096 places to write to at once stay in the cache
  std::uint32_t all = 0;
  for (const SortKey key : keys) all |= account_of(key);
  const auto bits = static_cast<unsigned>(std::bit_width(all));
  if (bits == 0 || keys.size() < 2) return;
  const unsigned passes = (bits + kDigitBitsMax - 1) / kDigitBitsMax;
  const unsigned digit_bits = (bits + passes - 1) / passes;
  const std::uint32_t mask = (1U << digit_bits) - 1;
  scratch.resize(keys.size());
  std::vector<std::uint32_t> starts(std::size_t{1} << digit_bits);
  for (unsigned pass = 0; pass < passes; ++pass) {
    const unsigned shift = 32 + pass * digit_bits;
    const auto digit = [shift, mask](SortKey key) {
      return static_cast<std::uint32_t>(key >> shift) & mask;
    };
    starts.assign(starts.size(), 0);
    for (const SortKey key : keys) starts[digit(key)] += 1;
    std::uint32_t sum = 0;
    for (std::uint32_t& start : starts) {
      const std::uint32_t count = start;
      start = sum;
      sum += count;
    }
    for (const SortKey key : keys) scratch[starts[digit(key)]++] = key;
    keys.swap(scratch);
  }
}

}  // namespace hugang::ledger::index
