#include "clients/load/scenario.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace hugang::load {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string errors_of(const std::string& toml) {
  const auto scenario = parse_scenario(toml, "file.toml");
  std::string all;
  if (!scenario) {
    for (const std::string& each : scenario.error()) all += each + "\n";
  }
  return all;
}

TEST(Scenario, NeedsNoMoreThanAKind) {
  for (const Workload each : {Workload::kStream, Workload::kBatch, Workload::kUnary,
                              Workload::kCrossBorder, Workload::kMixed}) {
    const auto scenario =
        parse_scenario("kind = \"" + std::string{word_of(each)} + "\"\n", "file.toml");
    ASSERT_TRUE(scenario.has_value()) << scenario.error().front();
    EXPECT_EQ(*scenario, default_scenario(each));
    EXPECT_EQ(workload_of(word_of(each)), each);
  }
  EXPECT_FALSE(workload_of("streams").has_value());
}

TEST(Scenario, ReadsEveryKey) {
  const auto scenario = parse_scenario(R"(
name = "a day"
kind = "mixed"
seed = 7
[load]
loop = "open"
arrivals = "random"
connections = 4
threads = 2
in_flight = 300
batch_size = 50
encoding = "typed"
timeout = "3s"
lag_max = "5ms"
[[phase]]
name = "warm"
duration = "2s"
measured = false
rate = 10
[[phase]]
name = "up"
duration = "10s"
shape = "ramp"
rate = 10
to_rate = 20.5
[[phase]]
name = "stairs"
duration = "10s"
shape = "step"
rate = 10
to_rate = 50
steps = 4
[[phase]]
name = "rush"
duration = "1m"
shape = "spike"
rate = 10
spike_rate = 100
spike_every = "20s"
spike_for = "500ms"
[accounts]
count = 500
hot_accounts = 0.1
hot_traffic = 0.9
[amounts]
min = 3
max = 4
[ids]
order = "random"
retry_share = 0.01
[mix]
single = 1
hold = 2
chain = 3
balancing = 4
batch = 5
cross_border = 6
void_share = 0.5
chain_length = 9
)",
                                       "file.toml");
  ASSERT_TRUE(scenario.has_value()) << scenario.error().front();
  Scenario expected = default_scenario(Workload::kMixed);
  expected.name = "a day";
  expected.seed = 7;
  expected.loop = Loop::kOpen;
  expected.arrivals = Arrivals::kRandom;
  expected.connections = 4;
  expected.threads = 2;
  expected.in_flight = 300;
  expected.batch_size = 50;
  expected.encoding = Encoding::kTyped;
  expected.timeout_s = 3;
  expected.lag_max_s = 0.005;
  expected.phases = {
      {.name = "warm", .duration_s = 2, .is_measured = false, .rate = 10},
      {.name = "up", .duration_s = 10, .shape = Shape::kRamp, .rate = 10, .to_rate = 20.5},
      {.name = "stairs",
       .duration_s = 10,
       .shape = Shape::kStep,
       .rate = 10,
       .to_rate = 50,
       .steps = 4},
      {.name = "rush",
       .duration_s = 60,
       .shape = Shape::kSpike,
       .rate = 10,
       .spike_rate = 100,
       .spike_every_s = 20,
       .spike_for_s = 0.5}};
  expected.accounts = 500;
  expected.hot_accounts = 0.1;
  expected.hot_traffic = 0.9;
  expected.amount_min = 3;
  expected.amount_max = 4;
  expected.ids = IdOrder::kRandom;
  expected.retry_share = 0.01;
  expected.mix = {.single = 1,
                  .hold = 2,
                  .chain = 3,
                  .balancing = 4,
                  .batch = 5,
                  .cross_border = 6,
                  .void_share = 0.5,
                  .chain_length = 9};
  EXPECT_EQ(*scenario, expected);
  // What it is written as is read as the same.
  const auto again = parse_scenario(to_toml(*scenario), "again.toml");
  ASSERT_TRUE(again.has_value()) << again.error().front();
  EXPECT_EQ(*again, expected);
}

TEST(Scenario, WritesNamesThatNeedEscaping) {
  Scenario scenario = default_scenario(Workload::kUnary);
  scenario.name = "a \"b\" \\ 沪港\n\x01";
  const auto again = parse_scenario(to_toml(scenario), "again.toml");
  ASSERT_TRUE(again.has_value()) << again.error().front();
  EXPECT_EQ(again->name, scenario.name);
}

