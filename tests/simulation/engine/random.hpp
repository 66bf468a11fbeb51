// All chance in a simulation: one stream from the seed, the same on every machine and library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "clearing/base/check.hpp"
#include "clearing/base/int128.hpp"

namespace hugang::simulation {

/// splitmix64 (public domain algorithm by Sebastiano Vigna): tiny, and every seed is good.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_{seed} {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  /// 0..limit-1. Requires limit > 0. The bias is below 2^-32 for what is drawn here.
  std::uint64_t below(std::uint64_t limit) {
    HG_CHECK(limit > 0);
    return next() % limit;
  }
  /// low..high, both included.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    HG_CHECK(low <= high);
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }
  bool chance(std::uint32_t permille) { return below(1000) < permille; }
  base::u128 next_id() { return (base::u128{next()} << 64) | (next() | 1); }

  template <class Item>
  const Item& pick(const std::vector<Item>& items) {
    HG_CHECK(!items.empty());
    return items[static_cast<std::size_t>(below(items.size()))];
  }

 private:
  std::uint64_t state_;
};

}  // namespace hugang::simulation
