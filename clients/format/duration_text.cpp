#include "clients/format/duration_text.hpp"

#include <charconv>
#include <chrono>
#include <cstdio>
#include <limits>

namespace hugang::format {
namespace {

using base::Duration;
using base::Timestamp;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;

struct Civil {
  std::int32_t year;
  std::uint32_t month, day, hour, minute, second;
  std::uint32_t ns;
};

Civil civil_of(Timestamp at) {
  std::int64_t seconds = at.ns() / kNsPerSecond;
  std::int64_t ns = at.ns() % kNsPerSecond;
  if (ns < 0) {
    ns += kNsPerSecond;
    --seconds;
  }
  std::int64_t days = seconds / kSecondsPerDay;
  std::int64_t rest = seconds % kSecondsPerDay;
  if (rest < 0) {
    rest += kSecondsPerDay;
    --days;
  }
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  const auto second_of_day = static_cast<std::uint32_t>(rest);
  return {static_cast<int>(date.year()),     static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()), second_of_day / 3600,
          second_of_day / 60 % 60,           second_of_day % 60,
          static_cast<std::uint32_t>(ns)};
}

/// Takes exactly `count` digits off the front.
std::optional<std::uint32_t> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint32_t>(text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(1);
  return true;
}

/// Days since 1970 of a date "YYYY-MM-DD" taken off the front.
std::optional<std::int64_t> take_date(std::string_view& text) {
  const auto year = take_digits(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*year)},
                                         std::chrono::month{*month}, std::chrono::day{*day}};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days{date}.time_since_epoch().count();
}

std::string printed(const char* pattern, auto... values) {
  char buffer[64];
  const int length = std::snprintf(buffer, sizeof buffer, pattern, values...);
  return {buffer, static_cast<std::size_t>(length)};
}

/// `value` of unit `unit_ns` with three significant digits.
std::string three_digits(std::int64_t ns, std::int64_t unit_ns, const char* unit) {
  const std::int64_t whole = ns / unit_ns;
  const std::int64_t thousandths = ns % unit_ns * 1000 / unit_ns;
  if (whole >= 100 || unit_ns == 1) return printed("%lld %s", static_cast<long long>(whole), unit);
  if (whole >= 10) {
    return printed("%lld.%01lld %s", static_cast<long long>(whole),
                   static_cast<long long>(thousandths / 100), unit);
  }
  return printed("%lld.%02lld %s", static_cast<long long>(whole),
                 static_cast<long long>(thousandths / 10), unit);
}

}  // namespace

std::string short_time_text(Timestamp at) {
  const Civil c = civil_of(at);
  return printed("%04d-%02u-%02u %02u:%02u:%02u.%03u", c.year, c.month, c.day, c.hour, c.minute,
                 c.second, c.ns / 1'000'000);
}

std::optional<Duration> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || count <= 0) return std::nullopt;
  const std::string_view unit{rest, static_cast<std::size_t>(text.data() + text.size() - rest)};
  std::int64_t unit_ns = 0;
  if (unit == "ms") unit_ns = 1'000'000;
  if (unit == "s") unit_ns = kNsPerSecond;
  if (unit == "m" || unit == "min") unit_ns = 60 * kNsPerSecond;
  if (unit == "h") unit_ns = 3600 * kNsPerSecond;
  if (unit == "d") unit_ns = kSecondsPerDay * kNsPerSecond;
  constexpr std::int64_t kLongest = 366 * kSecondsPerDay * kNsPerSecond;
  if (unit_ns == 0 || count > kLongest / unit_ns) return std::nullopt;
  return Duration::nanoseconds(count * unit_ns);
}

std::string duration_text(Duration duration) {
  std::int64_t ns = duration.count_ns();
  if (ns < 0) {
    // The smallest value has no positive twin; one nanosecond more does not show.
    if (ns == std::numeric_limits<std::int64_t>::min()) ++ns;
    return "-" + duration_text(Duration::nanoseconds(-ns));
  }
  if (ns < 1'000) return three_digits(ns, 1, "ns");
  if (ns < 1'000'000) return three_digits(ns, 1'000, "µs");
  if (ns < kNsPerSecond) return three_digits(ns, 1'000'000, "ms");
  const std::int64_t seconds = ns / kNsPerSecond;
  if (seconds < 120) return three_digits(ns, kNsPerSecond, "s");
  if (seconds < 7200) {
    return printed("%lld min %02lld s", static_cast<long long>(seconds / 60),
                   static_cast<long long>(seconds % 60));
  }
  return printed("%lld h %02lld min", static_cast<long long>(seconds / 3600),
                 static_cast<long long>(seconds / 60 % 60));
}

std::optional<std::uint32_t> parse_business_date(std::string_view text) {
  std::string dashed{text};
  if (text.size() == 8) {
    dashed = std::string{text.substr(0, 4)} + "-" + std::string{text.substr(4, 2)} + "-" +
             std::string{text.substr(6)};
  }
  std::string_view rest{dashed};
  const auto days = take_date(rest);
  if (!days || !rest.empty()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{*days}}};
  return static_cast<std::uint32_t>(static_cast<int>(date.year())) * 10'000 +
         static_cast<unsigned>(date.month()) * 100 + static_cast<unsigned>(date.day());
}

std::string business_date_text(std::uint32_t yyyymmdd) {
  return printed("%04u-%02u-%02u", yyyymmdd / 10'000, yyyymmdd / 100 % 100, yyyymmdd % 100);
}

std::uint32_t business_date_of(Timestamp at) {
  const Civil c = civil_of(at);
  return static_cast<std::uint32_t>(c.year) * 10'000 + c.month * 100 + c.day;
}

}  // namespace hugang::format
