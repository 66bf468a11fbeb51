#include "clients/iso20022/identifiers.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace hugang::iso20022 {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
bool is_alphanumeric(char c) { return is_digit(c) || is_capital(c); }
bool is_lower_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

template <class Claim>
bool all_of(std::string_view text, Claim claim) {
  return std::ranges::all_of(text, claim);
}

/// The text as a decimal number with A = 10 ... Z = 35, modulo 97, continuing from `remainder`.
/// Requires capital letters and digits only.
std::uint32_t mod_97(std::string_view text, std::uint32_t remainder = 0) {
  for (const char c : text) {
    if (is_digit(c)) {
      remainder = (remainder * 10 + static_cast<std::uint32_t>(c - '0')) % 97;
    } else {
      remainder = (remainder * 100 + static_cast<std::uint32_t>(c - 'A') + 10) % 97;
    }
  }
  return remainder;
}

std::string two_digits(std::uint32_t value) {
  return {static_cast<char>('0' + value / 10), static_cast<char>('0' + value % 10)};
}

}  // namespace

bool is_bic(std::string_view text) {
  if (text.size() != 8 && text.size() != 11) return false;
  return all_of(text, is_alphanumeric) && all_of(text.substr(4, 2), is_capital);
}

bool is_same_bic(std::string_view one, std::string_view other) {
  if (!is_bic(one) || !is_bic(other)) return false;
  const auto branch = [](std::string_view bic) {
    return bic.size() == 8 ? std::string_view{"XXX"} : bic.substr(8);
  };
  return one.substr(0, 8) == other.substr(0, 8) && branch(one) == branch(other);
}

bool is_lei(std::string_view text) {
  if (text.size() != 20 || !all_of(text, is_alphanumeric)) return false;
  return all_of(text.substr(18), is_digit) && mod_97(text) == 1;
}

std::optional<std::string> make_lei_check_digits(std::string_view stem) {
  if (stem.size() != 18 || !all_of(stem, is_alphanumeric)) return std::nullopt;
  return two_digits(98 - mod_97("00", mod_97(stem)));
}

bool is_iban(std::string_view text) {
  if (text.size() < 5 || text.size() > 34 || !all_of(text, is_alphanumeric)) return false;
  if (!all_of(text.substr(0, 2), is_capital) || !all_of(text.substr(2, 2), is_digit)) return false;
  // 00, 01 and 99 are congruent to 97, 98 and 02, which are the ones that a bank computes.
  const std::string_view check = text.substr(2, 2);
  if (check == "00" || check == "01" || check == "99") return false;
  return mod_97(text.substr(0, 4), mod_97(text.substr(4))) == 1;
}

std::optional<std::string> make_iban_check_digits(std::string_view country,
                                                  std::string_view account) {
  if (country.size() != 2 || !all_of(country, is_capital)) return std::nullopt;
  if (account.empty() || account.size() > 30 || !all_of(account, is_alphanumeric)) {
    return std::nullopt;
  }
  return two_digits(98 - mod_97("00", mod_97(country, mod_97(account))));
}

bool is_uetr(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_hyphen_place = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_hyphen_place ? text[i] != '-' : !is_lower_hex(text[i])) return false;
  }
  return text[14] == '4' && std::string_view{"89ab"}.contains(text[19]);
}

std::optional<base::CommandId> to_command_id(std::string_view uetr) {
  if (!is_uetr(uetr)) return std::nullopt;
  base::u128 value = 0;
  for (const char c : uetr) {
    if (c == '-') continue;
    value = (value << 4) | static_cast<std::uint32_t>(is_digit(c) ? c - '0' : c - 'a' + 10);
  }
  return base::CommandId{value};
}

std::string to_uetr(base::CommandId id) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (int shift = 124; shift >= 0; shift -= 4) {
    text.push_back(kDigits[static_cast<std::size_t>((id.value() >> shift) & 0xF)]);
    if (shift == 96 || shift == 80 || shift == 64 || shift == 48) text.push_back('-');
  }
  return text;
}

}  // namespace hugang::iso20022
