// The one configuration file of a node, as a typed value. docs/OPERATIONS.md explains the keys;
// deploy/demo has a file per city.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clearing/base/strong_id.hpp"
#include "clearing/base/timestamp.hpp"
#include "clearing/wire/records.hpp"
#include "clearing/wire/suite.hpp"
#include "services/node/node.hpp"

namespace hugang::runtime {

/// host:port; an IPv6 host stands in brackets in the file and without them here.
struct Address {
  std::string host;
  std::uint16_t port = 0;

  [[nodiscard]] std::string text() const;
};

/// The parts of "host:port" or "[host]:port", or nothing.
[[nodiscard]] std::optional<Address> parse_address(std::string_view text);

struct NodeSection {
  base::NodeId id;
  std::string code;  ///< as in hugang://CODE/...
  std::string name;  ///< for people
};

struct LedgerSection {
  std::filesystem::path directory;
  node::CheckpointSchedule checkpoint;
};

struct TlsSection {
  std::filesystem::path certificate;
  std::filesystem::path key;
  std::filesystem::path client_ca;  ///< a bundle: this node's CA and those of its peers
};

/// When a key is valid by the configuration; the default is as good as always.
struct KeyValidity {
  base::Timestamp from{1'577'836'800'000'000'000};  ///< 2020-01-01, included
  base::Timestamp to{4'102'444'800'000'000'000};    ///< 2100-01-01, not included
};

struct SigningSection {
  std::vector<std::filesystem::path> keys;  ///< the first one is announced at genesis
  KeyValidity validity;                     ///< of the first one
};

struct PeerSection {
  base::NodeId id;
  std::string code;
  Address address;
  std::filesystem::path public_key;  ///< PEM; used when the peer is registered
  std::optional<wire::Suite> suite;  ///< what the key must be of
  KeyValidity validity;
  std::uint32_t line = 0;
};

enum class LogFormat : std::uint8_t { kText, kJson };
enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };

struct LogSection {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kText;
};

struct GenesisParticipant {
  std::string code;
  std::uint32_t roles = 0;  ///< bits of wire::role
  std::string name;
  std::string local_name;
  std::string bic;
  std::string lei;
};

struct GenesisAsset {
  base::AssetId id;
  std::string code;
  base::NodeId issuer;
  std::uint8_t scale = 0;
};

struct GenesisCorridor {
  base::NodeId peer;
  base::AssetId asset;
};

struct GenesisRules {
  std::uint32_t version = 1;
  std::vector<wire::Rule> rules;
};

/// What an empty ledger begins with.
struct GenesisSection {
  GenesisParticipant operator_participant;
  std::vector<GenesisAsset> assets;
  std::vector<GenesisParticipant> participants;
  std::vector<GenesisCorridor> corridors;
  std::vector<base::AssetId> reserves;
  GenesisRules rules;
};

struct Config {
  std::filesystem::path file;
  NodeSection node;
  LedgerSection ledger;
  Address grpc_listen;
  std::optional<Address> operations_listen;
  TlsSection tls;
  SigningSection signing;
  std::vector<PeerSection> peers;
  node::QueueLimits queue;
  LogSection log;
  GenesisSection genesis;
};

/// Reads and checks the whole file; does not open the files that it names. The error is all that is
/// wrong with it, a sentence each with file and line.
[[nodiscard]] std::expected<Config, std::vector<std::string>> load_config(
    const std::filesystem::path& file);

/// The same for a text; `file` is for sentences and as the root of relative paths.
[[nodiscard]] std::expected<Config, std::vector<std::string>> parse_config(
    std::string_view text, const std::filesystem::path& file);

}  // namespace hugang::runtime
