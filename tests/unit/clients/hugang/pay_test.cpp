// Whole commands against a fake node: what is sent, what is told, how it ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/format/id_text.hpp"
#include "tests/unit/clients/hugang/harness.hpp"

namespace hugang::program {
namespace {

using testing::HasSubstr;

std::vector<std::string> pay_to(const char* to, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"pay",      "--from",   kOwn,      "--to", to,
                                     "--amount", "1,250.50", "--asset", "cny.d"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

void accept(v1::Outcome& outcome) {
  outcome.set_code_name("OK");
  outcome.set_value(125'050);
  outcome.set_seqno(17);
  outcome.set_decided_at_ns(1'767'605'400'000'000'000);
}

v1::Settlement some_settlement(const v1::Id& id, v1::SettlementStatus status) {
  v1::Settlement settlement;
  *settlement.mutable_id() = id;
  settlement.set_peer_node(2);
  settlement.set_is_initiator(true);
  settlement.set_kind(v1::SETTLEMENT_KIND_PAYMENT);
  settlement.set_status(status);
  v1::Leg& leg = *settlement.add_legs();
  leg.set_initiator_account(1000000000145);
  leg.set_responder_account(2000000000192);
  leg.set_asset(1);
  leg.set_amount_minor(125'050);
  leg.set_direction(v1::LEG_DIRECTION_OUT);
  std::int64_t at = 1'767'605'400'000'000'000;
  for (const char* name : {"held", "sent", "posted"}) {
    v1::SettlementStep& step = *settlement.add_steps();
    step.set_step(name);
    step.set_at_ns(at);
    step.set_seqno(17);
    step.set_code_name("OK");
    at += 1'500'000;
  }
  return settlement;
}

/// A node that accepts instructions and tells every settlement with this status.
void settle_with(client::FakeNode& node, v1::SettlementStatus status, const char* code_name = "") {
  node.settlements.on_Instruct = [](const v1::InstructRequest&, v1::InstructResponse& response) {
    accept(*response.mutable_outcome());
    return grpc::Status::OK;
  };
  node.settlements.on_GetSettlement = [=](const v1::GetSettlementRequest& request,
                                          v1::GetSettlementResponse& response) {
    *response.mutable_settlement() = some_settlement(request.id(), status);
    if (*code_name != '\0') {
      response.mutable_settlement()->set_code(97);
      response.mutable_settlement()->set_code_name(code_name);
    }
    return grpc::Status::OK;
  };
}

TEST(Pay, InsideOneNodeIsATransferUnderTheGivenId) {
  Harness harness;
  harness.node.transfers.on_Submit = [](const v1::SubmitRequest&, v1::SubmitResponse& response) {
    accept(*response.mutable_outcome());
    return grpc::Status::OK;
  };
  const Ran ran = harness.run(pay_to(kOwnSecond, {"--id", kSomeId, "--json"}));
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.json()["id"], kSomeId);
  EXPECT_EQ(ran.json()["amount"], "1250.50");
  EXPECT_EQ(ran.json()["outcome"]["seqno"], 17);
  EXPECT_EQ(ran.json()["outcome"]["decided_at"], "2026-01-05T09:30:00.000000000Z");
  ASSERT_EQ(harness.node.transfers.seen_Submit.size(), 1u);
  const v1::Transfer& sent = harness.node.transfers.seen_Submit[0].transfer();
  EXPECT_EQ(client::from_proto(sent.id()), format::parse_uuid(kSomeId));
  EXPECT_EQ(sent.debit_account(), 1000000000145u);
  EXPECT_EQ(sent.credit_account(), 1000000000242u);
  EXPECT_EQ(sent.asset(), 1u);
  EXPECT_EQ(sent.amount_minor(), 125'050);
  EXPECT_EQ(sent.phase(), v1::TRANSFER_PHASE_UNSPECIFIED);
}

TEST(Pay, AHoldCarriesItsExpiry) {
  Harness harness;
  harness.node.transfers.on_Submit = [](const v1::SubmitRequest&, v1::SubmitResponse& response) {
    accept(*response.mutable_outcome());
    return grpc::Status::OK;
  };
  const Ran ran = harness.run(pay_to(kOwnSecond, {"--hold", "--expires", "10m", "--id", kSomeId}));
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("hugang hold post " + std::string{kSomeId}));
  const v1::Transfer& sent = harness.node.transfers.seen_Submit[0].transfer();
  EXPECT_EQ(sent.phase(), v1::TRANSFER_PHASE_HOLD);
  EXPECT_EQ(sent.expires_at_ns(), 1'767'605'400'000'000'000 + 600'000'000'000);
}

TEST(Pay, ARefusalTellsCodeAndSentenceAndEndsWithOne) {
  Harness harness;
  harness.node.transfers.on_Submit = [](const v1::SubmitRequest&, v1::SubmitResponse& response) {
    response.mutable_outcome()->set_code(70);
    response.mutable_outcome()->set_code_name("INSUFFICIENT_FUNDS");
    response.mutable_outcome()->set_message("the account does not hold that much: pay less");
    return grpc::Status::OK;
  };
  const Ran plain = harness.run(pay_to(kOwnSecond));
  EXPECT_EQ(plain.code, 1);
  EXPECT_EQ(plain.err,
            "refused: INSUFFICIENT_FUNDS: the account does not hold that much: pay less\n");
  EXPECT_EQ(plain.out, "");
  const Ran json = harness.run(pay_to(kOwnSecond, {"--json", "--id", kSomeId}));
  EXPECT_EQ(json.code, 1);
  EXPECT_EQ(json.json()["error"]["code"], "INSUFFICIENT_FUNDS");
  EXPECT_EQ(json.json()["outcome"]["code"], 70);
  EXPECT_EQ(json.json()["id"], kSomeId);
}

TEST(Pay, ToAnotherNodeIsASettlementAndShowsItsPath) {
  Harness harness;
  settle_with(harness.node, v1::SETTLEMENT_STATUS_SETTLED);
  const Ran ran = harness.run(pay_to(kTheirs, {"--note", "发票 7", "--id", kSomeId}));
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("payment " + std::string{kSomeId} + " settled"));
  EXPECT_THAT(ran.out, HasSubstr("CNY.D 1,250.50  1000000000145 → 2000000000192"));
  EXPECT_THAT(ran.out, HasSubstr("2026-01-05 09:30:00.001  +1.50 ms  ● sent"));
  ASSERT_EQ(harness.node.settlements.seen_Instruct.size(), 1u);
  const v1::InstructRequest& sent = harness.node.settlements.seen_Instruct[0];
  EXPECT_EQ(sent.responder_node(), 2u);
  EXPECT_EQ(sent.kind(), v1::SETTLEMENT_KIND_PAYMENT);
  ASSERT_EQ(sent.legs_size(), 1);
  EXPECT_EQ(sent.legs(0).direction(), v1::LEG_DIRECTION_OUT);
  EXPECT_EQ(sent.details().remittance(0), "发票 7");
}

TEST(Pay, ASettlementThatTheOtherNodeRefusesEndsWithOne) {
  Harness harness;
  settle_with(harness.node, v1::SETTLEMENT_STATUS_REFUSED, "CREDIT_ACCOUNT_CLOSED");
  const Ran ran = harness.run(pay_to(kTheirs, {"--json"}));
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.json()["error"]["code"], "CREDIT_ACCOUNT_CLOSED");
  EXPECT_EQ(ran.json()["settlement"]["status"], "refused");
}

TEST(Pay, WhatIsNotFinalInTimeEndsWithSixAndSaysHowToLookAgain) {
  Harness harness;
  settle_with(harness.node, v1::SETTLEMENT_STATUS_SENT);
  const Ran ran = harness.run(pay_to(kTheirs, {"--timeout", "50ms", "--id", kSomeId}));
  EXPECT_EQ(ran.code, 6);
  EXPECT_THAT(ran.err, HasSubstr("NOT_FINAL_YET"));
  EXPECT_THAT(ran.err, HasSubstr("hugang status " + std::string{kSomeId}));
  EXPECT_EQ(harness.run(pay_to(kTheirs, {"--no-wait"})).code, 0);
}

TEST(Pay, AnAcceptedInstructionWhoseEndCannotBeSeenIsUnknownNotUnavailable) {
  Harness harness;
  settle_with(harness.node, v1::SETTLEMENT_STATUS_SENT);
  harness.node.settlements.on_GetSettlement = [](const v1::GetSettlementRequest&,
                                                 v1::GetSettlementResponse&) {
    return grpc::Status{grpc::StatusCode::UNAVAILABLE, "restarting"};
  };
  const Ran ran = harness.run(pay_to(kTheirs, {"--json"}));
  EXPECT_EQ(ran.code, 6);
  EXPECT_THAT(ran.err, HasSubstr("accepted and is under way"));
}

TEST(Pay, StatusesOfTheConnectionHaveTheirOwnExitCodes) {
  struct Row {
    grpc::StatusCode status;
    int expected;
  };
  for (const Row& row : {Row{grpc::StatusCode::UNAVAILABLE, 3},
                         {grpc::StatusCode::PERMISSION_DENIED, 4},
                         {grpc::StatusCode::UNAUTHENTICATED, 4},
                         {grpc::StatusCode::RESOURCE_EXHAUSTED, 5},
                         {grpc::StatusCode::DEADLINE_EXCEEDED, 6},
                         {grpc::StatusCode::INVALID_ARGUMENT, 1}}) {
    Harness harness;
    harness.node.transfers.on_Submit = [&](const v1::SubmitRequest&, v1::SubmitResponse&) {
      return grpc::Status{row.status, "because"};
    };
    const Ran ran = harness.run(pay_to(kOwnSecond, {"--id", kSomeId}));
    EXPECT_EQ(ran.code, row.expected);
    const bool is_open = row.expected == 3 || row.expected == 5 || row.expected == 6;
    EXPECT_EQ(ran.err.find("--id") != std::string::npos, is_open) << ran.err;
  }
}

TEST(Pay, NothingIsSentForAnAmountThatIsWrong) {
  Harness harness;
  for (const char* amount :
       {"12.505", "-1", "1e3", "0", "12,34", "twelve", "99999999999999999999"}) {
    const Ran ran = harness.run({"pay", "--from", kOwn, "--to", kOwnSecond, "--asset", "CNY.D",
                                 "--amount=" + std::string{amount}});
    EXPECT_EQ(ran.code, 2) << amount;
    EXPECT_THAT(ran.err, HasSubstr("amount")) << amount;
  }
  const Ran asset =
      harness.run({"pay", "--from", kOwn, "--to", kOwnSecond, "--asset", "EUR", "--amount", "1"});
  EXPECT_EQ(asset.code, 2);
  EXPECT_THAT(asset.err, HasSubstr("CNY.D, HKD, XAU.G"));
  EXPECT_TRUE(harness.node.transfers.seen_Submit.empty());
}

TEST(Status, DrawsBothSidesInOneOrder) {
  Harness harness;
  // The initiator also repeats the decision, without an entry of its own: told once is enough.
  harness.node.settlements.on_GetSettlement = [](const v1::GetSettlementRequest& request,
                                                 v1::GetSettlementResponse& response) {
    v1::Settlement& own = *response.mutable_settlement();
    own = some_settlement(request.id(), v1::SETTLEMENT_STATUS_SETTLED);
    v1::SettlementStep& step = *own.add_steps();
    step.set_step("decided");
    step.set_at_ns(1'767'605'400'002'000'000);
    return grpc::Status::OK;
  };
  harness.other.settlements.on_GetSettlement = [](const v1::GetSettlementRequest& request,
                                                  v1::GetSettlementResponse& response) {
    v1::Settlement theirs = some_settlement(request.id(), v1::SETTLEMENT_STATUS_SETTLED);
    theirs.set_is_initiator(false);
    theirs.clear_steps();
    v1::SettlementStep& step = *theirs.add_steps();
    step.set_step("decided");
    step.set_at_ns(1'767'605'400'002'000'000);
    step.set_seqno(9);
    *response.mutable_settlement() = theirs;
    return grpc::Status::OK;
  };
  const Ran ran = harness.run({"status", kSomeId, "--other", "hongkong"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out,
              HasSubstr("TIME (UTC)                  AFTER  NODE 1    NODE 2     ENTRY\n"
                        "2026-01-05 09:30:00.000            ● held    │             17\n"
                        "2026-01-05 09:30:00.001  +1.50 ms  ● sent    │             17\n"
                        "2026-01-05 09:30:00.002  +2.00 ms  │         ● decided      9\n"
                        "2026-01-05 09:30:00.003  +3.00 ms  ● posted  │             17\n"));
  const Ran json = harness.run({"status", kSomeId, "--other", "hongkong", "--json"});
  EXPECT_EQ(json.json()["other"]["side"], "responder");
  EXPECT_EQ(json.json()["settlement"]["steps"][1]["at"], "2026-01-05T09:30:00.001500000Z");
}

TEST(Pvp, SendsBothLegsFromTheInitiatorsView) {
  Harness harness;
  settle_with(harness.node, v1::SETTLEMENT_STATUS_SETTLED);
  const Ran ran =
      harness.run({"pvp", "--give", "CNY.D 920.00", "--from", kOwn, "--to", kTheirs, "--get",
                   "1,000.00 hkd", "--into", kOwnSecond, "--from-theirs", kTheirsSecond});
  EXPECT_EQ(ran.code, 0) << ran.err;
  const v1::InstructRequest& sent = harness.node.settlements.seen_Instruct.at(0);
  EXPECT_EQ(sent.kind(), v1::SETTLEMENT_KIND_PVP);
  ASSERT_EQ(sent.legs_size(), 2);
  EXPECT_EQ(sent.legs(0).direction(), v1::LEG_DIRECTION_OUT);
  EXPECT_EQ(sent.legs(0).amount_minor(), 92'000);
  EXPECT_EQ(sent.legs(1).direction(), v1::LEG_DIRECTION_IN);
  EXPECT_EQ(sent.legs(1).initiator_account(), 1000000000242u);
  EXPECT_EQ(sent.legs(1).responder_account(), 2000000000289u);
  EXPECT_EQ(sent.legs(1).asset(), 2u);
  EXPECT_EQ(sent.legs(1).amount_minor(), 100'000);
}

TEST(Pvp, OfOneNodeIsUsage) {
  Harness harness;
  const Ran ran = harness.run({"pvp", "--give", "CNY.D 1", "--from", kOwn, "--to", kOwnSecond,
                               "--get", "HKD 1", "--into", kOwn, "--from-theirs", kOwnSecond});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("between two nodes"));
}

TEST(Return, ByTheReceiverTurnsTheLegsAround) {
  Harness harness;
  harness.node.settlements.on_Instruct = [](const v1::InstructRequest&, v1::InstructResponse& r) {
    accept(*r.mutable_outcome());
    return grpc::Status::OK;
  };
  harness.node.settlements.on_GetSettlement = [](const v1::GetSettlementRequest& request,
                                                 v1::GetSettlementResponse& response) {
    v1::Settlement& settlement = *response.mutable_settlement();
    settlement = some_settlement(request.id(), v1::SETTLEMENT_STATUS_SETTLED);
    settlement.set_is_initiator(false);
    settlement.set_peer_node(1);
    settlement.add_returned_minor(50);
    return grpc::Status::OK;
  };
  EXPECT_EQ(harness.run({"return", kSomeId}).code, 0);
  const v1::InstructRequest& sent = harness.node.settlements.seen_Instruct.at(0);
  EXPECT_EQ(sent.kind(), v1::SETTLEMENT_KIND_RETURN);
  EXPECT_EQ(sent.responder_node(), 1u);
  EXPECT_EQ(client::from_proto(sent.original_id()), format::parse_uuid(kSomeId));
  ASSERT_EQ(sent.legs_size(), 1);
  EXPECT_EQ(sent.legs(0).initiator_account(), 2000000000192u);
  EXPECT_EQ(sent.legs(0).responder_account(), 1000000000145u);
  EXPECT_EQ(sent.legs(0).direction(), v1::LEG_DIRECTION_OUT);
  EXPECT_EQ(sent.legs(0).amount_minor(), 125'000);  // what is not given back yet
}

TEST(Return, ByThePayerPointsToRecall) {
  Harness harness;
  settle_with(harness.node, v1::SETTLEMENT_STATUS_SETTLED);
  const Ran ran = harness.run({"return", kSomeId});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("hugang recall"));
  EXPECT_TRUE(harness.node.settlements.seen_Instruct.empty());
}

TEST(Recall, ThatComesTooLateEndsWithOne) {
  Harness harness;
  harness.node.settlements.on_Recall = [](const v1::RecallRequest&, v1::RecallResponse& response) {
    accept(*response.mutable_outcome());
    return grpc::Status::OK;
  };
  settle_with(harness.node, v1::SETTLEMENT_STATUS_SETTLED);
  std::string answer = "ALREADY_SETTLED";
  harness.node.settlements.on_GetSettlement = [&](const v1::GetSettlementRequest& request,
                                                  v1::GetSettlementResponse& response) {
    *response.mutable_settlement() = some_settlement(request.id(), v1::SETTLEMENT_STATUS_SETTLED);
    response.mutable_settlement()->set_recall_code_name(answer);
    return grpc::Status::OK;
  };
  const Ran late = harness.run({"recall", kSomeId, "--reason", "DUPL"});
  EXPECT_EQ(late.code, 1);
  EXPECT_THAT(late.err, HasSubstr("ALREADY_SETTLED"));
  answer = "RECALLED";
  EXPECT_EQ(harness.run({"recall", kSomeId, "--reason", "DUPL"}).code, 0);
  answer = "";
  EXPECT_EQ(harness.run({"recall", kSomeId, "--reason", "DUPL", "--timeout", "50ms"}).code, 6);
}

}  // namespace
}  // namespace hugang::program
