// What an empty ledger begins with, and whether a ledger and a configuration belong together.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "clearing/machine/state.hpp"
#include "crypto/keys.hpp"
#include "services/node/ports.hpp"
#include "services/runtime/config.hpp"

namespace hugang::runtime {

/// Public keys that the configuration names, read from their files.
struct ConfiguredKeys {
  crypto::PublicKey own;                 ///< of the first signing key
  std::vector<crypto::PublicKey> peers;  ///< in the order of config.peers
};

/// Reads and checks them. The error is a sentence with the file's name.
[[nodiscard]] std::expected<ConfiguredKeys, std::string> load_configured_keys(const Config& config);

/// One command of genesis.
struct GenesisStep {
  std::string what;  ///< for sentences, e.g. "asset CNY.D"
  node::Submission submission;
};

/// The commands that make a ledger of nothing, in order. Their ids follow from the node and the
/// position alone, so a genesis that a crash cut short is just done again: what was done is
/// answered as before. The last one is the rule pack, under closing_id.
[[nodiscard]] std::vector<GenesisStep> genesis_steps(const Config& config,
                                                     const ConfiguredKeys& keys);

/// The id of the last command of genesis: once it is known, genesis is complete.
[[nodiscard]] base::CommandId closing_id(base::NodeId node);
[[nodiscard]] bool is_genesis_complete(const machine::State& state, base::NodeId node);

/// Hands the steps to the sequencer; the result waits for their answers. To be submitted before
/// the node starts, they lie in one entry. The error names the first step that was refused.
class GenesisRun {
 public:
  GenesisRun(std::vector<GenesisStep> steps, node::CommandPort& commands);
  /// Blocks until all are durable.
  [[nodiscard]] std::expected<void, std::string> wait();

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

/// Whether the ledger is that of the configured node; the error is a sentence. True for an empty
/// ledger.
[[nodiscard]] std::expected<void, std::string> check_same_node(const Config& config,
                                                               const machine::State& state);

/// What the configuration names and the ledger lacks, a sentence each with the command that adds
/// it. The ledger counts: a later change of [genesis] changes nothing.
[[nodiscard]] std::vector<std::string> differences(const Config& config, const ConfiguredKeys& keys,
                                                   const machine::State& state);

}  // namespace hugang::runtime
