// Reads a TOML table key by key and keeps account of it: a wrong type, a value out of range and a
// key that nobody asked for each become a sentence with file and line.
#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hugang::load {

/// Sentences about one file.
class Complaints {
 public:
  explicit Complaints(std::filesystem::path file) : file_{std::move(file)} {}
  void add(std::uint32_t line, std::string sentence);
  [[nodiscard]] bool are_none() const { return list_.empty(); }
  /// "FILE:LINE: SENTENCE", by line.
  [[nodiscard]] std::vector<std::string> sentences() const;

 private:
  std::filesystem::path file_;
  std::vector<std::pair<std::uint32_t, std::string>> list_;
};

struct Range {
  double min;
  double max;  ///< included
};

/// One choice of a word.
template <class Value>
struct Word {
  std::string_view text;
  Value value;
};

/// A table, or the lack of it. Each reader changes its target only where the key is there and
/// right. finish() complains of keys that nobody asked for.
class TomlSection {
 public:
  /// `table` may be nullptr: nothing is there. `name` is what people call it, e.g. "[load]".
  TomlSection(const toml::table* table, std::string name, Complaints& complaints);

  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] std::uint32_t line() const;

  void text(std::string_view key, std::string& target);
  void boolean(std::string_view key, bool& target);
  /// A whole number.
  template <class Integer>
  void integer(std::string_view key, Integer& target, Range range) {
    std::int64_t value = 0;
    if (read_integer(key, value, range)) target = static_cast<Integer>(value);
  }
  /// A number with or without decimals.
  void number(std::string_view key, double& target, Range range);
  /// "500ms", "30s", "5m"; "0s" where range.min is 0. The target is in seconds, as the range is.
  void duration(std::string_view key, double& target, Range range_s);
  template <class Value, std::size_t N>
  void word(std::string_view key, Value& target, const Word<Value> (&words)[N]) {
    std::string text_value;
    if (!read_text(key, text_value)) return;
    std::string known;
    for (const Word<Value>& each : words) {
      if (each.text == text_value) {
        target = each.value;
        return;
      }
      known += (known.empty() ? "" : ", ") + std::string{each.text};
    }
    complain(key, "'" + text_value + "' is none of " + known);
  }

  [[nodiscard]] TomlSection section(std::string_view key);
  [[nodiscard]] std::vector<TomlSection> sections(std::string_view key);

  /// A sentence at the key's line, or at the section's where the key is not there.
  void complain(std::string_view key, const std::string& sentence);
  /// To be called when all keys were asked for.
  void finish();

 private:
  [[nodiscard]] const toml::node* find(std::string_view key);
  bool read_text(std::string_view key, std::string& value);
  bool read_integer(std::string_view key, std::int64_t& value, Range range);

  const toml::table* table_;
  std::string name_;
  Complaints* complaints_;
  std::vector<std::string> known_;
};

}  // namespace hugang::load
