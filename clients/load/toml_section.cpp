#include "clients/load/toml_section.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "clients/format/duration_text.hpp"

namespace hugang::load {
namespace {

std::uint32_t line_of(const toml::node& node) { return node.source().begin.line; }

std::string range_text(Range range) { return fmt::format("{:g} to {:g}", range.min, range.max); }

}  // namespace

void Complaints::add(std::uint32_t line, std::string sentence) {
  list_.emplace_back(line, std::move(sentence));
}

std::vector<std::string> Complaints::sentences() const {
  auto sorted = list_;
  std::ranges::stable_sort(sorted, {}, [](const auto& each) { return each.first; });
  std::vector<std::string> sentences;
  for (const auto& [line, sentence] : sorted) {
    sentences.push_back(fmt::format("{}:{}: {}", file_.string(), line, sentence));
  }
  return sentences;
}

TomlSection::TomlSection(const toml::table* table, std::string name, Complaints& complaints)
    : table_{table}, name_{std::move(name)}, complaints_{&complaints} {}

std::uint32_t TomlSection::line() const { return table_ == nullptr ? 1 : line_of(*table_); }

bool TomlSection::has(std::string_view key) const {
  return table_ != nullptr && table_->get(key) != nullptr;
}

const toml::node* TomlSection::find(std::string_view key) {
  known_.emplace_back(key);
  return table_ == nullptr ? nullptr : table_->get(key);
}

void TomlSection::complain(std::string_view key, const std::string& sentence) {
  const toml::node* node = table_ == nullptr ? nullptr : table_->get(key);
  complaints_->add(node == nullptr ? line() : line_of(*node),
                   fmt::format("{} {}: {}", name_, key, sentence));
}

bool TomlSection::read_text(std::string_view key, std::string& value) {
  const toml::node* node = find(key);
  if (node == nullptr) return false;
  const auto text = node->value_exact<std::string>();
  if (!text) complain(key, "must be a text in quotes");
  if (text) value = *text;
  return text.has_value();
}

void TomlSection::text(std::string_view key, std::string& target) { read_text(key, target); }

void TomlSection::boolean(std::string_view key, bool& target) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const auto value = node->value_exact<bool>();
  if (!value) return complain(key, "must be true or false");
  target = *value;
}

bool TomlSection::read_integer(std::string_view key, std::int64_t& value, Range range) {
  const toml::node* node = find(key);
  if (node == nullptr) return false;
  const auto found = node->value_exact<std::int64_t>();
  if (!found || static_cast<double>(*found) < range.min ||
      static_cast<double>(*found) > range.max) {
    complain(key,
             fmt::format("must be a whole number from {:.0f} to {:.0f}", range.min, range.max));
    return false;
  }
  value = *found;
  return true;
}

void TomlSection::number(std::string_view key, double& target, Range range) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const auto value = node->value<double>();
  if (!value || !(*value >= range.min && *value <= range.max)) {
    return complain(key, "must be a number from " + range_text(range));
  }
  target = *value;
}

void TomlSection::duration(std::string_view key, double& target, Range range_s) {
  std::string text_value;
  if (!read_text(key, text_value)) return;
  const bool is_zero = text_value == "0s" || text_value == "0ms";
  const auto parsed = format::parse_duration(text_value);
  if (!parsed && !is_zero) {
    return complain(key, "'" + text_value + "' is no duration: write it like 500ms, 30s, 5m");
  }
  const double seconds = is_zero ? 0 : static_cast<double>(parsed->count_ns()) / 1e9;
  if (seconds < range_s.min || seconds > range_s.max) {
    return complain(key, "must be from " + range_text(range_s) + " seconds");
  }
  target = seconds;
}

TomlSection TomlSection::section(std::string_view key) {
  const toml::node* node = find(key);
  std::string name = fmt::format("[{}]", key);
  if (node != nullptr && !node->is_table()) complain(key, "must be a section, " + name);
  return {node == nullptr ? nullptr : node->as_table(), std::move(name), *complaints_};
}

std::vector<TomlSection> TomlSection::sections(std::string_view key) {
  const toml::node* node = find(key);
  std::vector<TomlSection> found;
  if (node == nullptr) return found;
  const std::string name = fmt::format("[[{}]]", key);
  const toml::array* array = node->as_array();
  bool are_tables = array != nullptr;
  if (are_tables) {
    for (const toml::node& each : *array) {
      are_tables = are_tables && each.is_table();
      if (each.is_table()) found.emplace_back(each.as_table(), name, *complaints_);
    }
  }
  if (!are_tables) complain(key, "must be sections, " + name);
  return found;
}

void TomlSection::finish() {
  if (table_ == nullptr) return;
  for (const auto& [key, node] : *table_) {
    if (std::ranges::find(known_, key.str()) != known_.end()) continue;
    std::string known;
    for (const std::string& each : known_) known += (known.empty() ? "" : ", ") + each;
    complaints_->add(key.source().begin.line,
                     fmt::format("{} knows no key '{}'; it knows {}",
                                 name_.empty() ? "the file" : name_, key.str(), known));
  }
}

}  // namespace hugang::load
