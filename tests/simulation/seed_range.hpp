// Seeds as they are given on a command line.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hugang::simulation {

struct SeedRange {
  std::uint64_t first = 1;
  std::uint64_t last = 1;  ///< included
};

/// "A..B" with A <= B, in decimal digits and nothing else; else nothing.
[[nodiscard]] inline std::optional<SeedRange> parse_seed_range(std::string_view text) {
  SeedRange range;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, range.first);
  if (first.ec != std::errc{} || !std::string_view{first.ptr, end}.starts_with("..")) {
    return std::nullopt;
  }
  const auto last = std::from_chars(first.ptr + 2, end, range.last);
  if (last.ec != std::errc{} || last.ptr != end || range.first > range.last) return std::nullopt;
  return range;
}

}  // namespace hugang::simulation
