// The signing keys of simulated nodes: they follow from node and number.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "clearing/base/strong_id.hpp"
#include "clearing/base/timestamp.hpp"
#include "clearing/wire/records.hpp"
#include "crypto/digest.hpp"
#include "crypto/keys.hpp"
#include "tests/unit/crypto/fixtures.hpp"

namespace hugang::simulation {

[[nodiscard]] inline crypto::PrivateKey key_of(base::NodeId node, std::uint32_t n) {
  const std::string name =
      "simulated key " + std::to_string(node.value()) + "/" + std::to_string(n);
  return crypto::test::ed25519_key(base::to_hex(crypto::sha256(base::as_bytes(name)).bytes));
}

[[nodiscard]] inline std::vector<crypto::PrivateKey> first_keys_of(base::NodeId node,
                                                                   std::uint32_t count) {
  std::vector<crypto::PrivateKey> keys;
  for (std::uint32_t n = 0; n < count; ++n) keys.push_back(key_of(node, n));
  return keys;
}

[[nodiscard]] inline wire::KeyRecord key_record_of(base::NodeId node, std::uint32_t n,
                                                   base::Timestamp from, base::Timestamp to) {
  const auto key = key_of(node, n).public_key();
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
