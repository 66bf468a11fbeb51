#include "clients/load/progress.hpp"

#include <fmt/format.h>

#include <cmath>

#include "clients/format/duration_text.hpp"
#include "clients/load/report/quantities.hpp"

namespace hugang::load {
namespace {

std::string time_text(std::uint64_t ns) {
  return format::duration_text(base::Duration::nanoseconds(static_cast<std::int64_t>(ns)));
}

}  // namespace

std::string count_text(double count) {
  if (count < 10 && count != std::floor(count)) return fmt::format("{:.1f}", count);
  return report::count_text(static_cast<std::uint64_t>(std::nearbyint(count)));
}

std::string progress_line(double elapsed_s, const std::string& phase, const Glance& glance) {
  const auto seconds = static_cast<std::uint64_t>(elapsed_s);
  const auto per_second = [&](std::uint64_t count) {
    return count_text(static_cast<double>(count) / glance.seconds) + "/s";
  };
  std::string line = fmt::format("{:02}:{:02}  {:<10} ", seconds / 60, seconds % 60, phase);
  line += fmt::format(" offered {:>9}  answered {:>9}", per_second(glance.offered),
                      per_second(glance.completed));
  if (glance.accepted != glance.completed) {
    line += fmt::format("  transfers {:>11}", per_second(glance.accepted));
  }
  if (glance.latency.is_empty()) {
    line += "  no answers";
  } else {
    line += fmt::format(
        "  p50 {}  p99 {}  p99.9 {}  max {}", time_text(glance.latency.percentile_ns(50)),
        time_text(glance.latency.percentile_ns(99)), time_text(glance.latency.percentile_ns(99.9)),
        time_text(glance.latency.max_ns()));
  }
  if (glance.refused > 0) line += fmt::format("  refused {}", per_second(glance.refused));
  return line + fmt::format("  errors {}", count_text(static_cast<double>(glance.errors)));
}

}  // namespace hugang::load
