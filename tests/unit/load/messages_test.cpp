#include "clients/load/messages.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <thread>

#include "clients/library/id.hpp"

namespace hugang::load {
namespace {

namespace flag = wire::transfer_flag;

wire::Transfer sample(std::uint64_t i) {
  wire::Transfer record;
  record.id = base::CommandId{base::make_u128(i, i + 1)};
  record.debit = base::AccountNumber{1'000'000'000'145};
  record.credit = base::AccountNumber{1'000'000'000'242};
  record.amount_minor = static_cast<std::int64_t>(i);
  record.asset = base::AssetId{3};
  return record;
}

TEST(Messages, PackedStreamBatchesAreWhatTheContractSays) {
  for (const std::uint32_t size : {1u, 2u, 100u, 8'190u}) {
    BatchBuffers buffers{size};
    BatchBuffer buffer = buffers.take();
    ASSERT_EQ(buffer.records().size(), size);
    for (std::uint32_t i = 0; i < size; ++i) buffer.records()[i] = sample(i);
    grpc::ByteBuffer bytes = buffers.stream_batch(buffer, 123'456'789);
    v1::SubmitStreamRequest request;
    ASSERT_TRUE(from_bytes(bytes, request));
    EXPECT_EQ(request.tag(), 123'456'789u);
    EXPECT_EQ(request.batch().transfers_size(), 0);
    const std::string& packed = request.batch().packed_transfers();
    ASSERT_EQ(packed.size(), size * sizeof(wire::Transfer));
    for (std::uint32_t i = 0; i < size; ++i) {
      const wire::Transfer expected = sample(i);
      EXPECT_EQ(std::memcmp(packed.data() + i * sizeof expected, &expected, sizeof expected), 0);
    }
  }
}

TEST(Messages, PackedBatchesCarryAsManyRecordsAsAsked) {
  BatchBuffers buffers{10};
  BatchBuffer buffer = buffers.take();
  for (auto& record : buffer.records()) record = sample(7);
  grpc::ByteBuffer bytes = buffers.batch(buffer, 4);
  v1::SubmitBatchRequest request;
  ASSERT_TRUE(from_bytes(bytes, request));
  EXPECT_EQ(request.packed_transfers().size(), 4 * sizeof(wire::Transfer));
}

TEST(Messages, BuffersComeBackWhenNobodyReadsThemAndOutliveTheirPool) {
  grpc::ByteBuffer last;
  const void* first = nullptr;
  {
    BatchBuffers buffers{100};
    BatchBuffer buffer = buffers.take();
    first = buffer.records().data();
    grpc::ByteBuffer bytes = buffers.stream_batch(buffer, 1);
    BatchBuffer second = buffers.take();
    EXPECT_NE(second.records().data(), first) << "it is still read";
    std::thread reader{[&] { bytes.Clear(); }};
    reader.join();
    BatchBuffer again = buffers.take();
    EXPECT_EQ(again.records().data(), first) << "the memory is used again";
    last = buffers.stream_batch(again, 2);
    buffers.put(second);
  }
  v1::SubmitStreamRequest request;
  EXPECT_TRUE(from_bytes(last, request));
  EXPECT_EQ(request.tag(), 2u);
}

TEST(Messages, TypedTransfersSayTheSameAsRecords) {
  wire::Transfer record = sample(9);
  record.pending_id = base::CommandId{base::make_u128(1, 2)};
  struct Case {
    std::uint16_t flags;
    v1::TransferPhase phase;
    bool linked, debit, credit;
  };
  for (const Case& each :
       {Case{0, v1::TRANSFER_PHASE_UNSPECIFIED, false, false, false},
        Case{flag::kLinked, v1::TRANSFER_PHASE_UNSPECIFIED, true, false, false},
        Case{flag::kHold, v1::TRANSFER_PHASE_HOLD, false, false, false},
        Case{flag::kPostHold, v1::TRANSFER_PHASE_POST, false, false, false},
        Case{flag::kVoidHold, v1::TRANSFER_PHASE_VOID, false, false, false},
        Case{flag::kBalancingDebit, v1::TRANSFER_PHASE_UNSPECIFIED, false, true, false},
        Case{flag::kBalancingCredit, v1::TRANSFER_PHASE_UNSPECIFIED, false, false, true}}) {
    record.flags = each.flags;
    v1::Transfer message;
    fill(record, message);
    EXPECT_EQ(client::from_proto(message.id()), record.id);
    EXPECT_EQ(client::from_proto(message.pending_id()), record.pending_id);
    EXPECT_EQ(message.debit_account(), record.debit.value());
    EXPECT_EQ(message.credit_account(), record.credit.value());
    EXPECT_EQ(message.amount_minor(), 9);
    EXPECT_EQ(message.asset(), 3u);
    EXPECT_EQ(message.phase(), each.phase);
    EXPECT_EQ(message.linked(), each.linked);
    EXPECT_EQ(message.balancing_debit(), each.debit);
    EXPECT_EQ(message.balancing_credit(), each.credit);
  }
}

TEST(Messages, CountsAcceptedRefusedAndRepeatedTransfersApart) {
  v1::SubmitStreamResponse response;
  v1::SubmitBatchResponse& batch = *response.mutable_accepted();
  batch.set_transfer_count(10);
  batch.set_accepted_count(8);
  const auto add = [&](std::uint32_t code, const char* name, bool is_repeated) {
    v1::Outcome& outcome = *batch.add_exceptions()->mutable_outcome();
    outcome.set_code(code);
    outcome.set_code_name(name);
    outcome.set_repeated(is_repeated);
  };
  add(7, "INSUFFICIENT_FUNDS", false);
  add(7, "INSUFFICIENT_FUNDS", true);
  add(0, "OK", true);
  add(0, "OK", false);  // moved another amount than asked
  const Answer answer = to_answer(response);
  EXPECT_EQ(answer.accepted, 7u) << "what was accepted before is not accepted again";
  EXPECT_EQ(answer.repeated, 2u);
  EXPECT_EQ(answer.refused, (report::CodeCounts{{"INSUFFICIENT_FUNDS", 2}}));
  EXPECT_EQ(answer.error, "");
}

TEST(Messages, AStreamsErrorAndAnEmptyAnswerAreErrors) {
  v1::SubmitStreamResponse response;
  EXPECT_EQ(to_answer(response).error, "ANSWER_MALFORMED");
  response.mutable_error()->set_reason("OVERLOADED");
  EXPECT_EQ(to_answer(response).error, "OVERLOADED");
  grpc::ByteBuffer nothing;
  EXPECT_FALSE(from_bytes(nothing, response));
}

}  // namespace
}  // namespace hugang::load
