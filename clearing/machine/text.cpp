#include "clearing/machine/text.hpp"

#include <algorithm>

namespace hugang::machine {
namespace {

struct Lead {
  int more;                // continuation bytes that follow
  std::uint32_t bits;      // of the code point in the lead byte
  std::uint32_t smallest;  // code point that needs this length
};

/// What the first byte of a character says; more = -1 where no character begins with it.
Lead lead_of(unsigned char byte) {
  if (byte < 0x80) return {0, byte, 0};
  if ((byte & 0xE0) == 0xC0) return {1, byte & 0x1Fu, 0x80};
  if ((byte & 0xF0) == 0xE0) return {2, byte & 0x0Fu, 0x800};
  if ((byte & 0xF8) == 0xF0) return {3, byte & 0x07u, 0x10000};
  return {-1, 0, 0};
}

bool is_clean_point(std::uint32_t point) {
  if (point < 0x20 || (point >= 0x7F && point < 0xA0)) return false;  // C0, DEL, C1
  if (point >= 0xD800 && point <= 0xDFFF) return false;               // surrogates
  return point <= 0x10FFFF;
}

}  // namespace

bool is_clean_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const Lead lead = lead_of(static_cast<unsigned char>(text[i]));
    if (lead.more < 0 || i + static_cast<std::size_t>(lead.more) >= text.size()) return false;
    std::uint32_t point = lead.bits;
    for (int k = 1; k <= lead.more; ++k) {
      const auto byte = static_cast<unsigned char>(text[i + static_cast<std::size_t>(k)]);
      if ((byte & 0xC0) != 0x80) return false;
      point = point << 6 | (byte & 0x3Fu);
    }
    if (point < lead.smallest || !is_clean_point(point)) return false;
    i += static_cast<std::size_t>(lead.more) + 1;
  }
  return true;
}

bool is_code_text(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

}  // namespace hugang::machine
