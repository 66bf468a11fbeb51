// 128-bit sums as decimal text: what JSON and most languages' protobuf can carry without loss.
#pragma once

#include <algorithm>
#include <string>

#include "clearing/base/int128.hpp"

namespace hugang::edge {

/// Digits without leading zeros; "0" for zero.
[[nodiscard]] inline std::string to_decimal(base::u128 value) {
  std::string digits;
  do {
    digits.push_back(static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value != 0);
  std::ranges::reverse(digits);
  return digits;
}

/// The same with a minus sign where it is negative.
[[nodiscard]] inline std::string to_decimal(base::i128 value) {
  if (value >= 0) return to_decimal(static_cast<base::u128>(value));
  // Not -value: the smallest number has no counterpart.
  return "-" + to_decimal(~static_cast<base::u128>(value) + 1);
}

/// plus - minus. Requires the difference to fit: sums of balances of one account do.
[[nodiscard]] inline base::i128 difference(base::u128 plus, base::u128 minus) {
  return static_cast<base::i128>(plus - minus);
}

}  // namespace hugang::edge
