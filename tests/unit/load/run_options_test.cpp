#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "clients/load/commands.hpp"
#include "clients/load/progress.hpp"

namespace hugang::load {
namespace {

using testing::HasSubstr;

struct Told {
  int code;
  std::string out;
  std::string err;
};

Told run(const std::vector<std::string>& words) {
  std::ostringstream out;
  std::ostringstream err;
  Surroundings around{.out = out, .err = err};
  const int code = run_program(words, around);
  return {code, out.str(), err.str()};
}

Scenario scenario(const RunOptions& options) {
  auto made = scenario_of(options);
  EXPECT_TRUE(made.has_value()) << made.error().sentence;
  return made.value_or(Scenario{});
}

TEST(RunOptions, MakeAScenarioOfTheirOwn) {
  RunOptions options;
  options.kind = "unary";
  options.duration = "5s";
  options.warm_up = "0s";
  options.ids = "random";
  options.hot = "10:90";
  options.rate = 500.0;
  options.retries = 2.0;
  options.seed = 9;
  const Scenario made = scenario(options);
  Scenario expected = default_scenario(Workload::kUnary);
  expected.loop = Loop::kOpen;
  expected.phases.erase(expected.phases.begin());
  expected.phases[0].duration_s = 5;
  expected.phases[0].rate = 500;
  expected.ids = IdOrder::kRandom;
  expected.hot_accounts = 0.1;
  expected.hot_traffic = 0.9;
  expected.retry_share = 0.02;
  expected.seed = 9;
  expected.in_flight = 1'024;
  EXPECT_EQ(made, expected);
}

TEST(RunOptions, AWarmUpHasTheRateOfWhatFollows) {
  RunOptions options;
  options.kind = "stream";
  options.warm_up = "3s";
  options.rate = 1e6;
  const Scenario made = scenario(options);
  ASSERT_EQ(made.phases.size(), 2u);
  EXPECT_EQ(made.phases[0].duration_s, 3);
  EXPECT_FALSE(made.phases[0].is_measured);
  EXPECT_EQ(made.phases[0].rate, 1e6);
  EXPECT_EQ(made.in_flight, 16u);
}

TEST(RunOptions, ShowWhatTheyAmountToAsAFileThatCanBeRead) {
  const Told told = run({"run", "--kind", "mixed", "--rate", "100", "--seed", "5", "--show"});
  EXPECT_EQ(told.code, 0) << told.err;
  const auto read = parse_scenario(told.out, "shown.toml");
  ASSERT_TRUE(read.has_value()) << read.error().front();
  EXPECT_EQ(read->seed, 5u);
  EXPECT_EQ(read->workload, Workload::kMixed);
}

TEST(RunOptions, RefuseWhatMakesNoSense) {
  struct Case {
    std::vector<std::string> words;
    const char* sentence;
  };
  const Case cases[] = {
      {{"run", "--kind", "streams"}, "stream, batch, unary"},
      {{"run", "--kind", "unary", "--hot", "10"}, "10:90"},
      {{"run", "--kind", "unary", "--hot", "0:90"}, "10:90"},
      {{"run", "--kind", "unary", "--rate", "0"}, "above 0"},
      {{"run", "--kind", "unary", "--duration", "soon"}, "no duration"},
      {{"run", "--kind", "unary", "--ids", "up"}, "in-order or random"},
      {{"run", "--kind", "unary", "--threads", "4"}, "threads"},
      {{"run", "there-is-no-such-file.toml"}, "cannot read"},
      {{"run", "x.toml", "--kind", "unary"}, "not both"},
      {{"run", "--colour"}, "--help"},
      {{"compare", "one.json"}, "two records"},
      {{"report", "there-is-no-such-file.json"}, "there-is-no-such-file.json"},
      {{}, ""},
  };
  for (const Case& each : cases) {
    const Told told = run(each.words);
    EXPECT_EQ(told.code, 2) << told.err;
    EXPECT_THAT(told.err, HasSubstr(each.sentence));
    EXPECT_EQ(told.out, "");
  }
}

TEST(RunOptions, TellsFailuresAsJsonWhereAsked) {
  const Told told = run({"run", "--kind", "streams", "--json"});
  EXPECT_EQ(told.code, 2);
  EXPECT_THAT(told.out, HasSubstr("\"exit_code\": 2"));
}

TEST(RunOptions, EveryCommandHasHelpWithExamples) {
  for (const char* command : {"run", "prepare", "compare", "report"}) {
    const Told told = run({command, "--help"});
    EXPECT_EQ(told.code, 0);
    EXPECT_THAT(told.out, HasSubstr("Examples:")) << command;
  }
  EXPECT_THAT(run({"--help"}).out, HasSubstr("Exit codes:"));
  EXPECT_THAT(run({"--version"}).out, HasSubstr("hugang-load "));
}

TEST(Progress, SaysRatesPercentilesAndErrorsInOneLine) {
  Glance glance;
  glance.seconds = 2;
  glance.offered = 2'000;
  glance.completed = 1'900;
  glance.accepted = 1'900'000;
  glance.errors = 3;
  glance.latency.record(1'000'000, 1'900);
  const std::string line = progress_line(75, "steady", glance);
  EXPECT_THAT(line, HasSubstr("01:15"));
  EXPECT_THAT(line, HasSubstr("steady"));
  EXPECT_THAT(line, HasSubstr("1,000/s"));
  EXPECT_THAT(line, HasSubstr("950/s"));
  EXPECT_THAT(line, HasSubstr("950,000/s"));
  EXPECT_THAT(line, HasSubstr("p99.9 1.00 ms"));
  EXPECT_THAT(line, HasSubstr("errors 3"));
  glance.latency.reset();
  EXPECT_THAT(progress_line(75, "steady", glance), HasSubstr("no answers"));
}

}  // namespace
}  // namespace hugang::load
