// Puts the parts of a node together, runs it until a signal, and takes it apart again. Wiring only:
// each part's rules are its own.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "ledger/journal.hpp"
#include "ledger/recovery.hpp"
#include "services/edge/server.hpp"
#include "services/history/history.hpp"
#include "services/node/clock.hpp"
#include "services/node/node.hpp"
#include "services/peer/peer_links.hpp"
#include "services/runtime/config.hpp"
#include "services/runtime/exit_code.hpp"
#include "services/runtime/genesis.hpp"
#include "services/runtime/operations_port.hpp"
#include "services/tls/tls_files.hpp"

namespace hugang::runtime {

/// Keys and certificates that the configuration names, read and checked.
struct ConfiguredFiles {
  ConfiguredKeys keys;
  tls::TlsMaterial tls;
};
/// The error is a sentence.
[[nodiscard]] std::expected<ConfiguredFiles, std::string> load_configured_files(
    const Config& config, base::Timestamp now);

class NodeProcess {
 public:
  NodeProcess(const Config& config, std::string version);
  ~NodeProcess();
  NodeProcess(const NodeProcess&) = delete;
  NodeProcess& operator=(const NodeProcess&) = delete;

  /// Returns after the graceful stop that a signal asked for, or when the node cannot start; what
  /// was wrong has been logged.
  [[nodiscard]] ExitCode run();

 private:
  enum class Phase : std::uint8_t { kRecovering, kStarting, kServing, kStopping };

  [[nodiscard]] ExitCode start();
  [[nodiscard]] ExitCode open_ledger();
  [[nodiscard]] ExitCode open_operations();
  [[nodiscard]] ExitCode recover();
  [[nodiscard]] ExitCode check_ledger(const machine::State& state);
  [[nodiscard]] ExitCode make_parts(machine::Machine machine);
  void make_history();
  [[nodiscard]] ExitCode start_parts();
  void stop();

  void enter(Phase phase);
  [[nodiscard]] std::string health() const;
  [[nodiscard]] std::string readiness() const;
  [[nodiscard]] std::string metrics() const;
  [[nodiscard]] edge::NodeFacts node_facts() const;

  const Config& config_;
  const std::string version_;
  const node::SystemClock clock_;
  std::optional<ConfiguredFiles> files_;
  std::optional<GenesisRun> genesis_;
  bool needs_genesis_ = false;
  bool is_node_started_ = false;

  std::unique_ptr<ledger::Journal> journal_;
  std::unique_ptr<history::History> history_;
  std::optional<node::Node> node_;
  std::unique_ptr<peer::PeerLinks> links_;
  std::unique_ptr<edge::Server> edge_;

  /// Guards phase_ and tells the operations port whether the parts above are there.
  mutable std::mutex mutex_;
  Phase phase_ = Phase::kRecovering;
  bool has_parts_ = false;
  std::unique_ptr<OperationsPort> operations_;
};

}  // namespace hugang::runtime
