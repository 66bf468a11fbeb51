// Batches and streams of instructions, and the watch that tells their ends, over real TLS.
#include <future>

#include "edge_fixture.hpp"
#include "field_table.hpp"
#include "hugang/v1/settlement_service.grpc.pb.h"

namespace hugang::edge {
namespace {

using namespace std::chrono_literals;
using EdgeServerSettlements = EdgeServerTest;

v1::InstructRequest instruction(char id, std::int64_t amount_minor = 5) {
  v1::InstructRequest request;
  *request.mutable_id() = id_message(id);
  request.set_responder_node(2);
  request.set_kind(v1::SETTLEMENT_KIND_PAYMENT);
  v1::Leg& leg = *request.add_legs();
  leg.set_initiator_account(11);
  leg.set_responder_account(22);
  leg.set_asset(1);
  leg.set_amount_minor(amount_minor);
  leg.set_direction(v1::LEG_DIRECTION_OUT);
  return request;
}

v1::InstructStreamRequest batch(std::uint64_t tag, std::int64_t amount_minor) {
  v1::InstructStreamRequest request;
  request.set_tag(tag);
  *request.mutable_batch()->add_instructions() = instruction(1, amount_minor);
  return request;
}

TEST_F(EdgeServerSettlements, HandsABatchOverAsOneSubmission) {
  start();
  v1::InstructBatchRequest request;
  for (char id = 1; id <= 100; ++id) *request.add_instructions() = instruction(id);
  grpc::ClientContext context;
  v1::InstructBatchResponse response;
  const auto status =
      v1::SettlementService::NewStub(participant())->InstructBatch(&context, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.instruction_count(), 100u);
  EXPECT_EQ(response.accepted_count(), 100u);
  EXPECT_GT(response.seqno(), 0u);
  const auto submissions = node_.submissions(1);
  ASSERT_EQ(submissions.size(), 1u);
  EXPECT_EQ(submissions[0].count, 100u);
  EXPECT_EQ(submissions[0].caller, base::ParticipantId{2});
  EXPECT_EQ(wire::count_instructs(submissions[0].records), 100u);
}

TEST_F(EdgeServerSettlements, AnswersAStreamInTheOrderOfItsBatches) {
  start();
  const auto stub = v1::SettlementService::NewStub(participant());
  grpc::ClientContext context;
  const auto stream = stub->InstructStream(&context);
  constexpr std::uint64_t kBatches = 50;
  std::thread writer{[&] {
    for (std::uint64_t tag = 1; tag <= kBatches; ++tag) {
      // Every fifth never becomes a command: its answer is ready before those ahead of it.
      EXPECT_TRUE(stream->Write(batch(tag, tag % 5 == 0 ? -1 : static_cast<std::int64_t>(tag))));
    }
    stream->WritesDone();
  }};
  v1::InstructStreamResponse response;
  for (std::uint64_t tag = 1; tag <= kBatches; ++tag) {
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.tag(), tag);
    if (tag % 5 == 0) {
      EXPECT_EQ(response.error().reason(), "NUMBER_OUT_OF_RANGE");
      EXPECT_NE(response.error().message().find("batch.instructions[0].legs[0].amount_minor"),
                std::string::npos);
    } else {
      EXPECT_EQ(response.accepted().accepted_count(), 1u);
    }
  }
  EXPECT_FALSE(stream->Read(&response));
  writer.join();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(EdgeServerSettlements, StopsReadingAStreamWhileTooManyBatchesAreUnderWay) {
  start();
  node_.hold();
  const auto stub = v1::SettlementService::NewStub(participant());
  grpc::ClientContext context;
  const auto stream = stub->InstructStream(&context);
  for (std::uint64_t tag = 1; tag <= 6; ++tag) ASSERT_TRUE(stream->Write(batch(tag, 1)));
  EXPECT_EQ(node_.submissions(4).size(), 4u);
  EXPECT_EQ(server_->counters().batches, 4u);
  node_.release(6);
  stream->WritesDone();
  v1::InstructStreamResponse response;
  for (std::uint64_t tag = 1; tag <= 6; ++tag) {
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.tag(), tag);
  }
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(EdgeServerSettlements, SurvivesAClientThatCancelsItsStream) {
  start();
  node_.hold();
  {
    const auto stub = v1::SettlementService::NewStub(participant());
    grpc::ClientContext context;
    const auto stream = stub->InstructStream(&context);
    ASSERT_TRUE(stream->Write(batch(1, 1)));
    EXPECT_EQ(node_.submissions(1).size(), 1u);
    context.TryCancel();
    EXPECT_EQ(stream->Finish().error_code(), grpc::CANCELLED);
  }
  node_.release(10);
  EXPECT_TRUE(eventually([this] { return server_->counters().in_flight == 0; }));
}

/// A watch of a participant (2), which takes part in every settlement of the fixture.
class Watch {
 public:
  Watch(const std::shared_ptr<grpc::Channel>& channel, const v1::WatchSettlementsRequest& request)
      : stub_{v1::SettlementService::NewStub(channel)},
        reader_{stub_->WatchSettlements(&context_, request)} {}
  ~Watch() {
    context_.TryCancel();
    if (!is_finished_) (void)reader_->Finish();
  }

