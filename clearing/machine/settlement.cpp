#include "clearing/machine/settlement.hpp"

#include <algorithm>
#include <array>

#include "clearing/machine/funds.hpp"
#include "clearing/machine/limits.hpp"

namespace hugang::machine {
namespace {

Amount amount_of(const SettlementLeg& leg) { return *Amount::from_minor(leg.amount_minor); }

Code check_kind(const wire::InstructHead& head, std::span<const wire::Leg> legs) {
  const auto out = static_cast<std::size_t>(std::ranges::count_if(
      legs, [](const wire::Leg& leg) { return leg.direction == wire::Direction::kOut; }));
  switch (head.kind) {  // A number outside the enumeration falls through to the end.
    case wire::SettlementKind::kPayment:
    case wire::SettlementKind::kReturn:
      return out == legs.size() ? Code::kOk : Code::kKindNotAllowed;
    case wire::SettlementKind::kPvp:
    case wire::SettlementKind::kDvp:
      break;
  }
  const bool is_exchange =
      head.kind == wire::SettlementKind::kPvp || head.kind == wire::SettlementKind::kDvp;
  if (!is_exchange || out == 0 || out == legs.size()) return Code::kKindNotAllowed;
  for (const wire::Leg& a : legs) {  // What is given is never also what is taken.
    for (const wire::Leg& b : legs) {
      if (a.asset == b.asset && a.direction != b.direction) return Code::kKindNotAllowed;
    }
  }
  return Code::kOk;
}

/// What all legs together add to each account that they touch.
class Additions {
 public:
  struct Sum {
    AccountIndex account;
    Addition addition;
  };
  void add(AccountIndex index, Addition addition) {
    for (Sum& known : sums_) {
      if (known.account == index) {
        known.addition.debit += addition.debit;
        known.addition.credit += addition.credit;
        return;
      }
    }
    sums_.push_back({index, addition});
  }
  [[nodiscard]] std::span<const Sum> all() const { return sums_; }

