// ISO 20022 files through the whole program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "clients/format/id_text.hpp"
#include "clients/hugang/iso_payment.hpp"
#include "tests/unit/clients/hugang/harness.hpp"
#include "tests/unit/clients/iso20022_messages.hpp"

namespace hugang::program {
namespace {

using testing::HasSubstr;

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  if (at == std::string::npos) std::abort();  // the test itself is wrong
  return text.replace(at, from.size(), to);
}

/// The sample payment to a ledger account, without the gold.
std::string payment_to(const std::string& account) {
  std::string text =
      replaced(iso20022::test::kCustomerTransfer, "<IBAN>DE89370400440532013000</IBAN>",
               "<Othr><Id>" + account + "</Id></Othr>");
  const auto begin = text.find("<SplmtryData>");
  const auto end = text.find("</SplmtryData>") + std::string{"</SplmtryData>"}.size();
  return text.erase(begin, end - begin);
}

class Submit : public testing::Test {
 protected:
  Submit()
      : folder_{std::filesystem::temp_directory_path() /
                ("hugang_submit_" + std::to_string(::getpid()))} {
    std::filesystem::create_directories(folder_);
    harness.node.settlements.on_Instruct = [](const v1::InstructRequest&,
                                              v1::InstructResponse& response) {
      response.mutable_outcome()->set_seqno(17);
      return grpc::Status::OK;
    };
  }
  ~Submit() override { std::filesystem::remove_all(folder_); }

