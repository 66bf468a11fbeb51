// What the fuzz targets make of an input's bytes: spans, texts, and numbers one after another.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

#include "clearing/base/amount.hpp"
#include "clearing/base/bytes.hpp"
#include "clearing/base/strong_id.hpp"

namespace hugang::fuzz {

inline base::ByteSpan bytes_of(const std::uint8_t* data, std::size_t size) {
  return std::as_bytes(std::span{data, size});
}
inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Takes bytes from the input; zeros when it is used up.
class Source {
 public:
  Source(const std::uint8_t* data, std::size_t size) : data_{data}, size_{size} {}

  [[nodiscard]] bool is_empty() const { return at_ >= size_; }
  std::uint8_t byte() { return is_empty() ? std::uint8_t{0} : data_[at_++]; }
  /// 0 .. n - 1. Requires 0 < n <= 256.
  std::uint32_t below(std::uint32_t n) { return byte() % n; }
  /// Mostly amounts that people pay, sometimes those at and past the ends of the range.
  std::int64_t amount() {
    const std::uint8_t kind = byte();
    if (kind == 255) return INT64_MIN;
    if (kind == 254) return INT64_MAX;
    if (kind == 253) return base::Amount::kMaxMinor;
    return kind < 8 ? kind : kind * 1'000;
  }
  /// Few different ones, so that commands find one another; 255 is the reserved id of all ones.
  base::CommandId id() {
    const std::uint8_t number = byte();
    return base::CommandId{number == 255 ? ~base::u128{0} : base::u128{number}};
  }
  base::Bytes rest(std::size_t most) {
    const std::size_t count = std::min(most, size_ - std::min(at_, size_));
    const base::ByteSpan taken = bytes_of(data_ + at_, count);
    at_ += count;
    return {taken.begin(), taken.end()};
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t at_ = 0;
};

}  // namespace hugang::fuzz
