// One unary call from its bytes to its answer. Messages are parsed here and not by gRPC, which
// answers bytes that it cannot parse (malformed UTF-8 too) with a misleading UNIMPLEMENTED.
#pragma once

#include <google/protobuf/arena.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "services/edge/access_table.hpp"
#include "services/edge/command.hpp"
#include "services/edge/convert_outcome.hpp"
#include "services/edge/desk.hpp"
#include "services/edge/directory.hpp"
#include "services/edge/errors.hpp"

namespace hugang::edge {

/// Who calls over this connection, if the table allows the method. kStopping when the server goes
/// down.
[[nodiscard]] std::expected<Caller, EdgeError> admit(const Desk& desk, Method method,
                                                     const grpc::AuthContext& context);

/// The failure as it is told, counted.
[[nodiscard]] Failure counted(Desk& desk, Failure failure);

/// The call's deadline on the clock that submissions use.
[[nodiscard]] std::chrono::steady_clock::time_point give_up_time(
    const grpc::CallbackServerContext& context);

/// False when the bytes are not such a message.
[[nodiscard]] bool parse(const grpc::ByteBuffer& bytes, google::protobuf::Message& message);
[[nodiscard]] grpc::ByteBuffer serialise(const google::protobuf::Message& message);

/// Lives until gRPC is done with it, which is after answer() or fail(): exactly one of them is
/// called, once, from any thread.
class Call final : public grpc::ServerUnaryReactor {
 public:
  Call(Desk& desk, grpc::CallbackServerContext& context, grpc::ByteBuffer& response)
      : desk_{desk}, context_{context}, response_{response} {
    desk_.open_calls.begin();
  }

  [[nodiscard]] Desk& desk() { return desk_; }
  /// Set before the handler runs.
  [[nodiscard]] const Caller& caller() const { return caller_; }
  [[nodiscard]] std::chrono::steady_clock::time_point give_up() const {
    return give_up_time(context_);
  }

  void answer(const google::protobuf::Message& message);
  void fail(Failure failure);

  /// Submits the commands; answers with the failure, or calls `then` with the durable answer.
  void submit(CommandOrFailure command, std::move_only_function<void(node::Answer)> then);

  /// Reads the state: `take` copies on the core thread, `tell` answers with the copy on the release
  /// thread.
  template <class Take, class Tell>
  void read(Take take, Tell tell) {
    read_state(
        [take = std::move(take), tell = std::move(tell)](
            const machine::State& state) mutable -> std::move_only_function<void(base::Seqno)> {
          return [copy = take(state), tell = std::move(tell)](base::Seqno seqno) mutable {
            tell(std::move(copy), seqno);
          };
        },
        [this](EdgeError error) { fail(Failure{error}); });
  }

  /// The same with what to do when the query is not run.
  void read_state(node::ReadQuery query, std::move_only_function<void(EdgeError)> failed);

  /// Called once when the caller gives up. Set it in the handler, before it returns.
  void on_cancel(std::move_only_function<void()> action) { cancel_action_ = std::move(action); }

  /// False after answering that the caller may not do this.
  bool admit_to(Method method);

 private:
  void OnCancel() override;
  void OnDone() override;

  Desk& desk_;
  grpc::CallbackServerContext& context_;
  grpc::ByteBuffer& response_;
  Caller caller_;
  std::move_only_function<void()> cancel_action_;
};

/// Admit, parse, hand to the handler: what every unary method of the contract does.
template <class Request>
grpc::ServerUnaryReactor* serve(Desk& desk, Method method, grpc::CallbackServerContext* context,
                                const grpc::ByteBuffer* request, grpc::ByteBuffer* response,
                                void (*handler)(Call&, const Request&)) {
  auto* call = new Call{desk, *context, *response};
  if (!call->admit_to(method)) return call;
  google::protobuf::Arena arena;
  auto* message = google::protobuf::Arena::CreateMessage<Request>(&arena);
  if (parse(*request, *message)) {
    handler(*call, *message);
  } else {
    call->fail(Failure{EdgeError::kMessageMalformed});
  }
  return call;
}

/// The same for a request that becomes one kind of command: `read_plain` takes the usual form
/// straight from the bytes, and where it gives nothing the message is parsed and converted.
template <class Request>
grpc::ServerUnaryReactor* serve_plain(Desk& desk, Method method,
                                      grpc::CallbackServerContext* context,
                                      const grpc::ByteBuffer* request, grpc::ByteBuffer* response,
                                      std::optional<Command> (*read_plain)(const grpc::ByteBuffer&),
                                      CommandOrFailure (*convert)(const Request&),
                                      void (*handler)(Call&, CommandOrFailure)) {
  auto* call = new Call{desk, *context, *response};
  if (!call->admit_to(method)) return call;
  if (auto command = read_plain(*request)) {
    handler(*call, std::move(*command));
    return call;
  }
  google::protobuf::Arena arena;
  auto* message = google::protobuf::Arena::CreateMessage<Request>(&arena);
  if (parse(*request, *message)) {
    handler(*call, convert(*message));
  } else {
    call->fail(Failure{EdgeError::kMessageMalformed});
  }
  return call;
}

/// Submits one command whose answer is an outcome.
template <class Response>
void submit_one(Call& call, CommandOrFailure command) {
  call.submit(std::move(command), [&call](node::Answer answer) {
    Response response;
    fill(answer.outcomes.front(), answer.seqno, *response.mutable_outcome());
    call.answer(response);
  });
}

}  // namespace hugang::edge
