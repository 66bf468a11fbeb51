#include "clients/load/report/samples.hpp"

#include <algorithm>
#include <cmath>

namespace hugang::report {
namespace {

using Coarse = LogLinear<6>;

std::optional<double> ratio(double part, double whole) {
  if (!(whole > 0)) return std::nullopt;
  return part / whole;
}

}  // namespace

std::optional<double> outline_percentile(const std::vector<std::uint64_t>& counts, double percent) {
  std::uint64_t sum = 0;
  for (const auto count : counts) sum += count;
  if (sum == 0) return std::nullopt;
  const double wanted = percent / 100 * static_cast<double>(sum);
  double seen = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    const auto count = static_cast<double>(counts[i]);
    if (seen + count >= wanted) {
      const auto lower = static_cast<double>(Coarse::lower_of(i));
      const auto upper = static_cast<double>(Coarse::upper_of(i)) + 1;
      return lower + ((upper - lower) * std::clamp((wanted - seen) / count, 0.0, 1.0));
    }
    seen += count;
  }
  return std::nullopt;
}

RunSample::RunSample(const RunRecord& record) : record_{&record} {
  std::vector<double> rates;
  std::vector<double> medians;
  std::vector<double> tails;
  for (const Second& second : record.seconds) {
    rates.push_back(static_cast<double>(second.completed));
    medians.push_back(std::log(static_cast<double>(second.latency.p50_ns) + 1));
    tails.push_back(std::log(static_cast<double>(second.latency.p99_ns) + 1));
  }
  block_ = std::max({block_length(rates), block_length(medians), block_length(tails)});
}

std::optional<double> RunSample::value(const Question& question) const {
  return value(question, Weights(seconds(), 1));
}

std::optional<double> RunSample::value(const Question& question, const Weights& weights) const {
  if (question.quantity == Quantity::kLatency) return percentile(question, weights);
  double seconds = 0;
  double completed = 0;
  double offered = 0;
  double errors = 0;
  double accepted = 0;
  double refused = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const Second& second = record_->seconds[i];
    const double weight = weights[i];
    seconds += weight;
    completed += weight * static_cast<double>(second.completed);
    offered += weight * static_cast<double>(second.offered);
    errors += weight * static_cast<double>(total(second.errors));
    accepted += weight * static_cast<double>(second.transfers_completed);
    refused += weight * static_cast<double>(second.transfers_refused);
  }
  switch (question.quantity) {
    case Quantity::kTransfersPerSecond:
      return ratio(accepted, seconds);
    case Quantity::kRequestsPerSecond:
      return ratio(completed, seconds);
    case Quantity::kErrorShare:
      return ratio(errors, offered);
    case Quantity::kRefusedShare:
      return ratio(refused, refused + accepted);
    case Quantity::kLatency:
      break;
  }
  return std::nullopt;
}

std::optional<double> RunSample::percentile(const Question& question,
                                            const Weights& weights) const {
  const auto kind = std::ranges::find(record_->kinds, question.kind, &OperationKind::name);
  if (kind == record_->kinds.end()) return std::nullopt;
  std::vector<std::uint64_t> counts(Coarse::kBuckets);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] == 0) continue;
    for (const Slot& slot : kind->seconds[i].latency.outline) {
      counts[Coarse::index_of(slot.lower_ns)] += weights[i] * slot.count;
    }
  }
  return outline_percentile(counts, question.percent);
}

}  // namespace hugang::report