TEST(Scenario, NamesLineAndKeyOfEveryMistake) {
  struct Case {
    const char* toml;
    const char* sentence;
  };
  const Case cases[] = {
      {"seed = 1\n", "file.toml:1: the file needs the key 'kind'"},
      {"kind = \"streams\"\n", "file.toml:1:  kind: 'streams' is none of stream, batch"},
      {"kind = 1\n", "file.toml:1:  kind: must be a text"},
      {"kind = \"unary\"\ncolour = 1\n", "file.toml:2: the file knows no key 'colour'"},
      {"kind = \"unary\"\n[load]\nrate = 5\n", "file.toml:3: [load] knows no key 'rate'"},
      {"kind = \"unary\"\n[load]\nloop = \"opened\"\n", "file.toml:3: [load] loop: 'opened'"},
      {"kind = \"unary\"\n[load]\nin_flight = 0\n",
       "file.toml:3: [load] in_flight: must be a whole number from 1 to 1000000"},
      {"kind = \"unary\"\n[load]\nin_flight = 2.5\n", "must be a whole number"},
      {"kind = \"stream\"\n[load]\nbatch_size = 8191\n", "from 1 to 8190"},
      {"kind = \"unary\"\n[load]\ntimeout = 5\n", "file.toml:3: [load] timeout: must be a text"},
      {"kind = \"unary\"\n[load]\ntimeout = \"5 s\"\n", "'5 s' is no duration"},
      {"kind = \"unary\"\n[load]\ntimeout = \"2h\"\n", "must be from 0.1 to 3600 seconds"},
      {"kind = \"unary\"\n[load]\nthink_random = 1\n", "must be true or false"},
      {"kind = \"unary\"\nload = 1\n", "file.toml:2:  load: must be a section, [load]"},
      {"kind = \"unary\"\n[phase]\nduration = \"1s\"\n", "phase: must be sections, [[phase]]"},
      {"kind = \"unary\"\n[[phase]]\nname = \"x\"\n",
       "file.toml:2: [[phase]] duration: is missing"},
      {"kind = \"unary\"\n[[phase]]\nduration = \"1s\"\nrate = 5\n",
       "file.toml:4: [[phase]] rate: belongs to loop = \"open\" only"},
      {"kind = \"unary\"\n[load]\nloop = \"open\"\n[[phase]]\nduration = \"1s\"\nrate = 5\n"
       "to_rate = 9\n",
       "file.toml:7: [[phase]] to_rate: belongs to shape = \"ramp\""},
      {"kind = \"unary\"\n[load]\nloop = \"open\"\n[[phase]]\nduration = \"1s\"\nrate = 5\n"
       "shape = \"ramp\"\n",
       "[[phase]] to_rate: is missing"},
      {"kind = \"unary\"\n[load]\nloop = \"open\"\n[[phase]]\nduration = \"1s\"\nrate = 5\n"
       "shape = \"spike\"\n",
       "[[phase]] spike_rate: is missing"},
      {"kind = \"unary\"\n[load]\nloop = \"open\"\n[[phase]]\nduration = \"1s\"\nrate = 5\n"
       "steps = 3\n",
       "steps: belongs to shape = \"step\" only"},
      {"kind = \"unary\"\n[load]\nloop = \"open\"\n[[phase]]\nduration = \"1s\"\nrate = -5\n",
       "file.toml:6: [[phase]] rate: must be a number from 0"},
      {"kind = \"unary\"\n[accounts]\ncount = 1\n", "file.toml:3: [accounts] count"},
      {"kind = \"unary\"\n[accounts]\nhot_accounts = 0.1\n", "belong together"},
      {"kind = \"unary\"\n[accounts]\nhot_accounts = 2\nhot_traffic = 1\n",
       "hot_accounts: must be a number from 0 to 1"},
      {"kind = \"unary\"\n[amounts]\nmin = 0\n", "file.toml:3: [amounts] min"},
      {"kind = \"unary\"\n[ids]\norder = \"up\"\n", "'up' is none of in-order, random"},
      {"kind = \"unary\"\n[mix]\nchain_length = 1\n", "file.toml:3: [mix] chain_length"},
      {"kind = \"unary\"\n[mix]\nsingle = \"much\"\n",
       "file.toml:3: [mix] single: must be a number"},
      {"kind = \"unary\"\nkind = \"batch\"\n", "file.toml:2: "},
  };
  for (const Case& each : cases) {
    EXPECT_THAT(errors_of(each.toml), HasSubstr(each.sentence)) << each.toml;
  }
}

