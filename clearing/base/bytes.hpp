// Byte spans and fixed-size byte values. A Digest is made by crypto/; the core only stores and
// compares it.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hugang::base {

using ByteSpan = std::span<const std::byte>;
using Bytes = std::vector<std::byte>;

/// A SHA-256 or SM3 value.
struct Digest {
  std::array<std::byte, 32> bytes{};
  friend constexpr auto operator<=>(const Digest&, const Digest&) = default;
};
static_assert(sizeof(Digest) == 32);

[[nodiscard]] inline ByteSpan as_bytes(std::string_view text) {
  return std::as_bytes(std::span{text.data(), text.size()});
}
[[nodiscard]] inline std::string_view as_text(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Lower-case hexadecimal, two digits a byte.
[[nodiscard]] inline std::string to_hex(ByteSpan bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::byte b : bytes) {
    const auto value = std::to_integer<unsigned>(b);
    text.push_back(kDigits[value >> 4]);
    text.push_back(kDigits[value & 0xF]);
  }
  return text;
}

}  // namespace hugang::base
