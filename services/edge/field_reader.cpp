#include "services/edge/field_reader.hpp"

#include <algorithm>
#include <array>

#include "clearing/base/amount.hpp"
#include "clearing/base/check.hpp"
#include "services/edge/identity.hpp"

namespace hugang::edge {
namespace {

constexpr std::size_t kIdBytes = 16;

std::string range_text(std::int64_t least, std::int64_t most) {
  return std::to_string(least) + ".." + std::to_string(most);
}

}  // namespace

void FieldReader::fail(Failure failure) {
  if (!failure_) failure_ = std::move(failure);
}

base::CommandId FieldReader::id(std::string_view name, const v1::Id& value) {
  if (value.value().empty()) {
    fail(Failure{EdgeError::kFieldMissing, name});
    return {};
  }
  return optional_id(name, value);
}

base::CommandId FieldReader::optional_id(std::string_view name, const v1::Id& value) {
  if (value.value().empty()) return {};
  if (value.value().size() != kIdBytes) {
    fail(Failure{EdgeError::kIdMalformed, name}
             .with("limit", "16 bytes")
             .with("got", std::to_string(value.value().size())));
    return {};
  }
  return base::CommandId{read_u128(value.value())};
}

std::int64_t FieldReader::amount(std::string_view name, std::int64_t value) {
  if (base::Amount::from_minor(value)) return value;
  fail(Failure{EdgeError::kNumberOutOfRange, name}
           .with("limit", range_text(0, base::Amount::kMaxMinor))
           .with("got", std::to_string(value)));
  return 0;
}

base::Timestamp FieldReader::time(std::string_view name, std::int64_t ns) {
  if (ns >= 0) return base::Timestamp{ns};
  fail(Failure{EdgeError::kNumberOutOfRange, name}
           .with("limit", range_text(0, INT64_MAX))
           .with("got", std::to_string(ns)));
  return {};
}

std::uint32_t FieldReader::number(std::string_view name, std::uint32_t value, std::uint32_t least,
                                  std::uint32_t most) {
  if (value >= least && value <= most) return value;
  fail(Failure{EdgeError::kNumberOutOfRange, name}
           .with("limit", range_text(least, most))
           .with("got", std::to_string(value)));
  return 0;
}

base::u128 FieldReader::reference(std::string_view name, std::string_view bytes) {
  if (bytes.empty()) return 0;
  if (bytes.size() == kIdBytes) return read_u128(bytes);
  fail(Failure{EdgeError::kLengthWrong, name}
           .with("limit", "0 or 16 bytes")
           .with("got", std::to_string(bytes.size())));
  return 0;
}

bool FieldReader::check_text(std::string_view name, std::string_view value, std::size_t bytes_max) {
  if (value.size() > bytes_max) {
    fail(Failure{EdgeError::kTextTooLong, name}
             .with("limit", std::to_string(bytes_max))
             .with("got", std::to_string(value.size())));
    return false;
  }
  if (!is_free_of_controls(value)) {
    fail(Failure{EdgeError::kTextMalformed, name}.with("limit", "no control characters"));
    return false;
  }
  return true;
}

wire::FixedText<16> FieldReader::code(std::string_view name, std::string_view value) {
  static_assert(kCodeBytesMax == 16);
  if (!value.empty() && value.size() <= kCodeBytesMax && !is_code(value)) {
    fail(Failure{EdgeError::kTextMalformed, name}.with("limit", "letters, digits and . _ -"));
  }
  return needed_text<16>(name, value);
}

void FieldReader::check_identifier(std::string_view name, std::string_view value,
                                   std::initializer_list<std::size_t> lengths) {
  if (value.empty()) return;
  const auto is_allowed = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  if (!std::ranges::all_of(value, is_allowed)) {
    return fail(Failure{EdgeError::kTextMalformed, name}.with("limit", "A-Z and 0-9"));
  }
  if (std::ranges::find(lengths, value.size()) != lengths.end()) return;
  std::string allowed;
  for (const std::size_t length : lengths) {
    if (!allowed.empty()) allowed += " or ";
    allowed += std::to_string(length);
  }
  fail(Failure{EdgeError::kLengthWrong, name}
           .with("limit", allowed + " characters")
           .with("got", std::to_string(value.size())));
}

bool is_free_of_controls(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7F) return false;
    // C1 controls are 0xC2 followed by 0x80 .. 0x9F in UTF-8.
    if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
      return false;
    }
  }
  return true;
}

base::u128 read_u128(std::string_view bytes) {
  HG_CHECK(bytes.size() == kIdBytes);
  base::u128 value = 0;
  for (const char byte : bytes) value = (value << 8) | static_cast<unsigned char>(byte);
  return value;
}

std::string write_u128(base::u128 value) {
  std::string bytes;
  append_u128(bytes, value);
  return bytes;
}

void append_u128(std::string& bytes, base::u128 value) {
  std::array<char, kIdBytes> digits{};
  for (std::size_t i = kIdBytes; i-- > 0; value >>= 8) {
    digits[i] = static_cast<char>(static_cast<unsigned char>(value & 0xFF));
  }
  bytes.append(digits.data(), digits.size());
}

std::string element_name(std::string_view list, int index) {
  return std::string{list} + "[" + std::to_string(index) + "]";
}

}  // namespace hugang::edge
