#include "services/runtime/node_process.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <utility>

#include "crypto/digest.hpp"
#include "ledger/rocks/open.hpp"
#include "services/runtime/metrics.hpp"
#include "services/runtime/stop_signal.hpp"

namespace hugang::runtime {
namespace {

/// What clients have to finish before their calls are cancelled.
constexpr std::chrono::seconds kDrain{5};
constexpr std::chrono::seconds kProgressEvery{1};

machine::Hashing hashing() { return {&crypto::sha256, &crypto::chain_next}; }

ExitCode refuse(ExitCode code, const std::string& sentence) {
  spdlog::error("{}", sentence);
  return code;
}

tls::TlsFiles tls_files(const Config& config) {
  return {.certificate = config.tls.certificate,
          .private_key = config.tls.key,
          .trusted_cas = config.tls.client_ca};
}

/// Ends the process: memory is ahead of the disk, so nothing may be answered from it.
void die(const ledger::LedgerError& error) {
  spdlog::critical("{}; the node stops here and recovers at the next start", error.sentence);
  spdlog::shutdown();
  std::_Exit(static_cast<int>(exit_code_of(error.code)));
}

std::expected<base::KeyId, std::string> read_key(wire::Suite suite, base::ByteSpan der) {
  const auto key = crypto::PublicKey::from_der(suite, der);
  if (!key) return std::unexpected{key.error().sentence};
  return key->id();
}

/// The ids of the keys that this process can sign with.
std::vector<base::KeyId> signing_key_ids(const Config& config) {
  std::vector<base::KeyId> ids;
  for (const auto& file : config.signing.keys) {
    if (const auto key = crypto::PrivateKey::load_pem_file(file)) {
      ids.push_back(key->public_key().id());
    }
  }
  return ids;
}

peer::PeerLinksConfig links_config(const Config& config, const tls::TlsMaterial& tls) {
  peer::PeerLinksConfig links;
  links.self = config.node.id;
  links.self_code = config.node.code;
  for (const auto& peer : config.peers) {
    links.peers.push_back({.node = peer.id, .code = peer.code, .address = peer.address.text()});
  }
  links.tls = tls;
  links.signing_key_files = config.signing.keys;
  return links;
}

}  // namespace

std::expected<ConfiguredFiles, std::string> load_configured_files(const Config& config,
                                                                  base::Timestamp now) {
  auto keys = load_configured_keys(config);
  if (!keys) return std::unexpected{keys.error()};
  auto tls = tls::load_tls(tls_files(config), config.node.code, now);
  if (!tls) return std::unexpected{tls.error()};
  return ConfiguredFiles{.keys = std::move(*keys), .tls = std::move(*tls)};
}

NodeProcess::NodeProcess(const Config& config, std::string version)
    : config_{config}, version_{std::move(version)} {}

NodeProcess::~NodeProcess() { stop(); }

ExitCode NodeProcess::run() {
  spdlog::info("hugangd {} starts as node {} ({}, {})", version_, config_.node.id.value(),
               config_.node.code, config_.node.name);
  if (const auto code = start(); code != ExitCode::kOk) {
    stop();
    return code;
  }
  wait_for_stop_signal();
  spdlog::info("stopping: finishing what was admitted");
  stop();
  spdlog::info("stopped");
  return ExitCode::kOk;
}

ExitCode NodeProcess::start() {
  auto files = load_configured_files(config_, clock_.now());
  if (!files) return refuse(ExitCode::kBadConfig, files.error());
  files_ = std::move(*files);
  // The ledger first: its lock is what tells that this node is running already.
  if (const auto code = open_ledger(); code != ExitCode::kOk) return code;
  if (const auto code = open_operations(); code != ExitCode::kOk) return code;
  if (const auto code = recover(); code != ExitCode::kOk) return code;
  if (const auto code = start_parts(); code != ExitCode::kOk) return code;
  enter(Phase::kServing);
  expect_graceful_stop();
  spdlog::info("ready: gRPC on {}:{}", config_.grpc_listen.host, edge_->port());
  return ExitCode::kOk;
}

ExitCode NodeProcess::open_operations() {
  if (!config_.operations_listen) return ExitCode::kOk;
  const nlohmann::json version = {{"name", "hugangd"},
                                  {"version", version_},
                                  {"node", config_.node.id.value()},
                                  {"code", config_.node.code}};
  auto port =
      OperationsPort::open(*config_.operations_listen, {.health = [this] { return health(); },
                                                        .ready = [this] { return readiness(); },
                                                        .metrics = [this] { return metrics(); },
                                                        .version_json = version.dump() + "\n"});
  if (!port) return refuse(ExitCode::kBadConfig, port.error());
  operations_ = std::move(*port);
  spdlog::info("operations on http://{}:{}", config_.operations_listen->host, operations_->port());
  return ExitCode::kOk;
}

ExitCode NodeProcess::open_ledger() {
  auto journal = ledger::rocks::open_journal(config_.ledger.directory, config_.node.id);
  if (!journal) return refuse(exit_code_of(journal.error().code), journal.error().sentence);
  journal_ = std::move(*journal);
  for (const auto& sentence : journal_->open_report().sentences) spdlog::warn("{}", sentence);
  return ExitCode::kOk;
}

ExitCode NodeProcess::recover() {
  auto told_at = std::chrono::steady_clock::now();
  const auto progress = [&told_at](base::Seqno done, base::Seqno last) {
    const auto now = std::chrono::steady_clock::now();
    if (now - told_at < kProgressEvery) return;
    told_at = now;
    spdlog::info("recovering: entry {} of {}", done.value(), last.value());
  };
  auto recovered = ledger::recover(*journal_, hashing(), progress);
  if (!recovered) return refuse(exit_code_of(recovered.error().code), recovered.error().sentence);
  const auto& report = recovered->report;
  for (const auto& sentence : report.sentences) spdlog::warn("{}", sentence);
  spdlog::info(
      "recovered to entry {}: checkpoint {}, {} entries with {} commands replayed in "
      "{:.3f} s",
      report.last_seqno.value(), report.checkpoint.value(), report.entries_replayed,
      report.commands_replayed, report.seconds);
  if (const auto code = check_ledger(recovered->machine.state()); code != ExitCode::kOk) {
    return code;
  }
  enter(Phase::kStarting);
  return make_parts(std::move(recovered->machine));
}

ExitCode NodeProcess::check_ledger(const machine::State& state) {
  if (const auto same = check_same_node(config_, state); !same) {
    return refuse(ExitCode::kBadConfig, same.error());
  }
  needs_genesis_ = !is_genesis_complete(state, config_.node.id);
  if (needs_genesis_) return ExitCode::kOk;
  for (const auto& sentence : differences(config_, files_->keys, state)) {
    spdlog::warn("{}", sentence);
  }
  return ExitCode::kOk;
}

void NodeProcess::make_history() {
  history::HistoryOptions options;
  options.directory = config_.ledger.directory / "index";
  history_ = std::make_unique<history::History>(
      std::move(options), *journal_, [](const std::string& sentence, bool is_error) {
        spdlog::log(is_error ? spdlog::level::err : spdlog::level::info, "{}", sentence);
      });
}

ExitCode NodeProcess::make_parts(machine::Machine machine) {
  make_history();
  const node::NodeSettings settings{
      .batch = {}, .queue = config_.queue, .flight = {}, .checkpoint = config_.ledger.checkpoint};
  node_.emplace(settings, *journal_, clock_, std::move(machine), die);

  auto links = peer::PeerLinks::create(links_config(config_, files_->tls), *node_, *node_, clock_);
  if (!links) return refuse(ExitCode::kBadConfig, links.error());
  links_ = std::move(*links);

  edge::ServerOptions options;
  options.listen_address = config_.grpc_listen.text();
  options.node_code = config_.node.code;
  options.tls = tls_files(config_);
  options.extra_services.push_back(&links_->service());
  options.history = history_.get();
  options.hooks = {
      .read_key = read_key,
      .can_sign_with = [ids = signing_key_ids(config_)](
                           base::KeyId id) { return std::ranges::find(ids, id) != ids.end(); },
      .node_facts = [this] { return node_facts(); },
      .now = [this] { return clock_.now(); }};
  auto server = edge::Server::create(std::move(options), *node_, *node_);
  if (!server) return refuse(ExitCode::kBadConfig, server.error());
  edge_ = std::move(*server);

  node_->add_listener(*history_);
  node_->add_listener(edge_->listener());
  node_->add_listener(*links_);
  const std::lock_guard lock{mutex_};
  has_parts_ = true;
  return ExitCode::kOk;
}

ExitCode NodeProcess::start_parts() {
  // Submitted before the core runs, genesis is one entry: all of it or nothing.
  if (needs_genesis_) genesis_.emplace(genesis_steps(config_, files_->keys), *node_);
  history_->start();
  node_->start();
  is_node_started_ = true;
  if (genesis_) {
    if (const auto done = genesis_->wait(); !done) {
      return refuse(ExitCode::kBadConfig, done.error());
    }
    spdlog::info("the ledger begins: {} assets, {} peers, {} participants",
                 config_.genesis.assets.size(), config_.peers.size(),
                 config_.genesis.participants.size() + 1);
  }
  if (const auto started = edge_->start(); !started) {
    return refuse(ExitCode::kBadConfig, started.error());
  }
  links_->start();
  return ExitCode::kOk;
}

/// From the outside in: no new work, then what is under way, then the ledger.
void NodeProcess::stop() {
  enter(Phase::kStopping);
  if (is_node_started_) {
    if (links_) links_->stop();
    if (edge_) edge_->stop(std::chrono::duration_cast<std::chrono::milliseconds>(kDrain));
    node_->stop();
    history_->stop();
    is_node_started_ = false;
  }
  operations_.reset();
  {
    const std::lock_guard lock{mutex_};
    has_parts_ = false;
  }
  edge_.reset();
  links_.reset();
  node_.reset();
  history_.reset();
  journal_.reset();
}

void NodeProcess::enter(Phase phase) {
  const std::lock_guard lock{mutex_};
  phase_ = phase;
}

std::string NodeProcess::health() const {
  const std::lock_guard lock{mutex_};
  if (has_parts_ && node_->status().has_failed) return "an append to the journal failed";
  return {};
}

std::string NodeProcess::readiness() const {
  const std::lock_guard lock{mutex_};
  switch (phase_) {
    case Phase::kRecovering:
      return "recovering the ledger";
    case Phase::kStarting:
      return "starting";
    case Phase::kServing:
      return {};
    case Phase::kStopping:
      return "stopping";
  }
  return "unknown";
}

std::string NodeProcess::metrics() const {
  const std::lock_guard lock{mutex_};
  MetricsInput input;
  input.version = version_;
  input.node_code = config_.node.code;
  input.is_ready = phase_ == Phase::kServing;
  if (has_parts_) {
    input.node = node_->status();
    input.edge = edge_->counters();
    input.links = links_->status();
    input.history = history_->status();
  }
  return metrics_text(input);
}

edge::NodeFacts NodeProcess::node_facts() const {
  const auto status = node_->status();
  edge::NodeFacts facts;
  facts.version = version_;
  facts.durable_seqno = status.durable_seqno;
  if (status.checkpoint) {
    facts.checkpoint_seqno = status.checkpoint->seqno;
    facts.checkpoint_digest = status.checkpoint->digest;
  }
  facts.queue_depth = status.queued_commands;
  facts.queue_capacity = status.queued_commands_max;
  for (const auto& link : links_->status()) {
    if (link.is_connected_out && link.is_connected_in) facts.connected_peers.push_back(link.peer);
  }
  return facts;
}

}  // namespace hugang::runtime
