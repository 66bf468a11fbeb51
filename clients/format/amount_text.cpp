#include "clients/format/amount_text.hpp"

#include <algorithm>

#include "clearing/base/check.hpp"

namespace hugang::format {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The digits of the part before the point without its commas, or nothing when it is malformed.
std::expected<std::string, AmountTextError> whole_digits(std::string_view text) {
  const bool has_commas = text.find(',') != std::string_view::npos;
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t behind = text.size() - i - 1;
    const bool is_comma_place = has_commas && behind % 4 == 3;
    if (is_comma_place) {
      if (text[i] != ',' || i == 0) return std::unexpected{AmountTextError::kMalformed};
      continue;
    }
    if (!is_digit(text[i])) return std::unexpected{AmountTextError::kMalformed};
    digits.push_back(text[i]);
  }
  if (digits.empty()) return std::unexpected{AmountTextError::kMalformed};
  if (digits.size() > 1 && digits[0] == '0') return std::unexpected{AmountTextError::kMalformed};
  return digits;
}

}  // namespace

std::string amount_text(base::i128 minor, std::uint8_t scale) {
  HG_CHECK(scale <= kScaleMax);
  // The magnitude of the smallest i128 fits u128 only.
  base::u128 rest =
      minor < 0 ? ~static_cast<base::u128>(minor) + 1 : static_cast<base::u128>(minor);
  std::string reversed;
  std::size_t digits = 0;
  const std::size_t at_least = std::size_t{scale} + 1;
  while (rest != 0 || digits < at_least) {
    if (digits == scale && scale != 0) reversed.push_back('.');
    if (digits > scale && (digits - scale) % 3 == 0) reversed.push_back(',');
    reversed.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
    ++digits;
  }
  if (minor < 0) reversed.push_back('-');
  std::ranges::reverse(reversed);
  return reversed;
}

std::string_view to_text(AmountTextError error) {
  switch (error) {
    case AmountTextError::kEmpty:
      return "an amount is missing: write it like 1,234.56";
    case AmountTextError::kMalformed:
      return "this is no amount: write digits with a point before the decimals, like 1,234.56 or "
             "1234.56";
    case AmountTextError::kTooManyDecimals:
      return "this amount has more decimals than the asset: round it yourself";
    case AmountTextError::kTooLarge:
      return "this amount is larger than any ledger keeps (10^17 minor units)";
  }
  return "unknown";
}

std::expected<base::Amount, AmountTextError> parse_amount(std::string_view text,
                                                          std::uint8_t scale) {
  HG_CHECK(scale <= kScaleMax);
  if (text.empty()) return std::unexpected{AmountTextError::kEmpty};
  const std::size_t point = text.find('.');
  const auto whole = whole_digits(text.substr(0, point));
  if (!whole) return std::unexpected{whole.error()};
  std::string digits = *whole;
  std::size_t decimals = 0;
  if (point != std::string_view::npos) {
    const std::string_view fraction = text.substr(point + 1);
    if (fraction.empty() || !std::ranges::all_of(fraction, is_digit)) {
      return std::unexpected{AmountTextError::kMalformed};
    }
    if (fraction.size() > scale) return std::unexpected{AmountTextError::kTooManyDecimals};
    digits += fraction;
    decimals = fraction.size();
  }
  digits.append(scale - decimals, '0');

  std::int64_t minor = 0;
  for (const char c : digits) {
    minor = minor * 10 + (c - '0');
    if (minor > base::Amount::kMaxMinor) return std::unexpected{AmountTextError::kTooLarge};
  }
  const auto amount = base::Amount::from_minor(minor);
  if (!amount) return std::unexpected{AmountTextError::kTooLarge};
  return *amount;
}

}  // namespace hugang::format
