#include "clients/load/pacing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace hugang::load {
namespace {

std::vector<double> starts_s(Schedule schedule) {
  std::vector<double> starts;
  while (const auto next = schedule.next()) starts.push_back(static_cast<double>(*next) * 1e-9);
  return starts;
}

Scenario open_loop(std::vector<PhasePlan> phases) {
  Scenario scenario = default_scenario(Workload::kUnary);
  scenario.loop = Loop::kOpen;
  scenario.phases = std::move(phases);
  return scenario;
}

std::vector<double> starts_s(const Scenario& scenario) {
  return starts_s(Schedule{segments_of(scenario), scenario.arrivals, scenario.seed});
}

double count_between(const std::vector<double>& starts, double from, double to) {
  return static_cast<double>(
      std::ranges::count_if(starts, [&](double t) { return t >= from && t < to; }));
}

TEST(Pacing, AConstantRateHasEvenDistances) {
  const auto starts = starts_s(open_loop({{.duration_s = 2, .rate = 1'000}}));
  ASSERT_EQ(starts.size(), 2'000u);
  for (std::size_t i = 0; i < starts.size(); ++i) {
    EXPECT_NEAR(starts[i], static_cast<double>(i) / 1'000, 2e-9) << i;
  }
}

TEST(Pacing, ARampFollowsTheIntegralOfItsRate) {
  // From 100/s to 300/s in 10 s: N(t) = 100 t + 10 t², 2,000 in all.
  const auto starts =
      starts_s(open_loop({{.duration_s = 10, .shape = Shape::kRamp, .rate = 100, .to_rate = 300}}));
  ASSERT_EQ(starts.size(), 2'000u);
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const double t = starts[i];
    EXPECT_NEAR(100 * t + 10 * t * t, static_cast<double>(i), 1e-5) << i;
  }
}

TEST(Pacing, ARampDownToNothingEnds) {
  const auto starts =
      starts_s(open_loop({{.duration_s = 4, .shape = Shape::kRamp, .rate = 50, .to_rate = 0}}));
  EXPECT_EQ(starts.size(), 100u);
  EXPECT_LE(starts.back(), 4.0);
  EXPECT_TRUE(std::ranges::is_sorted(starts));
}

TEST(Pacing, StepsRiseInEqualParts) {
  const auto starts = starts_s(open_loop(
      {{.duration_s = 5, .shape = Shape::kStep, .rate = 100, .to_rate = 500, .steps = 5}}));
  EXPECT_EQ(starts.size(), 1'500u);
  for (int step = 0; step < 5; ++step) {
    EXPECT_NEAR(count_between(starts, step, step + 1), 100 * (step + 1), 1) << step;
  }
}

TEST(Pacing, SpikesEndEachPeriod) {
  const auto starts = starts_s(open_loop({{.duration_s = 6,
                                           .shape = Shape::kSpike,
                                           .rate = 10,
                                           .spike_rate = 1'000,
                                           .spike_every_s = 3,
                                           .spike_for_s = 1}}));
  EXPECT_NEAR(count_between(starts, 0, 2), 20, 1);
  EXPECT_NEAR(count_between(starts, 2, 3), 1'000, 1);
  EXPECT_NEAR(count_between(starts, 3, 5), 20, 1);
  EXPECT_NEAR(count_between(starts, 5, 6), 1'000, 1);
}

TEST(Pacing, PhasesFollowEachOtherWithoutAGapOrALostFraction) {
  // 0.5 requests a phase: every second phase gets one.
  const PhasePlan half{.duration_s = 1, .rate = 0.5};
  const auto starts = starts_s(open_loop({half, half, half, half}));
  ASSERT_EQ(starts.size(), 2u);
  EXPECT_NEAR(starts[0], 0, 1e-9);
  EXPECT_NEAR(starts[1], 2, 1e-9);
}

TEST(Pacing, ARateOfNothingIsPassedOver) {
  const auto starts =
      starts_s(open_loop({{.duration_s = 1, .rate = 10},
                          {.duration_s = 5, .shape = Shape::kRamp, .rate = 0, .to_rate = 0.0},
                          {.duration_s = 1, .rate = 10}}));
  EXPECT_EQ(starts.size(), 20u);
  EXPECT_EQ(count_between(starts, 1, 6), 0);
}

TEST(Pacing, RatesOfTransfersBecomeRatesOfBatches) {
  Scenario scenario = open_loop({{.duration_s = 10, .rate = 1'000}});
  scenario.workload = Workload::kStream;
  scenario.batch_size = 100;
  EXPECT_EQ(starts_s(scenario).size(), 100u);
}

TEST(Pacing, RandomArrivalsHaveExponentialDistancesAndRepeatWithTheSeed) {
  Scenario scenario = open_loop({{.duration_s = 100, .rate = 1'000}});
  scenario.arrivals = Arrivals::kRandom;
  const auto starts = starts_s(scenario);
  EXPECT_EQ(starts, starts_s(scenario));
  // Poisson: 100,000 with a deviation of 316.
  EXPECT_NEAR(static_cast<double>(starts.size()), 100'000, 5 * 316);
  double sum = 0;
  double squares = 0;
  for (std::size_t i = 1; i < starts.size(); ++i) {
    const double distance = starts[i] - starts[i - 1];
    sum += distance;
    squares += distance * distance;
  }
  const double n = static_cast<double>(starts.size() - 1);
  const double mean = sum / n;
  // The deviation of an exponential distribution is its mean.
  EXPECT_NEAR(std::sqrt(squares / n - mean * mean) / mean, 1.0, 0.03);
  scenario.seed = 2;
  EXPECT_NE(starts, starts_s(scenario));
}

TEST(Pacing, ThreadsShareTheStartsAmongThem) {
  const Scenario scenario = open_loop({{.duration_s = 1, .rate = 100}});
  const Schedule whole{segments_of(scenario), Arrivals::kEven, 1};
  std::vector<double> together;
  for (std::uint32_t i = 0; i < 3; ++i) {
    SharedSchedule part{whole, i, 3};
    while (const auto next = part.next()) together.push_back(static_cast<double>(*next) * 1e-9);
  }
  std::ranges::sort(together);
  EXPECT_EQ(together, starts_s(scenario));
}

}  // namespace
}  // namespace hugang::load
