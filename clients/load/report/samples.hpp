// A run as a comparison needs it: for each second what is summed, and latencies in few buckets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "clients/load/report/resampling.hpp"
#include "clients/load/report/run_record.hpp"

namespace hugang::report {

/// What a measure is taken of.
enum class Quantity {
  kTransfersPerSecond,
  kRequestsPerSecond,
  kErrorShare,
  kRefusedShare,
  kLatency
};

struct Question {
  Quantity quantity = Quantity::kRequestsPerSecond;
  std::string kind;    ///< of kLatency
  double percent = 0;  ///< of kLatency
};

class RunSample {
 public:
  /// The record must outlive this.
  explicit RunSample(const RunRecord& record);

  [[nodiscard]] std::size_t seconds() const { return record_->seconds.size(); }
  [[nodiscard]] std::size_t block() const { return block_; }

  /// The measure over the weighted seconds; nothing when there is nothing to take it of.
  [[nodiscard]] std::optional<double> value(const Question& question, const Weights& weights) const;
  /// The same over all seconds once.
  [[nodiscard]] std::optional<double> value(const Question& question) const;

 private:
  [[nodiscard]] std::optional<double> percentile(const Question& question,
                                                 const Weights& weights) const;

  const RunRecord* record_;
  std::size_t block_ = 1;
};

/// The percentile of an outline's counts, interpolated within its bucket; nothing when all are 0.
[[nodiscard]] std::optional<double> outline_percentile(const std::vector<std::uint64_t>& counts,
                                                       double percent);

}  // namespace hugang::report
