// Each law is broken by hand in a copy of a sound state, and must be told.
#include "clearing/machine/invariants.hpp"

#include <gtest/gtest.h>

#include "tests/unit/clearing/small_world.hpp"

namespace hugang::machine {
namespace {

using scenario::Script;

class Laws : public testing::Test {
 protected:
  void SetUp() override {
    script_.run_text(test::kSmallWorld);
    state_ = script_.city("shanghai").state();
    ASSERT_EQ(first_broken_law(state_), std::nullopt);
    ASSERT_EQ(first_broken_law(script_.city("hongkong").state()), std::nullopt);
  }
  Account& account(const std::string& name) {
    return state_.account(base::parse_account_number(script_.number_of(name))->index);
  }
  void expect_law(int number) {
    const auto broken = first_broken_law(state_);
    ASSERT_TRUE(broken.has_value());
    EXPECT_TRUE(broken->starts_with("law " + std::to_string(number) + ":")) << *broken;
  }

  Script script_;
  State state_;
};

TEST_F(Laws, FirstPostedDebitsAreCredits) {
  account("icbc.second").balance.credits_posted += 1;
  expect_law(1);
}

TEST_F(Laws, FirstPendingDebitsAreCredits) {
  account("icbc.second").balance.credits_pending += 1;
  expect_law(1);
}

TEST_F(Laws, SecondPendingIsExplainedByHolds) {
  account("icbc.main").balance.debits_pending += 1;
  account("icbc.second").balance.credits_pending += 1;
  expect_law(2);
}

TEST_F(Laws, SecondAHoldThatVanishedIsMissed) {
  state_.holds.erase(script_.id("h1"));
  expect_law(2);
}

TEST_F(Laws, SecondALegThatGrewIsMissed) {
  state_.settlements.at(script_.id("u3")).legs[0].amount_minor += 1;
  expect_law(2);
}

TEST_F(Laws, ThirdNoDebitBalance) {
  // A transfer that nobody had the money for.
  account("icbc.second").balance.debits_posted += 1'000'00;
  account("icbc.main").balance.credits_posted += 1'000'00;
  expect_law(3);
}

TEST_F(Laws, ThirdNoDebitBalanceCountsWhatIsPending) {
  account("icbc.main").flags |= wire::account_flag::kNoDebitBalance;
  Hold& hold = state_.holds.at(script_.id("h1"));
  const Amount huge = *Amount::from_minor(1'000'00);
  account("icbc.main").balance.debits_pending += 1'000'00 - 3'00;
  account("icbc.second").balance.credits_pending += 1'000'00 - 3'00;
  hold.amount = huge;
  expect_law(3);
}

TEST_F(Laws, ThirdNoCreditBalance) {
  account("shanghai.reserve").balance.credits_posted += 1'000'00;
  account("icbc.main").balance.debits_posted += 1'000'00;
  account("icbc.main").flags = 0;
  expect_law(3);
}

TEST_F(Laws, ThirdAClosedAccountIsEmpty) {
  account("icbc.closed").balance.credits_posted += 1;
  account("icbc.main").balance.debits_posted += 1;
  expect_law(3);
}

TEST_F(Laws, FourthTheReserveBacksWhatIsHeld) {
  // Law 1 sees every sum; law 4 is seen alone when the reserve is another account than it was.
  state_.assets.at(base::AssetId{1}).reserve =
      base::parse_account_number(script_.number_of("icbc.main"))->index;
  expect_law(4);
}

TEST_F(Laws, FifthAnExpiringHoldHasADeadline) {
  state_.deadlines.clear();
  expect_law(5);
}

TEST_F(Laws, FifthADeadlineBelongsToSomethingOpen) {
  state_.deadlines.insert(Deadline{Timestamp{1}, script_.id("h1"), false});
  expect_law(5);
}

TEST_F(Laws, FifthOpenSettlementsAreCounted) {
  state_.open_settlements += 1;
  expect_law(5);
}

TEST_F(Laws, FifthAnUndecidedSettlementHasADeadline) {
  state_ = script_.city("hongkong").state();
  ASSERT_FALSE(state_.deadlines.empty());
  state_.deadlines.clear();
  expect_law(5);
}

TEST_F(Laws, SixthTheOutboxHasNoGap) {
  auto& outbox = state_.peers.at(base::NodeId{2}).outbox;
  ASSERT_GE(outbox.size(), 2U);
  outbox.pop_front();
  expect_law(6);
}

TEST_F(Laws, SixthTheOutboxEndsAtSent) {
  auto& peer = state_.peers.at(base::NodeId{2});
  peer.sent = base::ChannelSeqno{peer.sent.value() + 1};
  expect_law(6);
}

TEST_F(Laws, SixthTheChainLinks) {
  state_.peers.at(base::NodeId{2}).outbox.back().chain_before.bytes[0] ^= std::byte{1};
  expect_law(6);
}

TEST_F(Laws, SixthTheChainEndsAtSentChain) {
  state_.peers.at(base::NodeId{2}).sent_chain.bytes[0] ^= std::byte{1};
  expect_law(6);
}

}  // namespace
}  // namespace hugang::machine
