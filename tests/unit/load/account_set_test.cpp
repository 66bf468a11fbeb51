#include "clients/load/account_set.hpp"

#include <gtest/gtest.h>

namespace hugang::load {
namespace {

base::AccountNumber account(std::uint32_t node, std::uint32_t index) {
  return base::make_account_number({base::NodeId{node}, base::AccountIndex{index}});
}

AccountFile sample() {
  AccountFile file;
  file.payers = {.accounts = {}, .node = 1, .asset = 1, .owner = 7, .may_overdraw = true};
  file.payees = {.accounts = {}, .node = 2, .asset = 1, .owner = 3};
  for (const std::uint32_t i : {5u, 6u, 7u, 20u, 21u, 9u}) file.payers.accounts.add(account(1, i));
  for (std::uint32_t i = 100; i < 200; ++i) file.payees.accounts.add(account(2, i));
  return file;
}

TEST(AccountSet, GivesNumbersInTheOrderOfAddingWithAndWithoutHoles) {
  AccountSet accounts;
  for (std::uint32_t i = 10; i < 15; ++i) accounts.add(account(1, i));
  EXPECT_EQ(accounts.number(4), account(1, 14));
  accounts.add(account(1, 99));
  accounts.add(account(1, 3));
  ASSERT_EQ(accounts.size(), 7u);
  EXPECT_EQ(accounts.number(0), account(1, 10));
  EXPECT_EQ(accounts.number(4), account(1, 14));
  EXPECT_EQ(accounts.number(5), account(1, 99));
  EXPECT_EQ(accounts.number(6), account(1, 3));
}

TEST(AccountFile, IsReadAsItWasWritten) {
  const AccountFile file = sample();
  const auto read = parse_accounts(to_text(file), "accounts");
  ASSERT_TRUE(read.has_value()) << read.error();
  EXPECT_EQ(read->payers.owner, 7u);
  EXPECT_TRUE(read->payers.may_overdraw);
  EXPECT_FALSE(read->payees.may_overdraw);
  ASSERT_EQ(read->payers.accounts.size(), 6u);
  for (std::uint64_t i = 0; i < 6; ++i) {
    EXPECT_EQ(read->payers.accounts.number(i), file.payers.accounts.number(i));
  }
  ASSERT_EQ(read->payees.accounts.size(), 100u);
  EXPECT_EQ(read->payees.accounts.number(99), account(2, 199));
}

TEST(AccountFile, WritesAMillionInARowAsOneLine) {
  AccountFile file;
  file.payers = {.accounts = {}, .node = 1, .asset = 1, .owner = 7};
  for (std::uint32_t i = 1; i <= 1'000'000; ++i) file.payers.accounts.add(account(1, i));
  const std::string text = to_text(file);
  EXPECT_LT(text.size(), 300u);
  const auto read = parse_accounts(text, "accounts");
  ASSERT_TRUE(read.has_value()) << read.error();
  EXPECT_EQ(read->payers.accounts.number(999'999), account(1, 1'000'000));
}

TEST(AccountFile, RefusesWhatPrepareDidNotWriteAndNamesTheLine) {
  const std::string good = to_text(sample());
  const std::string number = std::to_string(account(1, 5).value());
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  const std::string cases[] = {
      "",
      "hugang-load accounts, format 9\n",
      with("format 1", "format 2"),
      with("node=1", "node=x"),
      with("node=1", "node=2"),
      with("owner=7 ", ""),
      with(number, number.substr(0, number.size() - 1) + (number.back() == '0' ? '1' : '0')),
      with(number + " 3", number + " 0"),
      with(number + " 3", number + " 99999999999"),
      with(number + " 3", number),
      good + "tail\n",
  };
  for (const std::string& text : cases) {
    const auto read = parse_accounts(text, "accounts");
    ASSERT_FALSE(read.has_value()) << text;
    EXPECT_TRUE(read.error().starts_with("accounts:")) << read.error();
    EXPECT_NE(read.error().find("prepare"), std::string::npos) << read.error();
  }
}

}  // namespace
}  // namespace hugang::load
