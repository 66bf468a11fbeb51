// Instructions that are in order as messages and that no ledger may settle: the victim must refuse
// each by a decision that says why.
#include <array>

#include "clearing/base/account_number.hpp"
#include "clearing/wire/batch.hpp"
#include "tests/simulation/adversary/fabrications.hpp"

namespace hugang::simulation {
namespace {

using wire::AccountKind;
using wire::Direction;
using wire::SettlementKind;

/// A payment in order but for what `change` makes of it; it returns whether it found something.
template <class Change>
bool tell_instruct(LieKind kind, Liar& liar, Voice& voice, Change change) {
  auto instruction = liar.draw_payment(voice);
  if (!instruction) return false;
  // However long it lies about, it is not refused for being late.
  instruction->head.decide_by = liar.now() + base::Duration::seconds(3 * 24 * 3'600);
  if (!change(instruction->head, instruction->legs)) return false;
  liar.tell(kind, voice, wire::MessageKind::kInstruct,
            wire::encode_instruct(instruction->head, instruction->legs, {}), instruction->head.id);
  return true;
}

template <class Change>
bool tell_leg(LieKind kind, Liar& liar, Voice& voice, Change change) {
  return tell_instruct(kind, liar, voice, [&](wire::InstructHead&, std::vector<wire::Leg>& legs) {
    return change(legs.front());
  });
}

bool amount_zero(Liar& liar, Voice& voice) {
  return tell_leg(LieKind::kAmountZero, liar, voice, [](wire::Leg& leg) {
    leg.amount_minor = 0;
    return true;
  });
}

bool amount_negative(Liar& liar, Voice& voice) {
  return tell_leg(LieKind::kAmountNegative, liar, voice, [&](wire::Leg& leg) {
    leg.amount_minor = liar.random().chance(200) ? INT64_MIN : -leg.amount_minor;
    return true;
  });
}

bool amount_overflow(Liar& liar, Voice& voice) {
  return tell_leg(LieKind::kAmountOverflow, liar, voice, [&](wire::Leg& leg) {
    leg.amount_minor = liar.random().chance(500) ? INT64_MAX : 100'000'000'000'000'001;
    return true;
  });
}

bool account_unknown(Liar& liar, Voice& voice) {
  return tell_leg(LieKind::kAccountUnknown, liar, voice, [&](wire::Leg& leg) {
    const auto index = static_cast<std::uint32_t>(liar.random().between(3'000'000, 4'000'000));
    leg.responder_account = base::make_account_number({voice.victim, base::AccountIndex{index}});
    return true;
  });
}

/// Wrong check digits, or a number of another node.
bool account_malformed(Liar& liar, Voice& voice) {
  return tell_leg(LieKind::kAccountMalformed, liar, voice, [&](wire::Leg& leg) {
    leg.responder_account = liar.random().chance(500)
                                ? leg.initiator_account
                                : base::AccountNumber{leg.responder_account.value() + 1};
    return true;
  });
}

bool account_is_corridor(Liar& liar, Voice& voice) {
  return tell_leg(LieKind::kAccountIsCorridor, liar, voice, [&](wire::Leg& leg) {
    const auto* corridor = liar.any_account(voice.victim, liar.own_asset(), AccountKind::kCorridor);
    if (corridor == nullptr) return false;
    leg.responder_account = corridor->number;
    return true;
  });
}

bool account_of_other_asset(Liar& liar, Voice& voice) {
  return tell_leg(LieKind::kAccountOfOtherAsset, liar, voice, [&](wire::Leg& leg) {
    for (const KnownAccount& account : liar.book().accounts) {
      if (account.city != voice.victim || account.asset == liar.own_asset()) continue;
      leg.responder_account = account.number;
      if (liar.random().chance(300)) return true;
    }
    return false;
  });
}

bool asset_unknown(Liar& liar, Voice& voice) {
  return tell_leg(LieKind::kAssetUnknown, liar, voice, [&](wire::Leg& leg) {
    leg.asset = base::AssetId{static_cast<std::uint32_t>(liar.random().between(500, 900))};
    return true;
  });
}

/// Issued by another honest node: no corridor with the liar can be open for it.
bool asset_of_another_pair(Liar& liar, Voice& voice) {
  return tell_leg(LieKind::kAssetOfAnotherPair, liar, voice, [&](wire::Leg& leg) {
    for (const KnownAccount& account : liar.book().accounts) {
      if (account.city == voice.victim || account.kind != AccountKind::kReserve) continue;
      const auto* other = liar.any_account(voice.victim, account.asset, AccountKind::kCustomer);
      if (other == nullptr) continue;
      leg.asset = account.asset;
      leg.responder_account = other->number;
      return true;
    }
    return false;
  });
}

bool direction_unknown(Liar& liar, Voice& voice) {
  return tell_leg(LieKind::kDirectionUnknown, liar, voice, [&](wire::Leg& leg) {
    leg.direction = static_cast<Direction>(liar.random().chance(500) ? 0 : 3);
    return true;
  });
}

bool kind_unknown(Liar& liar, Voice& voice) {
  return tell_instruct(LieKind::kKindUnknown, liar, voice, [&](auto& head, auto&) {
    head.kind = static_cast<SettlementKind>(liar.random().chance(500) ? 0 : 5);
    return true;
  });
}

/// An exchange in which nothing, or the same, comes back.
bool legs_that_do_not_fit(Liar& liar, Voice& voice) {
  return tell_instruct(LieKind::kLegsThatDoNotFit, liar, voice, [&](auto& head, auto& legs) {
    head.kind = liar.random().chance(500) ? SettlementKind::kPvp : SettlementKind::kDvp;
    legs.push_back(legs.front());
    if (liar.random().chance(500)) legs.back().direction = Direction::kIn;
    return true;
  });
}

bool takes_without_giving(Liar& liar, Voice& voice) {
  return tell_leg(LieKind::kTakesWithoutGiving, liar, voice, [](wire::Leg& leg) {
    leg.direction = Direction::kIn;
    return true;
  });
}

bool decide_by_passed(Liar& liar, Voice& voice) {
  return tell_instruct(LieKind::kDecideByPassed, liar, voice, [&](auto& head, auto&) {
    head.decide_by = liar.random().chance(500)
                         ? base::Timestamp{liar.random().between(-5, 5)}
                         : liar.now() + base::Duration::seconds(-10 * 24 * 3'600);
    return true;
  });
}

bool decide_by_too_far(Liar& liar, Voice& voice) {
  return tell_instruct(LieKind::kDecideByTooFar, liar, voice, [&](auto& head, auto&) {
    head.decide_by = liar.random().chance(500)
                         ? base::Timestamp{INT64_MAX}
                         : liar.now() + base::Duration::seconds(8 * 24 * 3'600);
    return true;
  });
}

template <class Find>
bool tell_borrowed_id(LieKind kind, Liar& liar, Voice& voice, Find find) {
  const base::CommandId id = find();
  if (id.is_none() || !voice.spent_ids.insert(id).second) return false;
  return tell_instruct(kind, liar, voice, [&](auto& head, auto&) {
    head.id = id;
    return true;
  });
}

bool id_of_other_direction(Liar& liar, Voice& voice) {
  return tell_borrowed_id(LieKind::kIdOfOtherDirection, liar, voice, [&] {
    return voice.demand_order.empty() ? base::CommandId{} : liar.random().pick(voice.demand_order);
  });
}

bool id_of_another_pair(Liar& liar, Voice& voice) {
  return tell_borrowed_id(LieKind::kIdOfAnotherPair, liar, voice, [&] {
    for (const SettlementOffer& offer : liar.book().offers) {
      if (offer.initiator != voice.victim || offer.responder == voice.self) continue;
      if (liar.random().chance(200)) return offer.id;
    }
    return base::CommandId{};
  });
}

bool id_of_local_command(Liar& liar, Voice& voice) {
  return tell_borrowed_id(LieKind::kIdOfLocalCommand, liar, voice, [&] {
    const auto& answered = liar.book().answered;
    auto at = answered.lower_bound({voice.victim, liar.new_id()});
    for (; at != answered.end() && at->first.first == voice.victim; ++at) {
      const bool is_done = at->second.outcome.code == machine::Code::kOk;
      if (is_done && at->second.kind == wire::CommandKind::kTransfer) return at->first.second;
    }
    return base::CommandId{};
  });
}

/// Of what the victim's customer paid in the liar's own asset, and more.
bool return_too_large(Liar& liar, Voice& voice) {
  return tell_instruct(LieKind::kReturnTooLarge, liar, voice, [&](auto& head, auto& legs) {
    for (const auto& [id, demand] : voice.demands) {
      if (demand.decided != machine::Code::kOk) continue;
      const wire::Leg& paid = demand.legs.front();
      if (paid.direction != Direction::kOut || paid.asset != liar.own_asset()) continue;
      // Another leg of the same pair of accounts could cover what this one lacks.
      if (demand.legs.size() != 1) continue;
      head.kind = SettlementKind::kReturn;
      head.original_id = id;
      legs.front().initiator_account = paid.responder_account;
      legs.front().responder_account = paid.initiator_account;
      legs.front().amount_minor = paid.amount_minor + liar.random().between(1, 1'000);
      return true;
    }
    return false;
  });
}

bool return_of_nothing(Liar& liar, Voice& voice) {
  return tell_instruct(LieKind::kReturnOfNothing, liar, voice, [&](auto& head, auto&) {
    head.kind = SettlementKind::kReturn;
    head.original_id = liar.new_id();
    return true;
  });
}

bool return_of_another_pair(Liar& liar, Voice& voice) {
  return tell_instruct(LieKind::kReturnOfAnotherPair, liar, voice, [&](auto& head, auto&) {
    for (const SettlementOffer& offer : liar.book().offers) {
      if (offer.initiator != voice.victim || offer.responder == voice.self) continue;
      head.kind = SettlementKind::kReturn;
      head.original_id = offer.id;
      if (liar.random().chance(200)) return true;
    }
    return !head.original_id.is_none();
  });
}

constexpr auto kFabrications = std::to_array<Fabrication>({
    {LieKind::kAmountZero, amount_zero},
    {LieKind::kAmountNegative, amount_negative},
    {LieKind::kAmountOverflow, amount_overflow},
    {LieKind::kAccountUnknown, account_unknown},
    {LieKind::kAccountMalformed, account_malformed},
    {LieKind::kAccountIsCorridor, account_is_corridor},
    {LieKind::kAccountOfOtherAsset, account_of_other_asset},
    {LieKind::kAssetUnknown, asset_unknown},
    {LieKind::kAssetOfAnotherPair, asset_of_another_pair},
    {LieKind::kDirectionUnknown, direction_unknown},
    {LieKind::kKindUnknown, kind_unknown},
    {LieKind::kLegsThatDoNotFit, legs_that_do_not_fit},
    {LieKind::kTakesWithoutGiving, takes_without_giving},
    {LieKind::kDecideByPassed, decide_by_passed},
    {LieKind::kDecideByTooFar, decide_by_too_far},
    {LieKind::kIdOfOtherDirection, id_of_other_direction},
    {LieKind::kIdOfAnotherPair, id_of_another_pair},
    {LieKind::kIdOfLocalCommand, id_of_local_command},
    {LieKind::kReturnTooLarge, return_too_large},
    {LieKind::kReturnOfNothing, return_of_nothing},
    {LieKind::kReturnOfAnotherPair, return_of_another_pair},
});

}  // namespace

std::span<const Fabrication> instruction_fabrications() { return kFabrications; }

}  // namespace hugang::simulation
