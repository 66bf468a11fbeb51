#include "clearing/base/account_number.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace hugang::base {
namespace {

AccountNumber numbered(std::uint32_t node, std::uint32_t index) {
  return make_account_number({NodeId{node}, AccountIndex{index}});
}

TEST(AccountNumber, ExampleOfTheHeader) { EXPECT_EQ(numbered(1, 1).value(), 1'000'000'000'145U); }

TEST(AccountNumber, GivesItsPartsBack) {
  for (const std::uint32_t node : {1U, 2U, 97U, 9999U}) {
    for (const std::uint32_t index : {1U, 2U, 97U, 4'294'967'294U, 4'294'967'295U}) {
      const auto parts = parse_account_number(numbered(node, index));
      ASSERT_TRUE(parts.has_value()) << node << "/" << index;
      EXPECT_EQ(parts->node.value(), node);
      EXPECT_EQ(parts->index.value(), index);
    }
  }
}

TEST(AccountNumber, EveryNumberIsOneModulo97) {
  for (std::uint32_t index = 1; index < 5000; ++index) {
    EXPECT_EQ(numbered(1 + index % 9999, index).value() % 97, 1U);
  }
}

TEST(AccountNumber, RefusesNodesAndIndexesOutOfRange) {
  for (const std::uint64_t value :
       {std::uint64_t{0}, std::uint64_t{145}, std::uint64_t{1'000'000'000'000},
        std::uint64_t{10'000'000'000'000'145}, std::uint64_t{1'429'496'729'600},
        ~std::uint64_t{0}}) {
    const auto parts = parse_account_number(AccountNumber{value});
    ASSERT_FALSE(parts.has_value()) << value;
  }
}

TEST(AccountNumber, FindsEveryWrongDigitAndEverySwapOfNeighbours) {
  std::mt19937_64 random{1};
  for (int sample = 0; sample < 2000; ++sample) {
    const auto node = static_cast<std::uint32_t>(1 + random() % 9999);
    const auto index = static_cast<std::uint32_t>(1 + random() % 4'294'967'295U);
    const std::string good = std::to_string(numbered(node, index).value());
    for (std::size_t i = 0; i < good.size(); ++i) {
      for (char digit = '0'; digit <= '9'; ++digit) {
        std::string bad = good;
        bad[i] = digit;
        if (bad == good) continue;
        EXPECT_FALSE(parse_account_number(AccountNumber{std::stoull(bad)})) << bad;
      }
      if (i + 1 == good.size() || good[i] == good[i + 1]) continue;
      std::string swapped = good;
      std::swap(swapped[i], swapped[i + 1]);
      EXPECT_FALSE(parse_account_number(AccountNumber{std::stoull(swapped)})) << swapped;
    }
  }
}

}  // namespace
}  // namespace hugang::base
