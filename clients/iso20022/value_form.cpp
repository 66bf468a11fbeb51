#include "clients/iso20022/value_form.hpp"

#include <algorithm>

namespace hugang::iso20022 {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Reads `count` digits off the front of the text.
std::optional<std::int32_t> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  std::int32_t value = 0;
  for (const char c : text.substr(0, count)) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

std::int32_t days_in_month(std::int32_t year, std::int32_t month) {
  const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  if (month == 2) return is_leap ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

std::optional<CalendarDay> take_day(std::string_view& text) {
  const auto year = take_digits(text, 4);
  if (!year || *year == 0 || !take(text, '-')) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || *month < 1 || *month > 12 || !take(text, '-')) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day || *day < 1 || *day > days_in_month(*year, *month)) return std::nullopt;
  return CalendarDay{*year, *month, *day};
}

bool take_time(std::string_view& text) {
  const auto hour = take_digits(text, 2);
  if (!hour || !take(text, ':')) return false;
  const auto minute = take_digits(text, 2);
  if (!minute || !take(text, ':')) return false;
  const auto second = take_digits(text, 2);
  if (!second) return false;
  bool is_fraction_zero = true;
  if (take(text, '.')) {
    std::size_t digits = 0;
    while (!text.empty() && is_digit(text.front())) {
      is_fraction_zero = is_fraction_zero && text.front() == '0';
      text.remove_prefix(1);
      ++digits;
    }
    if (digits == 0) return false;
  }
  if (*hour == 24) return *minute == 0 && *second == 0 && is_fraction_zero;
  return *hour <= 23 && *minute <= 59 && *second <= 59;
}

/// Nothing, Z, or an offset: the end of the text in any case.
bool is_zone(std::string_view text) {
  if (text.empty() || text == "Z") return true;
  if (!take(text, '+') && !take(text, '-')) return false;
  const auto hour = take_digits(text, 2);
  if (!hour || !take(text, ':')) return false;
  const auto minute = take_digits(text, 2);
  if (!minute || !text.empty()) return false;
  return *hour <= 13 ? *minute <= 59 : *hour == 14 && *minute == 0;
}

}  // namespace

std::optional<CalendarDay> parse_day(std::string_view text) {
  const auto day = take_day(text);
  if (!text.empty()) return std::nullopt;
  return day;
}

bool is_date(std::string_view text) { return take_day(text).has_value() && is_zone(text); }

bool is_date_time(std::string_view text) {
  return take_day(text).has_value() && take(text, 'T') && take_time(text) && is_zone(text);
}

bool is_time(std::string_view text) { return take_time(text) && is_zone(text); }

bool is_boolean(std::string_view text) {
  return text == "true" || text == "false" || text == "1" || text == "0";
}

bool is_decimal(std::string_view text, DecimalForm form) {
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  std::string_view whole = text.substr(0, point);
  std::string_view fraction =
      point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  if (whole.empty() && fraction.empty()) return false;
  if (!std::ranges::all_of(whole, is_digit) || !std::ranges::all_of(fraction, is_digit))
    return false;
  while (whole.starts_with('0')) whole.remove_prefix(1);
  while (fraction.ends_with('0')) fraction.remove_suffix(1);
  if (form.is_from_zero && is_negative && !(whole.empty() && fraction.empty())) return false;
  return fraction.size() <= form.fraction_max && whole.size() + fraction.size() <= form.digits_max;
}

std::size_t count_code_points(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(
      utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string_view first_code_points(std::string_view utf8, std::size_t max) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const bool is_start = (static_cast<unsigned char>(utf8[i]) & 0xC0U) != 0x80U;
    if (is_start && ++count > max) return utf8.substr(0, i);
  }
  return utf8;
}

}  // namespace hugang::iso20022
