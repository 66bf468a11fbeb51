// gRPC calls as bytes on a completion queue: what a thread that has many under way needs.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "clients/load/messages.hpp"
#include "clients/load/pacing.hpp"

namespace hugang::load {

/// What a completion queue gives back: whose turn it is.
class Completion {
 public:
  Completion() = default;
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;
  virtual ~Completion() = default;
  virtual void complete(bool ok) = 0;
};

namespace method {
inline const std::string kSubmit = "/hugang.v1.TransferService/Submit";
inline const std::string kSubmitBatch = "/hugang.v1.TransferService/SubmitBatch";
inline const std::string kSubmitStream = "/hugang.v1.TransferService/SubmitStream";
inline const std::string kInstruct = "/hugang.v1.SettlementService/Instruct";
inline const std::string kInstructStream = "/hugang.v1.SettlementService/InstructStream";
inline const std::string kWatchSettlements = "/hugang.v1.SettlementService/WatchSettlements";
inline const std::string kGetSettlement = "/hugang.v1.SettlementService/GetSettlement";
}  // namespace method

/// One unary call after another, one at a time.
class UnaryCall {
 public:
  struct Request {
    const std::string& method;
    const grpc::ByteBuffer& message;
    std::chrono::nanoseconds timeout;
  };
  /// Starts it; `done` comes out of the queue when it has ended. Waits for a connection as long as
  /// for an answer: a node that restarts is a late answer, not a storm of errors.
  void start(grpc::GenericStub& stub, grpc::CompletionQueue& queue, Request request,
             Completion& done);
  /// Ends it early. Any thread, while it is under way.
  void cancel() { context_->TryCancel(); }

  /// Of a call that has ended.
  [[nodiscard]] const grpc::Status& status() const { return status_; }
  [[nodiscard]] grpc::ByteBuffer& response() { return response_; }

 private:
  // One after the other in the order of need: the reader uses the context.
  std::optional<grpc::ClientContext> context_;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader_;
  grpc::ByteBuffer response_;
  grpc::Status status_;
};

/// The name under which a record counts it: the node's reason, else gRPC's code.
[[nodiscard]] std::string error_name(const grpc::Status& status);

}  // namespace hugang::load
