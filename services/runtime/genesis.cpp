#include "services/runtime/genesis.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <fstream>
#include <iterator>
#include <mutex>
#include <optional>
#include <utility>

#include "clearing/base/check.hpp"
#include "clearing/wire/batch.hpp"
#include "crypto/digest.hpp"
#include "services/node/sequencer.hpp"

namespace hugang::runtime {
namespace {

constexpr base::ParticipantId kOperator{1};

/// First 16 bytes of SHA-256("hugang genesis" ‖ node ‖ position), big-endian; both numbers are 4
/// bytes, little-endian.
base::CommandId derived_id(base::NodeId node, std::uint32_t position) {
  const auto text = base::as_bytes("hugang genesis");
  base::Bytes bytes{text.begin(), text.end()};
  for (const std::uint32_t number : {node.value(), position}) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
      bytes.push_back(static_cast<std::byte>((number >> shift) & 0xFF));
    }
  }
  const auto digest = crypto::sha256(bytes);
  base::u128 id = 0;
  for (std::size_t i = 0; i < 16; ++i) id = (id << 8) | std::to_integer<unsigned>(digest.bytes[i]);
  return base::CommandId{id};
}

/// The configuration has checked the lengths.
template <std::size_t N>
void set_text(wire::FixedText<N>& field, std::string_view text) {
  HG_CHECK(field.assign(text));
}

wire::KeyRecord to_record(const crypto::PublicKey& key, const KeyValidity& validity) {
  wire::KeyRecord record;
  record.key_id = key.id();
  record.valid_from = validity.from;
  record.valid_to = validity.to;
  record.suite = static_cast<std::uint8_t>(key.suite());
  const auto& der = key.to_der();
  HG_CHECK(der.size() <= record.der.size());
  record.der_bytes = static_cast<std::uint16_t>(der.size());
  std::ranges::copy(der, record.der.begin());
  return record;
}

class StepList {
 public:
  explicit StepList(base::NodeId node) : node_{node} {}

  [[nodiscard]] base::CommandId next_id() {
    return derived_id(node_, static_cast<std::uint32_t>(steps_.size() + 1));
  }

  template <wire::IsRecord Record>
  void add(std::string what, wire::CommandKind kind, const Record& record) {
    const auto bytes = std::as_bytes(std::span{&record, 1});
    add_bytes(std::move(what), kind, {bytes.begin(), bytes.end()});
  }

  void add_bytes(std::string what, wire::CommandKind kind, base::Bytes records) {
    node::Submission submission{
        .kind = kind, .caller = node::kNodeCaller, .count = 1, .records = std::move(records)};
    steps_.push_back({std::move(what), std::move(submission)});
  }

  [[nodiscard]] std::vector<GenesisStep> take() { return std::move(steps_); }

 private:
  base::NodeId node_;
  std::vector<GenesisStep> steps_;
};

void add_participant(StepList& steps, const GenesisParticipant& from) {
  wire::RegisterParticipant record;
  record.id = steps.next_id();
  record.roles = from.roles;
  set_text(record.code, from.code);
  set_text(record.bic, from.bic);
  set_text(record.lei, from.lei);
  set_text(record.name, from.name);
  set_text(record.local_name, from.local_name);
  steps.add("participant " + from.code, wire::CommandKind::kRegisterParticipant, record);
}

void add_identity(StepList& steps, const Config& config, const crypto::PublicKey& own) {
  wire::Genesis genesis;
  genesis.id = steps.next_id();
  genesis.node = config.node.id;
  set_text(genesis.code, config.node.code);
  set_text(genesis.name, config.node.name);
  steps.add("node " + config.node.code, wire::CommandKind::kGenesis, genesis);

  wire::RotateKey key;
  key.id = steps.next_id();
  key.previous_valid_to = config.signing.validity.from;
  key.key = to_record(own, config.signing.validity);
  steps.add("signing key", wire::CommandKind::kRotateKey, key);
  add_participant(steps, config.genesis.operator_participant);
}

void add_assets_and_peers(StepList& steps, const Config& config, const ConfiguredKeys& keys) {
  for (const GenesisAsset& asset : config.genesis.assets) {
    wire::RegisterAsset record;
    record.id = steps.next_id();
    record.asset = asset.id;
    record.issuer = asset.issuer;
    record.scale = asset.scale;
    set_text(record.code, asset.code);
    steps.add("asset " + asset.code, wire::CommandKind::kRegisterAsset, record);
  }
  for (std::size_t i = 0; i < config.peers.size(); ++i) {
    const PeerSection& peer = config.peers[i];
    wire::RegisterPeer record;
    record.id = steps.next_id();
    record.peer = peer.id;
    set_text(record.code, peer.code);
    record.key = to_record(keys.peers[i], peer.validity);
    steps.add("peer " + peer.code, wire::CommandKind::kRegisterPeer, record);
  }
}

