// Amounts as people read and write them: "1,234.56" at an asset's number of decimals.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "clearing/base/amount.hpp"

namespace hugang::format {

/// More decimals than any asset has; amounts of 10^17 minor units still have a digit before them.
inline constexpr std::uint8_t kScaleMax = 16;

/// `minor` minor units of an asset with `scale` decimals, e.g. (123456, 2) -> "1,234.56";
/// negative with a leading "-". Requires scale <= kScaleMax.
[[nodiscard]] std::string amount_text(base::i128 minor, std::uint8_t scale);
[[nodiscard]] inline std::string amount_text(base::Amount amount, std::uint8_t scale) {
  return amount_text(amount.minor(), scale);
}

enum class AmountTextError : std::uint8_t {
  kEmpty,
  kMalformed,        ///< anything but digits, a point and commas in their places
  kTooManyDecimals,  ///< more than the asset has: nothing is rounded
  kTooLarge,         ///< above Amount::kMaxMinor
};

/// One sentence for a person.
[[nodiscard]] std::string_view to_text(AmountTextError error);

/// Strict: "1234.5", "1,234.50" and "0.07" are amounts; "+1", "-1", " 1", "1.", ".5", "01",
/// "12,34", "1,234,5" and "1e3" are not. Fewer decimals than the asset has are filled with zeros.
[[nodiscard]] std::expected<base::Amount, AmountTextError> parse_amount(std::string_view text,
                                                                        std::uint8_t scale);

}  // namespace hugang::format
