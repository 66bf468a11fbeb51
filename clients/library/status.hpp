// From gRPC's statuses to Error. For the library, and for hugang-load, which
// makes its calls itself: other callers see no gRPC type.
#pragma once

#include <grpcpp/support/status.h>

#include "clients/library/error.hpp"

namespace hugang::client {

/// Requires !status.ok(). Reads google.rpc.Status with ErrorInfo of domain "hugang" from the
/// trailer where it is there; a trailer that cannot be read is passed over.
[[nodiscard]] Error to_error(const grpc::Status& status);

}  // namespace hugang::client
