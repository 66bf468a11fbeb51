#include "services/edge/convert_account.hpp"

#include <gtest/gtest.h>

#include "callers.hpp"
#include "clearing/wire/batch.hpp"
#include "field_table.hpp"
#include "services/edge/decimal.hpp"

namespace hugang::edge {
namespace {

TEST(Decimal, WritesAllOf128Bits) {
  EXPECT_EQ(to_decimal(base::u128{0}), "0");
  EXPECT_EQ(to_decimal(base::make_u128(1, 0)), "18446744073709551616");
  EXPECT_EQ(to_decimal(~base::u128{0}), "340282366920938463463374607431768211455");
  EXPECT_EQ(to_decimal(base::i128{-1}), "-1");
  const auto smallest = static_cast<base::i128>(base::u128{1} << 127);
  EXPECT_EQ(to_decimal(smallest), "-170141183460469231731687303715884105728");
  EXPECT_EQ(to_decimal(difference(5, 12)), "-7");
}

v1::OpenAccountRequest good_request() {
  v1::OpenAccountRequest request;
  *request.mutable_id() = id_message(1);
  request.set_asset(3);
  request.set_kind(v1::ACCOUNT_KIND_CUSTOMER);
  request.set_alias("日常 daily");
  return request;
}

wire::OpenAccount record_of(const v1::OpenAccountRequest& request, const Caller& caller) {
  return wire::read_record<wire::OpenAccount>(to_command(request, caller)->records);
}

TEST(ConvertAccount, OpensForTheCallerUnlessAnOwnerIsNamed) {
  auto request = good_request();
  auto record = record_of(request, participant_caller(5));
  EXPECT_EQ(record.owner, base::ParticipantId{5});
  EXPECT_EQ(record.flags, wire::account_flag::kNoDebitBalance);
  EXPECT_EQ(record.alias.view(), "日常 daily");
  request.set_owner(8);
  request.set_allow_debit_balance(true);
  request.set_review_incoming(true);
  record = record_of(request, operator_caller());
  EXPECT_EQ(record.owner, base::ParticipantId{8});
  EXPECT_EQ(record.flags, wire::account_flag::kReviewIncoming);
}

TEST(ConvertAccount, LeavesTheFlagsOfOtherKindsToTheLedger) {
  auto request = good_request();
  request.set_kind(v1::ACCOUNT_KIND_RESERVE);
  EXPECT_EQ(record_of(request, operator_caller()).flags, 0u);
  request.set_kind(v1::ACCOUNT_KIND_CORRIDOR);
  request.set_peer_node(2);
  EXPECT_EQ(record_of(request, operator_caller()).flags, 0u);
  EXPECT_EQ(record_of(request, operator_caller()).peer, base::NodeId{2});
}

TEST(ConvertAccount, TellsEveryFieldThatIsMalformed) {
  using Fault = FieldFault<v1::OpenAccountRequest>;
  const std::vector<Fault> faults{
      {"id", EdgeError::kFieldMissing, [](auto& m) { m.clear_id(); }},
      {"id", EdgeError::kIdMalformed, [](auto& m) { m.mutable_id()->set_value("x"); }},
      {"asset", EdgeError::kFieldMissing, [](auto& m) { m.set_asset(0); }},
      {"kind", EdgeError::kFieldMissing, [](auto& m) { m.clear_kind(); }},
      {"kind", EdgeError::kChoiceUnknown,
       [](auto& m) { m.set_kind(static_cast<v1::AccountKind>(99)); }},
      {"peer_node", EdgeError::kFieldNotAllowed, [](auto& m) { m.set_peer_node(2); }},
      {"peer_node", EdgeError::kFieldMissing,
       [](auto& m) { m.set_kind(v1::ACCOUNT_KIND_CORRIDOR); }},
      {"alias", EdgeError::kTextTooLong, [](auto& m) { m.set_alias(std::string(25, 'a')); }},
      {"alias", EdgeError::kTextTooLong, [](auto& m) { m.set_alias(std::string(4 << 20, 'a')); }},
      {"alias", EdgeError::kTextMalformed, [](auto& m) { m.set_alias("a\x1b[2J"); }},
      {"alias", EdgeError::kTextMalformed, [](auto& m) { m.set_alias("a\x7f"); }},
      {"alias", EdgeError::kTextMalformed,
       [](auto& m) {
         m.set_alias(
             "\xc2\x9b"
             "2J");
       }},
      {"alias", EdgeError::kTextMalformed, [](auto& m) { m.set_alias(std::string("a\0b", 3)); }},
  };
  expect_faults(good_request(), faults, [](const v1::OpenAccountRequest& request) {
    return to_command(request, operator_caller());
  });
}

/// A node with accounts of participants 2 and 3 by turns.
machine::State state_with(std::uint32_t accounts) {
  machine::State state;
  state.self = base::NodeId{1};
  for (std::uint32_t id = 1; id <= 3; ++id) {
    machine::Participant participant;
    participant.id = base::ParticipantId{id};
    EXPECT_TRUE(participant.code.assign("p" + std::to_string(id)));
    state.participants.push_back(participant);
  }
  for (std::uint32_t i = 0; i < accounts; ++i) {
    machine::Account account;
    account.owner = base::ParticipantId{2 + i % 2};
    account.asset = base::AssetId{1};
    state.accounts.push_back(account);
    state.aliases.emplace_back();
  }
  return state;
}

TEST(Accounts, AreSeenByTheirOwnersAndByWhoSeesEverything) {
  const auto state = state_with(2);
  const auto first = state.number_of(base::AccountIndex{1});
  EXPECT_TRUE(visible_account(state, first, participant_caller(2)).has_value());
  EXPECT_FALSE(visible_account(state, first, participant_caller(3)).has_value());
  EXPECT_TRUE(visible_account(state, first, operator_caller()).has_value());
  EXPECT_TRUE(visible_account(state, first, regulator_caller()).has_value());
}

TEST(Accounts, AreFoundByTheirExactNumberAlone) {
  const auto state = state_with(2);
  const auto first = state.number_of(base::AccountIndex{1});
  const auto other_node = base::make_account_number({base::NodeId{2}, base::AccountIndex{1}});
  for (const auto number :
       {base::AccountNumber{first.value() + 1}, base::AccountNumber{0}, base::AccountNumber{1},
        base::AccountNumber{UINT64_MAX}, state.number_of(base::AccountIndex{3}), other_node}) {
    EXPECT_FALSE(visible_account(state, number, operator_caller()).has_value()) << number.value();
  }
}

TEST(Accounts, AreShownWithBalancesOf128Bits) {
  auto state = state_with(1);
  machine::Account& account = state.account(base::AccountIndex{1});
  account.balance = {.debits_posted = 7,
                     .credits_posted = base::make_u128(1, 0),
                     .debits_pending = 9,
                     .credits_pending = 1};
  account.flags = wire::account_flag::kFrozen | wire::account_flag::kNoDebitBalance;
  v1::Account message;
  fill(account_facts(state, base::AccountIndex{1}), message);
  EXPECT_EQ(message.number(), 1'000'000'000'145u);
  EXPECT_EQ(message.owner_code(), "p2");
  EXPECT_EQ(message.balance_minor(), "18446744073709551609");
  EXPECT_EQ(message.available_minor(), "18446744073709551600");
  EXPECT_EQ(message.debits_pending_minor(), "9");
  EXPECT_TRUE(message.frozen());
  EXPECT_TRUE(message.no_debit_balance());
  EXPECT_FALSE(message.closed());
}

std::vector<std::uint32_t> walk(const machine::State& state, const AccountPage& page, int& looks) {
  AccountList list;
  list.last_looked_at = page.after;
  for (looks = 0; !list.is_complete; ++looks) look_for_accounts(state, page, list);
  std::vector<std::uint32_t> found;
  for (const auto& facts : list.accounts) {
    found.push_back(base::parse_account_number(facts.number)->index.value());
  }
  return found;
}

TEST(ListAccounts, ShowsAParticipantItsOwnAlone) {
  const auto page = to_page(v1::ListAccountsRequest{}, participant_caller(3));
  ASSERT_TRUE(page.has_value());
  int looks = 0;
  EXPECT_EQ(walk(state_with(5), *page, looks), (std::vector<std::uint32_t>{2, 4}));

  v1::ListAccountsRequest of_another;
  of_another.set_owner(2);
  EXPECT_EQ(to_page(of_another, participant_caller(3)).error().error, EdgeError::kNotFound);
  EXPECT_TRUE(to_page(of_another, regulator_caller()).has_value());
}

TEST(ListAccounts, GoesOnBehindTheLastNumber) {
  const auto state = state_with(5);
  v1::ListAccountsRequest request;
  request.set_page_size(2);
  request.set_after_number(state.number_of(base::AccountIndex{2}).value());
  AccountList list;
  const auto page = to_page(request, operator_caller());
  list.last_looked_at = page->after;
  look_for_accounts(state, *page, list);
  EXPECT_TRUE(list.is_complete);
  EXPECT_TRUE(list.has_more);
  ASSERT_EQ(list.accounts.size(), 2u);
  EXPECT_EQ(list.accounts[0].number, state.number_of(base::AccountIndex{3}));
}

TEST(ListAccounts, NeverHoldsUpTheCoreForLong) {
  auto state = state_with(2 * kAccountsPerLook + 10);
  for (auto& account : state.accounts) account.owner = base::ParticipantId{2};
  state.accounts.back().owner = base::ParticipantId{3};
  const auto page = to_page(v1::ListAccountsRequest{}, participant_caller(3));
  int looks = 0;
  EXPECT_EQ(walk(state, *page, looks), (std::vector<std::uint32_t>{2 * kAccountsPerLook + 10}));
  EXPECT_EQ(looks, 3);
}

TEST(ListAccounts, RefusesPagesOutOfRange) {
  v1::ListAccountsRequest request;
  request.set_page_size(1'001);
  EXPECT_EQ(to_page(request, operator_caller()).error().error, EdgeError::kNumberOutOfRange);
  request.set_page_size(0);
  request.set_after_number(17);
  EXPECT_EQ(metadata_of(to_page(request, operator_caller()).error(), "field"), "after_number");
}

TEST(ListAccounts, EndsWhenTheStartIsBehindTheLastAccount) {
  v1::ListAccountsRequest request;
  request.set_after_number(
      base::make_account_number({base::NodeId{1}, base::AccountIndex{4'000'000'000}}).value());
  int looks = 0;
  EXPECT_TRUE(walk(state_with(3), *to_page(request, operator_caller()), looks).empty());
}

TEST(ListAssets, ShowsWhatWasIssuedHere) {
  auto state = state_with(1);
  state.account(base::AccountIndex{1}).balance = {.debits_posted = 1'000, .credits_posted = 300};
  machine::Asset asset;
  asset.id = base::AssetId{1};
  asset.issuer = base::NodeId{1};
  asset.scale = 2;
  asset.reserve = base::AccountIndex{1};
  state.assets[asset.id] = asset;
  asset.id = base::AssetId{2};
  asset.issuer = base::NodeId{2};
  asset.reserve = base::AccountIndex{};
  state.assets[asset.id] = asset;
  const auto assets = asset_facts(state);
  ASSERT_EQ(assets.size(), 2u);
  v1::Asset ours;
  fill(assets[0], ours);
  EXPECT_EQ(ours.issued_minor(), "700");
  EXPECT_EQ(ours.scale(), 2u);
  v1::Asset theirs;
  fill(assets[1], theirs);
  EXPECT_EQ(theirs.issued_minor(), "");
}

}  // namespace
}  // namespace hugang::edge
