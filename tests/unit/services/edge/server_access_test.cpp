// Who gets in, over real TLS.
#include "access_scenario.hpp"
#include "edge_fixture.hpp"
#include "hugang/v1/account_service.grpc.pb.h"
#include "hugang/v1/admin_service.grpc.pb.h"
#include "hugang/v1/transfer_service.grpc.pb.h"

namespace hugang::edge {
namespace {

using EdgeServerAccess = EdgeServerTest;

constexpr const char* kGetAccount = "/hugang.v1.AccountService/GetAccount";

TEST_F(EdgeServerAccess, AnswersEveryRoleAsTheScenarioSaysCellByCell) {
  start();
  const std::map<std::string, std::string> certificates{{"operator", "shanghai/clients/operator"},
                                                        {"participant", "shanghai/clients/alice"},
                                                        {"regulator", "shanghai/clients/regulator"},
                                                        {"monitor", "shanghai/clients/monitor"},
                                                        {"peer", "hongkong/node"}};
  const auto scenario = read_access_scenario();
  for (const RoleColumn& column : role_columns()) {
    const auto caller = channel(certificates.at(column.name));
    for (const auto& [path, roles] : scenario) {
      // Watches do not end by themselves: a deadline is as good a sign of having been let in.
      const auto status = call(caller, path, "", nullptr, std::chrono::milliseconds{500});
      const bool is_open = (roles & column.bit) != 0;
      EXPECT_EQ(status.error_code() != grpc::PERMISSION_DENIED, is_open)
          << column.name << " " << path << ": " << status.error_message();
      EXPECT_NE(status.error_code(), grpc::UNAUTHENTICATED) << column.name << " " << path;
      EXPECT_NE(status.error_code(), grpc::UNAVAILABLE) << column.name << " " << path;
    }
  }
}

TEST_F(EdgeServerAccess, RefusesHandshakesWithoutATrustworthyCertificate) {
  start();
  for (const char* name : {"bad/unknown-ca/shanghai-alice", "bad/expired/shanghai-alice",
                           "bad/forged/hongkong-as-shanghai-alice"}) {
    const auto status = call(channel(name), kGetAccount, "");
    EXPECT_EQ(status.error_code(), grpc::UNAVAILABLE) << name;
  }
  const auto bare = grpc::CreateChannel("ipv4:127.0.0.1:" + std::to_string(server_->port()),
                                        grpc::InsecureChannelCredentials());
  EXPECT_EQ(call(bare, kGetAccount, "").error_code(), grpc::UNAVAILABLE);
  EXPECT_EQ(server_->counters().calls, 0u);
}

TEST_F(EdgeServerAccess, NegotiatesTls13Alone) {
  start();
  const std::string connect =
      "timeout 10 openssl s_client -connect localhost:" + std::to_string(server_->port()) +
      " -CAfile " + (pki() / "shanghai/ca.pem").string() + " -cert " +
      (pki() / "shanghai/clients/alice.pem").string() + " -key " +
      (pki() / "shanghai/clients/alice.key").string() + " -alpn h2 ";
  const auto modern = run_command(connect + "-tls1_3");
  EXPECT_NE(modern.output.find("New, TLSv1.3"), std::string::npos) << modern.output;
  EXPECT_NE(modern.output.find("Verify return code: 0 (ok)"), std::string::npos);
  for (const char* version : {"-tls1_2", "-tls1_2 -cipher ALL:COMPLEMENTOFALL@SECLEVEL=0",
                              "-tls1_2 -psk 00 -cipher PSK@SECLEVEL=0"}) {
    const auto old = run_command(connect + version);
    EXPECT_NE(old.exit_code, 0) << version;
    EXPECT_NE(old.output.find("Cipher is (NONE)"), std::string::npos) << version << old.output;
  }
}

TEST_F(EdgeServerAccess, TellsWhyAnIdentityIsNotTaken) {
  start();
  const auto reason = [this](const std::string& name, grpc::StatusCode code) {
    const auto status = call(channel(name), kGetAccount, "");
    EXPECT_EQ(status.error_code(), code) << name << ": " << status.error_message();
    return error_info(status).reason();
  };
  EXPECT_EQ(reason("bad/nameless/shanghai-alice", grpc::UNAUTHENTICATED), "IDENTITY_MISSING");
  EXPECT_EQ(reason("hongkong/clients/carol", grpc::UNAUTHENTICATED), "IDENTITY_FOREIGN");
  EXPECT_EQ(reason("hongkong/clients/operator", grpc::UNAUTHENTICATED), "IDENTITY_FOREIGN");
  EXPECT_EQ(reason("shanghai/clients/nobody", grpc::UNAUTHENTICATED), "IDENTITY_UNKNOWN");
  EXPECT_EQ(reason("shanghai/node", grpc::UNAUTHENTICATED), "IDENTITY_UNKNOWN");
  EXPECT_EQ(reason("hongkong/node", grpc::PERMISSION_DENIED), "METHOD_NOT_PERMITTED");
  EXPECT_EQ(reason("shanghai/clients/monitor", grpc::PERMISSION_DENIED), "METHOD_NOT_PERMITTED");
}

TEST_F(EdgeServerAccess, SeesRegistrationsAndSuspensionsAtOnceOnOpenConnections) {
  start();
  const auto bob = channel("shanghai/clients/bob");
  const auto stub = v1::AccountService::NewStub(bob);
  const auto list = [&] {
    grpc::ClientContext context;
    v1::ListAccountsResponse response;
    return stub->ListAccounts(&context, {}, &response);
  };
  EXPECT_EQ(list().error_code(), grpc::UNAUTHENTICATED);
  register_later("bob", 5);
  EXPECT_TRUE(list().ok());
  suspend(5);
  const auto status = list();
  EXPECT_EQ(status.error_code(), grpc::PERMISSION_DENIED);
  EXPECT_EQ(error_info(status).reason(), "PARTICIPANT_SUSPENDED");
}

TEST_F(EdgeServerAccess, RefusesMethodsThatAreNotInTheTable) {
  start();
  for (const char* path : {"/hugang.v1.TransferService/Erase", "/other.Service/Get"}) {
    EXPECT_EQ(call(operator_channel(), path, "").error_code(), grpc::UNIMPLEMENTED) << path;
  }
}

TEST_F(EdgeServerAccess, SubmitsUnderTheCallersOwnName) {
  start();
  const auto stub = v1::TransferService::NewStub(participant());
  v1::SubmitRequest request;
  request.mutable_transfer()->mutable_id()->set_value(std::string(16, '\x01'));
  request.mutable_transfer()->set_amount_minor(42);
  v1::SubmitResponse response;
  grpc::ClientContext context;
  const auto status = stub->Submit(&context, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.outcome().code_name(), "OK");
  EXPECT_EQ(response.outcome().value(), 42u);
  EXPECT_GT(response.outcome().seqno(), 0u);
  const auto submissions = node_.submissions(1);
  ASSERT_EQ(submissions.size(), 1u);
  EXPECT_EQ(submissions[0].caller, base::ParticipantId{2});
}

TEST_F(EdgeServerAccess, ShowsAccountsToTheirOwnersAlone) {
  start();
  const auto get = [](const std::shared_ptr<grpc::Channel>& caller, std::uint32_t index) {
    grpc::ClientContext context;
    v1::GetAccountRequest request;
    request.set_number(
        base::make_account_number({base::NodeId{1}, base::AccountIndex{index}}).value());
    v1::GetAccountResponse response;
    return v1::AccountService::NewStub(caller)->GetAccount(&context, request, &response);
  };
  EXPECT_TRUE(get(participant(), 1).ok());
  EXPECT_EQ(get(participant(), 2).error_code(), grpc::NOT_FOUND);
  EXPECT_TRUE(get(channel("shanghai/clients/regulator"), 2).ok());
}

TEST_F(EdgeServerAccess, TellsHealthToTheMonitor) {
  start();
  std::string response;
  const auto monitor = channel("shanghai/clients/monitor");
  ASSERT_TRUE(call(monitor, "/grpc.health.v1.Health/Check", "", &response).ok());
  EXPECT_EQ(response, "\x08\x01");  // status: SERVING
  const std::string service = "hugang.v1.TransferService";
  const std::string request = std::string{"\x0a"} + static_cast<char>(service.size()) + service;
  ASSERT_TRUE(call(monitor, "/grpc.health.v1.Health/Check", request, &response).ok());
  EXPECT_EQ(response, "\x08\x01");
}

TEST_F(EdgeServerAccess, TellsHowTheNodeIs) {
  start();
  grpc::ClientContext context;
  v1::GetNodeStatusResponse response;
  const auto status = v1::AdminService::NewStub(channel("shanghai/clients/monitor"))
                          ->GetNodeStatus(&context, {}, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.version(), "1.2.3");
  EXPECT_EQ(response.node(), 1u);
  EXPECT_EQ(response.account_count(), 2u);
  ASSERT_EQ(response.peers_size(), 1);
  EXPECT_EQ(response.peers(0).code(), "hongkong");
}

}  // namespace
}  // namespace hugang::edge
