// Public signing keys: this node's own, the peers', and their rotation. Internal to machine/.
#pragma once

#include "clearing/machine/apply_context.hpp"

namespace hugang::machine {

/// kOk, kKeyExists, kKeyValidity (empty validity, or an id that is not the key's hash) or
/// kReservedNotZero.
[[nodiscard]] Code check_key_record(const Hashing& hashing, const std::vector<PeerKey>& known,
                                    const wire::KeyRecord& key);

/// Announces this node's next key to every peer.
[[nodiscard]] Answer apply_rotate_key(ApplyContext& context, const wire::RotateKey& command);

/// A peer announces its next key, in an envelope that the key before has signed.
[[nodiscard]] Code receive_key(ApplyContext& context, Peer& peer, base::ByteSpan body);

/// Adds a key and tells so.
void add_key(ApplyContext& context, NodeId node, std::vector<PeerKey>& keys,
             const wire::KeyRecord& key);

}  // namespace hugang::machine
