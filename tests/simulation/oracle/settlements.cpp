#include <algorithm>

#include "clearing/machine/limits.hpp"
#include "tests/simulation/oracle/desk.hpp"

namespace hugang::oracle {
namespace {

namespace flag = wire::account_flag;
using wire::Direction;
using wire::SettlementKind;

constexpr Minor kAmountMax = 100'000'000'000'000'000;
constexpr AccountNo kNodeFactor = 1'000'000'000'000;

/// Payments and returns go out only; an exchange goes both ways, in different assets.
bool fits_kind(SettlementKind kind, std::span<const wire::Leg> legs) {
  bool goes_out = false;
  bool comes_in = false;
  for (const wire::Leg& leg : legs) {
    (leg.direction == Direction::kOut ? goes_out : comes_in) = true;
    for (const wire::Leg& other : legs) {
      if (leg.asset == other.asset && leg.direction != other.direction) return false;
    }
  }
  if (kind == SettlementKind::kPvp || kind == SettlementKind::kDvp) return goes_out && comes_in;
  return (kind == SettlementKind::kPayment || kind == SettlementKind::kReturn) && !comes_in;
}

std::expected<Leg, Code> look_up_leg(Desk& desk, NodeNo peer, bool is_ours, PersonNo caller,
                                     const wire::Leg& wire_leg) {
  Book& book = desk.book;
  Leg leg;
  leg.own = (is_ours ? wire_leg.initiator_account : wire_leg.responder_account).value();
  leg.other = (is_ours ? wire_leg.responder_account : wire_leg.initiator_account).value();
  leg.asset = wire_leg.asset.value();
  leg.amount = wire_leg.amount_minor;
  leg.pays = (wire_leg.direction == Direction::kOut) == is_ours;
  if (!book.assets.contains(leg.asset)) return std::unexpected{Code::kAssetUnknown};
  const auto& corridors = book.channels.at(peer).corridors;
  const auto corridor = corridors.find(leg.asset);
  if (corridor == corridors.end()) return std::unexpected{Code::kAssetNotSettledWithPeer};
  leg.corridor = corridor->second;
  const auto is_of = [](AccountNo number, NodeNo node) {
    return is_account_number(number) && number / kNodeFactor == node;
  };
  const Code own_malformed =
      leg.pays ? Code::kDebitAccountMalformed : Code::kCreditAccountMalformed;
  const Code own_unknown = leg.pays ? Code::kDebitAccountUnknown : Code::kCreditAccountUnknown;
  const Code other_malformed =
      leg.pays ? Code::kCreditAccountMalformed : Code::kDebitAccountMalformed;
  if (!is_of(leg.own, book.self)) return std::unexpected{own_malformed};
  const Account* account = find_account(book, leg.own);
  if (account == nullptr) return std::unexpected{own_unknown};
  if (!is_of(leg.other, peer)) return std::unexpected{other_malformed};
  if (account->asset != leg.asset) return std::unexpected{Code::kAssetMismatch};
  if (is_ours && leg.pays && account->owner != caller) return std::unexpected{Code::kNotOwner};
  if (const Code code = standing_of(*account, leg.pays); code != Code::kOk) {
    return std::unexpected{code};
  }
  leg.needs_word = !is_ours && (leg.pays || account->has(flag::kReviewIncoming));
  return leg;
}

/// How much more the legs would let the two nodes owe each other, per corridor account.
bool grows(const Account& corridor, const Leg& leg) {
  const bool is_liability = corridor.has(flag::kNoDebitBalance);
  return is_liability == leg.pays;
}

Big owed_with_holds(const Account& corridor) {
  const Money& m = corridor.money;
  return corridor.has(flag::kNoDebitBalance) ? m.credits - m.debits + m.credits_held
                                             : m.debits - m.credits + m.debits_held;
}

Code cap_refusal(Book& book, NodeNo peer, const std::vector<Leg>& legs) {
  std::map<AccountNo, Big> growth;
  for (const Leg& leg : legs) {
    if (grows(*find_account(book, leg.corridor), leg)) growth[leg.corridor] += leg.amount;
  }
  for (const auto& [number, more] : growth) {
    const Account& corridor = *find_account(book, number);
    const auto cap = corridor_cap(book, corridor.asset, peer);
    if (cap && owed_with_holds(corridor) + more > *cap) return Code::kCorridorCap;
  }
  return Code::kOk;
}

/// Debits and credits of each account by all legs together.
using Sums = std::map<AccountNo, std::pair<Big, Big>>;

Sums sums_of(const std::vector<Leg>& legs) {
  Sums sums;
  for (const Leg& leg : legs) {
    sums[leg.pays ? leg.own : leg.corridor].first += leg.amount;
    sums[leg.pays ? leg.corridor : leg.own].second += leg.amount;
  }
  return sums;
}

}  // namespace

Code form_of_legs(std::span<const wire::Leg> legs) {
  if (legs.empty()) return Code::kLegsMissing;
  if (legs.size() > machine::kLegsMax) return Code::kTooManyLegs;
  for (const wire::Leg& leg : legs) {
    if (leg.direction != Direction::kOut && leg.direction != Direction::kIn) {
      return Code::kLegMalformed;
    }
    if (leg.amount_minor == 0) return Code::kAmountZero;
    if (leg.amount_minor < 0 || leg.amount_minor > kAmountMax) return Code::kAmountOutOfRange;
  }
  return Code::kOk;
}

Code terms_of(const wire::InstructView& view, Time now) {
  const wire::InstructHead& head = view.head;
  if (!fits_kind(head.kind, view.legs)) return Code::kKindNotAllowed;
  const bool is_return = head.kind == SettlementKind::kReturn;
  if (is_return != (head.original_id.value() != 0)) return Code::kOriginalUnknown;
  const Time decide_by = head.decide_by.ns();
  if (decide_by != 0 && decide_by <= now) return Code::kDecideByPassed;
  if (decide_by > now + machine::kDecideWithinMax.count_ns()) return Code::kDecideByTooFar;
  if (view.details.size() > machine::kDetailsBytesMax) return Code::kDetailsTooLarge;
  return Code::kOk;
}

Code standing_of(const Account& account, bool pays) {
  if (account.kind != wire::AccountKind::kCustomer) return Code::kAccountNotAddressable;
  if (account.has(flag::kClosed)) {
    return pays ? Code::kDebitAccountClosed : Code::kCreditAccountClosed;
  }
  if (account.has(flag::kFrozen)) {
    return pays ? Code::kDebitAccountFrozen : Code::kCreditAccountFrozen;
  }
  return Code::kOk;
}

std::expected<std::vector<Leg>, Code> look_up(Desk& desk, NodeNo peer, bool is_ours,
                                              PersonNo caller, std::span<const wire::Leg> legs) {
  std::vector<Leg> result;
  for (const wire::Leg& each : legs) {
    auto leg = look_up_leg(desk, peer, is_ours, caller, each);
    if (!leg) return std::unexpected{leg.error()};
    result.push_back(*leg);
  }
  return result;
}

Code match_return(const Book& book, NodeNo peer, Id original, std::vector<Leg>& legs) {
  const auto found = book.settlements.find(original);
  if (found == book.settlements.end() || found->second.peer != peer ||
      found->second.status != wire::SettlementStatus::kSettled) {
    return Code::kOriginalUnknown;
  }
  std::vector<Leg> left = found->second.legs;
  for (Leg& leg : legs) {
    bool is_there = false;
    bool has_room = false;
    for (std::size_t i = 0; i < left.size() && !has_room; ++i) {
      Leg& given = left[i];
      if (given.own != leg.own || given.other != leg.other || given.asset != leg.asset ||
          given.pays == leg.pays) {
        continue;
      }
      is_there = true;
      has_room = leg.amount <= given.amount - given.returned - given.returning;
      if (!has_room) continue;
      given.returning += leg.amount;
      leg.returns_leg = i;
    }
    if (!is_there) return Code::kOriginalUnknown;
    if (!has_room) return Code::kReturnExceedsOriginal;
  }
  return Code::kOk;
}

Code limits_and_money(Book& book, NodeNo peer, const std::vector<Leg>& legs) {
  for (const Leg& leg : legs) {
    const auto limit = single_limit(book, leg.asset);
    if (limit && leg.amount > *limit) return Code::kSingleLimit;
  }
  if (const Code code = cap_refusal(book, peer, legs); code != Code::kOk) return code;
  Code lowest = Code::kOk;
  const auto found = [&](Code code) {
    if (lowest == Code::kOk || code < lowest) lowest = code;
  };
  for (const auto& [number, sums] : sums_of(legs)) {
    const Account& account = *find_account(book, number);
    const Money& m = account.money;
    const bool is_corridor = account.kind == wire::AccountKind::kCorridor;
    const bool too_little = account.has(flag::kNoDebitBalance) && sums.first > 0 &&
                            sums.first > m.credits - m.debits - m.debits_held;
    const bool too_much = account.has(flag::kNoCreditBalance) && sums.second > 0 &&
                          sums.second > m.debits - m.credits - m.credits_held;
    if (too_little) found(is_corridor ? Code::kCorridorReserved : Code::kInsufficientFunds);
    if (too_much) found(is_corridor ? Code::kCorridorReserved : Code::kExceedsDebits);
  }
  return lowest;
}

void hold_legs(Book& book, const std::vector<Leg>& legs, int sign) {
  for (const auto& [number, sums] : sums_of(legs)) {
    find_account(book, number)->money.debits_held += sign * sums.first;
    find_account(book, number)->money.credits_held += sign * sums.second;
  }
}

void post_legs(Book& book, const std::vector<Leg>& legs) {
  for (const auto& [number, sums] : sums_of(legs)) {
    find_account(book, number)->money.debits += sums.first;
    find_account(book, number)->money.credits += sums.second;
  }
}

void reserve_of_original(Book& book, const Settlement& settlement, int sign) {
  if (settlement.kind != SettlementKind::kReturn) return;
  Settlement& original = book.settlements.at(settlement.original);
  for (const Leg& leg : settlement.legs) {
    original.legs[leg.returns_leg].returning += sign * leg.amount;
  }
}

void settle_of_original(Book& book, const Settlement& settlement) {
  if (settlement.kind != SettlementKind::kReturn) return;
  Settlement& original = book.settlements.at(settlement.original);
  for (const Leg& leg : settlement.legs) {
    original.legs[leg.returns_leg].returned += leg.amount;
  }
}

void tell_change(Desk& desk, Time at, Id id, const Settlement& settlement) {
  wire::SettlementChanged event;
  event.settlement = base::CommandId{id};
  event.peer = base::NodeId{settlement.peer};
  event.status = settlement.status;
  event.code = settlement.code;
  tell(desk, wire::EventKind::kSettlementChanged, at, event);
}

}  // namespace hugang::oracle
