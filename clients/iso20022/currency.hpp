// ISO 4217 currencies and the exact reading of decimal amounts. No floating point. Any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "clearing/base/amount.hpp"

namespace hugang::iso20022 {

/// How many decimals the currency has, 0 to 4; nothing when the code is not one that money can be
/// settled in. Metals (XAU), funds codes and test codes are not: DOMAIN says why for gold.
[[nodiscard]] std::optional<std::uint32_t> currency_decimals(std::string_view code);

enum class DecimalError : std::uint8_t {
  kMalformed,        ///< not digits with at most one point, or negative
  kTooManyDecimals,  ///< more digits after the point than the unit has
  kTooLarge,         ///< above base::Amount::kMaxMinor
};

/// "1000.5" with 2 decimals is 100050. Leading zeros and a leading "+" are allowed, a sign "-" only
/// before zero. A digit beyond `decimals` is refused even when it is 0: the sender meant another
/// unit. Requires decimals <= 9.
[[nodiscard]] std::expected<base::Amount, DecimalError> parse_decimal(std::string_view text,
                                                                      std::uint32_t decimals);

/// 100050 with 2 decimals is "1000.50"; with 0 decimals no point is written.
[[nodiscard]] std::string format_decimal(base::Amount amount, std::uint32_t decimals);

}  // namespace hugang::iso20022
