#include <google/protobuf/arena.h>

#include "services/edge/batch_stream.hpp"
#include "services/edge/convert_outcome.hpp"
#include "services/edge/convert_transfer.hpp"
#include "services/edge/plain_transfers.hpp"

namespace hugang::edge {

SubmitStream::SubmitStream(Desk& desk, grpc::CallbackServerContext& context)
    : BatchStream{desk, context} {
  begin(Method::kSubmitStream);
}

std::optional<BatchStream::Request> SubmitStream::read(const grpc::ByteBuffer& bytes) const {
  const auto with_amounts = [](std::uint64_t tag, CommandOrFailure command) {
    Request request{.question = {.tag = tag, .asked_minor = {}}, .command = std::move(command)};
    if (request.command) request.question.asked_minor = asked_minor(*request.command);
    return request;
  };
  if (auto plain = read_plain_stream_request(bytes)) {
    return with_amounts(plain->tag, std::move(plain->command));
  }
  google::protobuf::Arena arena;
  auto* message = google::protobuf::Arena::CreateMessage<v1::SubmitStreamRequest>(&arena);
  if (!parse(bytes, *message)) return std::nullopt;
  return with_amounts(message->tag(), to_command(message->batch()));
}

grpc::ByteBuffer SubmitStream::accepted(const Question& question, const node::Answer& batch) const {
  v1::SubmitStreamResponse response;
  response.set_tag(question.tag);
  fill(batch, question.asked_minor, *response.mutable_accepted());
  return serialise(response);
}

grpc::ByteBuffer SubmitStream::refused(const Question& question, v1::StreamError error) const {
  v1::SubmitStreamResponse response;
  response.set_tag(question.tag);
  *response.mutable_error() = std::move(error);
  return serialise(response);
}

}  // namespace hugang::edge
