// hugangd's configuration: any text, and our example with the input put into it. What is refused is
// refused with sentences that name a line of the file; what is accepted is within its ranges, and
// the core takes the whole genesis that follows from it.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <set>
#include <string>
#include <string_view>

#include "clearing/base/check.hpp"
#include "clearing/machine/machine.hpp"
#include "crypto/digest.hpp"
#include "services/node/sequencer.hpp"
#include "services/runtime/config.hpp"
#include "services/runtime/genesis.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/unit/services/runtime/config_text.hpp"

namespace {

using namespace hugang;

/// A key of its own for this node and each peer.
const std::vector<crypto::PublicKey>& some_keys() {
  static const std::vector<crypto::PublicKey> keys = [] {
    std::vector<crypto::PublicKey> made;
    for (int i = 0; i < 9; ++i) {
      made.push_back(crypto::PrivateKey::generate(crypto::Suite::kEd25519).public_key());
    }
    return made;
  }();
  return keys;
}

void check_genesis(const runtime::Config& config) {
  if (config.peers.size() >= some_keys().size()) return;
  const auto first_peer = some_keys().begin() + 1;
  const runtime::ConfiguredKeys keys{
      .own = some_keys().front(),
      .peers = {first_peer, first_peer + static_cast<std::ptrdiff_t>(config.peers.size())}};
  wire::BatchBuilder section;
  const auto steps = runtime::genesis_steps(config, keys);
  for (const auto& step : steps) {
    section.add_group(step.submission.kind, step.submission.caller, step.submission.count,
                      step.submission.records);
  }
  machine::Machine machine{{crypto::sha256, crypto::chain_next}};
  machine::Effects effects;
  // A day within the validity that keys have by default.
  const base::Timestamp at{1'800'000'000'000'000'000};
  HG_CHECK(machine.apply({base::Seqno{1}, at}, section.section(), effects).has_value());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (effects.outcomes[i].code == machine::Code::kOk) continue;
    const std::string name{machine::code_name(effects.outcomes[i].code)};
    std::fprintf(stderr, "%s: %s\n", steps[i].what.c_str(), name.c_str());
    HG_CHECK(effects.outcomes[i].code == machine::Code::kOk);
  }
  HG_CHECK(runtime::is_genesis_complete(machine.state(), config.node.id));
  HG_CHECK(runtime::check_same_node(config, machine.state()).has_value());
  HG_CHECK(runtime::differences(config, keys, machine.state()).empty());
}

void check_address(const runtime::Address& address) {
  const auto again = runtime::parse_address(address.text());
  HG_CHECK(again.has_value());
  HG_CHECK(again->host == address.host && again->port == address.port);
}

void check(std::string_view text) {
  const auto config = runtime::parse_config(text, "folder/node.toml");
  if (!config) {
    HG_CHECK(!config.error().empty());
    for (const std::string& sentence : config.error()) {
      HG_CHECK(sentence.starts_with("folder/node.toml:"));
    }
    return;
  }
  HG_CHECK(!config->signing.keys.empty());
  check_address(config->grpc_listen);
  if (config->operations_listen) check_address(*config->operations_listen);
  for (const runtime::PeerSection& peer : config->peers) {
    check_address(peer.address);
    HG_CHECK(peer.address.port != 0);
    HG_CHECK(peer.validity.from < peer.validity.to);
  }
  check_genesis(*config);
}

/// The first three bytes say where in the example the rest is put and how much it replaces.
std::string spliced(std::string_view input) {
  std::string text{runtime::testing::kGoodConfig};
  const auto byte = [&](std::size_t i) {
    return std::size_t{static_cast<unsigned char>(input[i])};
  };
  const std::size_t at = (byte(0) * 256 + byte(1)) % text.size();
  return text.replace(at, std::min(byte(2), text.size() - at), input.substr(3));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  check(text);
  if (size >= 3) check(spliced(text));
  return 0;
}
