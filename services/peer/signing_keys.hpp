// Which of this node's signing keys an envelope is sealed with, and the public keys of a peer.
#pragma once

#include <expected>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "clearing/base/bytes.hpp"
#include "clearing/base/timestamp.hpp"
#include "clearing/machine/state.hpp"
#include "crypto/keys.hpp"

namespace hugang::peer {

/// The private halves that were loaded and the public records that the ledger announces. The
/// ledger decides which key is valid when; the files only hold what can sign. Not thread-safe, but
/// a key that choose() gave may be used by any thread as long as this object lives.
class SigningKeys {
 public:
  using PrivateKeys = std::vector<std::shared_ptr<const crypto::PrivateKey>>;
  explicit SigningKeys(PrivateKeys keys) : keys_{std::move(keys)} {}
  explicit SigningKeys(std::vector<crypto::PrivateKey> keys);

  /// The error is a sentence that names the file and says what to do.
  [[nodiscard]] static std::expected<SigningKeys, std::string> load(
      std::span<const std::filesystem::path> files);

  /// Adds an announced key of this node, or replaces what was known of it. In the ledger's order.
  void announce(const wire::KeyRecord& record);

  /// Whether the private half of that key was loaded.
  [[nodiscard]] bool holds(base::KeyId id) const { return find_private(id) != nullptr; }

  struct Choice {
    const crypto::PrivateKey* key = nullptr;  ///< none: nothing can be signed now
    std::string trouble;                      ///< a sentence when an operator must act
  };
  /// Of the announced keys that are valid at `now` the one announced last, if its private half is
  /// here; else the last one whose private half is, with a sentence about the missing one. Those in
  /// `unknown_to_peer` are passed over: the peer could not verify what they sign.
  [[nodiscard]] Choice choose(base::Timestamp now,
                              std::span<const base::KeyId> unknown_to_peer = {}) const;

 private:
  [[nodiscard]] const crypto::PrivateKey* find_private(base::KeyId id) const;

  PrivateKeys keys_;
  std::vector<wire::KeyRecord> announced_;  ///< in the order of their announcement
};

/// The public keys of one peer by their id. Validity in time is the core's to judge, because it
/// depends on the journaled time. Not thread-safe; a found key may be copied out and used anywhere.
class KeyDirectory {
 public:
  /// Passes over a record that holds no key of its suite: the core refuses those before they get
  /// into the state.
  void add(const wire::KeyRecord& record);
  /// nullptr when unknown.
  [[nodiscard]] const crypto::PublicKey* find(base::KeyId id) const;

 private:
  std::map<base::KeyId, crypto::PublicKey> keys_;
};

/// The bytes of a signed envelope around `payload`.
[[nodiscard]] base::Bytes seal_bytes(const crypto::PrivateKey& key, base::Bytes payload);

}  // namespace hugang::peer
