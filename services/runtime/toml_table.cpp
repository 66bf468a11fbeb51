#include "services/runtime/toml_table.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>

namespace hugang::runtime {
namespace {

/// How many letters must be changed, added or left out to make one word of the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::uint32_t line_of_node(const toml::node& node) { return node.source().begin.line; }

std::optional<base::Timestamp> to_timestamp(const toml::date& date, const toml::time& time,
                                            int offset_minutes) {
  const std::chrono::year_month_day day{std::chrono::year{date.year},
                                        std::chrono::month{date.month}, std::chrono::day{date.day}};
  // Nanoseconds in 64 bits reach from 1677 to 2262; before 1970 nothing is valid here.
  if (!day.ok() || date.year < 1970 || date.year > 2261) return std::nullopt;
  const std::chrono::nanoseconds since_epoch =
      std::chrono::sys_days{day}.time_since_epoch() + std::chrono::hours{time.hour} +
      std::chrono::minutes{time.minute} + std::chrono::seconds{time.second} +
      std::chrono::nanoseconds{time.nanosecond} - std::chrono::minutes{offset_minutes};
  return base::Timestamp{since_epoch.count()};
}

}  // namespace

void ErrorList::add(std::uint32_t line, std::string sentence) {
  errors_.emplace_back(line, std::move(sentence));
}

std::vector<std::string> ErrorList::sentences() const {
  auto sorted = errors_;
  std::ranges::stable_sort(sorted, {}, &std::pair<std::uint32_t, std::string>::first);
  std::vector<std::string> sentences;
  for (const auto& [line, sentence] : sorted) {
    sentences.push_back(file_.string() + ":" + std::to_string(line) + ": " + sentence);
  }
  return sentences;
}

std::optional<std::string> nearest_name(std::string_view word,
                                        const std::vector<std::string>& known) {
  std::optional<std::string> nearest;
  std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const auto& name : known) {
    const std::size_t distance = edit_distance(word, name);
    if (distance < least) {
      least = distance;
      nearest = name;
    }
  }
  return nearest;
}

TomlTable::TomlTable(const toml::table* table, std::string name, std::uint32_t line,
                     ErrorList& errors)
    : table_{table}, name_{std::move(name)}, line_{line}, errors_{&errors} {}

const toml::node* TomlTable::find(std::string_view key) {
  known_.emplace_back(key);
  return table_ == nullptr ? nullptr : table_->get(key);
}

std::uint32_t TomlTable::line_of(std::string_view key) const {
  const auto* node = table_ == nullptr ? nullptr : table_->get(key);
  return node == nullptr ? line_ : line_of_node(*node);
}

void TomlTable::complain(std::string_view key, const std::string& sentence) {
  errors_->add(line_of(key), name_ + " " + std::string{key} + ": " + sentence);
}

void TomlTable::complain_missing(std::string_view key) {
  errors_->add(line_, name_ + " needs the key '" + std::string{key} + "'");
}

std::optional<std::string> TomlTable::text(std::string_view key) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  if (const auto value = node->value_exact<std::string>()) return value;
  complain(key, "must be a text in quotes");
  return std::nullopt;
}

std::optional<std::int64_t> TomlTable::integer(std::string_view key, IntegerRange range) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto value = node->value_exact<std::int64_t>();
  if (!value || *value < range.min || *value > range.max) {
    complain(key, "must be a whole number from " + std::to_string(range.min) + " to " +
                      std::to_string(range.max));
    return std::nullopt;
  }
  return value;
}

std::optional<base::Timestamp> TomlTable::time(std::string_view key) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  std::optional<base::Timestamp> time;
  if (const auto date = node->value_exact<toml::date>()) {
    time = to_timestamp(*date, toml::time{}, 0);
  } else if (const auto moment = node->value_exact<toml::date_time>()) {
    time = to_timestamp(moment->date, moment->time, moment->offset ? moment->offset->minutes : 0);
  }
  if (!time) complain(key, "must be a date from 1970-01-01 to 2261-12-31, without quotes");
  return time;
}

std::vector<std::string> TomlTable::texts(std::string_view key) {
  const auto* node = find(key);
  std::vector<std::string> values;
  if (node == nullptr) return values;
  const auto* array = node->as_array();
  bool is_good = array != nullptr;
  if (is_good) {
    for (const auto& element : *array) {
      const auto value = element.value_exact<std::string>();
      is_good = is_good && value.has_value();
      if (value) values.push_back(*value);
    }
  }
  if (!is_good) complain(key, "must be a list of texts, as in [\"a\", \"b\"]");
  return values;
}

TomlTable TomlTable::table(std::string_view key) {
  const auto* node = find(key);
  // At the top level the name is "" and a section is called [key].
  std::string name = name_.empty() ? std::string{"["} : name_.substr(0, name_.size() - 1) + ".";
  name += std::string{key} + "]";
  if (node == nullptr) return {nullptr, name, line_, *errors_};
  const auto* table = node->as_table();
  if (table == nullptr) complain(key, "must be a section, " + name);
  return {table, name, line_of_node(*node), *errors_};
}

std::vector<TomlTable> TomlTable::tables(std::string_view key) {
  const auto* node = find(key);
  std::vector<TomlTable> tables;
  if (node == nullptr) return tables;
  const std::string inner = name_.empty() ? std::string{} : name_.substr(1, name_.size() - 2) + ".";
  const std::string name = "[[" + inner + std::string{key} + "]]";
  const auto* array = node->as_array();
  bool is_good = array != nullptr;
  if (is_good) {
    for (const auto& element : *array) {
      const auto* table = element.as_table();
      is_good = is_good && table != nullptr;
      if (table != nullptr) tables.emplace_back(table, name, line_of_node(element), *errors_);
    }
  }
  if (!is_good) complain(key, "must be sections " + name);
  return tables;
}

std::string TomlTable::required_text(std::string_view key) {
  auto value = text(key);
  if (table_ == nullptr || table_->get(key) == nullptr) complain_missing(key);
  if (value && value->empty()) complain(key, "must not be empty");
  return std::move(value).value_or("");
}

std::int64_t TomlTable::required_integer(std::string_view key, IntegerRange range) {
  const auto value = integer(key, range);
  if (table_ == nullptr || table_->get(key) == nullptr) complain_missing(key);
  return value.value_or(range.min);
}

void TomlTable::finish() {
  if (table_ == nullptr) return;
  for (const auto& [key, node] : *table_) {
    const std::string word{key.str()};
    if (std::ranges::find(known_, word) != known_.end()) continue;
    const std::string where = name_.empty() ? "the file" : name_;
    std::string sentence = where + " knows no key '" + word + "'";
    if (const auto nearest = nearest_name(word, known_)) {
      sentence += "; did you mean '" + *nearest + "'?";
    } else {
      sentence += "; it knows:";
      for (const auto& name : known_) sentence += " " + name;
    }
    errors_->add(key.source().begin.line, sentence);
  }
}

}  // namespace hugang::runtime
