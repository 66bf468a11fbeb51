// Two runs of a seed are the same run, and different seeds are different ones.
#include <gtest/gtest.h>

#include <set>

#include "tests/simulation/engine/world.hpp"

namespace hugang::simulation {
namespace {

TEST(Simulation, TwoRunsOfASeedGiveTheSameEvents) {
  std::set<std::string> hashes;
  for (std::uint64_t seed = 9'001; seed <= 9'012; ++seed) {
    const WorldResult first = run_world({.seed = seed, .steps = 120});
    const WorldResult second = run_world({.seed = seed, .steps = 120});
    EXPECT_EQ(first.hash, second.hash) << "seed " << seed;
    EXPECT_EQ(first.events, second.events) << "seed " << seed;
    hashes.insert(first.hash);
  }
  EXPECT_EQ(hashes.size(), 12u);
}

TEST(Simulation, SettlesMoneyAndMeetsFaults) {
  std::uint64_t settled = 0, refused = 0, crashes = 0, unverifiable = 0;
  for (std::uint64_t seed = 9'101; seed <= 9'112; ++seed) {
    const WorldResult result = run_world({.seed = seed, .steps = 200});
    EXPECT_EQ(result.broken_law, std::nullopt) << "seed " << seed;
    settled += result.settled;
    refused += result.refused;
    crashes += result.crashes;
    unverifiable += result.unverifiable;
  }
  // A simulation in which nothing happens proves nothing.
  EXPECT_GT(settled, 100u);
  EXPECT_GT(refused, 50u);
  EXPECT_GT(crashes, 10u);
  EXPECT_GT(unverifiable, 0u);
}

}  // namespace
}  // namespace hugang::simulation
