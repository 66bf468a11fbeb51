#include <algorithm>

#include "clearing/machine/limits.hpp"
#include "tests/simulation/oracle/desk.hpp"
#include "tests/simulation/oracle/text.hpp"

namespace hugang::oracle {
namespace {

using wire::SettlementStatus;

Code channel_refusal(const Channel& channel) {
  if (channel.halted != Code::kOk) return Code::kPeerHalted;
  const bool is_full = channel.sent - channel.acknowledged >= machine::kOutboxMessagesMax;
  return is_full ? Code::kOutboxFull : Code::kOk;
}

/// Counted only where there are enough settlements to matter.
bool is_full(const Book& book) {
  if (book.settlements.size() < machine::kOpenSettlementsMax) return false;
  return std::ranges::count_if(book.settlements, [](const auto& each) {
           return each.second.status == SettlementStatus::kSent ||
                  each.second.status == SettlementStatus::kPending;
         }) >= machine::kOpenSettlementsMax;
}

/// Everything against the instruction but its id and the caller; kOk fills `legs`.
Code refusal_of(Desk& desk, PersonNo caller, const wire::InstructView& view,
                std::vector<Leg>& legs) {
  Book& book = desk.book;
  const NodeNo peer = view.head.responder.value();
  if (caller == 0) return Code::kNotPermitted;
  if (view.head.initiator.value() != book.self || !book.channels.contains(peer)) {
    return Code::kPeerUnknown;
  }
  if (const Code code = channel_refusal(book.channels.at(peer)); code != Code::kOk) return code;
  if (const Code code = form_of_legs(view.legs); code != Code::kOk) return code;
  if (const Code code = terms_of(view, desk.now); code != Code::kOk) return code;
  auto found = look_up(desk, peer, true, caller, view.legs);
  if (!found) return found.error();
  legs = *std::move(found);
  if (view.head.kind == wire::SettlementKind::kReturn) {
    const Code code = match_return(book, peer, view.head.original_id.value(), legs);
    if (code != Code::kOk) return code;
  }
  if (const Code code = limits_and_money(book, peer, legs); code != Code::kOk) return code;
  return is_full(book) ? Code::kCapacity : Code::kOk;
}

/// Our own settlement with that peer, or nullptr.
Settlement* find_ours(Book& book, NodeNo peer, Id id) {
  const auto found = book.settlements.find(id);
  if (found == book.settlements.end()) return nullptr;
  Settlement& settlement = found->second;
  return settlement.is_ours && settlement.peer == peer ? &settlement : nullptr;
}

}  // namespace

Answer instruct(Desk& desk, PersonNo caller, ByteSpan record) {
  const auto view = wire::decode_instruct(record);
  if (!view) return refuse(Code::kReservedNotZero);
  Settlement settlement;
  if (const Code code = refusal_of(desk, caller, *view, settlement.legs); code != Code::kOk) {
    return refuse(code);
  }
  wire::InstructHead head = view->head;
  if (head.decide_by.ns() == 0) {
    head.decide_by = base::Timestamp{desk.now + machine::kDecideWithinDefault.count_ns()};
  }
  settlement.original = head.original_id.value();
  settlement.peer = head.responder.value();
  settlement.is_ours = true;
  settlement.kind = head.kind;
  settlement.submitter = caller;
  settlement.decide_by = head.decide_by.ns();
  settlement.received_at = desk.now;
  settlement.received_in = desk.entry;
  hold_legs(desk.book, settlement.legs, 1);
  reserve_of_original(desk.book, settlement, 1);
  const Bytes body = wire::encode_instruct(head, view->legs, view->details);
  settlement.instruct_message = send(desk, settlement.peer, desk.now,
                                     wire::encode_message(wire::MessageKind::kInstruct, body));
  tell_change(desk, desk.now, head.id.value(), settlement);
  desk.book.settlements[head.id.value()] = settlement;
  return done(settlement.instruct_message);
}

Answer recall(Desk& desk, PersonNo caller, const wire::Recall& c) {
  Book& book = desk.book;
  if (c.reserved != decltype(c.reserved){}) return refuse(Code::kReservedNotZero);
  if (!is_good_text(c.reason)) return refuse(Code::kTextMalformed);
  if (caller == 0) return refuse(Code::kNotPermitted);
  const auto found = book.settlements.find(c.settlement.value());
  if (found == book.settlements.end() || !found->second.is_ours) {
    return refuse(Code::kSettlementUnknown);
  }
  Settlement& settlement = found->second;
  if (settlement.submitter != caller) return refuse(Code::kNotOwner);
  if (settlement.status == SettlementStatus::kRefused) return refuse(Code::kAlreadyRefused);
  const Code standing = channel_refusal(book.channels.at(settlement.peer));
  if (standing != Code::kOk) return refuse(standing);
  settlement.is_recalled = true;
  wire::RecallRequest request;
  request.recall = c.id;
  request.settlement = c.settlement;
  request.reason = c.reason;
  return done(send(desk, settlement.peer, desk.now,
                   wire::encode_message(wire::MessageKind::kRecall, request)));
}

Code take_decision(Desk& desk, NodeNo from, ByteSpan body) {
  if (body.size() != sizeof(wire::Decision)) return Code::kPayloadMalformed;
  const auto decision = wire::read_record<wire::Decision>(body);
  if (decision.reserved0 != 0 || decision.reserved1 != 0 || decision.reserved2 != 0) {
    return Code::kPayloadMalformed;
  }
  Settlement* settlement = find_ours(desk.book, from, decision.settlement.value());
  if (settlement == nullptr) return Code::kDecisionUnknown;
  if (settlement->status != SettlementStatus::kSent) return Code::kDecisionRepeated;
  const bool is_yes = decision.code == Code::kOk;
  hold_legs(desk.book, settlement->legs, -1);
  reserve_of_original(desk.book, *settlement, -1);
  if (is_yes) {
    post_legs(desk.book, settlement->legs);
    settle_of_original(desk.book, *settlement);
  }
  settlement->status = is_yes ? SettlementStatus::kSettled : SettlementStatus::kRefused;
  settlement->code = decision.code;
  settlement->decided_at = decision.decided_at.ns();
  settlement->closed_at = desk.now;
  settlement->closed_in = desk.entry;
  settlement->decision_message = desk.book.channels.at(from).cursor() + 1;
  tell_change(desk, desk.now, decision.settlement.value(), *settlement);
  return Code::kOk;
}

Code take_recall_answer(Desk& desk, NodeNo from, ByteSpan body) {
  if (body.size() != sizeof(wire::RecallAnswer)) return Code::kPayloadMalformed;
  const auto answer = wire::read_record<wire::RecallAnswer>(body);
  if (answer.reserved0 != 0 || answer.reserved1 != 0) return Code::kPayloadMalformed;
  Settlement* settlement = find_ours(desk.book, from, answer.settlement.value());
  if (settlement == nullptr || !settlement->is_recalled) return Code::kDecisionUnknown;
  settlement->recall_answer = answer.code == Code::kOk ? Code::kRecalled : answer.code;
  return Code::kOk;
}

}  // namespace hugang::oracle
