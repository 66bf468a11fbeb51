#include "clients/load/report/run_record.hpp"

#include <algorithm>

namespace hugang::report {

void add_code(CodeCounts& counts, std::string_view code, std::uint64_t count) {
  const auto place = std::ranges::lower_bound(counts, code, {}, &CodeCount::code);
  if (place != counts.end() && place->code == code) {
    place->count += count;
    return;
  }
  counts.insert(place, CodeCount{std::string{code}, count});
}

std::uint64_t total(const CodeCounts& counts) {
  std::uint64_t sum = 0;
  for (const CodeCount& code : counts) sum += code.count;
  return sum;
}

Latency summarise(const Histogram& window) {
  Latency latency{
      .count = window.count(),
      .p50_ns = window.percentile_ns(50),
      .p90_ns = window.percentile_ns(90),
      .p99_ns = window.percentile_ns(99),
      .p999_ns = window.percentile_ns(99.9),
      .max_ns = window.max_ns(),
      .outline = {},
  };
  using Coarse = LogLinear<6>;
  for (const Bucket& bucket : window.buckets()) {
    // Coarse buckets are unions of fine ones, so a fine bucket lies in exactly one.
    const std::uint64_t lower = Coarse::lower_of(Coarse::index_of(bucket.lower_ns));
    if (latency.outline.empty() || latency.outline.back().lower_ns != lower) {
      latency.outline.push_back({lower, 0});
    }
    latency.outline.back().count += bucket.count;
  }
  return latency;
}

}  // namespace hugang::report