 private:
  base::InlineVector<Sum, 4> sums_;  // at most 2 * kLegsMax, two where there is one leg
};

/// Caps bound how far a corridor balance may grow, on whichever side it grows; shrinking is free.
Code check_cap(const State& state, const Account& corridor, Addition addition) {
  const Balance& b = corridor.balance;
  const bool is_claim = corridor.has(wire::account_flag::kNoCreditBalance);
  const u128 growth = is_claim ? addition.debit : addition.credit;
  if (growth == 0) return Code::kOk;
  for (const wire::Rule& rule : state.rules.rules) {
    if (rule.kind != wire::RuleKind::kCorridorCap || rule.asset != corridor.asset) continue;
    if (rule.peer != corridor.peer) continue;
    const u128 up =
        is_claim ? b.debits_posted + b.debits_pending : b.credits_posted + b.credits_pending;
    const u128 down = is_claim ? b.credits_posted : b.debits_posted;
    const u128 after = up + growth - down;  // up >= down: the account's balance flag
    if (after > static_cast<u128>(rule.value)) return Code::kCorridorCap;
  }
  return Code::kOk;
}

}  // namespace

Code check_shape(const wire::InstructHead& head, std::span<const wire::Leg> legs,
                 std::size_t details_bytes, Timestamp now) {
  if (legs.empty()) return Code::kLegsMissing;
  if (legs.size() > kLegsMax) return Code::kTooManyLegs;
  for (const wire::Leg& leg : legs) {
    if (leg.direction != wire::Direction::kOut && leg.direction != wire::Direction::kIn) {
      return Code::kLegMalformed;
    }
    if (leg.amount_minor == 0) return Code::kAmountZero;
    if (!Amount::from_minor(leg.amount_minor)) return Code::kAmountOutOfRange;
  }
  if (const Code code = check_kind(head, legs); code != Code::kOk) return code;
  if ((head.kind == wire::SettlementKind::kReturn) == head.original_id.is_none()) {
    return Code::kOriginalUnknown;
  }
  if (head.decide_by <= now) return Code::kDecideByPassed;
  if (head.decide_by > now + kDecideWithinMax) return Code::kDecideByTooFar;
  if (details_bytes > kDetailsBytesMax) return Code::kDetailsTooLarge;
  return Code::kOk;
}

std::expected<AccountIndex, Code> find_customer(const State& state, AccountNumber number,
                                                AssetId asset, bool pays) {
  const auto index = find_account(state, number, pays);
  if (!index) return index;
  const Account& account = state.account(*index);
  if (account.asset != asset) return std::unexpected{Code::kAssetMismatch};
  if (account.kind != wire::AccountKind::kCustomer) {
    return std::unexpected{Code::kAccountNotAddressable};
  }
  if (const Code code = account_standing(account, pays); code != Code::kOk) {
    return std::unexpected{code};
  }
  return *index;
}

Code check_other_number(AccountNumber number, NodeId node, bool is_debit) {
  const auto parts = base::parse_account_number(number);
  if (parts && parts->node == node) return Code::kOk;
  return is_debit ? Code::kDebitAccountMalformed : Code::kCreditAccountMalformed;
}

std::expected<AccountIndex, Code> find_corridor(const Peer& peer, AssetId asset) {
  const auto found = peer.corridors.find(asset);
  if (found == peer.corridors.end()) return std::unexpected{Code::kAssetNotSettledWithPeer};
  return found->second;
}

Code check_legs(const State& state, const Peer& peer, std::span<const SettlementLeg> legs) {
  Additions additions;
  for (const SettlementLeg& leg : legs) {
    if (leg.amount_minor > single_max_minor(state, leg.asset)) return Code::kSingleLimit;
    const auto minor = static_cast<u128>(leg.amount_minor);
    additions.add(debit_of(leg), {.debit = minor});
    additions.add(credit_of(leg), {.credit = minor});
  }
  for (const auto& [index, addition] : additions.all()) {
    const Account& account = state.account(index);
    if (account.peer != peer.node) continue;
    if (const Code code = check_cap(state, account, addition); code != Code::kOk) return code;
  }
  // The lowest number is told, not the first account: the order of legs means nothing.
  Code lowest = Code::kOk;
  for (const auto& [index, addition] : additions.all()) {
    const Account& account = state.account(index);
    Code code = check_addition(account, addition);
    if (code == Code::kOk) continue;
    const bool is_corridor = account.kind == wire::AccountKind::kCorridor;
    if (is_corridor && code != Code::kBalanceOverflow) code = Code::kCorridorReserved;
    lowest = lowest == Code::kOk ? code : std::min(lowest, code);
  }
  return lowest;
}

void pend_legs(State& state, const Settlement& settlement) {
  for (const auto& leg : settlement.legs)
    pend(state, debit_of(leg), credit_of(leg), amount_of(leg));
}

void unpend_legs(State& state, const Settlement& settlement) {
  for (const auto& leg : settlement.legs)
    unpend(state, debit_of(leg), credit_of(leg), amount_of(leg));
}

void post_legs(State& state, const Settlement& settlement) {
  for (const auto& leg : settlement.legs)
    post(state, debit_of(leg), credit_of(leg), amount_of(leg));
}

namespace {

void tell_change(ApplyContext& context, const Settlement& settlement) {
  wire::SettlementChanged event;
  event.settlement = settlement.id;
  event.peer = settlement.peer;
  event.status = settlement.status;
  event.code = settlement.code;
  emit(context, wire::EventKind::kSettlementChanged, event);
}

/// A return came to its end: what it reserved of the original is given back for good, or free
/// again.
void settle_return(State& state, const Settlement& settlement, bool is_settled) {
  Settlement& original = state.settlements.at(settlement.extra->original_id);
  for (const SettlementLeg& leg : settlement.legs) {
    SettlementLeg& of = original.legs[leg.returns_leg];
    of.returning_minor -= leg.amount_minor;
    HG_CHECK(of.returning_minor >= 0);
    if (is_settled) of.returned_minor += leg.amount_minor;
  }
}

}  // namespace

void fill_extra(Settlement& settlement, const wire::InstructView& view) {
  if (view.head.original_id.is_none() && view.details.empty()) return;
  SettlementExtra& extra = settlement.extra.edit();
  extra.original_id = view.head.original_id;
  extra.details.assign(view.details.begin(), view.details.end());
}

Settlement& open_settlement(ApplyContext& context, Settlement settlement) {
  State& state = context.state;
  settlement.received_at = context.now;
  settlement.received_seqno = context.seqno;
  Settlement& opened = state.settlements.add(std::move(settlement));
  state.open_settlements += 1;
  tell_change(context, opened);
  return opened;
}

void close_settlement(ApplyContext& context, Settlement& settlement, SettlementStatus status,
                      Code code) {
  HG_CHECK(settlement.status == SettlementStatus::kSent ||
           settlement.status == SettlementStatus::kPending);
  State& state = context.state;
  if (!settlement.is_initiator) {
    state.deadlines.erase(Deadline{settlement.decide_by, settlement.id, true});
  }
  settlement.status = status;
  settlement.code = code;
  settlement.closed_at = context.now;
  settlement.closed_seqno = context.seqno;
  state.open_settlements -= 1;
  state.settlements.note_end(settlement);
  if (gives_back(settlement)) {
    settle_return(state, settlement, status == SettlementStatus::kSettled);
  }
  tell_change(context, settlement);
}

Settlement* find_settlement(State& state, CommandId id) { return state.settlements.find(id); }

Code match_return(const Settlement& original, std::span<SettlementLeg> legs,
                  bool this_side_returns) {
  if (original.status != SettlementStatus::kSettled) return Code::kOriginalUnknown;
  std::array<std::int64_t, kLegsMax> asked{};
  for (SettlementLeg& leg : legs) {
    const auto is_same_pair = [&](const SettlementLeg& of) {
      return of.customer == leg.customer && of.other_account == leg.other_account &&
             of.asset == leg.asset && of.pays != this_side_returns;
    };
    std::size_t k = 0;
    for (; k < original.legs.size(); ++k) {
      const SettlementLeg& of = original.legs[k];
      const std::int64_t left = of.amount_minor - of.returned_minor - of.returning_minor - asked[k];
      if (is_same_pair(of) && leg.amount_minor <= left) break;
    }
    if (k == original.legs.size()) {
      const bool is_known = std::ranges::any_of(original.legs, is_same_pair);
      return is_known ? Code::kReturnExceedsOriginal : Code::kOriginalUnknown;
    }
    asked[k] += leg.amount_minor;
    leg.returns_leg = static_cast<std::uint8_t>(k);
  }
  return Code::kOk;
}

void reserve_return(State& state, const Settlement& settlement) {
  Settlement& original = state.settlements.at(settlement.extra->original_id);
  for (const SettlementLeg& leg : settlement.legs) {
    original.legs[leg.returns_leg].returning_minor += leg.amount_minor;
  }
}

}  // namespace hugang::machine
