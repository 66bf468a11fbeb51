#include "services/edge/access_gate.hpp"

#include "services/edge/access_table.hpp"
#include "services/edge/call.hpp"

namespace hugang::edge {
namespace {

/// The methods behind these have handlers of the edge.
constexpr bool has_handler(Method method) { return method < Method::kLink; }

grpc::Status refusal(Desk& desk, EdgeError error) {
  return to_status(counted(desk, Failure{error}));
}

}  // namespace

grpc::Status AccessGate::Process(const InputMetadata& metadata, grpc::AuthContext* context,
                                 OutputMetadata*, OutputMetadata*) {
  const auto path = metadata.find(":path");
  if (path == metadata.end()) return refusal(desk_, EdgeError::kMethodUnknown);
  const auto method = method_of_path({path->second.data(), path->second.size()});
  if (!method) return refusal(desk_, EdgeError::kMethodUnknown);
  if (has_handler(*method)) return grpc::Status::OK;
  const auto caller = admit(desk_, *method, *context);
  return caller ? grpc::Status::OK : refusal(desk_, caller.error());
}

}  // namespace hugang::edge
