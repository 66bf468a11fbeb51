// A bound on the lines of files that people write, before a parser sees them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hugang::base {

/// Far above what a line of a file that people write holds. It bounds how deep the dotted keys of a
/// TOML file nest (a key stands on one line), which the TOML library follows with a call for each.
inline constexpr std::size_t kLineBytesMax = 4'096;

/// The number, from 1 on, of the first line that is longer than kLineBytesMax, or nothing.
[[nodiscard]] constexpr std::optional<std::uint32_t> find_long_line(std::string_view text) {
  for (std::uint32_t line = 1;; ++line) {
    const auto end = text.find('\n');
    if (std::min(end, text.size()) > kLineBytesMax) return line;
    if (end == std::string_view::npos) return std::nullopt;
    text.remove_prefix(end + 1);
  }
}

}  // namespace hugang::base
