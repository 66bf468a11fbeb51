#include <algorithm>

#include "clearing/machine/limits.hpp"
#include "tests/simulation/oracle/desk.hpp"
#include "tests/simulation/oracle/text.hpp"

namespace hugang::oracle {
namespace {

namespace flag = wire::account_flag;
using wire::SettlementStatus;

/// The answer to the initiator, for good.
void send_decision(Desk& desk, Time at, Id id, Settlement& settlement) {
  wire::Decision decision;
  decision.settlement = base::CommandId{id};
  decision.code = settlement.code;
  decision.decided_at = base::Timestamp{at};
  decision.responder_seqno = base::Seqno{desk.entry};
  settlement.decided_at = at;
  settlement.closed_at = at;
  settlement.closed_in = desk.entry;
  settlement.decision_message =
      send(desk, settlement.peer, at, wire::encode_message(wire::MessageKind::kDecision, decision));
}

/// Of a settlement that is kept.
void mark_decision(Desk& desk, Time at, Id id, const Settlement& settlement) {
  tell_change(desk, at, id, settlement);
  desk.book.channels.at(settlement.peer).decisions.push_back({settlement.decision_message, id});
}

void refuse_settlement(Desk& desk, Time at, Id id, Settlement& settlement, Code code) {
  settlement.status = SettlementStatus::kRefused;
  settlement.code = code;
  send_decision(desk, at, id, settlement);
  mark_decision(desk, at, id, settlement);
}

/// Refuses what had waited for affirmation.
void give_up(Desk& desk, Time at, Id id, Code code) {
  Settlement& settlement = desk.book.settlements.at(id);
  desk.book.decide_bys.erase({settlement.decide_by, id});
  reserve_of_original(desk.book, settlement, -1);
  refuse_settlement(desk, at, id, settlement, code);
}

void accept(Desk& desk, Id id, Settlement& settlement) {
  post_legs(desk.book, settlement.legs);
  settle_of_original(desk.book, settlement);
  settlement.status = SettlementStatus::kSettled;
  settlement.code = Code::kOk;
  send_decision(desk, desk.now, id, settlement);
  mark_decision(desk, desk.now, id, settlement);
}

bool is_amount(Minor amount) { return amount > 0 && amount <= 100'000'000'000'000'000; }

/// Whether the peer pays back more of our own assets than it holds by our ledger.
bool exceeds_mirror(Book& book, NodeNo from, const wire::InstructView& view) {
  std::map<AccountNo, Big> paid;
  const auto& corridors = book.channels.at(from).corridors;
  for (const wire::Leg& leg : view.legs) {
    const auto corridor = corridors.find(leg.asset.value());
    if (leg.direction == wire::Direction::kIn || corridor == corridors.end()) continue;
    if (is_amount(leg.amount_minor)) paid[corridor->second] += leg.amount_minor;
  }
  return std::ranges::any_of(paid, [&](const auto& each) {
    const Account& corridor = *find_account(book, each.first);
    return corridor.has(flag::kNoDebitBalance) &&
           each.second > corridor.money.credits - corridor.money.debits;
  });
}

Settlement record_of(const Desk& desk, NodeNo from, std::uint64_t message,
                     const wire::InstructView& view) {
  Settlement settlement;
  settlement.original = view.head.original_id.value();
  settlement.peer = from;
  settlement.kind = view.head.kind;
  settlement.status = SettlementStatus::kPending;
  settlement.decide_by = view.head.decide_by.ns();
  settlement.received_at = desk.now;
  settlement.received_in = desk.entry;
  settlement.instruct_message = message;
  for (const wire::Leg& each : view.legs) {
    Leg leg;
    leg.other = each.initiator_account.value();
    leg.asset = each.asset.value();
    leg.amount = each.amount_minor;
    leg.pays = each.direction == wire::Direction::kIn;
    settlement.legs.push_back(leg);
  }
  return settlement;
}

/// What can be said against the instruction when it comes; kOk fills the settlement's legs.
Code refusal_at_receipt(Desk& desk, NodeNo from, const wire::InstructView& view,
                        Settlement& settlement) {
  if (const Code code = form_of_legs(view.legs); code != Code::kOk) return code;
  if (const Code code = terms_of(view, desk.now); code != Code::kOk) return code;
  if (view.head.decide_by.ns() == 0) return Code::kDecideByPassed;
  auto legs = look_up(desk, from, false, 0, view.legs);
  if (!legs) return legs.error();
  if (view.head.kind == wire::SettlementKind::kReturn) {
    const Code code = match_return(desk.book, from, view.head.original_id.value(), *legs);
    if (code != Code::kOk) return code;
  }
  settlement.legs = *std::move(legs);
  return Code::kOk;
}

bool waits(const Settlement& settlement) {
  return std::ranges::any_of(settlement.legs,
                             [](const Leg& leg) { return leg.needs_word && !leg.has_word; });
}

Code standing_now(Book& book, const Settlement& settlement) {
  for (const Leg& leg : settlement.legs) {
    const Code code = standing_of(*find_account(book, leg.own), leg.pays);
    if (code != Code::kOk) return code;
  }
  return Code::kOk;
}

}  // namespace

Code take_instruction(Desk& desk, NodeNo from, std::uint64_t message, ByteSpan body) {
  Book& book = desk.book;
  const auto view = wire::decode_instruct(body);
  if (!view) return Code::kPayloadMalformed;
  const wire::InstructHead& head = view->head;
  const Id id = head.id.value();
  if (is_reserved(id) || head.initiator.value() != from || head.responder.value() != book.self ||
      view->legs.empty() || view->legs.size() > machine::kLegsMax ||
      view->details.size() > machine::kDetailsBytesMax) {
    return Code::kPayloadMalformed;
  }
  const auto known = book.settlements.find(id);
  const bool is_settlement = known != book.settlements.end();
  if (is_settlement && !known->second.is_ours && known->second.peer == from) {
    return Code::kInstructionRepeated;
  }
  Settlement settlement = record_of(desk, from, message, *view);
  if (is_settlement) {
    // The id stands for another settlement here: refused, without a second record.
    settlement.status = SettlementStatus::kRefused;
    settlement.code = Code::kIdUsedForOtherContent;
    send_decision(desk, desk.now, id, settlement);
    return Code::kOk;
  }
  if (exceeds_mirror(book, from, *view)) return Code::kCorridorExceeded;
  Code code = book.memory.contains(id) ? Code::kIdUsedForOtherContent
                                       : refusal_at_receipt(desk, from, *view, settlement);
  if (code == Code::kOk && !waits(settlement)) {
    code = limits_and_money(book, from, settlement.legs);
  }
  Settlement& kept = book.settlements[id] = settlement;
  if (!book.memory.contains(id)) {
    // From now on the id stands for this, for local commands too.
    remember(book, CommandKind::kInstruct, 0, body, done(), desk.now);
  }
  tell_change(desk, desk.now, id, kept);  // recorded, whatever is decided in the same moment
  if (code != Code::kOk) {
    refuse_settlement(desk, desk.now, id, kept, code);
  } else if (waits(kept)) {
    reserve_of_original(book, kept, 1);
    book.decide_bys.insert({kept.decide_by, id});
  } else {
    accept(desk, id, kept);
  }
  return Code::kOk;
}

Answer affirm(Desk& desk, PersonNo caller, const wire::Affirm& c) {
  Book& book = desk.book;
  if (c.decline > 1 || c.reserved != decltype(c.reserved){}) {
    return refuse(Code::kReservedNotZero);
  }
  if (caller == 0) return refuse(Code::kNotPermitted);
  const Id id = c.settlement.value();
  const auto found = book.settlements.find(id);
  if (found == book.settlements.end() || found->second.is_ours) {
    return refuse(Code::kSettlementUnknown);
  }
  Settlement& settlement = found->second;
  if (settlement.status == SettlementStatus::kSettled) return refuse(Code::kAlreadySettled);
  if (settlement.status == SettlementStatus::kRefused) return refuse(Code::kAlreadyRefused);
  bool is_asked = false;
  for (Leg& leg : settlement.legs) {
    const bool is_callers = find_account(book, leg.own)->owner == caller;
    if (!leg.needs_word || leg.has_word || !is_callers) continue;
    is_asked = true;
    leg.has_word = c.decline == 0;
  }
  if (!is_asked) return refuse(Code::kAffirmationNotNeeded);
  if (c.decline == 1) {
    give_up(desk, desk.now, id, Code::kDeclined);
    return done();
  }
  if (waits(settlement)) return {.code = Code::kAwaitingAffirmation};
  Code code = standing_now(book, settlement);
  if (code == Code::kOk) code = limits_and_money(book, settlement.peer, settlement.legs);
  if (code != Code::kOk) {
    give_up(desk, desk.now, id, code);
    return done();
  }
  book.decide_bys.erase({settlement.decide_by, id});
  reserve_of_original(book, settlement, -1);
  accept(desk, id, settlement);
  return done();
}

void time_is_up(Desk& desk, Time at, Id id) { give_up(desk, at, id, Code::kNotAffirmed); }

Code take_recall(Desk& desk, NodeNo from, ByteSpan body) {
  Book& book = desk.book;
  if (body.size() != sizeof(wire::RecallRequest)) return Code::kPayloadMalformed;
  const auto request = wire::read_record<wire::RecallRequest>(body);
  if (request.reserved != 0 || request.reserved1 != 0 || !is_good_text(request.reason)) {
    return Code::kPayloadMalformed;
  }
  const Id id = request.settlement.value();
  const auto found = book.settlements.find(id);
  if (found == book.settlements.end()) return Code::kDecisionUnknown;
  Settlement& settlement = found->second;
  wire::RecallAnswer answer;
  answer.recall = request.recall;
  answer.settlement = request.settlement;
  answer.at = base::Timestamp{desk.now};
  if (settlement.is_ours || settlement.peer != from) {
    // The peer chose an id that stands for another settlement here, and was refused for it.
    answer.code = Code::kAlreadyRefused;
  } else {
    if (settlement.status == SettlementStatus::kSettled) answer.code = Code::kAlreadySettled;
    if (settlement.status == SettlementStatus::kRefused) answer.code = Code::kAlreadyRefused;
    if (settlement.status == SettlementStatus::kPending) {
      give_up(desk, desk.now, id, Code::kRecalled);
    }
    settlement.is_recalled = true;
    settlement.recall_answer = answer.code == Code::kOk ? Code::kRecalled : answer.code;
  }
  send(desk, from, desk.now, wire::encode_message(wire::MessageKind::kRecallAnswer, answer));
  return Code::kOk;
}

}  // namespace hugang::oracle
