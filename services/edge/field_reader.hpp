// Checks the form of the fields of one message and remembers the first that is wrong, so that a
// converter reads as a list of fields.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "clearing/base/bytes.hpp"
#include "clearing/base/strong_id.hpp"
#include "clearing/base/timestamp.hpp"
#include "clearing/wire/records.hpp"
#include "hugang/v1/types.pb.h"
#include "services/edge/errors.hpp"

namespace hugang::edge {

/// Every reader returns the value, or zero after noting a failure; look at failure() in the end.
/// `name` is the field's path in the request as the contract spells it.
class FieldReader {
 public:
  /// Needed; 16 bytes. Reserved values are the ledger's to refuse.
  base::CommandId id(std::string_view name, const v1::Id& value);
  /// None when empty.
  base::CommandId optional_id(std::string_view name, const v1::Id& value);

  /// 0 .. 10^17. Whether 0 makes sense is the ledger's to say.
  std::int64_t amount(std::string_view name, std::int64_t value);
  /// 0 = none, else after 1970.
  base::Timestamp time(std::string_view name, std::int64_t ns);
  /// least .. most, both included.
  std::uint32_t number(std::string_view name, std::uint32_t value, std::uint32_t least,
                       std::uint32_t most);
  /// Above zero.
  template <class Id>
  Id needed(std::string_view name, typename Id::rep value) {
    if (value == 0) fail(Failure{EdgeError::kFieldMissing, name});
    return Id{value};
  }
  /// 16 bytes big-endian, or empty for 0.
  base::u128 reference(std::string_view name, std::string_view bytes);

  /// At most N bytes of UTF-8 without control characters. May be empty.
  template <std::size_t N>
  wire::FixedText<N> text(std::string_view name, std::string_view value) {
    wire::FixedText<N> fixed;
    if (!check_text(name, value, N)) return fixed;
    (void)fixed.assign(value);  // fits: just checked
    return fixed;
  }
  /// The same; needed.
  template <std::size_t N>
  wire::FixedText<N> needed_text(std::string_view name, std::string_view value) {
    if (value.empty()) fail(Failure{EdgeError::kFieldMissing, name});
    return text<N>(name, value);
  }
  /// A node's or participant's code (identity.hpp), needed.
  wire::FixedText<16> code(std::string_view name, std::string_view value);
  /// Exactly one of `lengths` capital letters and digits, or empty.
  template <std::size_t N>
  wire::FixedText<N> identifier(std::string_view name, std::string_view value,
                                std::initializer_list<std::size_t> lengths) {
    check_identifier(name, value, lengths);
    return text<N>(name, value);
  }

  /// Notes the failure unless there was one before.
  void fail(Failure failure);
  [[nodiscard]] bool has_failed() const { return failure_.has_value(); }
  /// Requires has_failed().
  [[nodiscard]] Failure failure() const { return *failure_; }

  /// False after noting a failure.
  bool check_text(std::string_view name, std::string_view value, std::size_t bytes_max);

 private:
  void check_identifier(std::string_view name, std::string_view value,
                        std::initializer_list<std::size_t> lengths);

  std::optional<Failure> failure_;
};

/// False when a byte below 0x20, 0x7F, or a C1 control (U+0080 .. U+009F) is in the UTF-8 text:
/// such text could steer the terminal that shows it.
[[nodiscard]] bool is_free_of_controls(std::string_view text);

/// 16 bytes big-endian.
[[nodiscard]] base::u128 read_u128(std::string_view bytes);
[[nodiscard]] std::string write_u128(base::u128 value);
/// The same at the end of `bytes`.
void append_u128(std::string& bytes, base::u128 value);

/// "transfers[3]".
[[nodiscard]] std::string element_name(std::string_view list, int index);

}  // namespace hugang::edge
