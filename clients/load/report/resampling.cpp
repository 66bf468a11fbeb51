#include "clients/load/report/resampling.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>

#include "clearing/base/check.hpp"

namespace hugang::report {

void draw_blocks(std::mt19937_64& random, std::size_t block, Weights& weights) {
  const std::size_t size = weights.size();
  HG_CHECK(block >= 1 && block <= size);
  std::ranges::fill(weights, 0U);
  for (std::size_t drawn = 0; drawn < size;) {
    // The remainder's bias is below 2^-40 for any number of seconds: nothing that could be seen.
    std::size_t second = random() % size;
    for (std::size_t i = 0; i < block && drawn < size; ++i, ++drawn) {
      ++weights[second];
      second = second + 1 == size ? 0 : second + 1;
    }
  }
}

std::size_t block_length(std::span<const double> series) {
  const std::size_t size = series.size();
  if (size < 6) return 1;
  const auto n = static_cast<double>(size);
  const double mean = std::accumulate(series.begin(), series.end(), 0.0) / n;
  const auto covariance = [&](std::size_t lag) {
    double sum = 0;
    for (std::size_t i = lag; i < size; ++i) sum += (series[i] - mean) * (series[i - lag] - mean);
    return sum;
  };
  const std::size_t longest = size / 5;
  const auto shortest = std::min(longest, static_cast<std::size_t>(std::ceil(std::sqrt(n))));
  const double variance = covariance(0);
  if (!(variance > 0)) return std::max<std::size_t>(shortest, 1);
  std::size_t lag = 1;
  while (3 * lag < longest && covariance(lag) / variance > 2 / std::sqrt(n)) ++lag;
  return std::max<std::size_t>(std::clamp(3 * lag, shortest, longest), 1);
}

Estimate mean_of(std::span<const double> values) {
  HG_CHECK(values.size() >= 2);
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {.value = mean,
          .standard_error = std::sqrt(squares / (n - 1) / n),
          .degrees_of_freedom = n - 1};
}

Estimate difference(const Estimate& a, const Estimate& b) {
  const double of_a = a.standard_error * a.standard_error;
  const double of_b = b.standard_error * b.standard_error;
  Estimate difference{.value = b.value - a.value,
                      .standard_error = std::sqrt(of_a + of_b),
                      .degrees_of_freedom = a.degrees_of_freedom + b.degrees_of_freedom};
  if (of_a + of_b > 0) {
    difference.degrees_of_freedom =
        (of_a + of_b) * (of_a + of_b) /
        ((of_a * of_a / a.degrees_of_freedom) + (of_b * of_b / b.degrees_of_freedom));
  }
  return difference;
}

double half_width(const Estimate& estimate, double alpha) {
  if (!(estimate.standard_error > 0)) return 0;
  const boost::math::students_t student{std::max(estimate.degrees_of_freedom, 1.0)};
  return estimate.standard_error *
         boost::math::quantile(boost::math::complement(student, alpha / 2));
}

}  // namespace hugang::report
