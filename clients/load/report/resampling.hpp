// The statistics of a comparison: blocks of seconds drawn again and again, and intervals from what
// they give. comparison.hpp says which method is meant and from whom.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace hugang::report {

/// How often each second stands in a draw.
using Weights = std::vector<std::uint32_t>;

/// Draws blocks of `block` neighbouring seconds, with replacement, wrapping at the end, until
/// `weights.size()` seconds are drawn; the last block is cut. Requires 1 <= block <= size.
void draw_blocks(std::mt19937_64& random, std::size_t block, Weights& weights);

/// How many neighbouring seconds must stay together: three times the lag at which the
/// autocorrelation of the series falls into the noise (2/sqrt(n)), at least the square root of n,
/// at most a fifth of n, and at least 1. Longer than what estimates a spread with the least error:
/// too short a block cuts what hangs together, and finds differences that are none.
[[nodiscard]] std::size_t block_length(std::span<const double> series);

struct Estimate {
  double value = 0;
  double standard_error = 0;
  double degrees_of_freedom = 1;
};

/// Mean and its standard error. Requires two values.
[[nodiscard]] Estimate mean_of(std::span<const double> values);

/// b - a, with Welch's degrees of freedom.
[[nodiscard]] Estimate difference(const Estimate& a, const Estimate& b);

/// Half the width of the interval that misses with probability `alpha` (both sides together).
[[nodiscard]] double half_width(const Estimate& estimate, double alpha);

}  // namespace hugang::report
