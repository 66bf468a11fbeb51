// Two runs of a seed are the same run, different seeds are different ones, and in all of them
// something happens.
#include <gtest/gtest.h>

#include <set>

#include "tests/simulation/campaign.hpp"
#include "tests/simulation/engine/world.hpp"

namespace hugang::simulation {
namespace {

TEST(Simulation, TwoRunsOfASeedGiveTheSameEvents) {
  constexpr std::uint64_t kFirst = 9'001;
  constexpr std::uint64_t kLast = 9'060;
  std::set<std::string> hashes;
  for (std::uint64_t seed = kFirst; seed <= kLast; ++seed) {
    const WorldResult first = run_world({.seed = seed, .steps = 120});
    const WorldResult second = run_world({.seed = seed, .steps = 120});
    EXPECT_EQ(first.hash, second.hash) << "seed " << seed;
    EXPECT_EQ(summary_of(first), summary_of(second));
    hashes.insert(first.hash);
  }
  EXPECT_EQ(hashes.size(), kLast - kFirst + 1);
}

TEST(Simulation, SettlesMoneyAndMeetsFaults) {
  WorldResult sum;
  for (std::uint64_t seed = 9'101; seed <= 9'140; ++seed) {
    const WorldResult result = run_world({.seed = seed, .steps = 200});
    EXPECT_EQ(result.broken_law, std::nullopt) << "seed " << seed;
    sum.settled += result.settled;
    sum.refused += result.refused;
    sum.crashes += result.crashes;
    sum.damages += result.damages;
    sum.lies += result.lies;
    sum.halts += result.halts;
    sum.unverifiable += result.unverifiable;
  }
  // A simulation in which nothing happens proves nothing.
  EXPECT_GT(sum.settled, 200u);
  EXPECT_GT(sum.refused, 100u);
  EXPECT_GT(sum.crashes, 200u);
  EXPECT_GT(sum.damages, 10u);
  EXPECT_GT(sum.lies, 20u);
  EXPECT_GT(sum.halts, 2u);
  EXPECT_GT(sum.unverifiable, 0u);
}

TEST(Simulation, LastsAsLongAsItIsTold) {
  const WorldResult result = run_world({.seed = 9'201, .nodes = 3, .minutes = 5, .steps = 50});
  EXPECT_EQ(result.nodes, 3u);
  EXPECT_GE(result.virtual_seconds, 5 * 60);
}

TEST(Simulation, SaysHowToRepeatAFailure) {
  WorldResult result;
  result.broken_law = "money appeared";
  result.last_events = "node 1 did something\n";
  const std::string text = failure_of({.seed = 42, .nodes = 3, .minutes = 7, .steps = 9}, result);
  EXPECT_NE(text.find("seed 42: LAW BROKEN: money appeared"), std::string::npos) << text;
  EXPECT_NE(text.find("node 1 did something"), std::string::npos) << text;
  EXPECT_NE(text.find("hugang-sim --seed 42 --nodes 3 --minutes 7 --steps 9\n"), std::string::npos);
}

}  // namespace
}  // namespace hugang::simulation
