// What differs between two sides of runs beyond what chance explains.
//
// One run on a side: seconds are the sample. Neighbouring seconds resemble each other (a flush, a
// checkpoint, a warm cache), so treating them as independent would find differences in noise; whole
// blocks of neighbouring seconds are drawn instead, with replacement and wrapping at the end: the
// circular block bootstrap (D. N. Politis, J. P. Romano, "A circular block-resampling procedure for
// stationary data", 1992; after H. R. Künsch, "The jackknife and the bootstrap for general
// stationary observations", Annals of Statistics 17, 1989). Each draw gives the measure anew: rates
// and shares from the sums, percentiles from the merged outlines of the seconds drawn. The standard
// deviation over the draws, times Student's t for the number of blocks, is the half-width of the
// interval. What differs from run to run cannot be seen this way, so changes below 1 % are not
// called.
//
// Several runs on both sides: each run gives one value, and the interval is Welch's (B. L. Welch,
// "The generalization of Student's problem when several different population variances are
// involved", Biometrika 34, 1947), which holds what differs from run to run.
//
// Rates and latencies are compared by the logarithm of their ratio, shares by their difference.
// Several measures are looked at together, so the intervals are widened (Bonferroni): in 95 % of
// comparisons of equal sides none of them finds a difference.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <span>
#include <string>
#include <vector>

#include "clients/hugang/table.hpp"
#include "clients/load/report/run_record.hpp"

namespace hugang::report {

enum class Finding {
  kNoDifference,   ///< what differs lies within the noise
  kBetter,         ///< B is better than A beyond the noise
  kWorse,          ///< B is worse than A beyond the noise
  kTooLittleData,  ///< too few seconds, or too few requests for that percentile
};

enum class Unit { kPerSecond, kNanoseconds, kShare };

/// One measure on both sides. `change`, `low` and `high` are relative (0.12: 12 % more in B) for
/// rates and latencies, and differences of shares (0.01: one percentage point more) for shares.
struct Measure {
  std::string name;  ///< "throughput", "transfer p99", "errors"
  Unit unit = Unit::kPerSecond;
  double a = 0;
  double b = 0;
  double change = 0;
  double low = 0;
  double high = 0;
  Finding finding = Finding::kTooLittleData;
  std::string sentence;  ///< "faster by 12 % (9..15 %)", "no difference beyond noise (±3 %)"
};

struct Comparison {
  std::vector<Measure> measures;
  /// What makes the sides less comparable: other machines, scenarios, versions, seeds; a client
  /// that was too slow; runs that did not end well; one run a side.
  std::vector<std::string> warnings;
  std::size_t runs_a = 0;
  std::size_t runs_b = 0;

  /// Whether some measure is worse beyond noise and by more than `threshold`: 0.05 for five percent
  /// (rates, latencies) or five percentage points (shares).
  [[nodiscard]] bool is_worse(double threshold) const;
};

struct CompareOptions {
  std::uint64_t seed = 1;      ///< of the draws: the same files always give the same answer
  std::uint32_t draws = 1000;  ///< >= 100
};

/// Compares runs `b` with runs `a`. Requires at least one record a side.
[[nodiscard]] Comparison compare(std::span<const RunRecord> a, std::span<const RunRecord> b,
                                 const CompareOptions& options = {});

void print_comparison(const Comparison& comparison, std::ostream& out, const program::Style& style);
void write_comparison_json(const Comparison& comparison, std::ostream& out);

}  // namespace hugang::report
