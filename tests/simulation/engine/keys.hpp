// The signing keys of simulated nodes: they follow from node and number.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "clearing/base/strong_id.hpp"
#include "clearing/base/timestamp.hpp"
#include "clearing/wire/records.hpp"
#include "crypto/digest.hpp"
#include "crypto/keys.hpp"
#include "tests/unit/crypto/fixtures.hpp"

namespace hugang::simulation {

using SharedKey = std::shared_ptr<const crypto::PrivateKey>;

/// Made once a thread: a node that restarts often would spend its time on parsing keys.
[[nodiscard]] inline SharedKey key_of(base::NodeId node, std::uint32_t n) {
  thread_local std::map<std::pair<base::NodeId, std::uint32_t>, SharedKey> made;
  SharedKey& key = made[{node, n}];
  if (key == nullptr) {
    const std::string name =
        "simulated key " + std::to_string(node.value()) + "/" + std::to_string(n);
    const auto secret = crypto::sha256(base::as_bytes(name));
    key = std::make_shared<const crypto::PrivateKey>(
        crypto::test::ed25519_key(base::to_hex(secret.bytes)));
  }
  return key;
}

[[nodiscard]] inline std::vector<SharedKey> first_keys_of(base::NodeId node, std::uint32_t count) {
  std::vector<SharedKey> keys;
  for (std::uint32_t n = 0; n < count; ++n) keys.push_back(key_of(node, n));
  return keys;
}

[[nodiscard]] inline wire::KeyRecord key_record_of(const crypto::PublicKey& key,
                                                   base::Timestamp from, base::Timestamp to) {
  wire::KeyRecord record;
  record.key_id = key.id();
  record.valid_from = from;
  record.valid_to = to;
  record.suite = static_cast<std::uint8_t>(key.suite());
  record.der_bytes = static_cast<std::uint16_t>(key.to_der().size());
  std::ranges::copy(key.to_der(), record.der.begin());
  return record;
}

}  // namespace hugang::simulation
