// The forms of single values, as XML Schema part 2 defines them. Pure, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hugang::iso20022 {

/// A day of the proleptic Gregorian calendar.
struct CalendarDay {
  std::int32_t year;
  std::int32_t month;  ///< 1..12
  std::int32_t day;    ///< 1..length of the month
};

/// YYYY-MM-DD with nothing after it, years 0001..9999.
[[nodiscard]] std::optional<CalendarDay> parse_day(std::string_view text);

/// xs:date: a day, then optionally Z or an offset +hh:mm up to 14:00.
[[nodiscard]] bool is_date(std::string_view text);
/// xs:dateTime: day T time. Fractions of a second and 24:00:00 are allowed, a leap second is not.
[[nodiscard]] bool is_date_time(std::string_view text);
/// xs:time.
[[nodiscard]] bool is_time(std::string_view text);
/// xs:boolean: true, false, 1, 0.
[[nodiscard]] bool is_boolean(std::string_view text);

struct DecimalForm {
  std::uint32_t digits_max;
  std::uint32_t fraction_max;
  bool is_from_zero;  ///< negative values are refused
};
/// xs:decimal with facets. Zeros that do not count (leading, trailing in the fraction) are not
/// counted.
[[nodiscard]] bool is_decimal(std::string_view text, DecimalForm form);

/// Code points in UTF-8 text.
[[nodiscard]] std::size_t count_code_points(std::string_view utf8);

/// The longest beginning of the text with at most `max` code points; never cuts one in two.
[[nodiscard]] std::string_view first_code_points(std::string_view utf8, std::size_t max);

}  // namespace hugang::iso20022
