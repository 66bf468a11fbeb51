// The services of the contract. Each handler parses, submits or reads, and answers.
#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/service_type.h>

#include <memory>

#include "services/edge/desk.hpp"

namespace hugang::edge {

/// The desk must outlive the service.
[[nodiscard]] std::unique_ptr<grpc::Service> make_transfer_service(Desk& desk);
[[nodiscard]] std::unique_ptr<grpc::Service> make_account_service(Desk& desk);
[[nodiscard]] std::unique_ptr<grpc::Service> make_settlement_service(Desk& desk);
[[nodiscard]] std::unique_ptr<grpc::Service> make_position_service(Desk& desk);
[[nodiscard]] std::unique_ptr<grpc::Service> make_admin_service(Desk& desk);

}  // namespace hugang::edge
