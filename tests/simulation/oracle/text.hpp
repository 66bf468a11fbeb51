// Which texts the documents let into a ledger: UTF-8 without control characters; codes are letters,
// digits and . _ - only, because they end up in certificates and file names.
#pragma once

#include <cstddef>
#include <string_view>

#include "clearing/wire/records.hpp"

namespace hugang::oracle {

/// How long the character at the front is, or 0 where none begins there.
[[nodiscard]] inline std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto follows = [&](std::size_t i) { return byte(i) >= 0x80 && byte(i) <= 0xBF; };
  const unsigned a = byte(0);
  const unsigned b = byte(1);
  if (a < 0x80) return a < 0x20 || a == 0x7F ? 0 : 1;
  if (a >= 0xC2 && a <= 0xDF) return follows(1) && !(a == 0xC2 && b < 0xA0) ? 2 : 0;
  if (a >= 0xE0 && a <= 0xEF) {
    if (!follows(1) || !follows(2)) return 0;
    if (a == 0xE0 && b < 0xA0) return 0;   // a shorter form would do
    return a == 0xED && b > 0x9F ? 0 : 3;  // surrogates
  }
  if (a >= 0xF0 && a <= 0xF4) {
    if (!follows(1) || !follows(2) || !follows(3)) return 0;
    if (a == 0xF0 && b < 0x90) return 0;
    return a == 0xF4 && b > 0x8F ? 0 : 4;  // behind the last character
  }
  return 0;
}

template <std::size_t N>
[[nodiscard]] bool is_good_text(const wire::FixedText<N>& field) {
  std::string_view rest = field.view();
  for (std::size_t i = rest.size(); i < N; ++i) {
    if (field.chars[i] != '\0') return false;
  }
  while (!rest.empty()) {
    const std::size_t length = character_length(rest);
    if (length == 0) return false;
    rest.remove_prefix(length);
  }
  return true;
}

template <std::size_t N>
[[nodiscard]] bool is_good_name(const wire::FixedText<N>& field) {
  return is_good_text(field) && !field.view().empty();
}

template <std::size_t N>
[[nodiscard]] bool is_good_code(const wire::FixedText<N>& field) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return is_good_name(field) && field.view().find_first_not_of(kAllowed) == std::string_view::npos;
}

}  // namespace hugang::oracle