TEST(Scenario, TellsAllMistakesInTheOrderOfLines) {
  const auto scenario =
      parse_scenario("kind = \"unary\"\nseed = -1\n[load]\nx = 1\n[mix]\ny = 2\n", "f");
  ASSERT_FALSE(scenario.has_value());
  EXPECT_THAT(scenario.error(),
              ElementsAre(HasSubstr("f:2:"), HasSubstr("f:4:"), HasSubstr("f:6:")));
}

TEST(Scenario, RefusesALineThatIsNoLine) {
  EXPECT_THAT(errors_of("kind = \"" + std::string(5'000, 'a') + "\""), HasSubstr("file.toml:1: "));
}

TEST(Scenario, RefusesWhatDoesNotGoTogether) {
  const auto with = [](Workload workload, const auto& change) {
    Scenario scenario = default_scenario(workload);
    change(scenario);
    const auto sentences = contradictions(scenario);
    return sentences.empty() ? std::string{} : sentences.front();
  };
  EXPECT_EQ(with(Workload::kUnary, [](Scenario&) {}), "");
  EXPECT_THAT(with(Workload::kUnary, [](Scenario& s) { s.phases = {}; }),
              HasSubstr("no phase is measured"));
  EXPECT_THAT(
      with(Workload::kUnary,
           [](Scenario& s) { s.phases.push_back({.duration_s = 1, .is_measured = false}); }),
      HasSubstr("only phases before"));
  EXPECT_THAT(with(Workload::kUnary, [](Scenario& s) { s.phases[0].duration_s = 1.5; }),
              HasSubstr("whole seconds"));
  EXPECT_THAT(with(Workload::kUnary, [](Scenario& s) { s.loop = Loop::kOpen; }),
              HasSubstr("has no rate"));
  EXPECT_THAT(with(Workload::kUnary, [](Scenario& s) { s.phases[1].duration_s = 90'000; }),
              HasSubstr("a day at most"));
  EXPECT_THAT(with(Workload::kUnary, [](Scenario& s) { s.amount_min = 20'000; }),
              HasSubstr("min is above max"));
  EXPECT_THAT(with(Workload::kUnary, [](Scenario& s) { s.threads = 2; }), HasSubstr("threads"));
  EXPECT_THAT(with(Workload::kUnary, [](Scenario& s) { s.connections = 65; }),
              HasSubstr("in_flight"));
  EXPECT_THAT(with(Workload::kStream, [](Scenario& s) { s.think_s = 1; }), HasSubstr("think"));
  EXPECT_THAT(with(Workload::kUnary, [](Scenario& s) { s.mix.batch = 1; }),
              HasSubstr("\"mixed\" only"));
  EXPECT_THAT(with(Workload::kUnary, [](Scenario& s) { s.mix.single = 0; }),
              HasSubstr("no weight"));
  EXPECT_THAT(with(Workload::kStream,
                   [](Scenario& s) {
                     s.mix.chain = 1;
                     s.mix.chain_length = 10;
                     s.batch_size = 9;
                   }),
              HasSubstr("chain_length"));
  EXPECT_THAT(with(Workload::kStream,
                   [](Scenario& s) {
                     s.mix.hold = 1;
                     s.batch_size = 1;
                   }),
              HasSubstr("hold"));
  EXPECT_THAT(with(Workload::kUnary,
                   [](Scenario& s) {
                     s.hot_traffic = 0.5;
                     s.hot_accounts = 0.00001;
                   }),
              HasSubstr("hot_accounts"));
  EXPECT_THAT(with(Workload::kUnary,
                   [](Scenario& s) {
                     s.loop = Loop::kOpen;
                     s.phases = {{.duration_s = 5,
                                  .shape = Shape::kSpike,
                                  .rate = 1,
                                  .spike_rate = 2,
                                  .spike_every_s = 1,
                                  .spike_for_s = 1}};
                   }),
              HasSubstr("spike_for"));
}

TEST(Scenario, ReadsEveryExampleOfTheDeployFolder) {
  const std::filesystem::path folder = std::filesystem::path{HUGANG_SOURCE_DIR} / "deploy/load";
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    if (entry.path().extension() != ".toml") continue;
    ++count;
    std::ifstream in{entry.path()};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    const auto scenario = parse_scenario(text, entry.path().filename());
    EXPECT_TRUE(scenario.has_value()) << scenario.error().front();
    EXPECT_TRUE(!scenario || !summary_of(*scenario).empty());
  }
  EXPECT_GE(count, 5);
}

}  // namespace
}  // namespace hugang::load
