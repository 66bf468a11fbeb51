#include "clients/load/report/quantities.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "clients/format/duration_text.hpp"

namespace hugang::report {

std::string count_text(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (auto place = static_cast<std::ptrdiff_t>(text.size()) - 3; place > 0; place -= 3) {
    text.insert(static_cast<std::size_t>(place), 1, ',');
  }
  return text;
}

std::string number_text(double value) {
  if (!std::isfinite(value) || value <= 0) return "0";
  if (value >= 99.95) return count_text(static_cast<std::uint64_t>(std::llround(value)));
  if (value >= 9.995) return fmt::format("{:.1f}", value);
  return fmt::format("{:.2f}", value);
}

std::string rate_text(double per_second) { return number_text(per_second) + "/s"; }

std::string seconds_text(double seconds) {
  return seconds < 9'999.5 ? fmt::format("{:.4g}", seconds) : number_text(seconds);
}

std::string share_text(double share) {
  if (!std::isfinite(share) || share <= 0) return "0 %";
  const double percent = share * 100;
  if (percent < 0.001) return "< 0.001 %";
  if (percent >= 100) return "100 %";
  // Two digits that mean something, cut where rounding would claim all.
  if (percent > 99.9) return "> 99.9 %";
  if (percent >= 9.95) return fmt::format("{:.1f} %", percent);
  if (percent >= 0.995) return fmt::format("{:.2f} %", percent);
  return fmt::format("{:.{}f} %", percent, percent >= 0.0995 ? 2 : 3);
}

std::string latency_text(std::uint64_t ns) {
  constexpr auto kMax = static_cast<std::uint64_t>(INT64_MAX);
  return format::duration_text(
      base::Duration::nanoseconds(static_cast<std::int64_t>(std::min(ns, kMax))));
}

std::string percentile_name(double percent) { return fmt::format("p{}", percent); }

std::string memory_text(std::uint64_t bytes) {
  constexpr double kMiB = 1024.0 * 1024.0;
  const double mebibytes = static_cast<double>(bytes) / kMiB;
  if (mebibytes < 1024) return fmt::format("{:.0f} MiB", mebibytes);
  return fmt::format("{:.1f} GiB", mebibytes / 1024);
}

}  // namespace hugang::report
