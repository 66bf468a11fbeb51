// Which texts may enter the ledger: they end up on screens, in XML and in file names of others.
// Internal to machine/.
#pragma once

#include <string_view>

#include "clearing/wire/records.hpp"

namespace hugang::machine {

/// UTF-8 (no overlong forms, no surrogates) without control characters.
[[nodiscard]] bool is_clean_utf8(std::string_view text);

/// Letters, digits, and . _ - : a code that is part of certificates and file names. Not empty.
[[nodiscard]] bool is_code_text(std::string_view text);

/// Nothing stands behind the end of the text in its field.
template <std::size_t N>
[[nodiscard]] bool is_zero_padded(const wire::FixedText<N>& text) {
  const std::string_view whole{text.chars.data(), N};
  return whole.find_first_not_of('\0', text.view().size()) == std::string_view::npos;
}

template <std::size_t N>
[[nodiscard]] bool is_clean_code(const wire::FixedText<N>& text) {
  return is_zero_padded(text) && is_code_text(text.view());
}
template <std::size_t N>
[[nodiscard]] bool is_clean_optional(const wire::FixedText<N>& text) {
  return is_zero_padded(text) && is_clean_utf8(text.view());
}
template <std::size_t N>
[[nodiscard]] bool is_clean_name(const wire::FixedText<N>& text) {
  return !text.view().empty() && is_clean_optional(text);
}

}  // namespace hugang::machine
