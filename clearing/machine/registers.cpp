#include "clearing/machine/registers.hpp"

#include <algorithm>

#include "clearing/machine/channel.hpp"
#include "clearing/machine/keys.hpp"
#include "clearing/machine/limits.hpp"
#include "clearing/machine/text.hpp"

namespace hugang::machine {
namespace {

template <std::size_t N>
bool is_zero(const std::array<std::byte, N>& reserved) {
  return std::ranges::all_of(reserved, [](std::byte b) { return b == std::byte{0}; });
}

bool is_known_peer_rule(const State& state, const wire::Rule& rule) {
  if (!state.assets.contains(rule.asset)) return false;
  if (rule.value < 0 || rule.value > Amount::kMaxMinor) return false;
  switch (rule.kind) {  // A number outside the enumeration falls through to the end.
    case wire::RuleKind::kSingleMax:
      return rule.peer.is_none();
    case wire::RuleKind::kCorridorCap:
      return state.peers.contains(rule.peer);
  }
  return false;
}

Code check_rules(const State& state, const wire::SetRulesView& view, Timestamp now) {
  for (const wire::Rule& rule : view.rules) {
    if (!is_known_peer_rule(state, rule)) return Code::kRulesMalformed;
  }
  std::uint32_t last_version = state.rules.version;
  Timestamp last_effective = state.rules.effective_from;
  if (!state.pending_rules.empty()) {
    last_version = state.pending_rules.back().version;
    last_effective = state.pending_rules.back().effective_from;
  }
  const Timestamp effective = view.head.effective_from.is_none() ? now : view.head.effective_from;
  if (view.head.version <= last_version) return Code::kRulesNotNewer;
  if (effective < now || effective < last_effective) return Code::kRulesNotNewer;
  if (state.pending_rules.size() >= kRulePacksPendingMax) return Code::kCapacity;
  return Code::kOk;
}

}  // namespace

Answer apply_genesis(ApplyContext& context, const wire::Genesis& command) {
  State& state = context.state;
  if (context.caller != kNodeItself || !state.self.is_none()) return refuse(Code::kNotPermitted);
  if (command.reserved0 != 0 || !is_zero(command.reserved)) return refuse(Code::kReservedNotZero);
  if (command.node.is_none() || command.node.value() > base::kAccountNumberNodeMax) {
    return refuse(Code::kNotPermitted);
  }
  if (!is_clean_code(command.code) || !is_clean_name(command.name))
    return refuse(Code::kTextMalformed);
  if (state.ids.mark().lines == 0)
    state.ids.set_seed(fingerprint(std::as_bytes(std::span{&command, 1}), kNodeItself));
  state.self = command.node;
  state.code = command.code;
  state.name = command.name;
  return {};
}

Answer apply_register_asset(ApplyContext& context, const wire::RegisterAsset& command) {
  State& state = context.state;
  if (!is_operator(state, context.caller)) return refuse(Code::kNotPermitted);
  if (!is_zero(command.reserved0) || !is_zero(command.reserved))
    return refuse(Code::kReservedNotZero);
  if (!is_clean_code(command.code)) return refuse(Code::kTextMalformed);
  if (command.asset.is_none() || command.issuer.is_none() || command.scale > 12) {
    return refuse(Code::kAssetUnknown);
  }
  const bool is_taken = std::ranges::any_of(state.assets, [&](const auto& entry) {
    return entry.first == command.asset || entry.second.code == command.code;
  });
  if (is_taken) return refuse(Code::kAssetExists);
  if (state.assets.size() >= kAssetsMax) return refuse(Code::kCapacity);
  Asset asset;
  asset.id = command.asset;
  asset.issuer = command.issuer;
  asset.scale = command.scale;
  asset.code = command.code;
  state.assets.emplace(command.asset, asset);
  return {};
}

Answer apply_register_participant(ApplyContext& context, const wire::RegisterParticipant& command) {
  State& state = context.state;
  if (!is_operator(state, context.caller)) return refuse(Code::kNotPermitted);
  if (command.reserved0 != 0 || !is_zero(command.reserved)) return refuse(Code::kReservedNotZero);
  if (command.roles == 0 || (command.roles & ~wire::role::kAll) != 0) {
    return refuse(Code::kFlagsUnknown);
  }
  const bool is_clean = is_clean_code(command.code) && is_clean_name(command.name) &&
                        is_clean_optional(command.local_name) && is_clean_optional(command.bic) &&
                        is_clean_optional(command.lei);
  if (!is_clean) return refuse(Code::kTextMalformed);
  const bool is_taken = std::ranges::any_of(
      state.participants, [&](const Participant& p) { return p.code == command.code; });
  if (is_taken) return refuse(Code::kParticipantExists);
  if (state.participants.size() >= kParticipantsMax) return refuse(Code::kCapacity);

  Participant participant;
  participant.id = ParticipantId{static_cast<std::uint32_t>(state.participants.size() + 1)};
  participant.roles = command.roles;
  participant.code = command.code;
  participant.bic = command.bic;
  participant.lei = command.lei;
  participant.name = command.name;
  participant.local_name = command.local_name;
  participant.registered_at = context.now;
  state.participants.push_back(participant);
  return {Code::kOk, participant.id.value()};
}

Answer apply_update_participant(ApplyContext& context, const wire::UpdateParticipant& command) {
  State& state = context.state;
  if (!is_operator(state, context.caller)) return refuse(Code::kNotPermitted);
  if (!is_zero(command.reserved) || command.suspend > 1) return refuse(Code::kReservedNotZero);
  if (state.participant(command.participant) == nullptr) return refuse(Code::kParticipantUnknown);
  // Nobody locks the door on itself: an operator cannot suspend its own access.
  if (command.participant == context.caller) return refuse(Code::kNotPermitted);
  state.participants[command.participant.value() - 1].is_suspended = command.suspend == 1;
  return {};
}

Answer apply_register_peer(ApplyContext& context, const wire::RegisterPeer& command) {
  State& state = context.state;
  if (!is_operator(state, context.caller)) return refuse(Code::kNotPermitted);
  if (command.reserved0 != 0) return refuse(Code::kReservedNotZero);
  if (!is_clean_code(command.code)) return refuse(Code::kTextMalformed);
  if (command.peer.is_none() || command.peer == state.self ||
      command.peer.value() > base::kAccountNumberNodeMax) {
    return refuse(Code::kPeerUnknown);
  }
  const bool is_taken = std::ranges::any_of(state.peers, [&](const auto& entry) {
    return entry.first == command.peer || entry.second.code == command.code;
  });
  if (is_taken) return refuse(Code::kPeerExists);
  if (state.peers.size() >= kPeersMax) return refuse(Code::kCapacity);
  const Code key = check_key_record(context.hashing, {}, command.key);
  if (key != Code::kOk) return refuse(key);

  Peer& peer = state.peers[command.peer];
  peer.node = command.peer;
  peer.code = command.code;
  add_key(context, peer.node, peer.keys, command.key);
  return {};
}

Answer apply_set_rules(ApplyContext& context, base::ByteSpan record) {
  State& state = context.state;
  const auto view = wire::decode_set_rules(record);
  if (!view) return refuse(Code::kRulesMalformed);
  if (!is_operator(state, context.caller)) return refuse(Code::kNotPermitted);
  if (const Code code = check_rules(state, *view, context.now); code != Code::kOk)
    return refuse(code);

  RulePack pack;
  pack.version = view->head.version;
  pack.effective_from =
      view->head.effective_from.is_none() ? context.now : view->head.effective_from;
  pack.rules = view->rules;
  if (pack.effective_from <= context.now) {
    state.rules = std::move(pack);
    wire::RulesActivated event;
    event.version = state.rules.version;
    emit(context, wire::EventKind::kRulesActivated, event);
  } else {
    state.pending_rules.push_back(std::move(pack));
  }
  return {};
}

}  // namespace hugang::machine
