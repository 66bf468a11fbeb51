#include "clients/load/messages.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/message_lite.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <array>
#include <cstring>
#include <new>

#include "clearing/base/account_number.hpp"
#include "clearing/base/check.hpp"

namespace hugang::load {
namespace {

/// Before the records: enough for every head, and records stay aligned.
constexpr std::size_t kHeadRoom = 64;
constexpr std::align_val_t kAlignment{64};

using google::protobuf::io::CodedOutputStream;

/// Protocol Buffers: a key is field << 3 | type; 0 is varint, 2 is length and bytes.
constexpr std::uint32_t kTag = 1 << 3 | 0;
constexpr std::uint32_t kBatch = 2 << 3 | 2;
constexpr std::uint32_t kPackedTransfers = 2 << 3 | 2;

/// A head of at most kHeadRoom bytes, written from the front.
class Head {
 public:
  void varint(std::uint64_t value) {
    auto* at = reinterpret_cast<std::uint8_t*>(bytes_.data()) + size_;
    auto* end = CodedOutputStream::WriteVarint64ToArray(value, at);
    size_ += static_cast<std::size_t>(end - at);
  }
  [[nodiscard]] std::span<const std::byte> view() const { return std::span{bytes_}.first(size_); }

 private:
  std::array<std::byte, kHeadRoom> bytes_{};
  std::size_t size_ = 0;
};

}  // namespace

struct BatchBuffers::Shelf {
  explicit Shelf(std::size_t size) : bytes{size} {}
  ~Shelf() {
    for (std::byte* each : free) ::operator delete(each, kAlignment);
  }
  Shelf(const Shelf&) = delete;
  Shelf& operator=(const Shelf&) = delete;