  void settle_with(v1::SettlementStatus status, std::uint32_t code, const std::string& name) {
    harness.node.settlements.on_GetSettlement = [=](const v1::GetSettlementRequest& request,
                                                    v1::GetSettlementResponse& response) {
      v1::Settlement& settlement = *response.mutable_settlement();
      *settlement.mutable_id() = request.id();
      settlement.set_peer_node(1);
      settlement.set_status(status);
      settlement.set_code(code);
      settlement.set_code_name(name);
      v1::Leg& leg = *settlement.add_legs();
      leg.set_initiator_account(1000000000145);
      leg.set_responder_account(2000000000192);
      leg.set_asset(1);
      leg.set_amount_minor(125'050);
      leg.set_direction(v1::LEG_DIRECTION_OUT);
      return grpc::Status::OK;
    };
  }

  Ran submit(const std::string& xml, std::vector<std::string> more = {}) {
    const auto file = folder_ / "in.xml";
    std::ofstream{file} << xml;
    std::vector<std::string> arguments{"submit", file.string(), "--answer",
                                       (folder_ / "out.xml").string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return harness.run(arguments);
  }
  std::string answer() const {
    std::ifstream in{folder_ / "out.xml"};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  Harness harness;

 private:
  std::filesystem::path folder_;
};

TEST_F(Submit, APaymentAcrossIsInstructedUnderItsUetr) {
  settle_with(v1::SETTLEMENT_STATUS_SETTLED, 0, "OK");
  const Ran ran = submit(payment_to(kTheirs), {"--json"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  const v1::InstructRequest& sent = harness.node.settlements.seen_Instruct.at(0);
  EXPECT_EQ(client::from_proto(sent.id()), format::parse_uuid(kSomeId));
  EXPECT_EQ(sent.legs(0).initiator_account(), 1000000000145u);
  EXPECT_EQ(sent.legs(0).responder_account(), 2000000000192u);
  EXPECT_EQ(sent.legs(0).asset(), 1u);
  EXPECT_EQ(sent.legs(0).amount_minor(), 125'050);
  EXPECT_EQ(sent.details().creditor().name(), "Example Trading (HK) Ltd");
  EXPECT_EQ(sent.details().end_to_end_id(), "E-1");
  EXPECT_THAT(answer(), HasSubstr("pacs.002.001.10"));
  EXPECT_THAT(answer(), HasSubstr("<TxSts>ACCC</TxSts>"));
  EXPECT_THAT(answer(), HasSubstr(kSomeId));
  EXPECT_EQ(ran.json()["transactions"][0]["status"], "ACCC");
}

TEST_F(Submit, APaymentInsideOneNodeIsATransfer) {
  harness.node.transfers.on_Submit = [](const v1::SubmitRequest&, v1::SubmitResponse&) {
    return grpc::Status::OK;
  };
  EXPECT_EQ(submit(payment_to(kOwnSecond)).code, 0);
  EXPECT_EQ(harness.node.transfers.seen_Submit.at(0).transfer().credit_account(), 1000000000242u);
  EXPECT_TRUE(harness.node.settlements.seen_Instruct.empty());
}

TEST_F(Submit, ARefusalBecomesRjctWithItsReason) {
  settle_with(v1::SETTLEMENT_STATUS_REFUSED, 70, "INSUFFICIENT_FUNDS");
  const Ran ran = submit(payment_to(kTheirs));
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("refused: INSUFFICIENT_FUNDS"));
  EXPECT_THAT(answer(), HasSubstr("<TxSts>RJCT</TxSts>"));
  EXPECT_THAT(answer(), HasSubstr("<Cd>AM04</Cd>"));
}

TEST_F(Submit, WhatIsUnderWayIsAcspAndEndsWithSix) {
  settle_with(v1::SETTLEMENT_STATUS_SENT, 0, "");
  EXPECT_EQ(submit(payment_to(kTheirs), {"--timeout", "50ms"}).code, 6);
  EXPECT_THAT(answer(), HasSubstr("<TxSts>ACSP</TxSts>"));
}

TEST_F(Submit, AnAccountThatIsNoLedgerNumberIsRejectedWithoutAsking) {
  EXPECT_EQ(submit(payment_to("2000000000193")).code, 1);
  EXPECT_THAT(answer(), HasSubstr("<Cd>AC03</Cd>"));
  EXPECT_TRUE(harness.node.settlements.seen_Instruct.empty());
}

TEST_F(Submit, AMalformedFileGetsARejectionAndOne) {
  const Ran ran = submit(replaced(payment_to(kTheirs), "<ChrgBr>SHAR</ChrgBr>", ""), {"--json"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.json()["error"]["code"], "FF01");
  EXPECT_THAT(answer(), HasSubstr("<GrpSts>RJCT</GrpSts>"));
  EXPECT_THAT(answer(), HasSubstr("SH-20261120-0001"));
  EXPECT_EQ(submit("this is no XML").code, 1);
  EXPECT_THAT(answer(), HasSubstr("<GrpSts>RJCT</GrpSts>"));
}

TEST_F(Submit, AnUnreachableNodeLeavesNoAnswer) {
  harness.node.settlements.on_Instruct = [](const v1::InstructRequest&, v1::InstructResponse&) {
    return grpc::Status{grpc::StatusCode::UNAVAILABLE, "down"};
  };
  EXPECT_EQ(submit(payment_to(kTheirs)).code, 3);
  EXPECT_EQ(answer(), "");
}

TEST_F(Submit, GoldAgainstPaymentIsADvp) {
  settle_with(v1::SETTLEMENT_STATUS_SETTLED, 0, "OK");
  std::string text =
      replaced(iso20022::test::kCustomerTransfer, "<IBAN>DE89370400440532013000</IBAN>",
               "<Othr><Id>" + std::string{kTheirs} + "</Id></Othr>");
  text = replaced(text, "<DlvrgAcct>2000000000163</DlvrgAcct>",
                  "<DlvrgAcct>2000000000289</DlvrgAcct><RcvgAcct>1000000000242</RcvgAcct>");
  EXPECT_EQ(submit(text).code, 0);
  const v1::InstructRequest& sent = harness.node.settlements.seen_Instruct.at(0);
  EXPECT_EQ(sent.kind(), v1::SETTLEMENT_KIND_DVP);
  ASSERT_EQ(sent.legs_size(), 2);
  EXPECT_EQ(sent.legs(1).direction(), v1::LEG_DIRECTION_IN);
  EXPECT_EQ(sent.legs(1).asset(), 3u);
  EXPECT_EQ(sent.legs(1).amount_minor(), 105'000);
  EXPECT_EQ(sent.legs(1).initiator_account(), 1000000000242u);
  EXPECT_EQ(sent.legs(1).responder_account(), 2000000000289u);
}

TEST_F(Submit, AReturnGivesBackPartOfTheOriginalAndTheSameFileIsTheSameReturn) {
  settle_with(v1::SETTLEMENT_STATUS_SETTLED, 0, "OK");
  EXPECT_EQ(submit(iso20022::test::kReturn).code, 0);
  EXPECT_EQ(submit(iso20022::test::kReturn).code, 0);
  const auto& seen = harness.node.settlements.seen_Instruct;
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].kind(), v1::SETTLEMENT_KIND_RETURN);
  EXPECT_EQ(seen[0].legs(0).amount_minor(), 100'000);
  EXPECT_EQ(seen[0].legs(0).initiator_account(), 2000000000192u);
  EXPECT_EQ(seen[0].SerializeAsString(), seen[1].SerializeAsString());
}

TEST_F(Submit, ARecallIsAnsweredWithCamt029) {
  harness.node.settlements.on_Recall = [](const v1::RecallRequest&, v1::RecallResponse&) {
    return grpc::Status::OK;
  };
  std::string code_name = "RECALLED";
  harness.node.settlements.on_GetSettlement = [&](const v1::GetSettlementRequest&,
                                                  v1::GetSettlementResponse& response) {
    response.mutable_settlement()->set_recall_code_name(code_name);
    return grpc::Status::OK;
  };
  EXPECT_EQ(submit(iso20022::test::kRecall).code, 0);
  EXPECT_THAT(answer(), HasSubstr("camt.029.001.09"));
  EXPECT_THAT(answer(), HasSubstr("<Conf>CNCL</Conf>"));
  EXPECT_EQ(harness.node.settlements.seen_Recall.at(0).reason(), "DUPL");
  code_name = "ALREADY_SETTLED";
  EXPECT_EQ(submit(iso20022::test::kRecall).code, 1);
  EXPECT_THAT(answer(), HasSubstr("<Conf>RJCR</Conf>"));
}

TEST(DerivedId, IsStableAndMarkedAsOurOwn) {
  // Written out: a changed derivation would pay a file twice that was sent before an upgrade.
  EXPECT_EQ(format::uuid_text(derived_id("")), "6c62272e-07bb-8142-a2b8-21756295c58d");
  EXPECT_NE(derived_id("a"), derived_id("b"));
}

}  // namespace
}  // namespace hugang::program
