// Overload, streams, deadlines, waits, blobs and the graceful stop, over real TLS.
#include <future>

#include "edge_fixture.hpp"
#include "field_table.hpp"
#include "hugang/v1/settlement_service.grpc.pb.h"
#include "hugang/v1/transfer_service.grpc.pb.h"

namespace hugang::edge {
namespace {

using namespace std::chrono_literals;
using EdgeServerLoad = EdgeServerTest;

constexpr const char* kSubmit = "/hugang.v1.TransferService/Submit";

v1::SubmitRequest transfer(std::int64_t amount_minor) {
  v1::SubmitRequest request;
  *request.mutable_transfer()->mutable_id() = id_message(1);
  request.mutable_transfer()->set_amount_minor(amount_minor);
  return request;
}

v1::SubmitStreamRequest batch(std::uint64_t tag, std::int64_t amount_minor) {
  v1::SubmitStreamRequest request;
  request.set_tag(tag);
  *request.mutable_batch()->add_transfers() = transfer(amount_minor).transfer();
  return request;
}

TEST_F(EdgeServerLoad, TellsOverloadWithAHint) {
  start();
  node_.refuse_with(FakeNode::Refusal::kOverloaded);
  const auto status = call(participant(), kSubmit, transfer(5).SerializeAsString());
  EXPECT_EQ(status.error_code(), grpc::RESOURCE_EXHAUSTED);
  const auto info = error_info(status);
  EXPECT_EQ(info.reason(), "OVERLOADED");
  EXPECT_GT(std::stoi(info.metadata().at("retry_after_ms")), 0);
  EXPECT_EQ(server_->counters().overloaded, 1u);

  node_.refuse_with(FakeNode::Refusal::kStopping);
  EXPECT_EQ(call(participant(), kSubmit, transfer(5).SerializeAsString()).error_code(),
            grpc::UNAVAILABLE);
}

TEST_F(EdgeServerLoad, TellsMalformedBytesAndTextsPlainly) {
  start();
  const auto caller = participant();
  std::string blob(3 << 20, '\xff');
  auto status = call(caller, kSubmit, blob);
  EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_EQ(error_info(status).reason(), "MESSAGE_MALFORMED");

  // OpenAccountRequest.alias (field 6) with a byte that UTF-8 does not have.
  status = call(caller, "/hugang.v1.AccountService/OpenAccount",
                std::string{"\x32\x02"
                            "a\xff"});
  EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_EQ(error_info(status).reason(), "MESSAGE_MALFORMED");

  status = call(caller, kSubmit, std::string((4 << 20) + 1, '\xff'));
  EXPECT_EQ(status.error_code(), grpc::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(call(caller, kSubmit, transfer(5).SerializeAsString()).ok());
}

TEST_F(EdgeServerLoad, TakesTheLargestBatchInBothForms) {
  start();
  const auto stub = v1::TransferService::NewStub(participant());
  v1::SubmitBatchRequest packed;
  packed.set_packed_transfers(std::string(std::size_t{96} * 8'190, '\0'));
  v1::SubmitBatchRequest typed;
  for (int i = 0; i < 8'190; ++i) *typed.add_transfers() = transfer(i).transfer();
  for (const auto& request : {packed, typed}) {
    grpc::ClientContext context;
    v1::SubmitBatchResponse response;
    const auto status = stub->SubmitBatch(&context, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.transfer_count(), 8'190u);
    EXPECT_EQ(response.accepted_count(), 8'190u);
    EXPECT_EQ(response.exceptions_size(), 0);
  }
}

TEST_F(EdgeServerLoad, AnswersAStreamInTheOrderOfItsBatches) {
  start();
  const auto stub = v1::TransferService::NewStub(participant());
  grpc::ClientContext context;
  const auto stream = stub->SubmitStream(&context);
  constexpr std::uint64_t kBatches = 50;
  std::thread writer{[&] {
    for (std::uint64_t tag = 1; tag <= kBatches; ++tag) {
      // Every fifth never becomes a command: its answer is ready before those ahead of it.
      EXPECT_TRUE(stream->Write(batch(tag, tag % 5 == 0 ? -1 : static_cast<std::int64_t>(tag))));
    }
    stream->WritesDone();
  }};
  v1::SubmitStreamResponse response;
  for (std::uint64_t tag = 1; tag <= kBatches; ++tag) {
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.tag(), tag);
    if (tag % 5 == 0) {
      EXPECT_EQ(response.error().reason(), "NUMBER_OUT_OF_RANGE");
      EXPECT_EQ(response.error().code(), grpc::INVALID_ARGUMENT);
      EXPECT_NE(response.error().message().find("batch.transfers[0].amount_minor"),
                std::string::npos);
    } else {
      EXPECT_EQ(response.accepted().accepted_count(), 1u);
    }
  }
  EXPECT_FALSE(stream->Read(&response));
  writer.join();
  EXPECT_TRUE(stream->Finish().ok());
  const auto submissions = node_.submissions(kBatches - kBatches / 5);
  std::int64_t last = 0;
  for (const auto& submission : submissions) {
    const auto record = wire::read_record<wire::Transfer>(submission.records);
    EXPECT_GT(record.amount_minor, last);
    last = record.amount_minor;
  }
}

TEST_F(EdgeServerLoad, StopsReadingAStreamWhileTooManyBatchesAreUnderWay) {
  start();
  node_.hold();
  const auto stub = v1::TransferService::NewStub(participant());
  grpc::ClientContext context;
  const auto stream = stub->SubmitStream(&context);
  for (std::uint64_t tag = 1; tag <= 6; ++tag) ASSERT_TRUE(stream->Write(batch(tag, 1)));
  EXPECT_EQ(node_.submissions(4).size(), 4u);
  EXPECT_EQ(server_->counters().batches, 4u);
  node_.release(1);
  EXPECT_EQ(node_.submissions(5).size(), 5u);
  node_.release(5);
  stream->WritesDone();
  v1::SubmitStreamResponse response;
  for (std::uint64_t tag = 1; tag <= 6; ++tag) {
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.tag(), tag);
  }
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(EdgeServerLoad, TellsOverloadInsideAStreamAndGoesOn) {
  start();
  const auto stub = v1::TransferService::NewStub(participant());
  grpc::ClientContext context;
  const auto stream = stub->SubmitStream(&context);
  v1::SubmitStreamResponse response;
  node_.refuse_with(FakeNode::Refusal::kOverloaded);
  ASSERT_TRUE(stream->Write(batch(1, 1)));
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.error().code(), grpc::RESOURCE_EXHAUSTED);
  node_.refuse_with(FakeNode::Refusal::kNone);
  ASSERT_TRUE(stream->Write(batch(2, 1)));
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.tag(), 2u);
  EXPECT_TRUE(response.has_accepted());
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(EdgeServerLoad, EndsAStreamWhoseMessageIsMalformed) {
  start();
  const auto status =
      call(participant(), "/hugang.v1.TransferService/SubmitStream", "\xff\xff\xff");
  EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_EQ(error_info(status).reason(), "MESSAGE_MALFORMED");
}

TEST_F(EdgeServerLoad, SurvivesAClientThatCancelsItsStream) {
  start();
  node_.hold();
  {
    const auto stub = v1::TransferService::NewStub(participant());
    grpc::ClientContext context;
    const auto stream = stub->SubmitStream(&context);
    ASSERT_TRUE(stream->Write(batch(1, 1)));
    EXPECT_EQ(node_.submissions(1).size(), 1u);
    context.TryCancel();
    EXPECT_EQ(stream->Finish().error_code(), grpc::CANCELLED);
  }
  node_.release(10);
  EXPECT_TRUE(eventually([this] { return server_->counters().in_flight == 0; }));
  EXPECT_TRUE(call(participant(), kSubmit, transfer(5).SerializeAsString()).ok());
}

TEST_F(EdgeServerLoad, HandsTheDeadlineToTheNode) {
  start();
  const auto before = std::chrono::steady_clock::now();
  ASSERT_TRUE(call(participant(), kSubmit, transfer(5).SerializeAsString(), nullptr, 5s).ok());
  const auto give_up = node_.submissions(1)[0].give_up;
  EXPECT_GT(give_up, before + 4s);
  EXPECT_LT(give_up, before + 7s);

  node_.hold();
  const auto late = call(participant(), kSubmit, transfer(5).SerializeAsString(), nullptr, 100ms);
  EXPECT_EQ(late.error_code(), grpc::DEADLINE_EXCEEDED);
  node_.release(1);
  EXPECT_TRUE(eventually([this] { return server_->counters().in_flight == 0; }));
}

struct Got {
  grpc::Status status;
  v1::GetSettlementResponse response;
};
Got get_settlement(const std::shared_ptr<grpc::Channel>& channel, char id, std::uint32_t wait_ms,
                   grpc::ClientContext& context) {
  v1::GetSettlementRequest request;
  *request.mutable_id() = id_message(id);
  request.set_wait_ms(wait_ms);
  Got got;
  got.status =
      v1::SettlementService::NewStub(channel)->GetSettlement(&context, request, &got.response);
  return got;
}

TEST_F(EdgeServerLoad, WaitsForTheEndOfASettlement) {
  start();
  put_settlement(command_id(1), wire::SettlementStatus::kSent);
  auto waiting = std::async(std::launch::async, [this] {
    grpc::ClientContext context;
    return get_settlement(participant(), 1, 30'000, context);
  });
  ASSERT_TRUE(eventually([this] { return server_->counters().waits == 1; }));
  settle(command_id(1));
  const Got got = waiting.get();
  ASSERT_TRUE(got.status.ok()) << got.status.error_message();
  EXPECT_EQ(got.response.settlement().status(), v1::SETTLEMENT_STATUS_SETTLED);
  EXPECT_EQ(server_->counters().waits, 0u);
}

TEST_F(EdgeServerLoad, AnswersAtOnceWhatIsFinalOrUnknown) {
  start();
  put_settlement(command_id(1), wire::SettlementStatus::kRefused);
  grpc::ClientContext first;
  EXPECT_EQ(get_settlement(participant(), 1, 60'000, first).response.settlement().status(),
            v1::SETTLEMENT_STATUS_REFUSED);
  grpc::ClientContext second;
  EXPECT_EQ(get_settlement(participant(), 2, 60'000, second).status.error_code(), grpc::NOT_FOUND);
  EXPECT_EQ(server_->counters().waits, 0u);
}

TEST_F(EdgeServerLoad, AnswersAWaitWithWhatIsKnownWhenItsTimeIsOver) {
  start();
  put_settlement(command_id(1), wire::SettlementStatus::kSent);
  grpc::ClientContext context;
  const Got got = get_settlement(participant(), 1, 50, context);
  ASSERT_TRUE(got.status.ok());
  EXPECT_EQ(got.response.settlement().status(), v1::SETTLEMENT_STATUS_SENT);
}

TEST_F(EdgeServerLoad, DropsTheWaitOfACallThatIsCancelled) {
  start();
  put_settlement(command_id(1), wire::SettlementStatus::kSent);
  grpc::ClientContext context;
  auto waiting = std::async(std::launch::async,
                            [&] { return get_settlement(participant(), 1, 60'000, context); });
  ASSERT_TRUE(eventually([this] { return server_->counters().waits == 1; }));
  context.TryCancel();
  EXPECT_EQ(waiting.get().status.error_code(), grpc::CANCELLED);
  EXPECT_TRUE(eventually([this] { return server_->counters().waits == 0; }));

  grpc::ClientContext hasty;
  hasty.set_deadline(std::chrono::system_clock::now() + 100ms);
  EXPECT_EQ(get_settlement(participant(), 1, 60'000, hasty).status.error_code(),
            grpc::DEADLINE_EXCEEDED);
  EXPECT_TRUE(eventually([this] { return server_->counters().waits == 0; }));
}

TEST_F(EdgeServerLoad, RefusesMoreWaitsThanItsBound) {
  auto bounded = options();
  bounded.waits_max = 0;
  start(bounded);
  put_settlement(command_id(1), wire::SettlementStatus::kSent);
  grpc::ClientContext context;
  const Got got = get_settlement(participant(), 1, 1'000, context);
  EXPECT_EQ(got.status.error_code(), grpc::RESOURCE_EXHAUSTED);
  EXPECT_EQ(error_info(got.status).reason(), "TOO_MANY_WAITS");
}

TEST_F(EdgeServerLoad, FinishesWhatWasAdmittedBeforeItStops) {
  start();
  put_settlement(command_id(1), wire::SettlementStatus::kSent);
  node_.hold();
  const auto caller = participant();
  auto submitted = std::async(std::launch::async, [&] {
    return call(caller, kSubmit, transfer(5).SerializeAsString(), nullptr, 30s);
  });
  const auto stub = v1::TransferService::NewStub(participant());
  grpc::ClientContext stream_context;
  const auto stream = stub->SubmitStream(&stream_context);
  ASSERT_TRUE(stream->Write(batch(7, 1)));
  auto waiting = std::async(std::launch::async, [this] {
    grpc::ClientContext context;
    return get_settlement(participant(), 1, 60'000, context);
  });
  EXPECT_EQ(node_.submissions(2).size(), 2u);
  ASSERT_TRUE(eventually([this] { return server_->counters().waits == 1; }));

  auto stopped = std::async(std::launch::async, [this] { server_->stop(30s); });
  EXPECT_EQ(waiting.get().response.settlement().status(), v1::SETTLEMENT_STATUS_SENT);
  const auto refused = call(caller, kSubmit, transfer(5).SerializeAsString());
  EXPECT_EQ(refused.error_code(), grpc::UNAVAILABLE);
  EXPECT_EQ(stopped.wait_for(0s), std::future_status::timeout);

  node_.release(10);
  EXPECT_TRUE(submitted.get().ok());
  v1::SubmitStreamResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_TRUE(response.has_accepted());
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_code(), grpc::UNAVAILABLE);
  EXPECT_EQ(stopped.wait_for(10s), std::future_status::ready);
}

TEST_F(EdgeServerLoad, SaysThatItsAddressIsTaken) {
  start();
  auto same = options();
  same.listen_address = "127.0.0.1:" + std::to_string(server_->port());
  auto second = Server::create(same, node_, node_);
  ASSERT_TRUE(second.has_value());
  const auto started = (*second)->start();
  ASSERT_FALSE(started.has_value());
  EXPECT_NE(started.error().find(same.listen_address), std::string::npos);
}

}  // namespace
}  // namespace hugang::edge
