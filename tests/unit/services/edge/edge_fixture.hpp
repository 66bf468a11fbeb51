// A server of the edge over real TLS on loopback, with a fake node behind it and a throw-away PKI.
#pragma once

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "fake_node.hpp"
#include "google/rpc/error_details.pb.h"
#include "hugang/v1/peer_service.grpc.pb.h"
#include "services/edge/server.hpp"

namespace hugang::edge {

/// The folder of certificates, made once per process.
const std::filesystem::path& pki();

/// What openssl or another command says and its exit code.
struct CommandResult {
  int exit_code = 0;
  std::string output;
};
CommandResult run_command(const std::string& command);

/// Credentials of pki()/NAME.pem and NAME.key, trusting Shanghai's CA.
std::shared_ptr<grpc::ChannelCredentials> credentials(const std::string& name);

/// ErrorInfo of a status, empty where there is none.
google::rpc::ErrorInfo error_info(const grpc::Status& status);

/// True as soon as the claim holds; false when it does not within 10 s.
bool eventually(const std::function<bool()>& claim);

/// Stands in for the links to peers: ends every stream at once.
class EndingPeerService final : public v1::PeerService::CallbackService {
  grpc::ServerBidiReactor<v1::LinkRequest, v1::LinkResponse>* Link(
      grpc::CallbackServerContext* context) override;
};

class EdgeServerTest : public ::testing::Test {
 protected:
  EdgeServerTest();
  ~EdgeServerTest() override;

  /// Options of Shanghai's node.
  [[nodiscard]] ServerOptions options();
  /// Starts the server; in the constructor it is not, so that tests may change the options.
  void start(ServerOptions options);
  void start() { start(options()); }

  /// A connection of its own, under the certificate of that file.
  std::shared_ptr<grpc::Channel> channel(const std::string& name);
  std::shared_ptr<grpc::Channel> participant() { return channel("shanghai/clients/alice"); }
  std::shared_ptr<grpc::Channel> operator_channel() { return channel("shanghai/clients/operator"); }

  /// Any method with these bytes as the only request.
  grpc::Status call(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                    const std::string& request, std::string* response = nullptr,
                    std::chrono::milliseconds within = std::chrono::seconds{10});

  /// Registers a participant in the state and tells the edge of it.
  void register_later(const std::string& code, std::uint32_t id);
  void suspend(std::uint32_t id);
  /// Puts a settlement of account owner 2 into the state.
  void put_settlement(base::CommandId id, wire::SettlementStatus status);
  /// Ends it and tells the edge.
  void settle(base::CommandId id);

  FakeNode node_;
  EndingPeerService peer_service_;
  std::unique_ptr<Server> server_;
};

}  // namespace hugang::edge
