// Random numbers that are the same everywhere from the same seed, for a few nanoseconds each:
// what makes a run repeatable and the generator cheap.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "clearing/base/int128.hpp"

namespace hugang::load {

/// Spreads a seed over 64 bits (Steele, Lea, Flood: SplitMix64). Each call another number.
class SplitMix64 {
 public:
  explicit constexpr SplitMix64(std::uint64_t seed) : state_{seed} {}
  constexpr std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_;
};

/// xoshiro256++ of Blackman and Vigna: 64 good bits a call. Not for secrets.
class Random {
 public:
  explicit constexpr Random(std::uint64_t seed) {
    SplitMix64 spread{seed};
    for (std::uint64_t& word : state_) word = spread.next();
  }

  constexpr std::uint64_t next() {
    const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  /// 0 <= result < bound, by multiplication instead of division (Lemire). Bounds here are below
  /// 2^40, so that no number is likelier than another by more than one part in 2^24. Requires
  /// bound > 0.
  constexpr std::uint64_t below(std::uint64_t bound) {
    return base::high64(static_cast<base::u128>(next()) * bound);
  }

  /// 0 <= result < 1, 53 bits.
  constexpr double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

 private:
  std::array<std::uint64_t, 4> state_{};
};

/// A chance as a number that 64 random bits are compared with.
class Chance {
 public:
  /// `share` from 0 to 1; 1 is certain, to one part in 2^64.
  explicit constexpr Chance(double share)
      : below_{share >= 1.0   ? ~std::uint64_t{0}
               : share <= 0.0 ? 0
                              : static_cast<std::uint64_t>(share * 0x1.0p64)} {}
  [[nodiscard]] constexpr bool is_never() const { return below_ == 0; }
  /// Takes no number where the chance is none: a scenario without retries is generated faster.
  constexpr bool hits(Random& random) const { return below_ != 0 && random.next() <= below_; }

 private:
  std::uint64_t below_;
};

}  // namespace hugang::load
