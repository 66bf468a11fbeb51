#include "clearing/machine/keys.hpp"

#include <algorithm>

#include "clearing/machine/channel.hpp"
#include "clearing/machine/limits.hpp"

namespace hugang::machine {
namespace {

/// First 8 bytes, big-endian, of SHA-256(suite ‖ DER): binds the id to the key.
KeyId key_id_of(const Hashing& hashing, const wire::KeyRecord& key) {
  base::Bytes bytes;
  bytes.push_back(static_cast<std::byte>(key.suite));
  const auto der = key.der_view();
  bytes.insert(bytes.end(), der.begin(), der.end());
  const Digest digest = hashing.sha256(bytes);
  std::uint64_t id = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    id = id << 8 | std::to_integer<std::uint64_t>(digest.bytes[i]);
  }
  return KeyId{id};
}

/// The end of the last key before the new one is cut to the announced instant.
void shorten_last(std::vector<PeerKey>& keys, Timestamp previous_valid_to) {
  if (keys.empty()) return;
  Timestamp& valid_to = keys.back().record.valid_to;
  valid_to = std::min(valid_to, previous_valid_to);
}

/// Without overlap there would be a time in which nothing that the node says can be verified.
Code check_overlap(const std::vector<PeerKey>& keys, const wire::KeyRecord& key,
                   Timestamp previous_valid_to) {
  if (keys.empty()) return Code::kOk;
  if (keys.size() >= kKeysPerPeerMax) return Code::kCapacity;
  const Timestamp end = std::min(keys.back().record.valid_to, previous_valid_to);
  return end < key.valid_from ? Code::kKeyValidity : Code::kOk;
}

}  // namespace

Code check_key_record(const Hashing& hashing, const std::vector<PeerKey>& known,
                      const wire::KeyRecord& key) {
  if (key.reserved0 != 0 || key.reserved1 != 0 || key.reserved != decltype(key.reserved){}) {
    return Code::kReservedNotZero;
  }
  if (key.der_bytes == 0 || key.der_bytes > key.der.size()) return Code::kKeyValidity;
  for (std::size_t i = key.der_bytes; i < key.der.size(); ++i) {
    if (key.der[i] != std::byte{0}) return Code::kReservedNotZero;
  }
  if (key.valid_to <= key.valid_from) return Code::kKeyValidity;
  if (key_id_of(hashing, key) != key.key_id) return Code::kKeyValidity;
  const bool is_known =
      std::ranges::any_of(known, [&](const PeerKey& k) { return k.record.key_id == key.key_id; });
  return is_known ? Code::kKeyExists : Code::kOk;
}

void add_key(ApplyContext& context, NodeId node, std::vector<PeerKey>& keys,
             const wire::KeyRecord& key) {
  keys.push_back({key, context.now});
  wire::KeyAdded event;
  event.node = node;
  event.key = key;
  emit(context, wire::EventKind::kKeyAdded, event);
}

Answer apply_rotate_key(ApplyContext& context, const wire::RotateKey& command) {
  State& state = context.state;
  if (!is_operator(state, context.caller)) return refuse(Code::kNotPermitted);
  const Code form = check_key_record(context.hashing, state.own_keys, command.key);
  if (form != Code::kOk) return refuse(form);
  const Code overlap = check_overlap(state.own_keys, command.key, command.previous_valid_to);
  if (overlap != Code::kOk) return refuse(overlap);

  shorten_last(state.own_keys, command.previous_valid_to);
  add_key(context, state.self, state.own_keys, command.key);
  wire::KeyAnnouncement announcement;
  announcement.previous_valid_to = command.previous_valid_to;
  announcement.key = command.key;
  for (auto& [node, peer] : state.peers) {
    queue_message(context, peer, wire::MessageKind::kKeyAnnouncement, announcement);
  }
  return {Code::kOk, command.key.key_id.value()};
}

Code receive_key(ApplyContext& context, Peer& peer, base::ByteSpan body) {
  if (body.size() != sizeof(wire::KeyAnnouncement)) return Code::kPayloadMalformed;
  const auto announcement = wire::read_record<wire::KeyAnnouncement>(body);
  const Code form = check_key_record(context.hashing, peer.keys, announcement.key);
  // The operators may have exchanged the key by hand before: then there is nothing to do.
  if (form == Code::kKeyExists) return Code::kOk;
  if (form != Code::kOk) return Code::kPayloadMalformed;
  if (check_overlap(peer.keys, announcement.key, announcement.previous_valid_to) != Code::kOk) {
    return Code::kPayloadMalformed;
  }
  shorten_last(peer.keys, announcement.previous_valid_to);
  add_key(context, peer.node, peer.keys, announcement.key);
  return Code::kOk;
}

}  // namespace hugang::machine
