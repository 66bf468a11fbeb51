#include "clients/load/report/comparison.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/unit/load_report/sample_run.hpp"

namespace hugang::report {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

std::vector<RunRecord> runs(const Habits& habits, std::uint64_t first_seed, std::size_t count) {
  std::vector<RunRecord> records;
  for (std::size_t i = 0; i < count; ++i) {
    Habits own = habits;
    own.seed = first_seed + i;
    records.push_back(sample_run(own));
  }
  return records;
}

const Measure& measure_of(const Comparison& comparison, const std::string& name) {
  const auto found = std::ranges::find(comparison.measures, name, &Measure::name);
  if (found == comparison.measures.end()) throw std::runtime_error{"no measure " + name};
  return *found;
}

bool finds_anything(const Comparison& comparison) {
  return std::ranges::any_of(comparison.measures, [](const Measure& measure) {
    return measure.finding == Finding::kBetter || measure.finding == Finding::kWorse;
  });
}

constexpr CompareOptions kQuick{.seed = 1, .draws = 200};

/// In how many of `trials` pairs of equal sides something is found.
int false_findings(const Habits& habits, std::size_t runs_a_side, int trials) {
  int found = 0;
  for (int trial = 0; trial < trials; ++trial) {
    const auto seed = static_cast<std::uint64_t>(trial) * 100;
    const auto a = runs(habits, seed + 1, runs_a_side);
    const auto b = runs(habits, seed + 51, runs_a_side);
    if (finds_anything(compare(a, b, kQuick))) ++found;
  }
  return found;
}

// 120 trials with a chance of at most 5 % each: more than 12 would come by chance in one of 100.
TEST(Compare, FindsNothingBetweenEqualSidesInNineteenOfTwentyTrials) {
  EXPECT_LE(false_findings({.seconds = 60, .rate = 120}, 1, 120), 6);
}

TEST(Compare, FindsNothingWhenNeighbouringSecondsMoveTogether) {
  EXPECT_LE(false_findings({.seconds = 120, .rate = 60, .wander = 0.3}, 1, 100), 5);
}

TEST(Compare, FindsNothingBetweenEqualSidesOfSeveralRuns) {
  EXPECT_LE(false_findings({.seconds = 15, .rate = 80}, 4, 100), 5);
}

TEST(Compare, FindsTenPercent) {
  int latency = 0;
  int throughput = 0;
  constexpr int kTrials = 20;
  for (std::uint64_t trial = 0; trial < kTrials; ++trial) {
    const Habits before{.seed = 1000 + trial, .seconds = 120, .rate = 300, .wander = 0.05};
    Habits after = before;
    after.seed += 500;
    after.speed = 1.1;
    const std::vector<RunRecord> a{sample_run(before)};
    const std::vector<RunRecord> b{sample_run(after)};
    const Comparison comparison = compare(a, b, kQuick);
    const Measure& p50 = measure_of(comparison, "transfer p50");
    const Measure& rate = measure_of(comparison, "transfers per second");
    if (p50.finding == Finding::kBetter && p50.low < -0.09 && p50.high > -0.09 - 0.1) ++latency;
    if (rate.finding == Finding::kBetter && rate.low < 0.1 && rate.high > 0.1) ++throughput;
    EXPECT_FALSE(comparison.is_worse(0));
    EXPECT_TRUE(compare(b, a, kQuick).is_worse(0.05)) << trial;
    EXPECT_FALSE(compare(b, a, kQuick).is_worse(0.3)) << trial;
  }
  EXPECT_GE(latency, kTrials - 1);
  EXPECT_GE(throughput, kTrials - 2);
}

TEST(Compare, FindsTenPercentBetweenRepeatedRuns) {
  const Habits before{.seconds = 30, .rate = 200, .wander = 0.05};
  Habits after = before;
  after.speed = 1 / 1.1;
  const Comparison comparison = compare(runs(before, 1, 5), runs(after, 51, 5));
  const Measure& p50 = measure_of(comparison, "transfer p50");
  EXPECT_EQ(p50.finding, Finding::kWorse) << p50.sentence;
  EXPECT_THAT(p50.sentence, StartsWith("slower by "));
  EXPECT_NEAR(p50.change, 0.1, 0.04);
  EXPECT_THAT(comparison.warnings, Not(Contains(HasSubstr("one run on a side"))));
}

TEST(Compare, FindsErrorsThatOnlyOneSideHas) {
  const std::vector<RunRecord> a{sample_run({.seed = 1})};
  const std::vector<RunRecord> b{sample_run({.seed = 2, .error_share = 0.03})};
  const Measure errors = measure_of(compare(a, b), "errors");
  EXPECT_EQ(errors.finding, Finding::kWorse) << errors.sentence;
  EXPECT_THAT(errors.sentence, StartsWith("more by "));
  EXPECT_NEAR(errors.change, 0.03, 0.005);
  EXPECT_EQ(measure_of(compare(a, a), "errors").finding, Finding::kNoDifference);
}

TEST(Compare, GivesTheSameAnswerForTheSameFiles) {
  const std::vector<RunRecord> a{sample_run({.seed = 1, .has_second_kind = true})};
  const std::vector<RunRecord> b{sample_run({.seed = 2, .has_second_kind = true})};
  std::ostringstream once;
  std::ostringstream twice;
  write_comparison_json(compare(a, b), once);
  write_comparison_json(compare(a, b), twice);
  EXPECT_EQ(once.str(), twice.str());
  const auto document = nlohmann::json::parse(once.str());
  EXPECT_EQ(document["measures"].size(), 11U);
  EXPECT_EQ(document["measures"][0]["finding"], "no-difference");
}

TEST(Compare, SaysWhenThereIsTooLittleToJudge) {
  const std::vector<RunRecord> a{sample_run({.seed = 1, .seconds = 60, .rate = 100})};
  const std::vector<RunRecord> b{sample_run({.seed = 2, .seconds = 8, .rate = 100})};
  const Comparison comparison = compare(a, b);
  EXPECT_EQ(comparison.measures[0].finding, Finding::kTooLittleData);
  EXPECT_EQ(comparison.measures[0].sentence, "too few seconds to judge: 8, 10 are needed");
  EXPECT_THAT(measure_of(comparison, "transfer p99.9").sentence,
              testing::MatchesRegex("too few requests to judge: [78]..?, 10,000 are needed"));
  EXPECT_FALSE(comparison.is_worse(0));
}

TEST(Compare, HoldsRunsWithoutSecondsOrRequests) {
  const std::vector<RunRecord> empty{RunRecord{}};
  const std::vector<RunRecord> whole{sample_run({})};
  for (const auto& [a, b] : {std::pair{empty, whole}, {whole, empty}, {empty, empty}}) {
    for (const Measure& measure : compare(a, b).measures) {
      EXPECT_EQ(measure.finding, Finding::kTooLittleData);
    }
  }
}

TEST(Compare, WarnsOfWhatMakesSidesIncomparable) {
  const std::vector<RunRecord> a{sample_run({.seed = 1})};
  RunRecord other = sample_run({.seed = 2});
  other.machine.logical_cores = 64;
  other.scenario_text += "# changed\n";
  other.program_version = "0.2.0";
  other.servers[0].version = "0.2.0";
  other.honesty.verdict = Verdict::kClientTooSlow;
  other.ending = Ending::kInterrupted;
  other.kinds.push_back(sample_run({.has_second_kind = true}).kinds[1]);
  const auto warnings = compare(a, std::vector{other}).warnings;
  EXPECT_THAT(warnings, Contains(HasSubstr("machines differ: ")));
  EXPECT_THAT(warnings, Contains("The scenarios differ."));
  EXPECT_THAT(warnings, Contains("The seeds differ: 1; 2."));
  EXPECT_THAT(warnings, Contains("The versions of hugang-load differ: 0.1.0; 0.2.0."));
  EXPECT_THAT(warnings, Contains("The versions of the nodes differ: 0.1.0; 0.2.0."));
  EXPECT_THAT(warnings, Contains(HasSubstr("B: the client was too slow")));
  EXPECT_THAT(warnings, Contains("B: the run did not end well."));
  EXPECT_THAT(warnings, Contains("Only B has requests of kind \"settlement\"."));
  EXPECT_THAT(warnings, Contains(HasSubstr("With one run on a side")));
}

TEST(Compare, PrintsOneLineForEachMeasure) {
  const Comparison comparison{
      .measures = {{"transfer p50", Unit::kNanoseconds, 2e6, 1.76e6, -0.12, -0.15, -0.09,
                    Finding::kBetter, "faster by 12 % (9..15 %)"},
                   {"errors", Unit::kShare, 0, 0.00012, 0, 0, 0, Finding::kNoDifference,
                    "no difference beyond noise (±0.02 points)"}},
      .warnings = {"The seeds differ: 1; 2."},
      .runs_a = 1,
      .runs_b = 3};
  std::ostringstream out;
  print_comparison(comparison, out, program::Style{});
  EXPECT_EQ(out.str(),
            "measure             A  B (3 runs)  B against A\n"
            "transfer p50  2.00 ms     1.76 ms  faster by 12 % (9..15 %)\n"
            "errors            0 %     0.012 %  no difference beyond noise (±0.02 points)\n"
            "\n"
            "! The seeds differ: 1; 2.\n");
}

}  // namespace
}  // namespace hugang::report
