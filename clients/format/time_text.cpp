#include "clients/format/time_text.hpp"

#include <chrono>
#include <cstdio>

namespace hugang::format {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

/// Reads fields of fixed width one after another; the first failure sticks.
class Fields {
 public:
  explicit Fields(std::string_view text) : rest_{text} {}

  int number(std::size_t digits) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (rest_.empty() || rest_[0] < '0' || rest_[0] > '9') return fail();
      value = value * 10 + (rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }
  bool take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail();
  }
  /// Nanoseconds of ".5" and the like; 0 where there is no point.
  std::int64_t fraction_ns() {
    if (!take('.')) return 0;
    std::int64_t value = 0;
    std::int64_t unit = kNsPerSecond;
    while (!rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9') {
      unit /= 10;
      if (unit == 0) return fail();
      value += unit * (rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    if (unit == kNsPerSecond) return fail();
    return value;
  }
  [[nodiscard]] bool is_whole() const { return !has_failed_ && rest_.empty(); }

 private:
  int fail() {
    has_failed_ = true;
    rest_ = {};
    return 0;
  }
  std::string_view rest_;
  bool has_failed_ = false;
};

}  // namespace

std::string time_text(base::Timestamp at) {
  using namespace std::chrono;
  // In seconds: midnight before the first instants that 64 bits hold does not fit in nanoseconds.
  const auto fraction_ns = static_cast<int>((at.ns() % kNsPerSecond + kNsPerSecond) % kNsPerSecond);
  const auto whole = floor<seconds>(sys_time<nanoseconds>{nanoseconds{at.ns()}});
  const sys_days day = floor<days>(whole);
  const year_month_day date{day};
  const hh_mm_ss time{whole - day};
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%09dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()),
                fraction_ns);
  return text;
}

std::optional<base::Timestamp> parse_time(std::string_view text) {
  using namespace std::chrono;
  Fields fields{text};
  const int y = fields.number(4);
  fields.expect('-');
  const int m = fields.number(2);
  fields.expect('-');
  const int d = fields.number(2);
  fields.expect('T');
  const int hour = fields.number(2);
  fields.expect(':');
  const int minute = fields.number(2);
  fields.expect(':');
  const int second = fields.number(2);
  const std::int64_t fraction = fields.fraction_ns();
  int offset_minutes = 0;
  if (!fields.take('Z')) {
    const int sign = fields.take('+') ? 1 : -1;
    if (sign < 0) fields.expect('-');
    const int offset_hours = fields.number(2);
    fields.expect(':');
    const int rest = fields.number(2);
    if (offset_hours > 23 || rest > 59) return std::nullopt;
    offset_minutes = sign * (offset_hours * 60 + rest);
  }
  if (!fields.is_whole()) return std::nullopt;

  const year_month_day date{year{y}, month{static_cast<unsigned>(m)},
                            day{static_cast<unsigned>(d)}};
  if (!date.ok() || y < 1970 || y > 2261) return std::nullopt;
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const std::int64_t days_count = sys_days{date}.time_since_epoch().count();
  const std::int64_t seconds_count =
      ((days_count * 24 + hour) * 60 + minute - offset_minutes) * 60 + second;
  // The day was written with an offset: in UTC it may be the one before or after the range.
  static constexpr std::int64_t kSecondsEnd = sys_days{year{2262} / 1 / 1}.time_since_epoch() / 1s;
  if (seconds_count < 0 || seconds_count >= kSecondsEnd) return std::nullopt;
  return base::Timestamp{seconds_count * kNsPerSecond + fraction};
}

}  // namespace hugang::format
