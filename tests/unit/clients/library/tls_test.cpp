// Mutual TLS from a profile, against certificates as the demo makes them.
#include <gmock/gmock.h>
#include <grpcpp/security/auth_context.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "clients/library/client.hpp"
#include "tests/unit/clients/library/fake_node.hpp"

namespace hugang::client {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

class MutualTls : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    pki() = fs::temp_directory_path() / ("hugang_tls_" + std::to_string(::getpid()));
    const std::string command = std::string{HUGANG_SOURCE_DIR} + "/deploy/pki/make-pki.sh --out " +
                                pki().string() +
                                " --node shanghai --node hongkong --client shanghai:ALICE"
                                " --expired shanghai:LATE >/dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0);
  }
  static void TearDownTestSuite() { fs::remove_all(pki()); }

  static fs::path& pki() {
    static fs::path path;
    return path;
  }
  static std::shared_ptr<grpc::ServerCredentials> server_credentials() {
    grpc::SslServerCredentialsOptions options{
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY};
    options.pem_root_certs = read_file(pki() / "shanghai/ca.pem");
    options.pem_key_cert_pairs = {
        {read_file(pki() / "shanghai/node.key"), read_file(pki() / "shanghai/node.pem")}};
    return grpc::SslServerCredentials(options);
  }
  /// How listing assets with this profile ends.
  static Result<v1::ListAssetsResponse> list_assets(const FakeNode& node, const fs::path& identity,
                                                    const char* ca) {
    const Profile profile{.address = node.address(),
                          .ca = pki() / ca,
                          .cert = identity.string() + ".pem",
                          .key = identity.string() + ".key",
                          .server_name = {}};
    const auto client =
        Client::open(profile, {.attempts_max = 2, .first_pause = std::chrono::milliseconds{10}});
    if (!client) return std::unexpected{client.error()};
    return client->list_assets({});
  }
};

TEST_F(MutualTls, AProfileThatTheNodeTrustsIsServed) {
  FakeNode node{server_credentials()};
  node.accounts.on_ListAssets = [](const v1::ListAssetsRequest&, v1::ListAssetsResponse& answer) {
    answer.add_assets()->set_code("CNY.D");
    return grpc::Status::OK;
  };
  const auto answer = list_assets(node, pki() / "shanghai/clients/ALICE", "shanghai/ca.pem");
  ASSERT_TRUE(answer) << answer.error().sentence;
  EXPECT_EQ(answer->assets(0).code(), "CNY.D");
}

TEST_F(MutualTls, NobodyElseIsServed) {
  FakeNode node{server_credentials()};
  struct Row {
    const char* identity;
    const char* ca;
  };
  for (const Row& row : {Row{"shanghai/clients/ALICE", "hongkong/ca.pem"},  // not the node's CA
                         {"hongkong/clients/operator", "shanghai/ca.pem"},  // another node's client
                         {"bad/expired/shanghai-LATE", "shanghai/ca.pem"}}) {
    const auto answer = list_assets(node, pki() / row.identity, row.ca);
    ASSERT_FALSE(answer) << row.identity;
    EXPECT_EQ(answer.error().kind, ErrorKind::kUnavailable) << answer.error().reason;
  }
  EXPECT_TRUE(node.accounts.seen_ListAssets.empty());
}

}  // namespace
}  // namespace hugang::client
