#include "clients/library/settlement_streams.hpp"

#include <grpcpp/client_context.h>

#include <atomic>
#include <utility>

#include "clients/library/status.hpp"
#include "clients/library/stubs.hpp"

namespace hugang::client {
namespace {

/// gRPC wants every call finished; how a cancelled one ended is of no use.
template <class Call>
void drop(Call& call) {
  if (call.is_finished) return;
  call.context.TryCancel();
  [[maybe_unused]] const grpc::Status status = call.stream->Finish();
}

}  // namespace

struct InstructStream::Call {
  explicit Call(std::shared_ptr<Stubs> to)
      : stubs{std::move(to)}, stream{stubs->settlements.InstructStream(&context)} {}

  // In the order of need: the stream uses both.
  std::shared_ptr<Stubs> stubs;
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReaderWriter<v1::InstructStreamRequest, v1::InstructStreamResponse>>
      stream;
  bool is_finished = false;
};

InstructStream::InstructStream(std::shared_ptr<Stubs> stubs)
    : call_{std::make_unique<Call>(std::move(stubs))} {}

InstructStream::~InstructStream() {
  if (call_ != nullptr) drop(*call_);
}

InstructStream::InstructStream(InstructStream&&) noexcept = default;

InstructStream& InstructStream::operator=(InstructStream&& other) noexcept {
  std::swap(call_, other.call_);
  return *this;
}

bool InstructStream::send(const v1::InstructStreamRequest& request) {
  return call_->stream->Write(request);
}

void InstructStream::close() { call_->stream->WritesDone(); }

bool InstructStream::receive(v1::InstructStreamResponse& answer) {
  return call_->stream->Read(&answer);
}

Result<void> InstructStream::finish() {
  call_->is_finished = true;
  const grpc::Status status = call_->stream->Finish();
  if (status.ok()) return {};
  return std::unexpected{to_error(status)};
}

struct SettlementWatch::Call {
  Call(std::shared_ptr<Stubs> to, const v1::WatchSettlementsRequest& request)
      : stubs{std::move(to)}, stream{stubs->settlements.WatchSettlements(&context, request)} {}

  // In the order of need: the stream uses both.
  std::shared_ptr<Stubs> stubs;
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReader<v1::WatchSettlementsResponse>> stream;
  std::atomic<bool> is_cancelled{false};
  bool is_finished = false;
};

SettlementWatch::SettlementWatch(std::shared_ptr<Stubs> stubs,
                                 const v1::WatchSettlementsRequest& request)
    : call_{std::make_unique<Call>(std::move(stubs), request)} {}

SettlementWatch::~SettlementWatch() {
  if (call_ != nullptr) drop(*call_);
}

SettlementWatch::SettlementWatch(SettlementWatch&&) noexcept = default;

SettlementWatch& SettlementWatch::operator=(SettlementWatch&& other) noexcept {
  std::swap(call_, other.call_);
  return *this;
}

bool SettlementWatch::receive(v1::WatchSettlementsResponse& response) {
  return call_->stream->Read(&response);
}

void SettlementWatch::cancel() {
  call_->is_cancelled = true;
  call_->context.TryCancel();
}

Result<void> SettlementWatch::finish() {
  call_->is_finished = true;
  const grpc::Status status = call_->stream->Finish();
  const bool is_own = call_->is_cancelled && status.error_code() == grpc::StatusCode::CANCELLED;
  if (status.ok() || is_own) return {};
  return std::unexpected{to_error(status)};
}

}  // namespace hugang::client
