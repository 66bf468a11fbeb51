#include "services/edge/call.hpp"

#include <grpcpp/impl/codegen/proto_utils.h>

#include "clearing/base/check.hpp"

namespace hugang::edge {

std::expected<Caller, EdgeError> admit(const Desk& desk, Method method,
                                       const grpc::AuthContext& context) {
  if (desk.open_calls.is_stopping()) return std::unexpected{EdgeError::kStopping};
  const auto identity = identity_of(context);
  if (!identity) return std::unexpected{identity.error()};
  auto caller = desk.directory.find(*identity);
  if (!caller) return caller;
  if (!is_permitted(method, caller->roles())) {
    return std::unexpected{EdgeError::kMethodNotPermitted};
  }
  return caller;
}

std::chrono::steady_clock::time_point give_up_time(const grpc::CallbackServerContext& context) {
  using std::chrono::steady_clock;
  using std::chrono::system_clock;
  // No deadline is the far end of time: then, and beyond a year, there is none.
  constexpr auto kFar = std::chrono::hours{24 * 365};
  const auto remaining = context.deadline() - system_clock::now();
  if (remaining > kFar) return steady_clock::time_point::max();
  return steady_clock::now() + std::chrono::duration_cast<steady_clock::duration>(remaining);
}

bool parse(const grpc::ByteBuffer& bytes, google::protobuf::Message& message) {
  grpc::ByteBuffer shared{bytes};  // a reference to the same slices: the reader wants it mutable
  grpc::ProtoBufferReader reader{&shared};
  return reader.status().ok() && message.ParseFromZeroCopyStream(&reader);
}

grpc::ByteBuffer serialise(const google::protobuf::Message& message) {
  grpc::ByteBuffer bytes;
  bool owns_buffer = false;
  const grpc::Status status = grpc::SerializationTraits<google::protobuf::Message>::Serialize(
      message, &bytes, &owns_buffer);
  HG_CHECK(status.ok());
  return bytes;
}

Failure counted(Desk& desk, Failure failure) {
  ++desk.counts.refused;
  if (failure.error == EdgeError::kOverloaded) {
    ++desk.counts.overloaded;
    failure.with("retry_after_ms", std::to_string(kRetryAfterMs));
  }
  return failure;
}

bool Call::admit_to(Method method) {
  const auto admitted = admit(desk_, method, *context_.auth_context());
  if (!admitted) {
    fail(Failure{admitted.error()});
    return false;
  }
  caller_ = *admitted;
  ++desk_.counts.calls;
  return true;
}

void Call::answer(const google::protobuf::Message& message) {
  response_ = serialise(message);
  Finish(grpc::Status::OK);
}

void Call::fail(Failure failure) { Finish(to_status(counted(desk_, std::move(failure)))); }

void Call::submit(CommandOrFailure command, std::move_only_function<void(node::Answer)> then) {
  if (!command) return fail(command.error());
  desk_.submit(std::move(*command), caller_.participant(), give_up(),
               [this, then = std::move(then)](
                   std::expected<node::Answer, node::SubmitError> answer) mutable {
                 if (!answer) return fail(Failure{to_edge_error(answer.error())});
                 then(std::move(*answer));
               });
}

void Call::read_state(node::ReadQuery query, std::move_only_function<void(EdgeError)> failed) {
  desk_.reads.read(std::move(query), [failed = std::move(failed)](node::SubmitError error) mutable {
    failed(to_edge_error(error));
  });
}

void Call::OnDone() {
  OpenCalls& open_calls = desk_.open_calls;
  delete this;
  open_calls.end();
}

void Call::OnCancel() {
  if (cancel_action_) cancel_action_();
}

}  // namespace hugang::edge
