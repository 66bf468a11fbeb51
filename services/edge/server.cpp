#include "services/edge/server.hpp"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/service_type.h>

#include <future>
#include <mutex>
#include <optional>

#include "clearing/base/check.hpp"
#include "services/edge/access_gate.hpp"
#include "services/edge/desk.hpp"
#include "services/edge/services.hpp"
#include "services/edge/wakefulness.hpp"

namespace hugang::edge {
namespace {

constexpr int kReceiveBytesMax = 4 << 20;
constexpr int kStreamsPerConnectionMax = 256;
constexpr int kMillisecond = 1;
constexpr int kSecond = 1'000 * kMillisecond;

/// What gRPC cuts off after the edge's own calls are done: watchers of health, links, reflection.
constexpr std::chrono::milliseconds kForeignCallsGrace{100};

std::shared_ptr<grpc::ServerCredentials> make_credentials(const tls::TlsMaterial& material,
                                                          Desk& desk) {
  grpc::SslServerCredentialsOptions options{
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY};
  options.pem_root_certs = material.trusted_cas_pem;
  options.pem_key_cert_pairs.push_back({material.private_key_pem, material.certificate_pem});
  auto credentials = grpc::SslServerCredentials(options);
  credentials->SetAuthMetadataProcessor(std::make_shared<AccessGate>(desk));
  return credentials;
}

void configure(grpc::ServerBuilder& builder, const ServerOptions& options) {
  builder.SetMaxReceiveMessageSize(kReceiveBytesMax);
  // Two processes must not share a port silently.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kStreamsPerConnectionMax);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 10 * kSecond);
  // Clients and peers that vanished are noticed; peers ping every 10 s on a quiet link.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 30 * kSecond);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10 * kSecond);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5 * kSecond);
  // A small compressed message could unfold to any size in memory.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  grpc::ResourceQuota quota{"edge"};
  quota.Resize(options.memory_bytes_max);
  builder.SetResourceQuota(quota);
}

}  // namespace

class Server::Impl final : public node::DurableListener {
 public:
  Impl(ServerOptions options, tls::TlsMaterial material, node::CommandPort& commands,
       node::ReadPort& reads)
      : options_{std::move(options)},
        material_{std::move(material)},
        desk_{options_, commands, reads} {
    services_.push_back(make_transfer_service(desk_));
    services_.push_back(make_account_service(desk_));
    services_.push_back(make_settlement_service(desk_));
    services_.push_back(make_position_service(desk_));
    services_.push_back(make_admin_service(desk_));
  }

  void on_durable(const node::DurableEntry& entry) override {
    desk_.directory.on_durable(entry);
    desk_.waits.on_durable(entry);
    desk_.watches.on_durable(entry);
  }

  std::expected<void, std::string> start() {
    HG_CHECK(!server_);
    if (auto read = read_state(); !read) return read;
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    grpc::ServerBuilder builder;
    configure(builder, options_);
    builder.AddListeningPort(options_.listen_address, make_credentials(material_, desk_), &port_);
    for (const auto& service : services_) builder.RegisterService(service.get());
    for (grpc::Service* service : options_.extra_services) builder.RegisterService(service);
    server_ = builder.BuildAndStart();
    if (!server_ || port_ == 0) {
      return std::unexpected{"cannot listen on '" + options_.listen_address +
                             "': another process may have the port, or the address is not one of "
                             "this machine; name another in the configuration"};
    }
    set_serving(true);
    wakefulness_.emplace(server_->InProcessChannel({}));
    return {};
  }

  void stop(std::chrono::milliseconds drain) {
    const std::lock_guard lock{stop_mutex_};
    if (!server_ || is_stopped_) return;
    is_stopped_ = true;
    desk_.open_calls.close();
    set_serving(false);
    desk_.waits.stop();
    desk_.open_calls.stop(std::chrono::steady_clock::now() + drain);
    wakefulness_.reset();
    server_->Shutdown(std::chrono::system_clock::now() + kForeignCallsGrace);
    server_->Wait();
  }

  [[nodiscard]] int port() const { return port_; }

  [[nodiscard]] ServerCounters counters() const {
    const Counts& counts = desk_.counts;
    return {.calls = counts.calls,
            .batches = counts.batches,
            .transfers = counts.transfers,
            .refused = counts.refused,
            .overloaded = counts.overloaded,
            .waits = desk_.waits.count(),
            .in_flight = counts.in_flight};
  }

 private:
  struct FirstRead {
    Directory::Snapshot participants;
    base::NodeId self;
  };

  std::expected<void, std::string> read_state() {
    std::promise<bool> is_read;
    desk_.reads.read(
        [this,
         &is_read](const machine::State& state) -> std::move_only_function<void(base::Seqno)> {
          return [this, &is_read,
                  first = FirstRead{Directory::take(state), state.self}](base::Seqno seqno) {
            desk_.self = first.self;
            desk_.directory.load(first.participants, seqno);
            is_read.set_value(true);
          };
        },
        [&is_read](node::SubmitError) { is_read.set_value(false); });
    if (is_read.get_future().get()) return {};
    return std::unexpected{
        std::string{"the state of the ledger cannot be read: the sequencer is not running"}};
  }

  void set_serving(bool is_serving) {
    grpc::HealthCheckServiceInterface* health = server_->GetHealthCheckService();
    health->SetServingStatus(is_serving);
    for (const char* name :
         {"hugang.v1.TransferService", "hugang.v1.AccountService", "hugang.v1.SettlementService",
          "hugang.v1.PositionService", "hugang.v1.AdminService"}) {
      health->SetServingStatus(name, is_serving);
    }
  }

  const ServerOptions options_;
  const tls::TlsMaterial material_;
  Desk desk_;
  std::vector<std::unique_ptr<grpc::Service>> services_;
  int port_ = 0;
  std::mutex stop_mutex_;
  bool is_stopped_ = false;
  std::unique_ptr<grpc::Server> server_;
  std::optional<Wakefulness> wakefulness_;
};

std::expected<std::unique_ptr<Server>, std::string> Server::create(ServerOptions options,
                                                                   node::CommandPort& commands,
                                                                   node::ReadPort& reads) {
  HG_CHECK(tls::allows_only_tls13());
  HG_CHECK(options.hooks.read_key && options.hooks.can_sign_with && options.hooks.node_facts &&
           options.hooks.now);
  HG_CHECK(options.batches_in_flight_max > 0);
  auto material = tls::load_tls(options.tls, options.node_code, options.hooks.now());
  if (!material) return std::unexpected{material.error()};
  auto impl = std::make_unique<Impl>(std::move(options), std::move(*material), commands, reads);
  return std::unique_ptr<Server>{new Server{std::move(impl)}};
}

Server::Server(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Server::~Server() { stop(std::chrono::milliseconds{0}); }

node::DurableListener& Server::listener() { return *impl_; }
std::expected<void, std::string> Server::start() { return impl_->start(); }
int Server::port() const { return impl_->port(); }
void Server::stop(std::chrono::milliseconds drain) { impl_->stop(drain); }
ServerCounters Server::counters() const { return impl_->counters(); }

}  // namespace hugang::edge
