#include "clients/library/batch_stream.hpp"

#include <grpcpp/client_context.h>

#include <utility>

#include "clients/library/status.hpp"
#include "clients/library/stubs.hpp"

namespace hugang::client {

struct BatchStream::Call {
  explicit Call(std::shared_ptr<Stubs> to)
      : stubs{std::move(to)}, stream{stubs->transfers.SubmitStream(&context)} {}

  // In the order of need: the stream uses both.
  std::shared_ptr<Stubs> stubs;
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReaderWriter<v1::SubmitStreamRequest, v1::SubmitStreamResponse>>
      stream;
  bool is_finished = false;
};

BatchStream::BatchStream(std::shared_ptr<Stubs> stubs)
    : call_{std::make_unique<Call>(std::move(stubs))} {}

BatchStream::~BatchStream() {
  if (call_ == nullptr || call_->is_finished) return;
  call_->context.TryCancel();
  // gRPC wants every call finished; how a cancelled one ended is of no use.
  [[maybe_unused]] const grpc::Status status = call_->stream->Finish();
}

BatchStream::BatchStream(BatchStream&&) noexcept = default;

BatchStream& BatchStream::operator=(BatchStream&& other) noexcept {
  std::swap(call_, other.call_);
  return *this;
}

bool BatchStream::send(const v1::SubmitStreamRequest& request) {
  return call_->stream->Write(request);
}

void BatchStream::close() { call_->stream->WritesDone(); }

bool BatchStream::receive(v1::SubmitStreamResponse& answer) { return call_->stream->Read(&answer); }

Result<void> BatchStream::finish() {
  call_->is_finished = true;
  const grpc::Status status = call_->stream->Finish();
  if (status.ok()) return {};
  return std::unexpected{to_error(status)};
}

}  // namespace hugang::client
