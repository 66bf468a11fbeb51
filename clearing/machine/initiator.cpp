#include "clearing/machine/initiator.hpp"

#include "clearing/machine/channel.hpp"
#include "clearing/machine/funds.hpp"
#include "clearing/machine/limits.hpp"
#include "clearing/machine/settlement.hpp"
#include "clearing/machine/text.hpp"

namespace hugang::machine {
namespace {

std::expected<SettlementLeg, Code> resolve_leg(const ApplyContext& context, const Peer& peer,
                                               const wire::Leg& leg) {
  const State& state = context.state;
  const bool pays = leg.direction == wire::Direction::kOut;
  if (!state.assets.contains(leg.asset)) return std::unexpected{Code::kAssetUnknown};
  const auto corridor = find_corridor(peer, leg.asset);
  if (!corridor) return std::unexpected{corridor.error()};
  const auto own = find_account(state, leg.initiator_account, pays);
  if (!own) return std::unexpected{own.error()};
  if (const Code code = check_other_number(leg.responder_account, peer.node, !pays);
      code != Code::kOk) {
    return std::unexpected{code};
  }
  if (state.account(*own).asset != leg.asset) return std::unexpected{Code::kAssetMismatch};
  // Before the standing: nobody learns from a refusal how another's account stands.
  if (pays && state.account(*own).owner != context.caller) {
    return std::unexpected{Code::kNotOwner};
  }
  const auto customer = find_customer(state, leg.initiator_account, leg.asset, pays);
  if (!customer) return std::unexpected{customer.error()};
  SettlementLeg resolved;
  resolved.customer = *customer;
  resolved.corridor = *corridor;
  resolved.other_account = leg.responder_account;
  resolved.asset = leg.asset;
  resolved.amount_minor = leg.amount_minor;
  resolved.pays = pays;
  return resolved;
}

Code check_standing(const ApplyContext& context) {
  if (context.caller == kNodeItself) return Code::kNotPermitted;
  return caller_standing(context.state, context.caller);
}

/// A return refers to a settled settlement with the same peer and gives back what came in.
Code check_return(const State& state, Settlement& settlement) {
  if (settlement.kind != wire::SettlementKind::kReturn) return Code::kOk;
  const Settlement* original = state.settlements.find(settlement.extra->original_id);
  if (original == nullptr || original->peer != settlement.peer) return Code::kOriginalUnknown;
  return match_return(*original, settlement.legs, /*this_side_returns=*/true);
}

/// The settlement as it would be opened, or the first reason against it.
std::expected<Settlement, Code> decide_instruct(const ApplyContext& context,
                                                const wire::InstructView& view) {
  const State& state = context.state;
  if (const Code code = check_standing(context); code != Code::kOk) return std::unexpected{code};
  const auto peer = state.peers.find(view.head.responder);
  if (view.head.initiator != state.self || peer == state.peers.end()) {
    return std::unexpected{Code::kPeerUnknown};
  }
  if (const Code code = channel_standing(peer->second); code != Code::kOk) {
    return std::unexpected{code};
  }
  if (const Code code = check_shape(view.head, view.legs, view.details.size(), context.now);
      code != Code::kOk) {
    return std::unexpected{code};
  }
  Settlement settlement;
  settlement.id = view.head.id;
  settlement.peer = view.head.responder;
  settlement.is_initiator = true;
  settlement.kind = view.head.kind;
  settlement.status = SettlementStatus::kSent;
  settlement.submitter = context.caller;
  settlement.decide_by = view.head.decide_by;
  settlement.value_date = view.head.value_date;
  fill_extra(settlement, view);
  for (const wire::Leg& leg : view.legs) {
    const auto resolved = resolve_leg(context, peer->second, leg);
    if (!resolved) return std::unexpected{resolved.error()};
    settlement.legs.push_back(*resolved);
  }
  if (const Code code = check_return(state, settlement); code != Code::kOk) {
    return std::unexpected{code};
  }
  if (const Code code = check_legs(state, peer->second, settlement.legs); code != Code::kOk) {
    return std::unexpected{code};
  }
  if (state.open_settlements >= kOpenSettlementsMax) return std::unexpected{Code::kCapacity};
  return settlement;
}

}  // namespace

Answer apply_instruct(ApplyContext& context, base::ByteSpan record) {
  auto view = wire::decode_instruct(record);
  if (!view) return refuse(Code::kReservedNotZero);
  if (view->head.decide_by.is_none()) view->head.decide_by = context.now + kDecideWithinDefault;
  auto decided = decide_instruct(context, *view);
  if (!decided) return refuse(decided.error());

  // From here on nothing can fail.
  Settlement& settlement = open_settlement(context, std::move(*decided));
  pend_legs(context.state, settlement);
  if (gives_back(settlement)) reserve_return(context.state, settlement);
  Peer& peer = *find_peer(context.state, settlement.peer);
  // The message is the client's record with its time to decide made definite. The record itself
  // stays as it came: a retry tomorrow must be the same command.
  base::Bytes message = wire::encode_message(wire::MessageKind::kInstruct, record);
  __builtin_memcpy(message.data() + sizeof(wire::MessageHead), &view->head, sizeof(view->head));
  settlement.instruct_message = queue_message(context, peer, std::move(message));
  return {Code::kOk, settlement.instruct_message.value()};
}

Answer apply_recall(ApplyContext& context, const wire::Recall& command) {
  if (command.reserved != decltype(command.reserved){}) return refuse(Code::kReservedNotZero);
  if (!is_clean_optional(command.reason)) return refuse(Code::kTextMalformed);
  if (const Code code = check_standing(context); code != Code::kOk) return refuse(code);
  Settlement* settlement = find_settlement(context.state, command.settlement);
  if (settlement == nullptr || !settlement->is_initiator) return refuse(Code::kSettlementUnknown);
  if (settlement->submitter != context.caller) return refuse(Code::kNotOwner);
  if (settlement->status == SettlementStatus::kRefused) return refuse(Code::kAlreadyRefused);
  Peer& peer = *find_peer(context.state, settlement->peer);
  if (const Code code = channel_standing(peer); code != Code::kOk) return refuse(code);

  settlement->is_recall_requested = true;
  settlement->extra.edit().recall_reason = command.reason;
  settlement->extra.edit().recalled_at = context.now;
  wire::RecallRequest request;
  request.recall = command.id;
  request.settlement = command.settlement;
  request.reason = command.reason;
  return {Code::kOk, queue_message(context, peer, wire::MessageKind::kRecall, request).value()};
}

Code receive_decision(ApplyContext& context, Peer& peer, base::ByteSpan body,
                      ChannelSeqno message) {
  if (body.size() != sizeof(wire::Decision)) return Code::kPayloadMalformed;
  const auto decision = wire::read_record<wire::Decision>(body);
  if (decision.reserved0 != 0 || decision.reserved1 != 0 || decision.reserved2 != 0) {
    return Code::kPayloadMalformed;
  }
  Settlement* settlement = find_settlement(context.state, decision.settlement);
  if (settlement == nullptr || !settlement->is_initiator || settlement->peer != peer.node) {
    return Code::kDecisionUnknown;
  }
  if (settlement->status != SettlementStatus::kSent) return Code::kDecisionRepeated;

  unpend_legs(context.state, *settlement);
  const bool is_settled = decision.code == Code::kOk;
  if (is_settled) post_legs(context.state, *settlement);
  settlement->decided_at = decision.decided_at;
  settlement->decision_message = message;
  close_settlement(context, *settlement,
                   is_settled ? SettlementStatus::kSettled : SettlementStatus::kRefused,
                   decision.code);
  return Code::kOk;
}

Code receive_recall_answer(ApplyContext& context, Peer& peer, base::ByteSpan body) {
  if (body.size() != sizeof(wire::RecallAnswer)) return Code::kPayloadMalformed;
  const auto answer = wire::read_record<wire::RecallAnswer>(body);
  if (answer.reserved0 != 0 || answer.reserved1 != 0) return Code::kPayloadMalformed;
  Settlement* settlement = find_settlement(context.state, answer.settlement);
  if (settlement == nullptr || !settlement->is_initiator || settlement->peer != peer.node ||
      !settlement->is_recall_requested) {
    return Code::kDecisionUnknown;
  }
  settlement->recall_answer = answer.code == Code::kOk ? Code::kRecalled : answer.code;
  settlement->extra.edit().recall_answered_at = context.now;
  return Code::kOk;
}

}  // namespace hugang::machine
