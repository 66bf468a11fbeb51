#include "clearing/base/amount.hpp"

#include <gtest/gtest.h>

#include <random>

namespace hugang::base {
namespace {

Amount minor(std::int64_t value) { return Amount::from_minor(value).value(); }

TEST(Amount, TakesWhatIsBetweenZeroAndTheCap) {
  EXPECT_EQ(minor(0), Amount::zero());
  EXPECT_EQ(minor(Amount::kMaxMinor).minor(), 100'000'000'000'000'000);
  EXPECT_EQ(Amount::from_minor(-1).error(), AmountError::kNegative);
  EXPECT_EQ(Amount::from_minor(INT64_MIN).error(), AmountError::kNegative);
  EXPECT_EQ(Amount::from_minor(Amount::kMaxMinor + 1).error(), AmountError::kTooLarge);
  EXPECT_EQ(Amount::from_minor(INT64_MAX).error(), AmountError::kTooLarge);
}

TEST(Amount, AddsAndSubtractsOrSaysWhyNot) {
  EXPECT_EQ(add(minor(1), minor(2)), minor(3));
  EXPECT_EQ(add(minor(Amount::kMaxMinor), minor(1)).error(), AmountError::kTooLarge);
  EXPECT_EQ(add(minor(Amount::kMaxMinor), minor(Amount::kMaxMinor)).error(),
            AmountError::kTooLarge);
  EXPECT_EQ(subtract(minor(3), minor(3)), Amount::zero());
  EXPECT_EQ(subtract(minor(3), minor(4)).error(), AmountError::kUnderflow);
}

TEST(MulDiv, RoundsAsItIsTold) {
  EXPECT_EQ(mul_div(10, 1, 3, Rounding::kDown), 3);
  EXPECT_EQ(mul_div(10, 1, 3, Rounding::kUp), 4);
  EXPECT_EQ(mul_div(10, 1, 3, Rounding::kExact), std::nullopt);
  EXPECT_EQ(mul_div(9, 1, 3, Rounding::kUp), 3);
  EXPECT_EQ(mul_div(9, 1, 3, Rounding::kExact), 3);
  EXPECT_EQ(mul_div(0, 7, 3, Rounding::kUp), 0);
}

TEST(MulDiv, KeepsTheWholeProductAndRefusesAQuotientOf64Bits) {
  EXPECT_EQ(mul_div(INT64_MAX, INT64_MAX, INT64_MAX, Rounding::kExact), INT64_MAX);
  EXPECT_EQ(mul_div(INT64_MAX, 2, 1, Rounding::kDown), std::nullopt);
  EXPECT_EQ(mul_div(INT64_MAX, 2, 2, Rounding::kDown), INT64_MAX);
  EXPECT_EQ(mul_div(INT64_MAX, 3, 3, Rounding::kUp), INT64_MAX);
}

TEST(MulDiv, TheQuotientIsTheOneBetweenItsNeighbours) {
  std::mt19937_64 random{7};
  for (int i = 0; i < 100'000; ++i) {
    const auto value = static_cast<std::int64_t>(random() >> (1 + random() % 60));
    const auto numerator = static_cast<std::int64_t>(random() >> (1 + random() % 60));
    const auto denominator = static_cast<std::int64_t>(random() >> (1 + random() % 60)) | 1;
    const auto down = mul_div(value, numerator, denominator, Rounding::kDown);
    const i128 product = static_cast<i128>(value) * numerator;
    if (!down) {
      EXPECT_GT(product / denominator, static_cast<i128>(INT64_MAX));
      continue;
    }
    EXPECT_LE(static_cast<i128>(*down) * denominator, product);
    EXPECT_GT((static_cast<i128>(*down) + 1) * denominator, product);
  }
}

TEST(CheckedAdd, GivesNothingWhereItWouldWrap) {
  constexpr u128 kMax = ~u128{0};
  EXPECT_TRUE(checked_add(kMax, 0) == kMax);
  EXPECT_FALSE(checked_add(kMax, 1).has_value());
  EXPECT_FALSE(checked_add(kMax, kMax).has_value());
  EXPECT_TRUE(checked_add(kMax - 1, 1) == kMax);
}

TEST(U128, IsMadeOfItsHalves) {
  const u128 value = make_u128(0x0123456789ABCDEFU, 0xFEDCBA9876543210U);
  EXPECT_EQ(high64(value), 0x0123456789ABCDEFU);
  EXPECT_EQ(low64(value), 0xFEDCBA9876543210U);
}

}  // namespace
}  // namespace hugang::base
