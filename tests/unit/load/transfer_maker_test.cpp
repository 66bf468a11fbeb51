#include "clients/load/transfer_maker.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <map>
#include <set>

namespace hugang::load {
namespace {

namespace flag = wire::transfer_flag;
constexpr IdMaker::Place kPlace{.run = 1'000, .thread = 0, .threads = 1};

Side side_of(std::uint32_t accounts) {
  Side side{.accounts = {}, .node = 1, .asset = 1, .owner = 2};
  for (std::uint32_t i = 1; i <= accounts; ++i) {
    side.accounts.add(base::make_account_number({base::NodeId{1}, base::AccountIndex{i}}));
  }
  return side;
}

std::uint32_t index_of(base::AccountNumber number) {
  return base::parse_account_number(number)->index.value();
}

Scenario scenario_of(std::uint32_t accounts) {
  Scenario scenario = default_scenario(Workload::kStream);
  scenario.accounts = accounts;
  return scenario;
}

std::vector<wire::Transfer> make(const Scenario& scenario, const Side& side, std::size_t count,
                                 IdMaker::Place place = kPlace) {
  TransferMaker maker{scenario, side, place};
  std::vector<wire::Transfer> records(count);
  maker.batch(records);
  return records;
}

bool same_bytes(const std::vector<wire::Transfer>& a, const std::vector<wire::Transfer>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(a[0])) == 0;
}

TEST(TransferMaker, MakesTheSameFromTheSameSeedAndOthersFromAnother) {
  const Side side = side_of(100);
  Scenario scenario = scenario_of(100);
  scenario.mix = {.single = 5, .hold = 3, .chain = 1, .balancing = 1};
  scenario.retry_share = 0.1;
  const auto records = make(scenario, side, 5'000);
  EXPECT_TRUE(same_bytes(records, make(scenario, side, 5'000)));
  scenario.seed = 2;
  EXPECT_FALSE(same_bytes(records, make(scenario, side, 5'000)));
}

TEST(TransferMaker, NeverPaysAnAccountFromItselfAndKeepsAmountsInTheirRange) {
  const Side side = side_of(3);
  Scenario scenario = scenario_of(3);
  scenario.amount_min = 5;
  scenario.amount_max = 7;
  std::map<std::int64_t, int> amounts;
  for (const wire::Transfer& record : make(scenario, side, 9'000)) {
    EXPECT_NE(record.debit, record.credit);
    EXPECT_EQ(record.asset, base::AssetId{1});
    ++amounts[record.amount_minor];
  }
  ASSERT_EQ(amounts.size(), 3u);
  for (const auto& [amount, count] : amounts) {
    EXPECT_GE(amount, 5);
    EXPECT_LE(amount, 7);
    // A third of 9,000 with a deviation of 45.
    EXPECT_NEAR(count, 3'000, 5 * 45);
  }
}

TEST(TransferMaker, SpreadsEvenlyOverTheAccountsOfTheScenarioAlone) {
  const Side side = side_of(50);
  std::map<std::uint32_t, int> uses;
  for (const wire::Transfer& record : make(scenario_of(10), side, 50'000)) {
    ++uses[index_of(record.debit)];
    ++uses[index_of(record.credit)];
  }
  ASSERT_EQ(uses.size(), 10u) << "the scenario names ten of the fifty";
  for (const auto& [account, count] : uses) EXPECT_NEAR(count, 10'000, 500) << account;
}

TEST(TransferMaker, PutsTheHotShareOfTheTrafficOnTheHotShareOfAccounts) {
  const Side side = side_of(1'000);
  Scenario scenario = scenario_of(1'000);
  scenario.hot_accounts = 0.1;
  scenario.hot_traffic = 0.9;
  int hot = 0;
  std::set<std::uint32_t> cold;
  for (const wire::Transfer& record : make(scenario, side, 50'000)) {
    for (const auto number : {record.debit, record.credit}) {
      if (index_of(number) <= 100) {
        ++hot;
      } else {
        cold.insert(index_of(number));
      }
    }
  }
  // 90 % of 100,000 with a deviation of 95; a credit that moves on to the next account changes a
  // few at the border.
  EXPECT_NEAR(hot, 90'000, 600);
  EXPECT_GT(cold.size(), 890u);
}

TEST(IdMaker, CountsUpwardsAndKeepsThreadsAndRunsApart) {
  std::set<base::u128> seen;
  base::u128 greatest_of_first_run = 0;
  for (const std::uint64_t run : {1'000u, 1'001u}) {
    for (std::uint32_t thread = 0; thread < 3; ++thread) {
      IdMaker ids{IdOrder::kInOrder, 1, {.run = run, .thread = thread, .threads = 3}};
      base::u128 before = 0;
      for (int i = 0; i < 1'000; ++i) {
        const base::u128 id = ids.next().value();
        EXPECT_GT(id, before);
        EXPECT_TRUE(seen.insert(id).second);
        if (run == 1'001u) {
          EXPECT_GT(id, greatest_of_first_run);
        } else {
          greatest_of_first_run = std::max(greatest_of_first_run, id);
        }
        before = id;
      }
    }
  }
}

TEST(IdMaker, MakesUuidsOfVersionFourThatDoNotRepeat) {
  std::set<base::u128> seen;
  for (const std::uint64_t run : {1'000u, 1'001u}) {
    for (std::uint32_t thread = 0; thread < 2; ++thread) {
      IdMaker ids{IdOrder::kRandom, 1, {.run = run, .thread = thread, .threads = 2}};
      for (int i = 0; i < 10'000; ++i) {
        const base::u128 id = ids.next().value();
        EXPECT_EQ(base::high64(id) >> 12 & 0xF, 4u);
        EXPECT_EQ(base::low64(id) >> 62, 2u);
        EXPECT_TRUE(seen.insert(id).second);
      }
    }
  }
}

TEST(TransferMaker, EndsEveryHoldOfABatchInIt) {
  const Side side = side_of(100);
  Scenario scenario = scenario_of(100);
  scenario.mix = {.single = 1, .hold = 4, .void_share = 0.25};
  TransferMaker maker{scenario, side, kPlace};
  int posts = 0;
  int voids = 0;
  for (int batch = 0; batch < 200; ++batch) {
    std::vector<wire::Transfer> records(static_cast<std::size_t>(2 + batch));
    maker.batch(records);
    std::map<base::u128, wire::Transfer> open;
    for (const wire::Transfer& record : records) {
      if (record.flags == flag::kHold) open.emplace(record.id.value(), record);
      if ((record.flags & (flag::kPostHold | flag::kVoidHold)) == 0) continue;
      (record.flags == flag::kPostHold ? posts : voids) += 1;
      const auto hold = open.find(record.pending_id.value());
      ASSERT_NE(hold, open.end()) << "its hold comes before it";
      EXPECT_EQ(hold->second.debit, record.debit);
      EXPECT_EQ(hold->second.amount_minor, record.amount_minor);
      open.erase(hold);
    }
    EXPECT_TRUE(open.empty());
  }
  const double share = static_cast<double>(voids) / (posts + voids);
  EXPECT_NEAR(share, 0.25, 5 * std::sqrt(0.25 * 0.75 / (posts + voids)));
}

TEST(TransferMaker, ClosesEveryChainAndRepeatsOnlySingles) {
  const Side side = side_of(100);
  Scenario scenario = scenario_of(100);
  scenario.mix = {.single = 4, .hold = 1, .chain = 2, .chain_length = 4};
  scenario.retry_share = 0.2;
  TransferMaker maker{scenario, side, kPlace};
  for (int batch = 0; batch < 100; ++batch) {
    std::vector<wire::Transfer> records(101);
    const std::uint32_t repeated = maker.batch(records);
    std::map<base::u128, int> uses;
    std::uint32_t again = 0;
    std::size_t linked = 0;
    for (const wire::Transfer& record : records) {
      if (++uses[record.id.value()] > 1) {
        ++again;
        EXPECT_EQ(record.flags, 0);
      }
      if (record.flags == flag::kLinked) {
        ++linked;
        continue;
      }
      EXPECT_TRUE(linked == 0 || linked == 3) << linked;
      linked = 0;
    }
    EXPECT_EQ(linked, 0u) << "the last of a batch is linked to nothing";
    EXPECT_EQ(again, repeated);
  }
}

TEST(TransferMaker, ChoosesFormsByTheirWeights) {
  const Side side = side_of(10);
  Scenario scenario = scenario_of(10);
  scenario.workload = Workload::kMixed;
  scenario.mix = {
      .single = 50, .hold = 20, .chain = 10, .balancing = 10, .batch = 5, .cross_border = 5};
  TransferMaker maker{scenario, side, kPlace};
  std::map<Form, int> counts;
  for (int i = 0; i < 100'000; ++i) ++counts[maker.next_form()];
  EXPECT_NEAR(counts[Form::kSingle], 50'000, 800);
  EXPECT_NEAR(counts[Form::kHold], 20'000, 650);
  EXPECT_NEAR(counts[Form::kChain], 10'000, 500);
  EXPECT_NEAR(counts[Form::kBalancing], 10'000, 500);
  EXPECT_NEAR(counts[Form::kBatch], 5'000, 350);
  EXPECT_NEAR(counts[Form::kCrossBorder], 5'000, 350);
}

}  // namespace
}  // namespace hugang::load
