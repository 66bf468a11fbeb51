#include "clients/format/id_text.hpp"

#include <charconv>

namespace hugang::format {
namespace {

constexpr std::size_t kUuidChars = 36;

bool is_hyphen_place(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string uuid_text(base::CommandId id) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(kUuidChars, '-');
  base::u128 rest = id.value();
  for (std::size_t i = kUuidChars; i-- > 0;) {
    if (is_hyphen_place(i)) continue;
    text[i] = kDigits[static_cast<unsigned>(rest & 0xF)];
    rest >>= 4;
  }
  return text;
}

std::optional<base::CommandId> parse_uuid(std::string_view text) {
  if (text.size() != kUuidChars) return std::nullopt;
  base::u128 value = 0;
  for (std::size_t i = 0; i < kUuidChars; ++i) {
    if (is_hyphen_place(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int digit = hex_value(text[i]);
    if (digit < 0) return std::nullopt;
    value = (value << 4) | static_cast<base::u128>(digit);
  }
  return base::CommandId{value};
}

std::string account_text(base::AccountNumber number) { return std::to_string(number.value()); }

std::optional<base::AccountNumber> parse_account(std::string_view text) {
  if (text.size() < 13 || text.size() > 16 || text[0] == '0') return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  const base::AccountNumber number{value};
  if (!base::parse_account_number(number)) return std::nullopt;
  return number;
}

}  // namespace hugang::format