std::string asset_code(const Config& config, base::AssetId id) {
  const auto found = std::ranges::find(config.genesis.assets, id, &GenesisAsset::id);
  return found == config.genesis.assets.end() ? std::to_string(id.value()) : found->code;
}

std::string peer_code(const Config& config, base::NodeId id) {
  const auto found = std::ranges::find(config.peers, id, &PeerSection::id);
  return found == config.peers.end() ? std::to_string(id.value()) : found->code;
}

void add_own_accounts(StepList& steps, const Config& config) {
  const auto open = [&](std::string what, wire::AccountKind kind, base::AssetId asset,
                        base::NodeId peer, const std::string& alias) {
    wire::OpenAccount record;
    record.id = steps.next_id();
    record.owner = kOperator;
    record.asset = asset;
    record.kind = kind;
    record.peer = peer;
    set_text(record.alias, alias.substr(0, sizeof(record.alias)));
    steps.add(std::move(what), wire::CommandKind::kOpenAccount, record);
  };
  for (const base::AssetId asset : config.genesis.reserves) {
    const auto code = asset_code(config, asset);
    open("reserve of " + code, wire::AccountKind::kReserve, asset, {}, "reserve " + code);
  }
  for (const auto& [peer, asset] : config.genesis.corridors) {
    const auto code = asset_code(config, asset);
    const auto city = peer_code(config, peer);
    open("corridor with " + city + " in " + code, wire::AccountKind::kCorridor, asset, peer,
         city + " " + code);
  }
}

std::expected<crypto::PublicKey, std::string> load_public_key(const PeerSection& peer) {
  std::error_code failure;
  std::ifstream stream{peer.public_key, std::ios::binary};
  const std::string file = peer.public_key.string();
  // Reading a directory would throw.
  if (!stream || std::filesystem::is_directory(peer.public_key, failure)) {
    return std::unexpected{"cannot read " + file + ", the public key of peer " + peer.code +
                           "; ask its operator for the file"};
  }
  const std::string pem{std::istreambuf_iterator<char>{stream}, {}};
  auto key = crypto::PublicKey::from_pem(pem);
  if (!key) return std::unexpected{file + ": " + key.error().sentence};
  if (peer.suite && key->suite() != *peer.suite) {
    return std::unexpected{file + ": the key is of suite " +
                           std::string{wire::to_text(key->suite())} + ", but [[peer]] " +
                           peer.code + " says " + std::string{wire::to_text(*peer.suite)}};
  }
  return std::move(*key);
}

}  // namespace

std::expected<ConfiguredKeys, std::string> load_configured_keys(const Config& config) {
  std::optional<crypto::PublicKey> own;
  for (const auto& file : config.signing.keys) {
    auto key = crypto::PrivateKey::load_pem_file(file);
    if (!key) return std::unexpected{file.string() + ": " + key.error().sentence};
    if (!own) own = key->public_key();
  }
  HG_CHECK(own.has_value());
  ConfiguredKeys keys{.own = std::move(*own), .peers = {}};
  for (const PeerSection& peer : config.peers) {
    auto key = load_public_key(peer);
    if (!key) return std::unexpected{key.error()};
    keys.peers.push_back(std::move(*key));
  }
  return keys;
}

std::vector<GenesisStep> genesis_steps(const Config& config, const ConfiguredKeys& keys) {
  HG_CHECK(keys.peers.size() == config.peers.size());
  StepList steps{config.node.id};
  add_identity(steps, config, keys.own);
  add_assets_and_peers(steps, config, keys);
  add_own_accounts(steps, config);
  for (const auto& participant : config.genesis.participants) add_participant(steps, participant);

  wire::SetRulesHead head;
  head.id = closing_id(config.node.id);
  head.version = config.genesis.rules.version;
  steps.add_bytes("rules", wire::CommandKind::kSetRules,
                  wire::encode_set_rules(head, config.genesis.rules.rules));
  return steps.take();
}

base::CommandId closing_id(base::NodeId node) { return derived_id(node, 0); }

bool is_genesis_complete(const machine::State& state, base::NodeId node) {
  return state.ids.contains(closing_id(node));
}

