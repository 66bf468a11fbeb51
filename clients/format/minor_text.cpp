#include "clients/format/minor_text.hpp"

#include <algorithm>

namespace hugang::format {

using base::i128;
using base::u128;

std::optional<i128> parse_minor(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  if (negative && text == "0") return std::nullopt;
  constexpr u128 kMagnitudeMax = (u128{1} << 127) - 1;
  u128 value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<u128>(c - '0');
    if (value > (kMagnitudeMax - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return negative ? -static_cast<i128>(value) : static_cast<i128>(value);
}

std::string minor_text(i128 minor) {
  // The magnitude of the smallest i128 fits u128 only.
  u128 rest = minor < 0 ? u128{0} - static_cast<u128>(minor) : static_cast<u128>(minor);
  std::string text;
  do {
    text.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  } while (rest != 0);
  if (minor < 0) text.push_back('-');
  std::ranges::reverse(text);
  return text;
}

}  // namespace hugang::format
