#include <google/protobuf/arena.h>

#include "services/edge/batch_stream.hpp"
#include "services/edge/convert_settlement.hpp"

namespace hugang::edge {

InstructStream::InstructStream(Desk& desk, grpc::CallbackServerContext& context)
    : BatchStream{desk, context} {
  begin(Method::kInstructStream);
}

std::optional<BatchStream::Request> InstructStream::read(const grpc::ByteBuffer& bytes) const {
  google::protobuf::Arena arena;
  auto* message = google::protobuf::Arena::CreateMessage<v1::InstructStreamRequest>(&arena);
  if (!parse(bytes, *message)) return std::nullopt;
  return Request{.question = {.tag = message->tag(), .asked_minor = {}},
                 .command = to_command(message->batch(), desk().self)};
}

grpc::ByteBuffer InstructStream::accepted(const Question& question,
                                          const node::Answer& batch) const {
  v1::InstructStreamResponse response;
  response.set_tag(question.tag);
  fill(batch, *response.mutable_accepted());
  return serialise(response);
}

grpc::ByteBuffer InstructStream::refused(const Question& question, v1::StreamError error) const {
  v1::InstructStreamResponse response;
  response.set_tag(question.tag);
  *response.mutable_error() = std::move(error);
  return serialise(response);
}

}  // namespace hugang::edge