/// Outlives the run if that is given up while answers are under way.
struct GenesisRun::Shared {
  std::mutex mutex;
  std::condition_variable answered;
  std::size_t open = 0;
  std::string refusal;  ///< the first one
};

GenesisRun::GenesisRun(std::vector<GenesisStep> steps, node::CommandPort& commands)
    : shared_{std::make_shared<Shared>()} {
  shared_->open = steps.size();
  for (GenesisStep& step : steps) {
    commands.submit(
        std::move(step.submission), [shared = shared_, what = std::move(step.what)](
                                        std::expected<node::Answer, node::SubmitError> answer) {
          const std::lock_guard lock{shared->mutex};
          std::string reason;
          if (!answer) {
            reason = "the node is stopping or its queue is too small";
          } else if (const auto code = answer->outcomes.front().code; code != machine::Code::kOk) {
            reason = std::string{machine::code_sentence(code)};
            if (code == machine::Code::kIdUsedForOtherContent) {
              reason =
                  "an earlier start began this ledger with another [genesis] and did not finish";
            }
          }
          if (!reason.empty() && shared->refusal.empty()) {
            shared->refusal =
                "genesis, " + what + ": " + reason +
                ". The ledger holds no payment yet: correct the configuration, remove "
                "the ledger's directory and start again";
          }
          shared->open -= 1;
          shared->answered.notify_all();
        });
  }
}

std::expected<void, std::string> GenesisRun::wait() {
  std::unique_lock lock{shared_->mutex};
  shared_->answered.wait(lock, [this] { return shared_->open == 0; });
  if (!shared_->refusal.empty()) return std::unexpected{shared_->refusal};
  return {};
}

std::expected<void, std::string> check_same_node(const Config& config,
                                                 const machine::State& state) {
  if (state.self.is_none()) return {};
  if (state.self == config.node.id && state.code.view() == config.node.code) return {};
  return std::unexpected{"the ledger in " + config.ledger.directory.string() + " is that of node " +
                         std::to_string(state.self.value()) + " (" +
                         std::string{state.code.view()} + "), but " + config.file.string() +
                         " says node " + std::to_string(config.node.id.value()) + " (" +
                         config.node.code + "); correct [node] or ledger.directory"};
}

std::vector<std::string> differences(const Config& config, const ConfiguredKeys& keys,
                                     const machine::State& state) {
  std::vector<std::string> sentences;
  for (std::size_t i = 0; i < config.peers.size(); ++i) {
    const auto& peer = config.peers[i];
    const auto known = state.peers.find(peer.id);
    const auto id = std::to_string(peer.id.value());
    if (known == state.peers.end()) {
      sentences.push_back("peer " + id + " (" + peer.code + ") is not in the ledger yet; `hugang " +
                          "admin peer add` registers it");
    } else if (known->second.code.view() != peer.code) {
      sentences.push_back("peer " + id + " is called " + std::string{known->second.code.view()} +
                          " in the ledger and " + peer.code + " in the configuration");
    } else if (std::ranges::none_of(known->second.keys, [&](const auto& key) {
                 return key.record.key_id == keys.peers[i].id();
               })) {
      sentences.push_back("the ledger does not know the key in " + peer.public_key.string() +
                          " of peer " + peer.code +
                          "; keys change by the peer's own signed announcement");
    }
  }
  for (const auto& asset : config.genesis.assets) {
    if (state.assets.contains(asset.id)) continue;
    sentences.push_back("asset " + asset.code +
                        " is not in the ledger; `hugang admin asset add` registers it");
  }
  for (const auto& [peer, asset] : config.genesis.corridors) {
    const auto known = state.peers.find(peer);
    if (known == state.peers.end() || known->second.corridors.contains(asset)) continue;
    sentences.push_back("the corridor with " + peer_code(config, peer) + " in " +
                        asset_code(config, asset) +
                        " is not open; `hugang accounts open --kind corridor` opens it");
  }
  for (const auto& participant : config.genesis.participants) {
    const bool is_known = std::ranges::any_of(state.participants, [&](const auto& known) {
      return known.code.view() == participant.code;
    });
    if (is_known) continue;
    sentences.push_back("participant " + participant.code +
                        " is not in the ledger; `hugang admin participant add` registers it");
  }
  const bool is_own_key_known = std::ranges::any_of(
      state.own_keys, [&](const auto& key) { return key.record.key_id == keys.own.id(); });
  if (!is_own_key_known) {
    sentences.push_back(
        "the ledger does not know the first key of [signing]; `hugang admin key "
        "rotate` announces it");
  }
  return sentences;
}

}  // namespace hugang::runtime
