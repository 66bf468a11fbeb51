// Reads a TOML table key by key and keeps account of it: what has the wrong type or range, what is
// missing and what is there but unknown becomes a sentence with file and line.
#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clearing/base/timestamp.hpp"

namespace hugang::runtime {

/// Sentences about one file, told in the order of its lines.
class ErrorList {
 public:
  explicit ErrorList(std::filesystem::path file) : file_{std::move(file)} {}

  void add(std::uint32_t line, std::string sentence);
  [[nodiscard]] bool is_empty() const { return errors_.empty(); }
  [[nodiscard]] const std::filesystem::path& file() const { return file_; }
  /// "FILE:LINE: SENTENCE", by line.
  [[nodiscard]] std::vector<std::string> sentences() const;

 private:
  std::filesystem::path file_;
  std::vector<std::pair<std::uint32_t, std::string>> errors_;
};

/// The `known` name that differs from `word` by the fewest letters, or nothing when all are far.
[[nodiscard]] std::optional<std::string> nearest_name(std::string_view word,
                                                      const std::vector<std::string>& known);

struct IntegerRange {
  std::int64_t min;
  std::int64_t max;  ///< included
};

/// A table that was or was not there. Each getter marks its key as known and returns nothing when
/// the key is absent or wrong (which is then in the error list). finish() reports unknown keys.
class TomlTable {
 public:
  /// `table` may be nullptr: then every key is absent. `name` is what people call it, e.g.
  /// "[node]"; `line` is where a missing key is reported.
  TomlTable(const toml::table* table, std::string name, std::uint32_t line, ErrorList& errors);

  [[nodiscard]] bool is_there() const { return table_ != nullptr; }
  [[nodiscard]] std::uint32_t line() const { return line_; }
  [[nodiscard]] std::uint32_t line_of(std::string_view key) const;

  [[nodiscard]] std::optional<std::string> text(std::string_view key);
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view key, IntegerRange range);
  /// A date (midnight UTC) or a date and time; without an offset it is UTC.
  [[nodiscard]] std::optional<base::Timestamp> time(std::string_view key);
  [[nodiscard]] std::vector<std::string> texts(std::string_view key);
  [[nodiscard]] TomlTable table(std::string_view key);
  [[nodiscard]] std::vector<TomlTable> tables(std::string_view key);

  /// The same where the key must be there: absence is an error, and a harmless value comes back.
  [[nodiscard]] std::string required_text(std::string_view key);
  [[nodiscard]] std::int64_t required_integer(std::string_view key, IntegerRange range);

  /// A sentence about the value of `key`.
  void complain(std::string_view key, const std::string& sentence);
  void complain_missing(std::string_view key);

  /// To be called when all keys were asked for.
  void finish();

 private:
  [[nodiscard]] const toml::node* find(std::string_view key);

  const toml::table* table_;
  std::string name_;
  std::uint32_t line_;
  ErrorList* errors_;
  std::vector<std::string> known_;
};

}  // namespace hugang::runtime