  const std::size_t bytes;
  std::mutex mutex;
  std::vector<std::byte*> free;
};

struct BatchBuffers::Loan {
  std::shared_ptr<Shelf> shelf;
  std::byte* begin;
};

BatchBuffers::BatchBuffers(std::uint32_t batch_size, std::size_t record_bytes)
    : batch_size_{batch_size},
      record_bytes_{record_bytes},
      shelf_{std::make_shared<Shelf>(kHeadRoom + batch_size * record_bytes)} {}

BatchBuffer BatchBuffers::take() {
  BatchBuffer buffer;
  {
    const std::lock_guard lock{shelf_->mutex};
    if (!shelf_->free.empty()) {
      buffer.begin_ = shelf_->free.back();
      shelf_->free.pop_back();
    }
  }
  if (buffer.begin_ == nullptr) {
    buffer.begin_ = static_cast<std::byte*>(::operator new(shelf_->bytes, kAlignment));
    for (std::size_t i = 0; i < batch_size_ * record_bytes_ / sizeof(wire::Transfer); ++i) {
      new (buffer.begin_ + kHeadRoom + i * sizeof(wire::Transfer)) wire::Transfer{};
    }
  }
  auto* first = std::launder(reinterpret_cast<wire::Transfer*>(buffer.begin_ + kHeadRoom));
  buffer.records_ = {first, batch_size_ * record_bytes_ / sizeof(wire::Transfer)};
  buffer.bytes_ = {buffer.begin_ + kHeadRoom, batch_size_ * record_bytes_};
  return buffer;
}

void BatchBuffers::put(BatchBuffer buffer) {
  const std::lock_guard lock{shelf_->mutex};
  shelf_->free.push_back(buffer.begin_);
}

void BatchBuffers::give_back(void* loan) {
  const std::unique_ptr<Loan> ours{static_cast<Loan*>(loan)};
  const std::lock_guard lock{ours->shelf->mutex};
  ours->shelf->free.push_back(ours->begin);
}

grpc::ByteBuffer BatchBuffers::lend(BatchBuffer buffer, std::span<const std::byte> head,
                                    std::size_t record_bytes) {
  std::byte* begin = buffer.begin_ + kHeadRoom - head.size();
  std::memcpy(begin, head.data(), head.size());
  auto loan = std::make_unique<Loan>(shelf_, buffer.begin_);
  const grpc::Slice slice{begin, head.size() + record_bytes, &BatchBuffers::give_back,
                          loan.release()};
  return grpc::ByteBuffer{&slice, 1};
}

grpc::ByteBuffer BatchBuffers::batch(BatchBuffer buffer, std::size_t count) {
  HG_CHECK(count <= batch_size_);
  const std::size_t bytes = count * sizeof(wire::Transfer);
  Head head;
  head.varint(kPackedTransfers);
  head.varint(bytes);
  return lend(buffer, head.view(), bytes);
}

grpc::ByteBuffer BatchBuffers::stream_batch(BatchBuffer buffer, std::uint64_t tag) {
  const std::size_t bytes = batch_size_ * record_bytes_;
  Head head;
  head.varint(kTag);
  head.varint(tag);
  head.varint(kBatch);
  head.varint(1 + CodedOutputStream::VarintSize64(bytes) + bytes);
  head.varint(kPackedTransfers);
  head.varint(bytes);
  return lend(buffer, head.view(), bytes);
}

void fill(const wire::Transfer& record, v1::Transfer& message) {
  namespace flag = wire::transfer_flag;
  const auto write = [](base::CommandId id, v1::Id& to) {
    std::array<char, 16> bytes{};
    base::u128 value = id.value();
    for (std::size_t i = bytes.size(); i-- > 0; value >>= 8) {
      bytes[i] = static_cast<char>(static_cast<unsigned char>(value & 0xFF));
    }
    to.set_value(bytes.data(), bytes.size());
  };
  write(record.id, *message.mutable_id());
  if (record.pending_id != base::CommandId{})
    write(record.pending_id, *message.mutable_pending_id());
  message.set_debit_account(record.debit.value());
  message.set_credit_account(record.credit.value());
  message.set_asset(record.asset.value());
  message.set_amount_minor(record.amount_minor);
  if ((record.flags & flag::kLinked) != 0) message.set_linked(true);
  if ((record.flags & flag::kHold) != 0) message.set_phase(v1::TRANSFER_PHASE_HOLD);
  if ((record.flags & flag::kPostHold) != 0) message.set_phase(v1::TRANSFER_PHASE_POST);
  if ((record.flags & flag::kVoidHold) != 0) message.set_phase(v1::TRANSFER_PHASE_VOID);
  if ((record.flags & flag::kBalancingDebit) != 0) message.set_balancing_debit(true);
  if ((record.flags & flag::kBalancingCredit) != 0) message.set_balancing_credit(true);
}

grpc::ByteBuffer to_bytes(const google::protobuf::MessageLite& message) {
  const grpc::Slice slice{message.ByteSizeLong()};
  auto* begin = const_cast<std::uint8_t*>(slice.begin());
  message.SerializeWithCachedSizesToArray(begin);
  return grpc::ByteBuffer{&slice, 1};
}

bool from_bytes(grpc::ByteBuffer& bytes, google::protobuf::MessageLite& message) {
  if (!bytes.Valid()) return false;
  grpc::ProtoBufferReader reader{&bytes};
  return message.ParseFromZeroCopyStream(&reader);
}

Answer to_answer(const v1::Outcome& outcome) {
  Answer answer;
  if (outcome.code() != 0) {
    report::add_code(answer.refused, outcome.code_name());
  } else if (!outcome.repeated()) {
    answer.accepted = 1;
  }
  answer.repeated = outcome.repeated() ? 1 : 0;
  return answer;
}

namespace {

template <class Response>
Answer answer_of_batch(const Response& response) {
  Answer answer;
  answer.accepted = response.accepted_count();
  for (const v1::BatchException& exception : response.exceptions()) {
    const v1::Outcome& outcome = exception.outcome();
    if (outcome.repeated()) ++answer.repeated;
    if (outcome.code() != 0) {
      report::add_code(answer.refused, outcome.code_name());
    } else if (outcome.repeated()) {
      // It was counted when it was accepted first.
      --answer.accepted;
    }
  }
  return answer;
}

template <class Response>
Answer answer_of_stream(const Response& response) {
  if (response.has_accepted()) return answer_of_batch(response.accepted());
  return failed(response.has_error() ? response.error().reason() : "ANSWER_MALFORMED");
}

template <class Response>
Answer read_stream(grpc::ByteBuffer& message) {
  Response response;
  return from_bytes(message, response) ? answer_of_stream(response) : failed("ANSWER_MALFORMED");
}

}  // namespace

Answer to_answer(const v1::SubmitBatchResponse& response) { return answer_of_batch(response); }
Answer to_answer(const v1::SubmitStreamResponse& response) { return answer_of_stream(response); }
Answer to_answer(const v1::InstructStreamResponse& response) { return answer_of_stream(response); }

Answer read_submit_stream(grpc::ByteBuffer& message) {
  return read_stream<v1::SubmitStreamResponse>(message);
}
Answer read_instruct_stream(grpc::ByteBuffer& message) {
  return read_stream<v1::InstructStreamResponse>(message);
}

void write_instruction(const wire::Transfer& payment, base::AccountNumber payee,
                       base::NodeId initiator, std::span<std::byte> at) {
  HG_CHECK(at.size() >= kInstructBytes);
  wire::InstructHead head;
  head.id = payment.id;
  head.initiator = initiator;
  head.responder = base::parse_account_number(payee).value().node;
  head.leg_count = 1;
  wire::Leg leg;
  leg.initiator_account = payment.debit;
  leg.responder_account = payee;
  leg.amount_minor = payment.amount_minor;
  leg.asset = payment.asset;
  std::memcpy(at.data(), &head, sizeof head);
  std::memcpy(at.data() + sizeof head, &leg, sizeof leg);
}

}  // namespace hugang::load
