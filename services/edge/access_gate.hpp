// Decides access before any handler runs, for the methods that have no handler of this edge:
// health, reflection, and the services of others that are registered here.
#pragma once

#include <grpcpp/security/auth_metadata_processor.h>

#include "services/edge/desk.hpp"

namespace hugang::edge {

/// gRPC calls it for every call over TLS. The edge's own methods pass: their handlers admit the
/// caller themselves, since only they can send error details. A path that is not in the access
/// table is refused as unknown even where a service answers to it.
class AccessGate final : public grpc::AuthMetadataProcessor {
 public:
  explicit AccessGate(Desk& desk) : desk_{desk} {}

  [[nodiscard]] bool IsBlocking() const override { return false; }
  grpc::Status Process(const InputMetadata& metadata, grpc::AuthContext* context,
                       OutputMetadata* consumed, OutputMetadata* response) override;

 private:
  Desk& desk_;
};

}  // namespace hugang::edge
