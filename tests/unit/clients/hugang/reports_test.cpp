// Commands that read: accounts, balances, positions, reconciliation, the node's status; and what
// the operator writes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "clients/hugang/public_key.hpp"
#include "clients/hugang/rules_file.hpp"
#include "tests/unit/clients/hugang/harness.hpp"

namespace hugang::program {
namespace {

using testing::HasSubstr;

v1::Account some_account(std::uint64_t number, const char* balance) {
  v1::Account account;
  account.set_number(number);
  account.set_owner_code("HGSHCNSHXXX");
  account.set_asset(1);
  account.set_kind(v1::ACCOUNT_KIND_CUSTOMER);
  account.set_alias("工资");
  account.set_balance_minor(balance);
  account.set_available_minor(balance);
  account.set_debits_pending_minor("0");
  return account;
}

TEST(Accounts, AreReadPageByPage) {
  Harness harness;
  harness.node.accounts.on_ListAccounts = [](const v1::ListAccountsRequest& request,
                                             v1::ListAccountsResponse& response) {
    const bool is_first = request.after_number() == 0;
    *response.add_accounts() =
        some_account(is_first ? 1000000000145 : 1000000000242, is_first ? "123456789" : "-5");
    response.set_has_more(is_first);
    return grpc::Status::OK;
  };
  const Ran ran = harness.run({"balances"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "ACCOUNT        OWNER        ALIAS  ASSET       BALANCE  HELD     AVAILABLE\n"
            "1000000000145  HGSHCNSHXXX  工资   CNY.D  1,234,567.89        1,234,567.89\n"
            "1000000000242  HGSHCNSHXXX  工资   CNY.D         -0.05               -0.05\n"
            "-------------  -----------  -----  -----  ------------  ----  ------------\n"
            "total                              CNY.D  1,234,567.84        1,234,567.84\n");
  EXPECT_EQ(harness.run({"balances", "--json"}).json()["totals"][0]["balance"], "1234567.84");
  EXPECT_EQ(harness.run({"accounts", "--json"}).json()["accounts"][0]["number"], "1000000000145");
}

TEST(Accounts, AForbiddenListEndsWithFour) {
  Harness harness;
  harness.node.accounts.on_ListAccounts = [](const v1::ListAccountsRequest&,
                                             v1::ListAccountsResponse&) {
    return grpc::Status{grpc::StatusCode::PERMISSION_DENIED, "monitors see no accounts"};
  };
  EXPECT_EQ(harness.run({"accounts"}).code, 4);
}

void add_position(v1::ListPositionsResponse& response, std::uint32_t peer, std::uint64_t account,
                  const char* net) {
  v1::CorridorPosition& position = *response.add_positions();
  position.set_peer_node(peer);
  position.set_asset(1);
  position.set_account(account);
  position.set_net_minor(net);
  position.set_debits_pending_minor("0");
  position.set_credits_pending_minor("0");
}

TEST(Positions, AreMirroredAndTheDifferenceIsNamed) {
  Harness harness;
  harness.node.positions.on_ListPositions = [](const v1::ListPositionsRequest&,
                                               v1::ListPositionsResponse& response) {
    add_position(response, 2, 1000000000145, "5000");
    return grpc::Status::OK;
  };
  harness.other.positions.on_ListPositions = [](const v1::ListPositionsRequest&,
                                                v1::ListPositionsResponse& response) {
    add_position(response, 3, 2000000000192, "1");  // a corridor with a third city
    add_position(response, 1, 2000000000289, "-4000");
    return grpc::Status::OK;
  };
  const Ran ran = harness.run({"positions", "--other", "hongkong", "--json"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  const Json position = ran.json()["positions"][0];
  EXPECT_EQ(position["net"], "50.00");
  EXPECT_EQ(position["peer_net_minor"], "4000");
  EXPECT_EQ(position["difference_minor"], "1000");
  EXPECT_THAT(harness.run({"positions"}).out, HasSubstr("this node"));
}

TEST(Reconcile, AgreesOnlyWhenBothSigned) {
  Harness harness;
  harness.node.positions.on_Reconcile = [](const v1::ReconcileRequest&, v1::ReconcileResponse&) {
    return grpc::Status::OK;
  };
  auto status = v1::RECONCILIATION_STATUS_AGREED;
  harness.node.positions.on_GetReconciliation = [&](const v1::GetReconciliationRequest& request,
                                                    v1::GetReconciliationResponse& response) {
    *response.mutable_id() = request.id();
    response.set_peer_node(2);
    response.set_business_date(20260105);
    response.set_status(status);
    v1::ReconciliationLine& line = *response.add_lines();
    line.set_asset(1);
    line.set_own_minor("5000");
    line.set_peer_minor("4000");
    line.set_in_flight_minor("1000");
    return grpc::Status::OK;
  };
  const Ran agreed = harness.run({"reconcile", "2"});
  EXPECT_EQ(agreed.code, 0) << agreed.err;
  EXPECT_THAT(agreed.out, HasSubstr("agreed, signed by both nodes"));
  EXPECT_THAT(agreed.out, HasSubstr("CNY.D        50.00       40.00      10.00         0.00"));
  EXPECT_EQ(harness.node.positions.seen_Reconcile.at(0).business_date(), 20260105u);
  status = v1::RECONCILIATION_STATUS_DIFFERS;
  EXPECT_EQ(harness.run({"reconcile", "2", "--json"}).code, 1);
  status = v1::RECONCILIATION_STATUS_OPEN;
  EXPECT_EQ(harness.run({"reconcile", "2", "--timeout", "50ms"}).code, 6);
}

TEST(Issue, PaysFromTheReserveAccountOfTheAsset) {
  Harness harness;
  harness.node.accounts.on_ListAccounts = [](const v1::ListAccountsRequest&,
                                             v1::ListAccountsResponse& response) {
    *response.add_accounts() = some_account(1000000000145, "0");
    v1::Account reserve = some_account(1000000000242, "0");
    reserve.set_kind(v1::ACCOUNT_KIND_RESERVE);
    *response.add_accounts() = reserve;
    return grpc::Status::OK;
  };
  harness.node.transfers.on_Submit = [](const v1::SubmitRequest&, v1::SubmitResponse&) {
    return grpc::Status::OK;
  };
  const Ran ran =
      harness.run({"admin", "issue", "--asset", "CNY.D", "--to", kOwn, "--amount", "1,000,000.00"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  const v1::Transfer& sent = harness.node.transfers.seen_Submit.at(0).transfer();
  EXPECT_EQ(sent.debit_account(), 1000000000242u);
  EXPECT_EQ(sent.amount_minor(), 100'000'000);
  EXPECT_EQ(harness.run({"admin", "issue", "--asset", "HKD", "--to", kOwn, "--amount", "1"}).code,
            2);
}

TEST(Account, UpdatesWishOnlyForWhatTheySay) {
  Harness harness;
  harness.node.admin.on_UpdateAccount = [](const v1::UpdateAccountRequest&,
                                           v1::UpdateAccountResponse&) { return grpc::Status::OK; };
  for (const char* update : {"freeze", "unfreeze", "close", "review"}) {
    EXPECT_EQ(harness.run({"admin", "account", update, kOwn}).code, 0);
  }
  const auto& seen = harness.node.admin.seen_UpdateAccount;
  ASSERT_EQ(seen.size(), 4u);
  EXPECT_TRUE(seen[0].frozen() && !seen[0].close() && !seen[0].has_review_incoming());
  EXPECT_TRUE(seen[1].has_frozen() && !seen[1].frozen());
  EXPECT_TRUE(seen[2].close() && !seen[2].has_frozen());
  EXPECT_TRUE(seen[3].review_incoming() && !seen[3].has_frozen());
}

TEST(NodeStatus, SaysWhyADirectionIsHalted) {
  Harness harness;
  harness.node.admin.on_GetNodeStatus = [](const v1::GetNodeStatusRequest&,
                                           v1::GetNodeStatusResponse& response) {
    response.set_node(1);
    response.set_code("shanghai");
    v1::PeerStatus& peer = *response.add_peers();
    peer.set_node(2);
    peer.set_code("hongkong");
    peer.set_halted_code_name("CHANNEL_GAP");
    peer.set_halt_evidence_seqno(77);
    return grpc::Status::OK;
  };
  EXPECT_THAT(harness.run({"admin", "status"}).out, HasSubstr("halted: CHANNEL_GAP"));
  EXPECT_THAT(harness.run({"admin", "peer", "list"}).out,
              HasSubstr("halted: CHANNEL_GAP, entry 77"));
  harness.node.admin.on_ResumePeer = [](const v1::ResumePeerRequest&, v1::ResumePeerResponse&) {
    return grpc::Status::OK;
  };
  EXPECT_EQ(harness.run({"admin", "peer", "resume", "hongkong"}).code, 0);
  EXPECT_EQ(harness.node.admin.seen_ResumePeer.at(0).peer_node(), 2u);
  EXPECT_EQ(harness.run({"admin", "peer", "resume", "macau"}).code, 2);
}

// RFC 8410, section 10.1: the example public key.
constexpr const char* kEd25519Pem =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
    "-----END PUBLIC KEY-----\n";

TEST(PublicKey, IsReadFromPemAndKnowsItsSuite) {
  const auto key = parse_public_key(kEd25519Pem, "key.pem");
  ASSERT_TRUE(key);
  EXPECT_EQ(key->suite, "ed25519");
  EXPECT_EQ(key->der.size(), 44u);
  EXPECT_EQ(static_cast<unsigned char>(key->der[12]), 0x19);
  EXPECT_EQ(static_cast<unsigned char>(key->der[43]), 0xE1);
}

TEST(PublicKey, APrivateKeyIsNeverSent) {
  for (const char* bad : {"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "", "x",
                          "-----BEGIN PUBLIC KEY-----\n!!!!\n-----END PUBLIC KEY-----\n",
                          "-----BEGIN PUBLIC KEY-----\nAAA\n-----END PUBLIC KEY-----\n",
                          "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"}) {
    const auto key = parse_public_key(bad, "key.pem");
    ASSERT_FALSE(key) << bad;
    EXPECT_EQ(key.error().exit_code, ExitCode::kUsage);
  }
}

AssetBook some_assets() {
  v1::ListAssetsResponse response;
  v1::Asset& asset = *response.add_assets();
  asset.set_id(1);
  asset.set_code("CNY.D");
  asset.set_scale(2);
  return AssetBook{response};
}

TEST(RulesFile, IsReadWithTheAssetsDecimals) {
  const auto rules = parse_rules(R"(
version = 2
effective_from = "2026-02-01T00:00:00Z"
[[rule]]
kind = "single-max"
asset = "CNY.D"
amount = "500,000.00"
[[rule]]
kind = "corridor-cap"
asset = "CNY.D"
peer = 2
amount = "10,000,000.00"
)",
                                 "rules.toml", some_assets());
  ASSERT_TRUE(rules) << rules.error().sentence;
  EXPECT_EQ(rules->version(), 2u);
  EXPECT_EQ(rules->effective_from_ns(), 1'769'904'000'000'000'000);
  ASSERT_EQ(rules->rules_size(), 2);
  EXPECT_EQ(rules->rules(0).value_minor(), 50'000'000);
  EXPECT_EQ(rules->rules(1).kind(), v1::RULE_KIND_CORRIDOR_CAP);
  EXPECT_EQ(rules->rules(1).peer_node(), 2u);
}

TEST(RulesFile, KeysNestedWithoutEndAreRefused) {
  std::string key = "version = 1\na";
  for (int i = 0; i < 100'000; ++i) key += ".a";
  const auto rules = parse_rules(key + " = 1\n", "r.toml", some_assets());
  ASSERT_FALSE(rules);
  EXPECT_THAT(rules.error().sentence, HasSubstr("r.toml:2: the line is longer"));
}

TEST(RulesFile, AMistakeIsNamedWithItsLine) {
  struct Row {
    const char* toml;
    const char* expected;
  };
  for (const Row& row :
       {Row{"", "'version' is missing"},
        {"version = 0", "r.toml:1: 'version' must be a whole number"},
        {"version = 1\nverson = 2", "r.toml:2: unknown key 'verson'"},
        {"version = 1\n[[rule]]\nkind = \"max\"", "r.toml:3: kind is single-max or corridor-cap"},
        {"version = 1\n[[rule]]\nkind = \"single-max\"", "needs kind, asset and amount"},
        {"version = 1\n[[rule]]\nkind = \"corridor-cap\"\nasset = \"CNY.D\"\namount = \"1\"",
         "corridor-cap needs a peer"},
        {"version = 1\n[[rule]]\nkind = \"single-max\"\nasset = \"CNY.D\"\namount = \"1.001\"",
         "decimals"},
        {"version = 1\n[[rule]]\nkind = \"single-max\"\nasset = \"CNY.D\"\namount = 1.5",
         "must be text in quotes"},
        {"version = ", "r.toml:1: "}}) {
    const auto rules = parse_rules(row.toml, "r.toml", some_assets());
    ASSERT_FALSE(rules) << row.toml;
    EXPECT_THAT(rules.error().sentence, HasSubstr(row.expected));
  }
}

}  // namespace
}  // namespace hugang::program
