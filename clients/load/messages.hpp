// Requests as bytes and answers from bytes. Batches are written where gRPC will read them, in
// memory that is used again: nothing is copied and nothing allocated for each.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>
#include <hugang/v1/settlement_service.pb.h>
#include <hugang/v1/transfer_service.pb.h>

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "clearing/wire/records.hpp"
#include "clients/load/collector.hpp"

namespace hugang::load {

/// Room for the records of one batch and for the head of the message before them.
class BatchBuffer {
 public:
  // Both require that the pool gave it. Bytes past the last whole record are no record.
  [[nodiscard]] std::span<wire::Transfer> records() { return records_; }
  [[nodiscard]] std::span<std::byte> bytes() { return bytes_; }

 private:
  friend class BatchBuffers;
  std::span<wire::Transfer> records_;
  std::span<std::byte> bytes_;
  std::byte* begin_ = nullptr;
};

/// Buffers of one size. One thread takes; gRPC gives back from any.
class BatchBuffers {
 public:
  /// For `batch_size` records of `record_bytes`.
  explicit BatchBuffers(std::uint32_t batch_size,
                        std::size_t record_bytes = sizeof(wire::Transfer));

  [[nodiscard]] BatchBuffer take();
  /// SubmitBatchRequest with the first `count` records, packed. The buffer belongs to gRPC then.
  [[nodiscard]] grpc::ByteBuffer batch(BatchBuffer buffer, std::size_t count);
  /// SubmitStreamRequest (or InstructStreamRequest, whose fields are the same) with all records,
  /// packed.
  [[nodiscard]] grpc::ByteBuffer stream_batch(BatchBuffer buffer, std::uint64_t tag);
  /// Gives it back unused.
  void put(BatchBuffer buffer);

 private:
  struct Shelf;
  struct Loan;
  static void give_back(void* loan);
  [[nodiscard]] grpc::ByteBuffer lend(BatchBuffer buffer, std::span<const std::byte> head,
                                      std::size_t record_bytes);

  std::uint32_t batch_size_;
  std::size_t record_bytes_;
  std::shared_ptr<Shelf> shelf_;  ///< gRPC may hold a buffer longer than anything here lives
};

void fill(const wire::Transfer& record, v1::Transfer& message);
[[nodiscard]] grpc::ByteBuffer to_bytes(const google::protobuf::MessageLite& message);
/// False when the bytes are no such message.
[[nodiscard]] bool from_bytes(grpc::ByteBuffer& bytes, google::protobuf::MessageLite& message);

[[nodiscard]] Answer to_answer(const v1::Outcome& outcome);
[[nodiscard]] Answer to_answer(const v1::SubmitBatchResponse& response);
[[nodiscard]] Answer to_answer(const v1::SubmitStreamResponse& response);
/// Accepted are those that are held and under way.
[[nodiscard]] Answer to_answer(const v1::InstructStreamResponse& response);
[[nodiscard]] Answer read_submit_stream(grpc::ByteBuffer& message);
[[nodiscard]] Answer read_instruct_stream(grpc::ByteBuffer& message);

/// A payment of one leg as it lies in the journal.
inline constexpr std::size_t kInstructBytes = sizeof(wire::InstructHead) + sizeof(wire::Leg);
/// Writes kInstructBytes. `payment` gives id, payer (debit), amount and asset; requires that `at`
/// has room.
void write_instruction(const wire::Transfer& payment, base::AccountNumber payee,
                       base::NodeId initiator, std::span<std::byte> at);
[[nodiscard]] inline Answer failed(std::string error) {
  Answer answer;
  answer.error = std::move(error);
  return answer;
}

}  // namespace hugang::load
