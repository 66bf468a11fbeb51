// The account index over the journals of whole universes, with settlements in both directions,
// crashes and lies: every balance, also of the corridors, is the sum of its history.
#include <gtest/gtest.h>

#include <map>

#include "tests/simulation/engine/city.hpp"
#include "tests/simulation/engine/world.hpp"
#include "tests/unit/ledger/history_reader.hpp"
#include "tests/unit/ledger/temporary_directory.hpp"

namespace hugang::simulation {
namespace {

using ledger::index::HistoryIndex;
using ledger::index::PostingKind;

constexpr std::uint64_t kSeeds = 40;

struct Seen {
  std::map<PostingKind, std::uint64_t> kinds;
  std::uint64_t nodes = 0;
};

void check(const City& city, std::uint64_t seed, Seen& seen) {
  if (!city.is_up() || city.state().last_seqno != city.journal().last_seqno()) return;
  const test::TemporaryDirectory directory;
  auto opened = HistoryIndex::open(directory.path(), city.journal(),
                                   {.run_rows = 50, .tables = {.cache_bytes = 1 << 20}});
  ASSERT_TRUE(opened.has_value());
  ledger::test::feed(*opened->index, city.journal());
  const machine::State& state = city.state();
  for (std::uint32_t account = 1; account <= state.accounts.size(); ++account) {
    const auto history = ledger::test::read_history(
        *opened->index,
        {.account = base::AccountIndex{account}, .from = {}, .to = {}, .before = 0, .limit = 100});
    EXPECT_TRUE(ledger::test::sum_of(history) == state.accounts[account - 1].balance)
        << "seed " << seed << ", node " << city.id().value() << ", account " << account;
    for (const auto& posting : history) seen.kinds[posting.kind] += 1;
  }
  seen.nodes += 1;
}

TEST(History, ExplainsEveryBalanceOfManySeeds) {
  Seen seen;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    WorldOptions options;
    options.seed = seed;
    options.inspect = [&](const Cities& cities) {
      for (const auto& city : cities) check(*city, seed, seen);
    };
    static_cast<void>(run_world(options));
  }
  EXPECT_GT(seen.nodes, kSeeds);
  EXPECT_EQ(seen.kinds.size(), 9u) << "every kind of posting happened";
}

}  // namespace
}  // namespace hugang::simulation
