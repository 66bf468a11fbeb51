// Streams of batches: several under way, answers in the order of the requests, reading paused while
// too many are.
#pragma once

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <deque>
#include <expected>
#include <mutex>
#include <optional>
#include <vector>

#include "hugang/v1/transfer_service.pb.h"
#include "services/edge/call.hpp"
#include "services/edge/command.hpp"
#include "services/edge/desk.hpp"

namespace hugang::edge {

/// The stream itself, whatever its batches are of. Owns itself until gRPC is done with it.
class BatchStream : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 protected:
  /// What is kept of a request for its answer.
  struct Question {
    std::uint64_t tag = 0;
    std::vector<std::int64_t> asked_minor;  ///< of transfers
  };
  /// What was read, on its way to the node.
  struct Request {
    Question question;
    CommandOrFailure command;
  };

  BatchStream(Desk& desk, grpc::CallbackServerContext& context) : desk_{desk}, context_{context} {}
  ~BatchStream() override = default;

  /// The last thing that a constructor does: what follows may call what it overrides.
  void begin(Method method);

  [[nodiscard]] const Desk& desk() const { return desk_; }

 private:
  /// One request's place in the order of answers.
  struct Slot {
    Question question;
    bool is_answered = false;
    grpc::ByteBuffer answer;
  };

  /// Nothing when the bytes are not a message.
  [[nodiscard]] virtual std::optional<Request> read(const grpc::ByteBuffer& bytes) const = 0;
  [[nodiscard]] virtual grpc::ByteBuffer accepted(const Question& question,
                                                  const node::Answer& batch) const = 0;
  [[nodiscard]] virtual grpc::ByteBuffer refused(const Question& question,
                                                 v1::StreamError error) const = 0;

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  void accept(Request request);
  void answer(std::uint64_t position, Failure failure);
  [[nodiscard]] Slot& slot_at_locked(std::uint64_t position);
  [[nodiscard]] Question take_question(std::uint64_t position);
  void put_answer(std::uint64_t position, grpc::ByteBuffer bytes);
  /// Looks at what may go on and starts it. Called after every change, without the lock.
  void step();
  /// No more is read; what was read is answered, then the stream ends with the status.
  void end_with(grpc::Status status);

  Desk& desk_;
  grpc::CallbackServerContext& context_;
  Caller caller_;
  OpenCalls::Id open_id_ = 0;

  grpc::ByteBuffer request_;   ///< of the read under way
  grpc::ByteBuffer response_;  ///< of the write under way

  std::mutex mutex_;  ///< guards what follows
  std::deque<Slot> slots_;
  std::uint64_t first_position_ = 0;  ///< of slots_.front()
  bool is_reading_ = false;
  bool is_writing_ = false;
  bool is_read_out_ = false;   ///< no more reads
  bool is_cut_short_ = false;  ///< ends although the client would go on sending
  bool is_cancelled_ = false;
  bool is_finished_ = false;
  grpc::Status status_;
};

/// Batches of transfers.
class SubmitStream final : public BatchStream {
 public:
  SubmitStream(Desk& desk, grpc::CallbackServerContext& context);

 private:
  [[nodiscard]] std::optional<Request> read(const grpc::ByteBuffer& bytes) const override;
  [[nodiscard]] grpc::ByteBuffer accepted(const Question& question,
                                          const node::Answer& batch) const override;
  [[nodiscard]] grpc::ByteBuffer refused(const Question& question,
                                         v1::StreamError error) const override;
};

/// Batches of instructions.
class InstructStream final : public BatchStream {
 public:
  InstructStream(Desk& desk, grpc::CallbackServerContext& context);

 private:
  [[nodiscard]] std::optional<Request> read(const grpc::ByteBuffer& bytes) const override;
  [[nodiscard]] grpc::ByteBuffer accepted(const Question& question,
                                          const node::Answer& batch) const override;
  [[nodiscard]] grpc::ByteBuffer refused(const Question& question,
                                         v1::StreamError error) const override;
};

}  // namespace hugang::edge
