#include "clients/load/report/histogram.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>
#include <utility>

namespace hugang::report {
namespace {

/// Values of every size: 1 ns to hours, most of them where latencies are.
std::vector<std::uint64_t> random_values(std::mt19937_64& random, std::size_t count) {
  std::vector<std::uint64_t> values;
  for (std::size_t i = 0; i < count; ++i) {
    const auto bits = static_cast<unsigned>(random() % 45);
    values.push_back(random() & ((std::uint64_t{2} << bits) - 1));
  }
  return values;
}

Histogram histogram_of(const std::vector<std::uint64_t>& values) {
  Histogram histogram;
  for (const auto value : values) histogram.record(value);
  return histogram;
}

/// The exact percentile: the smallest value that this share of all does not exceed.
std::uint64_t exact(const std::vector<std::uint64_t>& sorted, std::uint64_t per_100000) {
  const std::uint64_t rank = ((sorted.size() * per_100000) + 99'999) / 100'000;
  return sorted[std::max<std::uint64_t>(rank, 1) - 1];
}

TEST(Histogram, GivesPercentilesWithinABucketOfTheSortedValues) {
  std::mt19937_64 random{4};
  for (int round = 0; round < 60; ++round) {
    auto values = random_values(random, 1 + (random() % 5000));
    const Histogram histogram = histogram_of(values);
    std::ranges::sort(values);
    for (const std::uint64_t p : {0U, 1U, 50'000U, 90'000U, 99'000U, 99'900U, 99'990U, 99'999U}) {
      const std::uint64_t is = exact(values, p);
      const std::uint64_t said = histogram.percentile_ns(static_cast<double>(p) / 1000.0);
      EXPECT_GE(said, is) << "p" << p << " of " << values.size();
      EXPECT_LE(said - is, is / 256) << "p" << p << " of " << values.size();
    }
    EXPECT_EQ(histogram.percentile_ns(100), values.back());
    EXPECT_EQ(histogram.max_ns(), values.back());
    EXPECT_EQ(histogram.min_ns(), values.front());
    EXPECT_EQ(histogram.count(), values.size());
  }
}

TEST(Histogram, PutsEveryValueIntoTheBucketThatHoldsIt) {
  using Scale = Histogram::Scale;
  std::uint64_t next = 0;
  for (std::size_t i = 0; i < Scale::kBuckets; ++i) {
    ASSERT_EQ(Scale::lower_of(i), next) << i;
    ASSERT_EQ(Scale::index_of(Scale::lower_of(i)), i);
    ASSERT_EQ(Scale::index_of(Scale::upper_of(i)), i);
    ASSERT_LE(Scale::upper_of(i) - Scale::lower_of(i), Scale::lower_of(i) / 256);
    next = Scale::upper_of(i) + 1;
  }
  EXPECT_EQ(next, Scale::kValueMax + 1);
}

TEST(Histogram, KeepsTheLargestExactlyEvenBeyondItsScale) {
  Histogram histogram;
  const std::uint64_t day = std::uint64_t{86'400} * 1'000'000'000;
  histogram.record(day);
  histogram.record(5);
  EXPECT_EQ(histogram.max_ns(), day);
  EXPECT_EQ(histogram.percentile_ns(99), day);
  EXPECT_EQ(histogram.percentile_ns(50), 5U);
  EXPECT_EQ(histogram.mean_ns(), static_cast<double>(day + 5) / 2);
}

TEST(Histogram, IsAllZeroWhenEmpty) {
  const Histogram histogram;
  EXPECT_TRUE(histogram.is_empty());
  EXPECT_EQ(histogram.percentile_ns(99.9), 0U);
  EXPECT_EQ(histogram.min_ns(), 0U);
  EXPECT_EQ(histogram.max_ns(), 0U);
  EXPECT_EQ(histogram.mean_ns(), 0.0);
  EXPECT_THAT(histogram.buckets(), testing::IsEmpty());
}

TEST(Histogram, CountsTheSameMergedAsRecordedInOne) {
  std::mt19937_64 random{5};
  const auto left = random_values(random, 3000);
  const auto right = random_values(random, 2000);
  Histogram merged = histogram_of(left);
  merged.merge(histogram_of(right));
  Histogram one = histogram_of(left);
  for (const auto value : right) one.record(value);
  EXPECT_EQ(merged, one);
  merged.merge(Histogram{});
  EXPECT_EQ(merged, one);
}

TEST(Histogram, LeavesTheWindowWhenAnEarlierCopyIsSubtracted) {
  std::mt19937_64 random{6};
  for (int round = 0; round < 30; ++round) {
    const auto first = random_values(random, 500);
    const auto second = random_values(random, 1 + (random() % 500));
    Histogram running = histogram_of(first);
    const Histogram earlier = running;
    for (const auto value : second) running.record(value);
    running.subtract(earlier);
    const Histogram window = histogram_of(second);
    EXPECT_EQ(running.buckets(), window.buckets());
    EXPECT_EQ(running.sum_ns(), window.sum_ns());
    EXPECT_GE(running.max_ns(), window.max_ns());
    EXPECT_LE(running.max_ns() - window.max_ns(), window.max_ns() / 256);
    EXPECT_LE(running.min_ns(), window.min_ns());
    running.subtract(Histogram{running});
    EXPECT_EQ(running, Histogram{});
  }
}

TEST(Histogram, CountsWhatIsNotAboveAValue) {
  Histogram histogram;
  histogram.record(10, 3);
  histogram.record(2'000'000, 2);
  histogram.record(7, 0);
  EXPECT_EQ(histogram.count_up_to(9), 0U);
  EXPECT_EQ(histogram.count_up_to(10), 3U);
  EXPECT_EQ(histogram.count_up_to(1'000'000), 3U);
  EXPECT_EQ(histogram.count_up_to(2'000'000), 5U);
}

TEST(Histogram, IsRestoredOnlyFromWhatAgreesWithItself) {
  const std::vector<Slot> slots{{1000, 2}, {2048, 1}};
  const auto whole = Histogram::restored(slots, {.min_ns = 1001, .max_ns = 2050, .sum_ns = 4051});
  ASSERT_TRUE(whole) << whole.error();
  EXPECT_EQ(whole->count(), 3U);
  EXPECT_EQ(whole->max_ns(), 2050U);

  const Histogram::Extremes good{.min_ns = 1001, .max_ns = 2050, .sum_ns = 4051};
  using Slots = std::vector<Slot>;
  EXPECT_FALSE(Histogram::restored(Slots{{1001, 2}, {2048, 1}}, good)) << "no lower end";
  EXPECT_FALSE(Histogram::restored(Slots{{2048, 1}, {1000, 2}}, good)) << "descending";
  EXPECT_FALSE(Histogram::restored(Slots{{1000, 2}, {1000, 2}, {2048, 1}}, good)) << "twice";
  EXPECT_FALSE(Histogram::restored(Slots{{1000, 0}, {2048, 1}}, good)) << "an empty bucket";
  EXPECT_FALSE(Histogram::restored(slots, {.min_ns = 990, .max_ns = 2050, .sum_ns = 1}));
  EXPECT_FALSE(Histogram::restored(slots, {.min_ns = 1001, .max_ns = 2060, .sum_ns = 1}));
  EXPECT_FALSE(Histogram::restored({}, {.min_ns = 0, .max_ns = 1, .sum_ns = 0}));
  EXPECT_TRUE(Histogram::restored({}, {}));
}

TEST(Histogram, CanBeCopiedAndAssignedAfterAMove) {
  Histogram a = histogram_of({1, 2, 3});
  const Histogram copy = a;
  const Histogram moved = std::move(a);
  a = moved;
  EXPECT_EQ(a, copy);
}

}  // namespace
}  // namespace hugang::report
