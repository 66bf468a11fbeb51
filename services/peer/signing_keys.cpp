#include "services/peer/signing_keys.hpp"

#include <algorithm>
#include <utility>

#include "clearing/wire/envelope.hpp"
#include "crypto/envelope.hpp"

namespace hugang::peer {
namespace {

std::string id_text(base::KeyId id) {
  std::array<std::byte, 8> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(id.value() >> (56 - 8 * i));
  }
  return base::to_hex(bytes);
}

}  // namespace

std::expected<SigningKeys, std::string> SigningKeys::load(
    std::span<const std::filesystem::path> files) {
  if (files.empty()) {
    return std::unexpected{"no signing key is configured: name at least one key file"};
  }
  std::vector<crypto::PrivateKey> keys;
  for (const auto& file : files) {
    auto key = crypto::PrivateKey::load_pem_file(file);
    if (!key) {
      return std::unexpected{"signing key " + file.string() + ": " + key.error().sentence};
    }
    keys.push_back(*std::move(key));
  }
  return SigningKeys{std::move(keys)};
}

SigningKeys::SigningKeys(std::vector<crypto::PrivateKey> keys) {
  for (crypto::PrivateKey& key : keys) {
    keys_.push_back(std::make_shared<const crypto::PrivateKey>(std::move(key)));
  }
}

void SigningKeys::announce(const wire::KeyRecord& record) {
  const auto known = std::ranges::find(announced_, record.key_id, &wire::KeyRecord::key_id);
  if (known == announced_.end()) {
    announced_.push_back(record);
  } else {
    *known = record;
  }
}

SigningKeys::Choice SigningKeys::choose(base::Timestamp now,
                                        std::span<const base::KeyId> unknown_to_peer) const {
  Choice choice;
  for (auto record = announced_.rbegin(); record != announced_.rend(); ++record) {
    if (std::ranges::find(unknown_to_peer, record->key_id) != unknown_to_peer.end()) continue;
    // A rotation cuts the end of the key before. The peer hears of that with the announcement, and
    // until then that key is what it can verify: the receiver judges whether it is still valid.
    const bool is_over = record->valid_to <= now && unknown_to_peer.empty();
    if (record->valid_from > now || is_over) continue;
    choice.key = find_private(record->key_id);
    if (choice.key != nullptr) return choice;
    if (choice.trouble.empty()) {
      choice.trouble = "the private half of the newest signing key " + id_text(record->key_id) +
                       " is not among the configured key files: add its file and restart";
    }
  }
  if (choice.trouble.empty()) {
    choice.trouble =
        "no signing key of this node is valid now and known to the peer: announce one in time with "
        "'hugang admin keys rotate'";
  }
  return choice;
}

const crypto::PrivateKey* SigningKeys::find_private(base::KeyId id) const {
  const auto held =
      std::ranges::find_if(keys_, [&](const auto& key) { return key->public_key().id() == id; });
  return held == keys_.end() ? nullptr : held->get();
}

void KeyDirectory::add(const wire::KeyRecord& record) {
  const auto suite = wire::suite_from_number(record.suite);
  if (!suite) return;
  auto key = crypto::PublicKey::from_der(*suite, record.der_view());
  if (!key || key->id() != record.key_id) return;
  keys_.insert_or_assign(record.key_id, *std::move(key));
}

const crypto::PublicKey* KeyDirectory::find(base::KeyId id) const {
  const auto found = keys_.find(id);
  return found == keys_.end() ? nullptr : &found->second;
}

base::Bytes seal_bytes(const crypto::PrivateKey& key, base::Bytes payload) {
  return wire::encode_envelope(crypto::seal(key, std::move(payload)));
}

}  // namespace hugang::peer