  /// The next response: "seqno: first bytes of the settled ids".
  std::string next() {
    v1::WatchSettlementsResponse response;
    if (!reader_->Read(&response)) return "over";
    std::string text = std::to_string(response.seqno()) + ":";
    const std::string& ids = response.settled_ids();
    for (std::size_t i = 15; i < ids.size(); i += 16) {
      text += " " + std::to_string(static_cast<int>(ids[i]));
    }
    for (const auto& refused : response.refused()) text += " " + refused.code_name();
    return text;
  }
  grpc::Status finish() {
    is_finished_ = true;
    return reader_->Finish();
  }
  void cancel() { context_.TryCancel(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<v1::SettlementService::Stub> stub_;
  std::unique_ptr<grpc::ClientReader<v1::WatchSettlementsResponse>> reader_;
  bool is_finished_ = false;
};

TEST_F(EdgeServerSettlements, TellsAWatchTheEndsFromNowOn) {
  start();
  for (std::uint64_t id = 1; id <= 3; ++id) {
    put_settlement(base::CommandId{id}, wire::SettlementStatus::kSent);
  }
  settle(base::CommandId{2});
  Watch watch{participant(), {}};
  EXPECT_EQ(watch.next(), "10:");
  settle(base::CommandId{3});
  EXPECT_EQ(watch.next(), "20: 3");
  settle(base::CommandId{1});
  EXPECT_EQ(watch.next(), "30: 1");
}

TEST_F(EdgeServerSettlements, ResumesAWatchBehindAnEntry) {
  start();
  for (std::uint64_t id = 1; id <= 3; ++id) {
    put_settlement(base::CommandId{id}, wire::SettlementStatus::kSent);
  }
  settle(base::CommandId{2});
  settle(base::CommandId{3});
  v1::WatchSettlementsRequest request;
  request.set_after_seqno(0);
  EXPECT_EQ((Watch{participant(), request}).next(), "20: 2 3");
  request.set_after_seqno(10);
  Watch watch{participant(), request};
  EXPECT_EQ(watch.next(), "20: 3");
  settle(base::CommandId{1});
  EXPECT_EQ(watch.next(), "30: 1");
}

TEST_F(EdgeServerSettlements, ShowsAWatchOnlyWhatItsCallerTakesPartIn) {
  start();
  register_later("bob", 5);
  put_settlement(base::CommandId{1}, wire::SettlementStatus::kSent);
  settle(base::CommandId{1});
  v1::WatchSettlementsRequest request;
  request.set_after_seqno(0);
  EXPECT_EQ((Watch{channel("shanghai/clients/bob"), request}).next(), "10:");
  EXPECT_EQ((Watch{channel("shanghai/clients/regulator"), request}).next(), "10: 1");
  request.set_side(v1::SETTLEMENT_SIDE_RESPONDER);
  EXPECT_EQ((Watch{participant(), request}).next(), "10:");
  request.set_side(v1::SETTLEMENT_SIDE_INITIATOR);
  EXPECT_EQ((Watch{participant(), request}).next(), "10: 1");
}

TEST_F(EdgeServerSettlements, RefusesAWatchOfASideThatThereIsNot) {
  start();
  v1::WatchSettlementsRequest request;
  request.set_side(static_cast<v1::SettlementSide>(9));
  Watch watch{participant(), request};
  EXPECT_EQ(watch.next(), "over");
  const auto status = watch.finish();
  EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_EQ(error_info(status).reason(), "CHOICE_UNKNOWN");
}

TEST_F(EdgeServerSettlements, EndsWatchesWhenTheServerStops) {
  start();
  Watch watch{participant(), {}};
  EXPECT_EQ(watch.next(), "0:");
  auto stopped = std::async(std::launch::async, [this] { server_->stop(30s); });
  EXPECT_EQ(watch.next(), "over");
  EXPECT_EQ(watch.finish().error_code(), grpc::UNAVAILABLE);
  EXPECT_EQ(stopped.wait_for(10s), std::future_status::ready);
}

TEST_F(EdgeServerSettlements, SurvivesAClientThatDropsItsWatch) {
  start();
  put_settlement(base::CommandId{1}, wire::SettlementStatus::kSent);
  {
    Watch watch{participant(), {}};
    EXPECT_EQ(watch.next(), "0:");
    watch.cancel();
    EXPECT_EQ(watch.finish().error_code(), grpc::CANCELLED);
  }
  settle(base::CommandId{1});
  v1::WatchSettlementsRequest request;
  request.set_after_seqno(0);
  EXPECT_EQ((Watch{participant(), request}).next(), "10: 1");
}

}  // namespace
}  // namespace hugang::edge
