// The generated stubs of one channel. For the library alone.
#pragma once

#include <grpcpp/channel.h>
#include <hugang/v1/account_service.grpc.pb.h>
#include <hugang/v1/admin_service.grpc.pb.h>
#include <hugang/v1/position_service.grpc.pb.h>
#include <hugang/v1/settlement_service.grpc.pb.h>
#include <hugang/v1/transfer_service.grpc.pb.h>

#include <memory>

namespace hugang::client {

struct Stubs {
  explicit Stubs(std::shared_ptr<grpc::Channel> to)
      : channel{std::move(to)},
        transfers{channel},
        accounts{channel},
        settlements{channel},
        positions{channel},
        admin{channel} {}

  std::shared_ptr<grpc::Channel> channel;
  v1::TransferService::Stub transfers;
  v1::AccountService::Stub accounts;
  v1::SettlementService::Stub settlements;
  v1::PositionService::Stub positions;
  v1::AdminService::Stub admin;
};

}  // namespace hugang::client
