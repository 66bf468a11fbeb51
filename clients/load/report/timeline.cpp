#include "clients/load/report/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "clients/load/report/samples.hpp"

namespace hugang::report {
namespace {

using Coarse = LogLinear<6>;

Latency merged(const std::vector<const Latency*>& parts) {
  if (parts.size() == 1) return *parts.front();
  std::vector<std::uint64_t> counts(Coarse::kBuckets);
  Latency whole;
  for (const Latency* part : parts) {
    for (const Slot& slot : part->outline) counts[Coarse::index_of(slot.lower_ns)] += slot.count;
    whole.count += part->count;
    whole.max_ns = std::max(whole.max_ns, part->max_ns);
  }
  const auto percentile = [&](double percent) {
    const double value = outline_percentile(counts, percent).value_or(0);
    return std::min(static_cast<std::uint64_t>(value), whole.max_ns);
  };
  whole.p50_ns = percentile(50);
  whole.p90_ns = percentile(90);
  whole.p99_ns = percentile(99);
  whole.p999_ns = percentile(99.9);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] != 0) whole.outline.push_back({Coarse::lower_of(i), counts[i]});
  }
  return whole;
}

Column column_of(const std::vector<Second>& seconds, std::size_t from, std::size_t length) {
  Column column;
  column.from_s = seconds[from].second;
  column.seconds = static_cast<std::uint32_t>(length);
  std::vector<const Latency*> latencies;
  for (std::size_t i = from; i < from + length; ++i) {
    const Second& second = seconds[i];
    column.intended += static_cast<double>(second.intended);
    column.offered += static_cast<double>(second.offered);
    column.completed += static_cast<double>(second.completed);
    column.transfers += static_cast<double>(second.transfers_completed);
    for (const CodeCount& code : second.refused) add_code(column.refused, code.code, code.count);
    for (const CodeCount& code : second.errors) add_code(column.errors, code.code, code.count);
    latencies.push_back(&second.latency);
  }
  const auto n = static_cast<double>(length);
  column.intended /= n;
  column.offered /= n;
  column.completed /= n;
  column.transfers /= n;
  column.latency = merged(latencies);
  return column;
}

}  // namespace

std::vector<Column> columns_of(const std::vector<Second>& seconds) {
  const std::size_t length =
      std::max<std::size_t>(1, (seconds.size() + kColumnsMax - 1) / kColumnsMax);
  std::vector<Column> columns;
  for (std::size_t from = 0; from < seconds.size(); from += length) {
    columns.push_back(column_of(seconds, from, std::min(length, seconds.size() - from)));
  }
  return columns;
}

std::string elapsed_text(std::uint32_t seconds) {
  if (seconds < 60) return fmt::format("{} s", seconds);
  const std::uint32_t minutes = seconds / 60;
  const std::string rest = seconds % 60 == 0 ? "" : fmt::format(" {:02} s", seconds % 60);
  if (minutes < 60) return fmt::format("{} min{}", minutes, rest);
  const bool is_whole = minutes % 60 == 0 && rest.empty();
  if (is_whole) return fmt::format("{} h", minutes / 60);
  return fmt::format("{} h {:02} min{}", minutes / 60, minutes % 60, rest);
}

std::string place_text(const Column& column) {
  if (column.seconds == 1) return "second " + std::to_string(column.from_s);
  return fmt::format("{} to {}", elapsed_text(column.from_s),
                     elapsed_text(column.from_s + column.seconds));
}

}  // namespace hugang::report
