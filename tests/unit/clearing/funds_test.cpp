// Money at the edge of 128 bits, which no scenario can reach.
#include "clearing/machine/funds.hpp"

#include <gtest/gtest.h>

namespace hugang::machine {
namespace {

constexpr u128 kMax = ~u128{0};

Account account(Balance balance, std::uint32_t flags) {
  Account made;
  made.balance = balance;
  made.flags = flags;
  return made;
}

TEST(Funds, ASumOf128BitsIsRefusedAndNeverWraps) {
  const Account debited = account({.debits_posted = kMax - 5}, 0);
  EXPECT_EQ(check_addition(debited, {.debit = 5}), Code::kOk);
  EXPECT_EQ(check_addition(debited, {.debit = 6}), Code::kBalanceOverflow);
  const Account pending = account({.debits_posted = kMax - 5, .debits_pending = 3}, 0);
  EXPECT_EQ(check_addition(pending, {.debit = 2}), Code::kOk);
  EXPECT_EQ(check_addition(pending, {.debit = 3}), Code::kBalanceOverflow);
  const Account credited = account({.credits_posted = kMax - 5, .credits_pending = 3}, 0);
  EXPECT_EQ(check_addition(credited, {.credit = 2}), Code::kOk);
  EXPECT_EQ(check_addition(credited, {.credit = 3}), Code::kBalanceOverflow);
}

TEST(Funds, AnOverflowIsToldLast) {
  const Account poor = account({.debits_posted = kMax - 5, .credits_posted = kMax - 5},
                               wire::account_flag::kNoDebitBalance);
  EXPECT_EQ(check_addition(poor, {.debit = 6}), Code::kInsufficientFunds);
  const Account paid = account({.debits_posted = kMax - 5, .credits_posted = kMax - 5},
                               wire::account_flag::kNoCreditBalance);
  EXPECT_EQ(check_addition(paid, {.credit = 6}), Code::kExceedsDebits);
}

TEST(Funds, WhatIsPendingCountsOnTheSideThatPaysOnly) {
  const auto flag = wire::account_flag::kNoDebitBalance;
  const Account held = account({.credits_posted = 10, .debits_pending = 4}, flag);
  EXPECT_EQ(check_addition(held, {.debit = 6}), Code::kOk);
  EXPECT_EQ(check_addition(held, {.debit = 7}), Code::kInsufficientFunds);
  EXPECT_EQ(available_to_debit(held).minor(), 6);
  const Account coming = account({.credits_posted = 10, .credits_pending = 4}, flag);
  EXPECT_EQ(check_addition(coming, {.debit = 11}), Code::kInsufficientFunds);
}

TEST(Funds, AvailableIsCappedAtTheLargestAmount) {
  EXPECT_EQ(available_to_debit(account({.credits_posted = kMax}, 0)).minor(), Amount::kMaxMinor);
  EXPECT_EQ(available_to_credit(account({.debits_posted = kMax}, 0)).minor(), Amount::kMaxMinor);
  EXPECT_TRUE(available_to_debit(account({.debits_posted = 1}, 0)).is_zero());
}

}  // namespace
}  // namespace hugang::machine
