#include "clients/library/channel.hpp"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <cerrno>
#include <cstring>

#include "clients/library/file_text.hpp"

namespace hugang::client {
namespace {

/// An answer of 8,190 refusals with their sentences stays far below.
constexpr int kReceiveBytesMax = 16 << 20;

struct PemKind {
  const char* name;
  const char* marker;  ///< what a file of this kind must hold
};

Result<std::string> read_pem(const std::filesystem::path& path, PemKind kind) {
  const auto wrong = [&](const std::string& why) {
    return std::unexpected{
        Error{.kind = ErrorKind::kConfiguration,
              .reason = "CONFIGURATION",
              .sentence = std::string{kind.name} + " file " + path.string() + ": " + why,
              .metadata = {}}};
  };
  auto text = read_file(path);
  if (!text) return wrong(std::string{std::strerror(errno)} + "; check the path in the profile");
  if (text->find(kind.marker) == std::string::npos) {
    return wrong(std::string{"it holds no '"} + kind.marker + "': give a PEM file");
  }
  return std::move(*text);
}

}  // namespace

Result<std::shared_ptr<grpc::Channel>> open_channel(const Profile& profile) {
  const auto ca = read_pem(profile.ca, {"ca", "BEGIN CERTIFICATE"});
  if (!ca) return std::unexpected{ca.error()};
  const auto cert = read_pem(profile.cert, {"cert", "BEGIN CERTIFICATE"});
  if (!cert) return std::unexpected{cert.error()};
  const auto key = read_pem(profile.key, {"key", "PRIVATE KEY"});
  if (!key) return std::unexpected{key.error()};

  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = *ca;
  tls.pem_cert_chain = *cert;
  tls.pem_private_key = *key;

  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kReceiveBytesMax);
  // A node that restarts is found again within a moment, not after gRPC's default of 20 s.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2'000);
  // Two clients of one process may speak to one address as two participants: no shared sockets.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  if (!profile.server_name.empty()) arguments.SetSslTargetNameOverride(profile.server_name);
  return grpc::CreateCustomChannel(profile.address, grpc::SslCredentials(tls), arguments);
}

}  // namespace hugang::client
