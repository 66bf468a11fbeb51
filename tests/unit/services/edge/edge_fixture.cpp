#include "edge_fixture.hpp"

#include <cstdlib>
#include <fstream>

#include "google/rpc/status.pb.h"

namespace hugang::edge {
namespace {

/// Before anything of gRPC is used: tests run in the process that serves.
const bool kOnlyTls13 = [] {
  tls::allow_only_tls13();
  return true;
}();

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = std::filesystem::temp_directory_path() / "hugang-edge-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error{"no temporary folder"};
    path_ = name;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

machine::Participant make_participant(std::uint32_t id, std::string_view code,
                                      std::uint32_t roles) {
  machine::Participant made;
  made.id = base::ParticipantId{id};
  made.roles = roles;
  EXPECT_TRUE(made.code.assign(code));
  return made;
}

}  // namespace

const std::filesystem::path& pki() {
  static const TemporaryFolder folder;
  static const bool is_made = [] {
    const auto made = run_command(
        HUGANG_SOURCE_DIR "/deploy/pki/make-pki.sh --out " + folder.path().string() +
        " --node shanghai --node hongkong --client shanghai:alice --client shanghai:bob"
        " --client shanghai:nobody --client hongkong:carol --expired shanghai:alice"
        " --unknown-ca shanghai:alice --forged hongkong:shanghai:alice --nameless shanghai:alice");
    if (made.exit_code != 0) throw std::runtime_error{"make-pki.sh: " + made.output};
    return true;
  }();
  EXPECT_TRUE(is_made && kOnlyTls13);
  return folder.path();
}

CommandResult run_command(const std::string& command) {
  CommandResult result;
  FILE* pipe = ::popen((command + " 2>&1 </dev/null").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error{"popen"};
  char buffer[4096];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
    result.output.append(buffer, n);
  }
  const int status = ::pclose(pipe);
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

std::shared_ptr<grpc::ChannelCredentials> credentials(const std::string& name) {
  return grpc::SslCredentials({.pem_root_certs = read_text(pki() / "shanghai/ca.pem"),
                               .pem_private_key = read_text(pki() / (name + ".key")),
                               .pem_cert_chain = read_text(pki() / (name + ".pem"))});
}

google::rpc::ErrorInfo error_info(const grpc::Status& status) {
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  if (details.details_size() == 1) details.details(0).UnpackTo(&info);
  return info;
}

bool eventually(const std::function<bool()>& claim) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (!claim()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

grpc::ServerBidiReactor<v1::LinkRequest, v1::LinkResponse>* EndingPeerService::Link(
    grpc::CallbackServerContext*) {
  class Ending final : public grpc::ServerBidiReactor<v1::LinkRequest, v1::LinkResponse> {
   public:
    Ending() { Finish(grpc::Status::OK); }
    void OnDone() override { delete this; }
  };
  return new Ending;
}

EdgeServerTest::EdgeServerTest() {
  node_.change([](machine::State& state) {
    state.self = base::NodeId{1};
    state.participants = {make_participant(1, "operator", wire::role::kOperator),
                          make_participant(2, "alice", wire::role::kParticipant),
                          make_participant(3, "regulator", wire::role::kRegulator),
                          make_participant(4, "monitor", wire::role::kMonitor)};
    machine::Peer peer;
    peer.node = base::NodeId{2};
    EXPECT_TRUE(peer.code.assign("hongkong"));
    state.peers[peer.node] = peer;
    for (const std::uint32_t owner : {2u, 1u}) {
      machine::Account account;
      account.owner = base::ParticipantId{owner};
      account.asset = base::AssetId{1};
      state.accounts.push_back(account);
      state.aliases.emplace_back();
    }
  });
}

EdgeServerTest::~EdgeServerTest() {
  node_.release(1'000'000);
  if (server_) server_->stop(std::chrono::seconds{5});
}

ServerOptions EdgeServerTest::options() {
  return {.listen_address = "127.0.0.1:0",
          .node_code = "shanghai",
          .tls = {.certificate = pki() / "shanghai/node.pem",
                  .private_key = pki() / "shanghai/node.key",
                  .trusted_cas = pki() / "shanghai/ca-bundle.pem"},
          .extra_services = {&peer_service_},
          .hooks = {.read_key = [](wire::Suite, base::ByteSpan)
                        -> std::expected<base::KeyId, std::string> { return base::KeyId{7}; },
                    .can_sign_with = [](base::KeyId) { return true; },
                    .node_facts =
                        [] {
                          NodeFacts facts;
                          facts.version = "1.2.3";
                          facts.queue_capacity = 100;
                          return facts;
                        },
                    .now =
                        [] {
                          const auto now = std::chrono::system_clock::now().time_since_epoch();
                          return base::Timestamp{
                              std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()};
                        }},
          .batches_in_flight_max = 4,
          .waits_max = 8,
          .memory_bytes_max = 64u << 20};
}

void EdgeServerTest::start(ServerOptions options) {
  auto created = Server::create(std::move(options), node_, node_);
  ASSERT_TRUE(created.has_value()) << created.error();
  server_ = std::move(*created);
  const auto started = server_->start();
  ASSERT_TRUE(started.has_value()) << started.error();
}

std::shared_ptr<grpc::Channel> EdgeServerTest::channel(const std::string& name) {
  grpc::ChannelArguments arguments;
  // Own connection per channel: gRPC would share one among equal channels of a process.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel("ipv4:127.0.0.1:" + std::to_string(server_->port()),
                                   credentials(name), arguments);
}

grpc::Status EdgeServerTest::call(const std::shared_ptr<grpc::Channel>& channel,
                                  const std::string& path, const std::string& request,
                                  std::string* response, std::chrono::milliseconds within) {
  grpc::GenericStub stub{channel};
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + within);
  grpc::CompletionQueue queue;
  const grpc::Slice slice{request};
  const auto pending = stub.PrepareUnaryCall(&context, path, grpc::ByteBuffer{&slice, 1}, &queue);
  pending->StartCall();
  grpc::ByteBuffer bytes;
  grpc::Status status;
  pending->Finish(&bytes, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  grpc::Slice whole;
  if (response != nullptr && bytes.Valid() && bytes.DumpToSingleSlice(&whole).ok()) {
    response->assign(reinterpret_cast<const char*>(whole.begin()), whole.size());
  }
  return status;
}

void EdgeServerTest::register_later(const std::string& code, std::uint32_t id) {
  wire::RegisterParticipant record;
  ASSERT_TRUE(record.code.assign(code));
  record.roles = wire::role::kParticipant;
  wire::BatchBuilder batch;
  batch.add(wire::CommandKind::kRegisterParticipant, base::ParticipantId{1}, record);
  wire::Outcome outcome;
  outcome.value = id;
  node_.tell(server_->listener(), batch, outcome);
}

void EdgeServerTest::suspend(std::uint32_t id) {
  wire::UpdateParticipant record;
  record.participant = base::ParticipantId{id};
  record.suspend = 1;
  wire::BatchBuilder batch;
  batch.add(wire::CommandKind::kUpdateParticipant, base::ParticipantId{1}, record);
  node_.tell(server_->listener(), batch, {});
}

void EdgeServerTest::put_settlement(base::CommandId id, wire::SettlementStatus status) {
  node_.change([&](machine::State& state) {
    machine::Settlement settlement;
    settlement.id = id;
    settlement.is_initiator = true;
    settlement.status = status;
    settlement.submitter = base::ParticipantId{2};
    settlement.decide_by = base::Timestamp{4'102'444'800'000'000'000};
    settlement.received_seqno = base::Seqno{state.settlements.size() + 1};
    state.settlements.add(settlement);
  });
}

void EdgeServerTest::settle(base::CommandId id) {
  node_.change([&](machine::State& state) {
    machine::Settlement& settlement = state.settlements.at(id);
    settlement.status = wire::SettlementStatus::kSettled;
    settlement.closed_seqno = state.last_seqno = base::Seqno{state.last_seqno.value() + 10};
    state.settlements.note_end(settlement);
  });
  const wire::EventHead head{.kind = wire::EventKind::kSettlementChanged,
                             .bytes = sizeof(wire::SettlementChanged),
                             .at = base::Timestamp{1}};
  wire::SettlementChanged event;
  event.settlement = id;
  event.status = wire::SettlementStatus::kSettled;
  base::Bytes events;
  for (const auto part :
       {std::as_bytes(std::span{&head, 1}), std::as_bytes(std::span{&event, 1})}) {
    events.insert(events.end(), part.begin(), part.end());
  }
  node_.tell(server_->listener(), wire::BatchBuilder{}, {}, events);
}

}  // namespace hugang::edge
