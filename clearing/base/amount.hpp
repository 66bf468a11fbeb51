// Money: a non-negative count of minor units. No operators + - *: the results must be looked at.
#pragma once

#include <compare>
#include <cstdint>
#include <expected>

#include "clearing/base/int128.hpp"

namespace hugang::base {

enum class AmountError : std::uint8_t { kNegative, kTooLarge, kUnderflow };

/// Minor units of one asset (e-CNY fen, HKD cent, gold 0.1 mg fine).
/// Invariant: 0 <= minor() <= kMaxMinor, so two Amounts add in 64 bits without wrapping.
class Amount {
 public:
  /// 10^17 minor units = 10^15 CNY. A sanity cap against garbage, not a supply figure.
  static constexpr std::int64_t kMaxMinor = 100'000'000'000'000'000;
  static_assert(kMaxMinor <= INT64_MAX / 2);

  constexpr Amount() noexcept = default;

  [[nodiscard]] static constexpr std::expected<Amount, AmountError> from_minor(std::int64_t minor) {
    if (minor < 0) return std::unexpected{AmountError::kNegative};
    if (minor > kMaxMinor) return std::unexpected{AmountError::kTooLarge};
    return Amount{minor};
  }
  [[nodiscard]] static constexpr Amount zero() noexcept { return Amount{0}; }
  [[nodiscard]] constexpr std::int64_t minor() const noexcept { return minor_; }
  [[nodiscard]] constexpr bool is_zero() const noexcept { return minor_ == 0; }
  friend constexpr auto operator<=>(const Amount&, const Amount&) = default;

  [[nodiscard]] friend constexpr std::expected<Amount, AmountError> add(Amount a, Amount b) {
    return from_minor(a.minor_ + b.minor_);
  }
  [[nodiscard]] friend constexpr std::expected<Amount, AmountError> subtract(Amount a, Amount b) {
    if (b > a) return std::unexpected{AmountError::kUnderflow};
    return Amount{a.minor_ - b.minor_};
  }

 private:
  constexpr explicit Amount(std::int64_t minor) noexcept : minor_{minor} {}
  std::int64_t minor_{0};
};

static_assert(sizeof(Amount) == 8);

}  // namespace hugang::base
