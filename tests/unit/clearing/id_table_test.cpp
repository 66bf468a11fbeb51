#include "clearing/machine/id_table.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace {

using hugang::base::CommandId;
using hugang::base::make_u128;
using Table = hugang::machine::IdTable<std::uint64_t>;

TEST(IdTable, AgreesWithAMapOnRandomAndSequentialIds) {
  std::mt19937_64 random{7};
  Table table;
  std::map<CommandId, std::uint64_t> map;
  for (std::uint64_t i = 1; i <= 200'000; ++i) {
    // Sequential, random, and many that share one half: what clients send.
    const CommandId id = i % 3 == 0   ? CommandId{i}
                         : i % 3 == 1 ? CommandId{make_u128(random(), random())}
                                      : CommandId{make_u128(i, 42)};
    EXPECT_EQ(table.insert_or_assign(id, i), map.insert_or_assign(id, i).second);
    const CommandId absent{make_u128(random(), random())};
    EXPECT_EQ(table.contains(absent), map.contains(absent));
  }
  ASSERT_EQ(table.size(), map.size());
  for (const auto& [id, value] : map) {
    ASSERT_NE(table.find(id), nullptr);
    EXPECT_EQ(*table.find(id), value);
  }
}

TEST(IdTable, ReplacesARecordWithoutCountingItTwice) {
  Table table;
  EXPECT_TRUE(table.insert_or_assign(CommandId{5}, 1));
  EXPECT_FALSE(table.insert_or_assign(CommandId{5}, 2));
  EXPECT_EQ(table.size(), 1u);
  EXPECT_EQ(*table.find(CommandId{5}), 2u);
}

TEST(IdTable, FindsNothingInAnEmptyTable) {
  const Table table;
  EXPECT_EQ(table.find(CommandId{1}), nullptr);
  table.prefetch_tags(CommandId{1});
  table.prefetch_slot(CommandId{1});
}

TEST(IdTable, CopiesAreIndependent) {
  Table table;
  for (std::uint64_t i = 1; i <= 1000; ++i) (void)table.insert_or_assign(CommandId{i}, i);
  Table copy{table};
  (void)copy.insert_or_assign(CommandId{1}, 99);
  EXPECT_EQ(*table.find(CommandId{1}), 1u);
  EXPECT_EQ(*copy.find(CommandId{1}), 99u);
  EXPECT_EQ(copy.size(), 1000u);
}

}  // namespace
