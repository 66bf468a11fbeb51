// Account numbers carry the account's position and two check digits, so that finding an account is
// an array access and a mistyped number is caught before it is looked up.
#pragma once

#include <cstdint>
#include <expected>

#include "clearing/base/strong_id.hpp"

namespace hugang::base {

enum class AccountNumberError : std::uint8_t { kMalformed, kWrongCheckDigits };

/// number = node * 10^12 + index * 100 + check, with number mod 97 = 1 (ISO 7064 MOD 97-10, as in
/// an IBAN: finds every single wrong digit and every swap of neighbours).
/// node 1..9999, index 1..4,294,967,295. Example: node 1, index 1 -> 1 0000000001 45.
struct AccountNumberParts {
  NodeId node;
  AccountIndex index;
};

inline constexpr std::uint64_t kAccountNumberNodeFactor = 1'000'000'000'000;
inline constexpr std::uint32_t kAccountNumberNodeMax = 9999;

[[nodiscard]] constexpr AccountNumber make_account_number(AccountNumberParts parts) {
  const std::uint64_t stem = parts.node.value() * kAccountNumberNodeFactor +
                             static_cast<std::uint64_t>(parts.index.value()) * 100;
  return AccountNumber{stem + (98 - stem % 97)};
}

/// The parts, or why the number cannot be one. Does not say whether the account exists.
[[nodiscard]] constexpr std::expected<AccountNumberParts, AccountNumberError> parse_account_number(
    AccountNumber number) {
  const std::uint64_t value = number.value();
  const std::uint64_t node = value / kAccountNumberNodeFactor;
  const std::uint64_t index = value % kAccountNumberNodeFactor / 100;
  if (node == 0 || node > kAccountNumberNodeMax || index == 0 || index > UINT32_MAX) {
    return std::unexpected{AccountNumberError::kMalformed};
  }
  const AccountNumberParts parts{NodeId{static_cast<std::uint32_t>(node)},
                                 AccountIndex{static_cast<std::uint32_t>(index)}};
  if (make_account_number(parts) != number) {
    return std::unexpected{AccountNumberError::kWrongCheckDigits};
  }
  return parts;
}

}  // namespace hugang::base
