// Histories and transfers at a terminal and for scripts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/clients/hugang/harness.hpp"

namespace hugang::program {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kNoon = 1'767'614'400'000'000'000;  // 2026-01-05T12:00:00Z

class Transfers : public ::testing::Test {
 protected:
  Transfers() {
    harness_.node.accounts.on_GetAccount = [](const v1::GetAccountRequest& request,
                                              v1::GetAccountResponse& response) {
      response.mutable_account()->set_number(request.number());
      response.mutable_account()->set_asset(1);
      return grpc::Status::OK;
    };
    harness_.node.transfers.on_ListTransfers = [](const v1::ListTransfersRequest&,
                                                  v1::ListTransfersResponse& response) {
      v1::Posting& hold = *response.add_postings();
      hold.set_at_ns(kNoon);
      *hold.mutable_id() = some_id();
      hold.set_kind(v1::POSTING_KIND_HOLD_POSTED);
      hold.set_side(v1::POSTING_SIDE_DEBIT);
      hold.set_counter_account(1000000000242);
      hold.set_posted_minor(123'456);
      hold.set_pending_minor(-200'000);
      v1::Posting& in = *response.add_postings();
      in.set_at_ns(kNoon - 1'000'000'000);
      *in.mutable_id() = some_id();
      in.set_kind(v1::POSTING_KIND_TRANSFER);
      in.set_side(v1::POSTING_SIDE_CREDIT);
      in.set_counter_account(1000000000242);
      in.set_posted_minor(1);
      response.set_next_page_token("abc123");
      response.set_seqno(7);
      return grpc::Status::OK;
    };
  }
  static v1::Id some_id() {
    v1::Id id;
    id.set_value(
        std::string("\x5f\x0c\x8a\x3e\x6d\x1b\x4c\x2a\x9e\x57\x0a\x1b\x2c\x3d\x4e\x5f", 16));
    return id;
  }
  Harness harness_;
};

TEST_F(Transfers, AreListedWithWhatTheyMovedAndHeld) {
  const Ran ran = harness_.run({"transfers", "list", kOwn});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("hold posted"));
  EXPECT_THAT(ran.out, HasSubstr("1,234.56"));
  EXPECT_THAT(ran.out, HasSubstr("-2,000.00"));
  EXPECT_THAT(ran.out, HasSubstr(kSomeId));
  EXPECT_THAT(ran.out, HasSubstr("there are older ones: --page abc123\n"));
  const Json json = harness_.run({"transfers", "list", kOwn, "--json"}).json();
  EXPECT_EQ(json["next_page"], "abc123");
  EXPECT_EQ(json["asset"], "CNY.D");
  EXPECT_EQ(json["transfers"][0]["kind"], "hold posted");
  EXPECT_EQ(json["transfers"][0]["side"], "debit");
  EXPECT_EQ(json["transfers"][0]["pending"], "-2000.00");
  EXPECT_EQ(json["transfers"][1]["posted_minor"], "1");
  EXPECT_EQ(json["transfers"][1]["counter_account"], kOwnSecond);
}

TEST_F(Transfers, TimesLimitAndPageAreAskedFor) {
  EXPECT_EQ(harness_
                .run({"transfers", "list", kOwn, "--from", "2026-01-05T12:00:00Z", "--to",
                      "2026-01-05T21:00:00+08:00", "--limit", "20", "--page", "abc123"})
                .code,
            0);
  const auto& seen = harness_.node.transfers.seen_ListTransfers;
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].account(), 1000000000145u);
  EXPECT_EQ(seen[0].from_ns(), kNoon);
  EXPECT_EQ(seen[0].to_ns(), kNoon + 3'600'000'000'000);
  EXPECT_EQ(seen[0].page_size(), 20u);
  EXPECT_EQ(seen[0].page_token(), "abc123");
  EXPECT_EQ(harness_.run({"transfers", "list", kOwn, "--limit", "1001"}).code, 2);
  EXPECT_EQ(harness_.run({"transfers", "list", kOwn, "--from", "noon"}).code, 2);
}

TEST_F(Transfers, OneIsShownWithItsPlace) {
  harness_.node.transfers.on_GetTransfer = [](const v1::GetTransferRequest& request,
                                              v1::GetTransferResponse& response) {
    response.set_found(true);
    *response.mutable_transfer()->mutable_id() = request.id();
    response.mutable_transfer()->set_asset(1);
    response.mutable_transfer()->set_amount_minor(900);
    response.mutable_transfer()->set_debit_account(1000000000145);
    response.mutable_transfer()->set_credit_account(1000000000242);
    response.mutable_transfer()->set_phase(v1::TRANSFER_PHASE_HOLD);
    response.mutable_outcome()->set_value(900);
    response.mutable_outcome()->set_seqno(31);
    response.mutable_outcome()->set_decided_at_ns(kNoon);
    response.set_hold_state("open");
    response.set_index(5);
    response.set_submitter(3);
    return grpc::Status::OK;
  };
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"transfers", "show", kSomeId}, {"transfer", kSomeId}}) {
    const Ran ran = harness_.run(words);
    EXPECT_EQ(ran.code, 0) << ran.err;
    for (const char* part : {"accepted", "open", "9.00 CNY.D", "entry 31, command 5", kOwn}) {
      EXPECT_THAT(ran.out, HasSubstr(part));
    }
  }
  const Json json = harness_.run({"transfers", "show", kSomeId, "--json"}).json();
  EXPECT_EQ(json["id"], kSomeId);
  EXPECT_EQ(json["amount"], "9.00");
  EXPECT_EQ(json["kind"], "hold");
  EXPECT_EQ(json["hold_state"], "open");
  EXPECT_EQ(json["outcome"]["seqno"], 31);
}

TEST_F(Transfers, AnUnknownOneIsARefusal) {
  harness_.node.transfers.on_GetTransfer =
      [](const v1::GetTransferRequest&, v1::GetTransferResponse&) { return grpc::Status::OK; };
  const Ran ran = harness_.run({"transfers", "show", kSomeId, "--json"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out + ran.err, HasSubstr("TRANSFER_UNKNOWN"));
}

}  // namespace
}  // namespace hugang::program
