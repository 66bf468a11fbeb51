#include "clearing/machine/responder.hpp"

#include <algorithm>

#include "clearing/machine/channel.hpp"
#include "clearing/machine/funds.hpp"
#include "clearing/machine/limits.hpp"
#include "clearing/machine/settlement.hpp"
#include "clearing/machine/text.hpp"

namespace hugang::machine {
namespace {

ChannelSeqno send_decision(ApplyContext& context, Peer& peer, CommandId id, Code code) {
  wire::Decision decision;
  decision.settlement = id;
  decision.code = code;
  decision.decided_at = context.now;
  decision.responder_seqno = context.seqno;
  return queue_message(context, peer, wire::MessageKind::kDecision, decision);
}

/// The decision: closes the settlement and tells the initiator.
void decide_with(ApplyContext& context, Peer& peer, Settlement& settlement, Code code) {
  const bool is_settled = code == Code::kOk;
  if (is_settled) post_legs(context.state, settlement);
  settlement.decided_at = context.now;
  close_settlement(context, settlement,
                   is_settled ? SettlementStatus::kSettled : SettlementStatus::kRefused, code);
  settlement.decision_message = send_decision(context, peer, settlement.id, code);
  peer.decisions.push_back(settlement.position);
}

/// Fills in this side of a leg as far as it can be found; the first reason against it, or kOk.
Code resolve_leg(const State& state, const Peer& peer, const wire::Leg& leg,
                 SettlementLeg& resolved) {
  // The initiator pays out: this side's customer receives, and the other way round.
  resolved.pays = leg.direction == wire::Direction::kIn;
  resolved.other_account = leg.initiator_account;
  resolved.asset = leg.asset;
  resolved.amount_minor = leg.amount_minor;
  if (!state.assets.contains(leg.asset)) return Code::kAssetUnknown;
  const auto corridor = find_corridor(peer, leg.asset);
  if (!corridor) return corridor.error();
  resolved.corridor = *corridor;
  const auto own = find_account(state, leg.responder_account, resolved.pays);
  if (!own) return own.error();
  const Code other = check_other_number(leg.initiator_account, peer.node, !resolved.pays);
  if (other != Code::kOk) return other;
  const auto customer = find_customer(state, leg.responder_account, leg.asset, resolved.pays);
  if (!customer) return customer.error();
  resolved.customer = *customer;
  resolved.needs_affirmation =
      resolved.pays || state.account(*customer).has(wire::account_flag::kReviewIncoming);
  return Code::kOk;
}

/// An honest peer never pays more of an asset issued here than its mirror account holds posted:
/// its own claim would not have let it. Hence a breach, not a refusal.
bool exceeds_mirror(const State& state, std::span<const SettlementLeg> legs) {
  for (const SettlementLeg& leg : legs) {
    if (leg.pays || leg.corridor.is_none()) continue;
    const Account& corridor = state.account(leg.corridor);
    if (!corridor.has(wire::account_flag::kNoDebitBalance)) continue;
    u128 sum = 0;
    for (const SettlementLeg& other : legs) {
      // What is no amount claims nothing; it is refused for its form.
      const bool is_amount = Amount::from_minor(other.amount_minor).has_value();
      if (is_amount && !other.pays && other.corridor == leg.corridor) {
        sum += static_cast<u128>(other.amount_minor);
      }
    }
    if (corridor.balance.debits_posted + sum > corridor.balance.credits_posted) return true;
  }
  return false;
}

/// For a return: the original's leg for each leg, or the refusal.
Code check_return(const State& state, Settlement& settlement) {
  if (settlement.kind != wire::SettlementKind::kReturn) return Code::kOk;
  const Settlement* original = state.settlements.find(settlement.extra->original_id);
  if (original == nullptr || original->peer != settlement.peer) return Code::kOriginalUnknown;
  return match_return(*original, settlement.legs, /*this_side_returns=*/false);
}

/// Fills in this side's legs. The first reason to refuse, or kOk.
Code resolve_legs(const State& state, const Peer& peer, const wire::InstructView& view,
                  Settlement& settlement) {
  Code first = Code::kOk;
  for (const wire::Leg& leg : view.legs) {
    settlement.legs.emplace_back();
    const Code code = resolve_leg(state, peer, leg, settlement.legs.back());
    if (first == Code::kOk) first = code;
  }
  return first;
}

bool is_well_formed(const wire::InstructView& view, const State& state, const Peer& peer) {
  return view.head.initiator == peer.node && view.head.responder == state.self &&
         !is_reserved(view.head.id) && !view.legs.empty() && view.legs.size() <= kLegsMax &&
         view.details.size() <= kDetailsBytesMax;
}

bool waits(const Settlement& settlement) {
  return std::ranges::any_of(settlement.legs, [](const SettlementLeg& leg) {
    return leg.needs_affirmation && !leg.is_affirmed;
  });
}

/// Standing of the accounts may have changed since the instruction came.
Code check_accounts_again(const State& state, const Settlement& settlement) {
  for (const SettlementLeg& leg : settlement.legs) {
    const auto found = find_customer(state, state.number_of(leg.customer), leg.asset, leg.pays);
    if (!found) return found.error();
  }
  return Code::kOk;
}

Code check_now(const State& state, const Peer& peer, const Settlement& settlement) {
  if (const Code code = check_accounts_again(state, settlement); code != Code::kOk) return code;
  return check_legs(state, peer, settlement.legs);
}

}  // namespace

Code receive_instruct(ApplyContext& context, Peer& peer, base::ByteSpan body,
                      ChannelSeqno message) {
  State& state = context.state;
  const auto view = wire::decode_instruct(body);
  if (!view || !is_well_formed(*view, state, peer)) return Code::kPayloadMalformed;
  if (const Settlement* known = find_settlement(state, view->head.id); known != nullptr) {
    if (!known->is_initiator && known->peer == peer.node) return Code::kInstructionRepeated;
    // Two customers chose one id, in opposite directions or at different nodes. Nobody is lying:
    // the second one is refused, and this ledger's own settlement of that id goes its way.
    send_decision(context, peer, view->head.id, Code::kIdUsedForOtherContent);
    return Code::kOk;
  }

  Settlement settlement;
  settlement.id = view->head.id;
  settlement.peer = peer.node;
  settlement.kind = view->head.kind;
  settlement.status = SettlementStatus::kPending;
  settlement.decide_by = view->head.decide_by;
  settlement.value_date = view->head.value_date;
  settlement.instruct_message = message;
  fill_extra(settlement, *view);

  const bool id_is_taken = state.ids.contains(view->head.id);
  const Code shape = check_shape(view->head, view->legs, view->details.size(), context.now);
  const Code legs = resolve_legs(state, peer, *view, settlement);
  if (exceeds_mirror(state, settlement.legs)) return Code::kCorridorExceeded;

  Code code = id_is_taken ? Code::kIdUsedForOtherContent : shape;
  if (code == Code::kOk) code = legs;
  if (code == Code::kOk) code = check_return(state, settlement);
  if (code == Code::kOk && state.open_settlements >= kOpenSettlementsMax) code = Code::kCapacity;

  // From here on nothing can fail: the settlement is recorded, whatever its end.
  // Its id is taken from now on, for local commands too.
  if (!id_is_taken) {
    remember(context, settlement.id, wire::CommandKind::kInstruct, fingerprint(body, kNodeItself),
             {});
  }
  Settlement& opened = open_settlement(context, std::move(settlement));
  if (code != Code::kOk) {
    for (SettlementLeg& leg : opened.legs) leg.returns_leg = SettlementLeg::kNoLeg;
  } else if (gives_back(opened)) {
    reserve_return(state, opened);
  }
  if (code == Code::kOk && waits(opened)) {
    state.deadlines.insert(Deadline{opened.decide_by, opened.id, true});
    return Code::kOk;
  }
  if (code == Code::kOk) code = check_legs(state, peer, opened.legs);
  decide_with(context, peer, opened, code);
  return Code::kOk;
}

Code receive_recall(ApplyContext& context, Peer& peer, base::ByteSpan body) {
  if (body.size() != sizeof(wire::RecallRequest)) return Code::kPayloadMalformed;
  const auto request = wire::read_record<wire::RecallRequest>(body);
  if (request.reserved != 0 || request.reserved1 != 0) return Code::kPayloadMalformed;
  if (!is_clean_optional(request.reason)) return Code::kPayloadMalformed;
  Settlement* settlement = find_settlement(context.state, request.settlement);
  if (settlement == nullptr) return Code::kDecisionUnknown;

  wire::RecallAnswer answer;
  answer.recall = request.recall;
  answer.settlement = request.settlement;
  answer.at = context.now;
  if (settlement->is_initiator || settlement->peer != peer.node) {
    // This ledger has the id from elsewhere and refused the peer's instruction for it, without a
    // record of its own (receive_instruct). The recall may have crossed that decision.
    answer.code = Code::kAlreadyRefused;
    queue_message(context, peer, wire::MessageKind::kRecallAnswer, answer);
    return Code::kOk;
  }
  settlement->is_recall_requested = true;
  settlement->extra.edit().recall_reason = request.reason;
  settlement->extra.edit().recalled_at = context.now;
  if (settlement->status == SettlementStatus::kPending) {
    decide_with(context, peer, *settlement, Code::kRecalled);
    answer.code = Code::kOk;
  } else if (settlement->status == SettlementStatus::kSettled) {
    answer.code = Code::kAlreadySettled;
  } else {
    answer.code = Code::kAlreadyRefused;
  }
  settlement->recall_answer = answer.code == Code::kOk ? Code::kRecalled : answer.code;
  settlement->extra.edit().recall_answered_at = context.now;
  queue_message(context, peer, wire::MessageKind::kRecallAnswer, answer);
  return Code::kOk;
}

Answer apply_affirm(ApplyContext& context, const wire::Affirm& command) {
  State& state = context.state;
  if (command.reserved != decltype(command.reserved){} || command.decline > 1) {
    return refuse(Code::kReservedNotZero);
  }
  if (context.caller == kNodeItself) return refuse(Code::kNotPermitted);
  if (const Code code = caller_standing(state, context.caller); code != Code::kOk)
    return refuse(code);
  Settlement* settlement = find_settlement(state, command.settlement);
  if (settlement == nullptr || settlement->is_initiator) return refuse(Code::kSettlementUnknown);
  if (settlement->status == SettlementStatus::kSettled) return refuse(Code::kAlreadySettled);
  if (settlement->status == SettlementStatus::kRefused) return refuse(Code::kAlreadyRefused);

  bool is_concerned = false;
  for (SettlementLeg& leg : settlement->legs) {
    if (!leg.needs_affirmation || leg.is_affirmed) continue;
    if (state.account(leg.customer).owner != context.caller) continue;
    is_concerned = true;
    leg.is_affirmed = command.decline == 0;
  }
  if (!is_concerned) return refuse(Code::kAffirmationNotNeeded);

  Peer& peer = *find_peer(state, settlement->peer);
  if (command.decline == 1) {
    decide_with(context, peer, *settlement, Code::kDeclined);
    return {Code::kOk, 0};
  }
  settlement->extra.edit().affirmed_at = context.now;
  if (waits(*settlement)) return {Code::kAwaitingAffirmation, 0};
  decide_with(context, peer, *settlement, check_now(state, peer, *settlement));
  return {Code::kOk, 0};
}

void refuse_undecided(ApplyContext& context, CommandId id) {
  Settlement* settlement = find_settlement(context.state, id);
  HG_CHECK(settlement != nullptr);
  HG_CHECK(settlement->status == SettlementStatus::kPending);
  Peer& peer = *find_peer(context.state, settlement->peer);
  decide_with(context, peer, *settlement, Code::kNotAffirmed);
}

}  // namespace hugang::machine
