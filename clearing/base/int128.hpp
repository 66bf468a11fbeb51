// 128-bit integers and the one division that money goes through. No other file spells __int128.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "clearing/base/check.hpp"

namespace hugang::base {

__extension__ using u128 = unsigned __int128;
__extension__ using i128 = __int128;

static_assert(sizeof(u128) == 16);

/// kDown: towards zero. kUp: away from zero. kExact: a remainder is an error.
enum class Rounding : std::uint8_t { kDown, kUp, kExact };

/// `value * numerator / denominator`, the product taken in 128 bits.
/// Requires value >= 0, numerator >= 0, denominator > 0.
/// Nothing when the quotient does not fit 64 bits, or when `rounding` is kExact and a remainder is
/// left.
[[nodiscard]] constexpr std::optional<std::int64_t> mul_div(std::int64_t value,
                                                            std::int64_t numerator,
                                                            std::int64_t denominator,
                                                            Rounding rounding) {
  HG_CHECK(value >= 0);
  HG_CHECK(numerator >= 0);
  HG_CHECK(denominator > 0);
  // Both factors are below 2^63, so the product is below 2^126.
  const i128 product = static_cast<i128>(value) * numerator;
  const i128 remainder = product % denominator;
  if (rounding == Rounding::kExact && remainder != 0) return std::nullopt;
  i128 quotient = product / denominator;
  if (rounding == Rounding::kUp && remainder != 0) quotient += 1;
  if (quotient > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  return static_cast<std::int64_t>(quotient);
}

/// The sum, or nothing when it would wrap.
[[nodiscard]] constexpr std::optional<u128> checked_add(u128 a, u128 b) {
  const u128 sum = a + b;
  if (sum < a) return std::nullopt;
  return sum;
}

[[nodiscard]] constexpr u128 make_u128(std::uint64_t high, std::uint64_t low) {
  return (static_cast<u128>(high) << 64) | low;
}
[[nodiscard]] constexpr std::uint64_t high64(u128 value) {
  return static_cast<std::uint64_t>(value >> 64);
}
[[nodiscard]] constexpr std::uint64_t low64(u128 value) {
  return static_cast<std::uint64_t>(value);
}

}  // namespace hugang::base
