// Messages that stand in their place in the chain and break the protocol.
#include <array>

#include "clearing/machine/limits.hpp"
#include "clearing/wire/batch.hpp"
#include "tests/simulation/adversary/fabrications.hpp"

namespace hugang::simulation {
namespace {

using machine::Code;
using wire::MessageKind;

constexpr base::Timestamp kForEver{INT64_MAX};

wire::Decision decision_of(Liar& liar, base::CommandId id, Code code) {
  wire::Decision decision;
  decision.settlement = id;
  decision.code = code;
  decision.decided_at = liar.now();
  decision.responder_seqno = base::Seqno{liar.random().below(1'000'000)};
  return decision;
}

template <class Fits>
Demand* any_demand(Liar& liar, Voice& voice, Fits fits) {
  std::vector<Demand*> fitting;
  for (auto& [id, demand] : voice.demands) {
    if (fits(demand)) fitting.push_back(&demand);
  }
  return fitting.empty() ? nullptr : liar.random().pick(fitting);
}

bool unknown_message(Liar& liar, Voice& voice) {
  base::Bytes body(static_cast<std::size_t>(liar.random().below(64)));
  for (std::byte& byte : body) byte = static_cast<std::byte>(liar.random().below(256));
  const auto kind = liar.random().chance(100) ? 0 : liar.random().between(8, 65'535);
  liar.tell(LieKind::kUnknownMessage, voice, static_cast<MessageKind>(kind), body);
  return true;
}

bool body_truncated(Liar& liar, Voice& voice) {
  const auto kind = static_cast<MessageKind>(liar.random().between(1, 7));
  base::Bytes body(static_cast<std::size_t>(liar.random().below(47)));
  for (std::byte& byte : body) byte = static_cast<std::byte>(liar.random().below(256));
  liar.tell(LieKind::kBodyTruncated, voice, kind, body);
  return true;
}

bool body_reserved(Liar& liar, Voice& voice) {
  const auto lie = LieKind::kBodyReserved;
  switch (liar.random().below(4)) {
    case 0: {
      wire::Decision decision = decision_of(liar, liar.new_id(), Code::kOk);
      decision.reserved1 = 1;
      liar.tell(lie, voice, MessageKind::kDecision, decision);
      return true;
    }
    case 1: {
      wire::RecallRequest recall;
      recall.settlement = liar.new_id();
      recall.reserved = 1;
      liar.tell(lie, voice, MessageKind::kRecall, recall);
      return true;
    }
    case 2: {
      wire::ReconcileHead head;
      head.id = liar.new_id();
      head.reserved1 = 1;
      liar.tell(lie, voice, MessageKind::kReconcileRequest, head);
      return true;
    }
    default: {
      auto instruction = liar.draw_payment(voice);
      if (!instruction) return false;
      instruction->legs.front().reserved = 1;
      liar.tell(lie, voice, MessageKind::kInstruct,
                wire::encode_instruct(instruction->head, instruction->legs, {}));
      return true;
    }
  }
}

bool decision_of_nothing(Liar& liar, Voice& voice) {
  const auto decision = decision_of(liar, liar.new_id(), Code::kOk);
  liar.tell(LieKind::kDecisionOfNothing, voice, MessageKind::kDecision, decision);
  return true;
}

bool decision_of_another_pair(Liar& liar, Voice& voice) {
  for (const SettlementOffer& offer : liar.book().offers) {
    if (offer.initiator != voice.victim || voice.demands.contains(offer.id)) continue;
    if (offer.responder == voice.self || !liar.random().chance(200)) continue;
    const auto decision = decision_of(liar, offer.id, Code::kOk);
    liar.tell(LieKind::kDecisionOfAnotherPair, voice, MessageKind::kDecision, decision);
    return true;
  }
  return false;
}

bool decision_of_own(Liar& liar, Voice& voice) {
  if (voice.own.empty()) return false;
  const auto id = liar.random().pick(voice.own).head.id;
  liar.tell(LieKind::kDecisionOfOwn, voice, MessageKind::kDecision,
            decision_of(liar, id, Code::kOk));
  return true;
}

bool decision_twice(Liar& liar, Voice& voice) {
  const Demand* demand =
      any_demand(liar, voice, [](const Demand& d) { return d.decided && !d.is_recalled; });
  if (demand == nullptr) return false;
  const Code other = *demand->decided == Code::kOk ? Code::kDeclined : Code::kOk;
  liar.tell(LieKind::kDecisionTwice, voice, MessageKind::kDecision,
            decision_of(liar, demand->head.id, liar.random().chance(800) ? other : Code::kOk));
  return true;
}

bool accepts_after_recall(Liar& liar, Voice& voice) {
  const Demand* demand = any_demand(liar, voice, [](const Demand& d) { return d.is_recalled; });
  if (demand == nullptr) return false;
  liar.tell(LieKind::kAcceptsAfterRecall, voice, MessageKind::kDecision,
            decision_of(liar, demand->head.id, Code::kOk));
  return true;
}

bool recall_answer_to_nothing(Liar& liar, Voice& voice) {
  wire::RecallAnswer answer;
  answer.recall = liar.new_id();
  answer.settlement = liar.new_id();
  answer.at = liar.now();
  liar.tell(LieKind::kRecallAnswerToNothing, voice, MessageKind::kRecallAnswer, answer);
  return true;
}

bool recall_of_nothing(Liar& liar, Voice& voice) {
  wire::RecallRequest recall;
  recall.recall = liar.new_id();
  recall.settlement = liar.new_id();
  liar.tell(LieKind::kRecallOfNothing, voice, MessageKind::kRecall, recall);
  return true;
}

bool reconcile_answer_to_nothing(Liar& liar, Voice& voice) {
  wire::ReconcileHead head;
  head.id = liar.new_id();
  liar.tell(LieKind::kReconcileAnswerToNothing, voice, MessageKind::kReconcileAnswer, head);
  return true;
}

bool reconcile_seen_ahead(Liar& liar, Voice& voice) {
  wire::ReconcileHead head;
  head.id = liar.new_id();
  head.seen = base::ChannelSeqno{1'000'000 + liar.random().below(UINT64_MAX / 2)};
  liar.tell(LieKind::kReconcileSeenAhead, voice, MessageKind::kReconcileRequest, head);
  return true;
}

bool reconcile_beyond_range(Liar& liar, Voice& voice) {
  wire::ReconcileHead head;
  head.id = liar.new_id();
  head.position_count = 1;
  wire::ReconcilePosition position;
  position.asset = liar.own_asset();
  position.net_minor = static_cast<base::i128>(base::u128{1} << 126);
  if (liar.random().chance(500)) position.net_minor = -position.net_minor;
  base::Bytes body(sizeof head + sizeof position);
  __builtin_memcpy(body.data(), &head, sizeof head);
  __builtin_memcpy(body.data() + sizeof head, &position, sizeof position);
  liar.tell(LieKind::kReconcileBeyondRange, voice, MessageKind::kReconcileRequest, body);
  return true;
}

bool instruct_twice(Liar& liar, Voice& voice) {
  if (voice.own.empty()) return false;
  const OwnDemand& own = liar.random().pick(voice.own);
  auto legs = own.legs;
  if (liar.random().chance(500)) legs.front().amount_minor += 1;
  // Bytes of its own, so that the law does not take the first one for the lie.
  const base::Bytes details(1 + static_cast<std::size_t>(liar.random().below(100)), std::byte{'x'});
  liar.tell(LieKind::kInstructTwice, voice, MessageKind::kInstruct,
            wire::encode_instruct(own.head, legs, details));
  return true;
}

/// An instruction changed so that it is none.
template <class Change>
bool tell_instruct(LieKind kind, Liar& liar, Voice& voice, Change change) {
  auto instruction = liar.draw_payment(voice);
  if (!instruction) return false;
  change(instruction->head, instruction->legs);
  liar.tell(kind, voice, MessageKind::kInstruct,
            wire::encode_instruct(instruction->head, instruction->legs, {}));
  return true;
}

bool instruct_too_many_legs(Liar& liar, Voice& voice) {
  return tell_instruct(LieKind::kInstructTooManyLegs, liar, voice, [&](auto&, auto& legs) {
    const wire::Leg leg = legs.front();
    legs.resize(machine::kLegsMax + 1 + static_cast<std::size_t>(liar.random().below(100)), leg);
  });
}

bool instruct_no_legs(Liar& liar, Voice& voice) {
  return tell_instruct(LieKind::kInstructNoLegs, liar, voice,
                       [](auto&, auto& legs) { legs.clear(); });
}

bool instruct_for_another(Liar& liar, Voice& voice) {
  return tell_instruct(LieKind::kInstructForAnother, liar, voice, [&](auto& head, auto&) {
    if (liar.random().chance(500)) {
      head.initiator = voice.victim;
    } else {
      head.responder = base::NodeId{voice.victim.value() + 1'000};
    }
  });
}

bool instruct_reserved_id(Liar& liar, Voice& voice) {
  return tell_instruct(LieKind::kInstructReservedId, liar, voice, [&](auto& head, auto&) {
    head.id = base::CommandId{liar.random().chance(500) ? base::u128{0} : ~base::u128{0}};
  });
}

/// Of an asset that the victim issues, more than there is.
bool pays_more_than_it_holds(Liar& liar, Voice& voice) {
  for (const KnownAccount& account : liar.book().accounts) {
    const bool is_issue =
        account.city == voice.victim && account.kind == wire::AccountKind::kReserve;
    if (!is_issue || liar.random().chance(300)) continue;
    const KnownAccount* other =
        liar.any_account(voice.victim, account.asset, wire::AccountKind::kCustomer);
    if (other == nullptr) return false;
    return tell_instruct(LieKind::kPaysMoreThanItHolds, liar, voice, [&](auto&, auto& legs) {
      legs.front().asset = account.asset;
      legs.front().responder_account = other->number;
      legs.front().amount_minor = 100'000'000'000'000'000;
    });
  }
  return false;
}

bool key_garbage(Liar& liar, Voice& voice) {
  wire::KeyAnnouncement announcement;
  announcement.previous_valid_to = kForEver;
  announcement.key = liar.key_record(Liar::kFresh, liar.now(), kForEver);
  switch (liar.random().below(4)) {
    case 0:
      announcement.key.der_bytes = 0;
      break;
    case 1:
      announcement.key.der_bytes = 60'000;
      break;
    case 2:
      announcement.key.der[static_cast<std::size_t>(liar.random().below(40))] ^= std::byte{1};
      break;
    default:
      announcement.key.key_id = base::KeyId{liar.random().next()};
      break;
  }
  liar.tell(LieKind::kKeyGarbage, voice, MessageKind::kKeyAnnouncement, announcement);
  return true;
}

bool key_reversed(Liar& liar, Voice& voice) {
  wire::KeyAnnouncement announcement;
  announcement.previous_valid_to = kForEver;
  announcement.key =
      liar.key_record(Liar::kFresh, liar.now(),
                      liar.now() + base::Duration::seconds(liar.random().between(-3'600, 0)));
  liar.tell(LieKind::kKeyReversed, voice, MessageKind::kKeyAnnouncement, announcement);
  return true;
}

constexpr auto kFabrications = std::to_array<Fabrication>({
    {LieKind::kUnknownMessage, unknown_message},
    {LieKind::kBodyTruncated, body_truncated},
    {LieKind::kBodyReserved, body_reserved},
    {LieKind::kDecisionOfNothing, decision_of_nothing},
    {LieKind::kDecisionOfAnotherPair, decision_of_another_pair},
    {LieKind::kDecisionOfOwn, decision_of_own},
    {LieKind::kDecisionTwice, decision_twice},
    {LieKind::kAcceptsAfterRecall, accepts_after_recall},
    {LieKind::kRecallAnswerToNothing, recall_answer_to_nothing},
    {LieKind::kRecallOfNothing, recall_of_nothing},
    {LieKind::kReconcileAnswerToNothing, reconcile_answer_to_nothing},
    {LieKind::kReconcileSeenAhead, reconcile_seen_ahead},
    {LieKind::kReconcileBeyondRange, reconcile_beyond_range},
    {LieKind::kInstructTwice, instruct_twice},
    {LieKind::kInstructTooManyLegs, instruct_too_many_legs},
    {LieKind::kInstructNoLegs, instruct_no_legs},
    {LieKind::kInstructForAnother, instruct_for_another},
    {LieKind::kInstructReservedId, instruct_reserved_id},
    {LieKind::kPaysMoreThanItHolds, pays_more_than_it_holds},
    {LieKind::kKeyGarbage, key_garbage},
    {LieKind::kKeyReversed, key_reversed},
});

}  // namespace

std::span<const Fabrication> message_fabrications() { return kFabrications; }

}  // namespace hugang::simulation
