#include "clients/audit/signatures.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "clearing/wire/batch.hpp"
#include "crypto/envelope.hpp"

namespace hugang::audit {
namespace {

/// Refusals that the machine makes before it trusts an envelope: nothing moved because of it.
bool is_refused_unread(machine::Code outcome) {
  return outcome == machine::Code::kPeerUnknown || outcome == machine::Code::kPeerHalted ||
         outcome == machine::Code::kPayloadMalformed || outcome == machine::Code::kKeyUnknown ||
         outcome == machine::Code::kReservedNotZero || outcome == machine::Code::kNotPermitted;
}

const wire::KeyRecord* find_key(const machine::State& state, base::NodeId node, base::KeyId id) {
  const auto peer = state.peers.find(node);
  if (peer == state.peers.end()) return nullptr;
  const auto& keys = peer->second.keys;
  const auto found =
      std::ranges::find(keys, id, [](const machine::PeerKey& key) { return key.record.key_id; });
  return found == keys.end() ? nullptr : &found->record;
}

}  // namespace

const crypto::PublicKey* SignatureChecker::key_of(const wire::KeyRecord& record) {
  const auto known = keys_.find(record.key_id);
  if (known != keys_.end()) return &known->second;
  const auto suite = crypto::suite_from_number(record.suite);
  if (!suite) return nullptr;
  auto key = crypto::PublicKey::from_der(*suite, record.der_view());
  if (!key || key->id() != record.key_id) return nullptr;
  return &keys_.emplace(record.key_id, std::move(*key)).first->second;
}

std::expected<void, std::string> SignatureChecker::check_record(base::ByteSpan record,
                                                                machine::Code outcome,
                                                                const machine::State& state) {
  const auto pass_over = [&](std::string why) -> std::expected<void, std::string> {
    if (!is_refused_unread(outcome)) return std::unexpected{std::move(why)};
    ++unverifiable_;
    return {};
  };
  const auto view = wire::decode_peer_envelope(record);
  if (!view) return pass_over("a peer's envelope cannot be read");
  const auto envelope = wire::decode_envelope_view(view->envelope);
  if (!envelope) {
    return pass_over(fmt::format("an envelope of node {} cannot be read: {}",
                                 view->head.peer.value(), wire::to_text(envelope.error())));
  }
  const wire::KeyRecord* key_record = find_key(state, view->head.peer, envelope->key_id);
  const crypto::PublicKey* key = key_record == nullptr ? nullptr : key_of(*key_record);
  if (key == nullptr) {
    return pass_over(
        fmt::format("an envelope of node {} is signed with key {:016x}, which the "
                    "journal never registered for it",
                    view->head.peer.value(), envelope->key_id.value()));
  }
  if (const auto checked = crypto::check(*key, *envelope); !checked) {
    return std::unexpected{fmt::format(
        "an envelope of node {} has no valid signature of key "
        "{:016x}: {}",
        view->head.peer.value(), envelope->key_id.value(), crypto::to_text(checked.error()))};
  }
  ++good_;
  return {};
}

std::expected<void, LedgerError> SignatureChecker::check(const EntryView& entry,
                                                         const machine::State& state) {
  const auto groups = wire::read_batch(entry.commands);
  HG_CHECK(groups.has_value());  // the replay has read the same section
  std::uint32_t index = 0;
  for (const wire::GroupView& group : *groups) {
    for (std::uint32_t i = 0; i < group.count; ++i, ++index) {
      if (group.kind != wire::CommandKind::kPeerEnvelope) continue;
      const auto checked = check_record(group.record(i), entry.outcome(index).code, state);
      if (checked) continue;
      return std::unexpected{
          LedgerError{.code = LedgerError::Code::kDamaged,
                      .sentence = fmt::format("entry {} holds what its sender never signed: {}",
                                              entry.head.seqno.value(), checked.error()),
                      .entry = entry.head.seqno}};
    }
  }
  return {};
}

}  // namespace hugang::audit
