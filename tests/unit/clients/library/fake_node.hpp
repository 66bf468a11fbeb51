// A node of the tests: real gRPC over loopback, answers that the test writes. It remembers what it
// was sent.
#pragma once

#include <grpcpp/create_channel.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <hugang/v1/account_service.grpc.pb.h>
#include <hugang/v1/admin_service.grpc.pb.h>
#include <hugang/v1/position_service.grpc.pb.h>
#include <hugang/v1/settlement_service.grpc.pb.h>
#include <hugang/v1/transfer_service.grpc.pb.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hugang::client {

/// One answer of the fake node, by method.
template <class Request, class Response>
using Handler = std::function<grpc::Status(const Request&, Response&)>;

#define HG_FAKE(Name)                                                                   \
  Handler<v1::Name##Request, v1::Name##Response> on_##Name;                             \
  std::vector<v1::Name##Request> seen_##Name;                                           \
  grpc::Status Name(grpc::ServerContext* /*context*/, const v1::Name##Request* request, \
                    v1::Name##Response* response) override {                            \
    const std::lock_guard lock{mutex};                                                  \
    seen_##Name.push_back(*request);                                                    \
    if (!on_##Name) return {grpc::StatusCode::UNIMPLEMENTED, #Name};                    \
    return on_##Name(*request, *response);                                              \
  }

struct FakeTransfers final : v1::TransferService::Service {
  std::mutex mutex;
  HG_FAKE(Submit)
  HG_FAKE(GetTransfer)
  HG_FAKE(ListTransfers)
  grpc::Status SubmitStream(grpc::ServerContext* /*context*/,
                            grpc::ServerReaderWriter<v1::SubmitStreamResponse,
                                                     v1::SubmitStreamRequest>* stream) override {
    v1::SubmitStreamRequest request;
    while (stream->Read(&request)) {
      v1::SubmitStreamResponse response;
      response.set_tag(request.tag());
      response.mutable_accepted()->set_transfer_count(
          static_cast<std::uint32_t>(request.batch().transfers_size()));
      stream->Write(response);
    }
    return grpc::Status::OK;
  }
};

struct FakeAccounts final : v1::AccountService::Service {
  std::mutex mutex;
  HG_FAKE(OpenAccount)
  HG_FAKE(GetAccount)
  HG_FAKE(ListAccounts)
  HG_FAKE(ListAssets)
};

struct FakeSettlements final : v1::SettlementService::Service {
  std::mutex mutex;
  HG_FAKE(Instruct)
  HG_FAKE(Affirm)
  HG_FAKE(Recall)
  HG_FAKE(GetSettlement)
  HG_FAKE(ListSettlements)
};

struct FakePositions final : v1::PositionService::Service {
  std::mutex mutex;
  HG_FAKE(ListPositions)
  HG_FAKE(Reconcile)
  HG_FAKE(GetReconciliation)
};

struct FakeAdmin final : v1::AdminService::Service {
  std::mutex mutex;
  HG_FAKE(RegisterParticipant)
  HG_FAKE(UpdateParticipant)
  HG_FAKE(ListParticipants)
  HG_FAKE(RegisterAsset)
  HG_FAKE(UpdateAccount)
  HG_FAKE(RegisterPeer)
  HG_FAKE(RotateKey)
  HG_FAKE(ResumePeer)
  HG_FAKE(SetRules)
  HG_FAKE(GetNodeStatus)
};

#undef HG_FAKE

class FakeNode {
 public:
  /// `credentials` empty: no TLS.
  explicit FakeNode(std::shared_ptr<grpc::ServerCredentials> credentials = {}) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0",
                             credentials ? credentials : grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&transfers);
    builder.RegisterService(&accounts);
    builder.RegisterService(&settlements);
    builder.RegisterService(&positions);
    builder.RegisterService(&admin);
    server_ = builder.BuildAndStart();
  }
  ~FakeNode() { server_->Shutdown(std::chrono::system_clock::now()); }
  FakeNode(const FakeNode&) = delete;
  FakeNode& operator=(const FakeNode&) = delete;

  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::shared_ptr<grpc::Channel> channel() const {
    return grpc::CreateChannel(address(), grpc::InsecureChannelCredentials());
  }

  FakeTransfers transfers;
  FakeAccounts accounts;
  FakeSettlements settlements;
  FakePositions positions;
  FakeAdmin admin;

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace hugang::client
