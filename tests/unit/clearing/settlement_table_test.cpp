#include "clearing/machine/settlement_table.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace hugang::machine {
namespace {

Settlement settlement(base::u128 id) {
  Settlement made;
  made.id = CommandId{id};
  return made;
}

TEST(SettlementTable, FindsWhatWasAddedAndNothingElse) {
  SettlementTable table;
  EXPECT_EQ(table.find(CommandId{1}), nullptr);
  std::mt19937_64 random{7};
  std::map<base::u128, std::size_t> model;
  for (std::size_t i = 0; i < 20'000; ++i) {
    // Ids in order and at random, and such as differ in their high half alone.
    const base::u128 id = i % 3 == 0   ? base::make_u128(0, i + 1)
                          : i % 3 == 1 ? base::make_u128(i, 1)
                                       : base::make_u128(random(), random());
    if (!model.emplace(id, table.size()).second) continue;
    table.add(settlement(id));
  }
  ASSERT_EQ(table.size(), model.size());
  for (const auto& [id, position] : model) {
    const Settlement* found = table.find(CommandId{id});
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->id, CommandId{id});
    EXPECT_EQ(found->position, position);
    EXPECT_EQ(&table[position], found);
    EXPECT_EQ(table.contains(CommandId{id + (base::u128{1} << 100)}),
              model.contains(id + (base::u128{1} << 100)));
  }
}

TEST(SettlementTable, NeverMovesASettlement) {
  SettlementTable table;
  Settlement& first = table.add(settlement(1));
  for (std::uint64_t id = 2; id <= 10'000; ++id) table.add(settlement(id));
  EXPECT_EQ(&first, table.find(CommandId{1}));
}

TEST(SettlementTable, IsCopiedWhole) {
  SettlementTable table;
  for (std::uint64_t id = 1; id <= 5'000; ++id) {
    Settlement& added = table.add(settlement(id));
    for (std::uint64_t leg = 0; leg < id % 4; ++leg) added.legs.emplace_back().amount_minor = 5;
    if (id % 5 == 0) added.extra.edit().original_id = CommandId{7};
  }
  SettlementTable copy = table;
  copy.at(CommandId{5}).extra.edit().original_id = CommandId{8};
  copy.at(CommandId{7}).legs[2].amount_minor = 6;
  copy.add(settlement(9'999));
  EXPECT_EQ(table.at(CommandId{5}).extra->original_id, CommandId{7});
  EXPECT_EQ(table.at(CommandId{7}).legs[2].amount_minor, 5);
  EXPECT_FALSE(table.contains(CommandId{9'999}));
  EXPECT_EQ(copy.at(CommandId{4'999}).legs.size(), 3u);
  EXPECT_EQ(copy.size(), 5'001u);
}

TEST(SettlementTable, FindsTheOrderOfEndsAgain) {
  SettlementTable table;
  for (std::uint64_t id = 1; id <= 6; ++id) table.add(settlement(id));
  std::uint64_t seqno = 10;
  for (const std::uint64_t id : {4U, 2U, 6U}) {
    Settlement& ended = table.at(CommandId{id});
    ended.status = SettlementStatus::kSettled;
    ended.closed_seqno = Seqno{++seqno};
    table.note_end(ended);
  }
  const auto ends = table.ends();
  EXPECT_EQ(ends, (std::vector<std::uint32_t>{3, 1, 5}));
  table.rebuild_ends();
  EXPECT_EQ(table.ends(), ends);
}

TEST(SettlementTable, IsWalkedInTheOrderOfArrival) {
  SettlementTable table;
  for (const std::uint64_t id : {9U, 3U, 5U}) table.add(settlement(id));
  std::vector<std::uint64_t> walked;
  for (const Settlement& each : table) walked.push_back(base::low64(each.id.value()));
  EXPECT_EQ(walked, (std::vector<std::uint64_t>{9, 3, 5}));
}

}  // namespace
}  // namespace hugang::machine
