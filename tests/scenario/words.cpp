#include "tests/scenario/words.hpp"

#include <algorithm>
#include <charconv>

namespace hugang::scenario {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> words;
  std::size_t i = 0;
  while (i < text.size()) {
    if (text[i] == ' ') {
      ++i;
      continue;
    }
    const bool is_quoted = text[i] == '"';
    if (is_quoted) ++i;
    const std::size_t end = std::min(text.find(is_quoted ? '"' : ' ', i), text.size());
    words.emplace_back(text.substr(i, end - i));
    i = is_quoted ? end + 1 : end;
  }
  return words;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// A decimal number as an integer of `decimals` places.
std::int64_t parse_decimal(std::string_view word, unsigned decimals) {
  const bool is_negative = word.starts_with('-');
  std::string digits{is_negative ? word.substr(1) : word};
  const auto dot = digits.find('.');
  const std::size_t places = dot == std::string::npos ? 0 : digits.size() - dot - 1;
  if (places > decimals) throw ScriptError{"too many decimals: " + std::string{word}};
  if (dot != std::string::npos) digits.erase(dot, 1);
  digits.append(decimals - places, '0');
  const auto value = static_cast<std::int64_t>(parse_number(digits));
  return is_negative ? -value : value;
}

}  // namespace

Line parse_line(std::string_view text) {
  if (const auto comment = text.find('#'); comment != std::string_view::npos) {
    text = text.substr(0, comment);
  }
  Line line;
  for (const std::string_view mark : {" => ", " = "}) {
    if (const auto at = text.find(mark); at != std::string_view::npos) {
      line.expected = trimmed(text.substr(at + mark.size()));
      text = text.substr(0, at);
      break;
    }
  }
  line.words = split(text);
  return line;
}

base::Timestamp parse_time(std::string_view word) {
  if (word == "never") return base::Timestamp{};
  if (word.size() < 3 || (word[0] != '+' && word[0] != '-')) {
    throw ScriptError{"not a time: " + std::string{word}};
  }
  const std::int64_t unit = word.back() == 'd' ? 86'400 : 1;
  const std::int64_t ns = parse_decimal(word.substr(1, word.size() - 2), 9) * unit;
  return kBegin + base::Duration::nanoseconds(word[0] == '-' ? -ns : ns);
}

std::string time_text(base::Timestamp at) {
  if (at.is_none()) return "never";
  const std::int64_t ns = (at - kBegin).count_ns();
  std::string text = "+" + std::to_string(ns / kNanosecondsPerSecond);
  if (const std::int64_t rest = ns % kNanosecondsPerSecond; rest != 0) {
    std::string decimals = std::to_string(rest);
    decimals.insert(0, 9 - decimals.size(), '0');
    decimals.erase(decimals.find_last_not_of('0') + 1);
    text += "." + decimals;
  }
  return text + "s";
}

std::int64_t parse_amount(std::string_view word, unsigned scale) {
  return parse_decimal(word, scale);
}

std::string amount_text(base::i128 minor, unsigned scale) {
  const bool is_negative = minor < 0;
  auto rest = static_cast<base::u128>(is_negative ? -minor : minor);
  std::string digits;
  while (rest > 0 || digits.size() <= scale) {
    if (digits.size() == scale && scale > 0) digits.push_back('.');
    digits.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  }
  if (is_negative) digits.push_back('-');
  std::ranges::reverse(digits);
  return digits;
}

std::uint64_t parse_number(std::string_view word) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size()) {
    throw ScriptError{"not a number: " + std::string{word}};
  }
  return value;
}

const std::string& Words::peek() const {
  static const std::string kNothing;
  return is_empty() ? kNothing : words_[at_];
}

const std::string& Words::take() {
  if (is_empty()) throw ScriptError{"a word is missing at the end"};
  return words_[at_++];
}

bool Words::take_if(std::string_view word) {
  if (peek() != word) return false;
  ++at_;
  return true;
}

void Words::expect(std::string_view word) {
  if (!take_if(word)) throw ScriptError{"expected " + std::string{word} + " before: " + peek()};
}

void Words::expect_end() const {
  if (!is_empty()) throw ScriptError{"not understood: " + peek()};
}

}  // namespace hugang::scenario
