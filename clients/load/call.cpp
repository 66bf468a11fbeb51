#include "clients/load/call.hpp"

#include "clients/library/status.hpp"

namespace hugang::load {

void UnaryCall::start(grpc::GenericStub& stub, grpc::CompletionQueue& queue, Request request,
                      Completion& done) {
  reader_.reset();
  context_.emplace();
  context_->set_wait_for_ready(true);
  context_->set_deadline(std::chrono::system_clock::now() + request.timeout);
  response_.Clear();
  reader_ = stub.PrepareUnaryCall(&*context_, request.method, request.message, &queue);
  reader_->StartCall();
  reader_->Finish(&response_, &status_, &done);
}

std::string error_name(const grpc::Status& status) {
  // Nobody but this program cancels: it gave up waiting.
  if (status.error_code() == grpc::StatusCode::CANCELLED) return "NO_ANSWER";
  return status.ok() ? "ANSWER_MALFORMED" : client::to_error(status).reason;
}

}  // namespace hugang::load
