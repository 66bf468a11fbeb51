// What lies exactly on an edge between two nodes: the cap of a corridor to the unit, a time to
// decide to the nanosecond, an exchange of an asset for itself, an id that is taken.
#include <algorithm>
#include <array>

#include "clearing/wire/batch.hpp"
#include "tests/simulation/workload/workload.hpp"

namespace hugang::simulation {
namespace {

constexpr base::ParticipantId kOperator{1};

/// A leg from the city to another one, to be given its amount.
struct Way {
  City* from;
  base::NodeId to;
  base::ParticipantId payer;
  wire::Leg leg;
};

std::optional<Way> draw_way(Workload& load, City& from, base::AssetId asset, base::NodeId to) {
  if (!from.is_up() || to == from.id()) return std::nullopt;
  const KnownAccount* own = load.any_account(from.id(), asset);
  if (own == nullptr) return std::nullopt;
  const KnownAccount* other = load.any_account(to, own->asset);
  if (other == nullptr) return std::nullopt;
  wire::Leg leg;
  leg.initiator_account = own->number;
  leg.responder_account = other->number;
  leg.asset = own->asset;
  leg.direction = wire::Direction::kOut;
  leg.amount_minor = load.random().between(1, 5'000);
  return Way{&from, to, own->owner, leg};
}

std::optional<Way> draw_way(Workload& load) {
  return draw_way(load, load.any_city(), {}, load.any_city().id());
}

Request instruct(Workload& load, const Way& way, wire::InstructHead head,
                 const std::vector<wire::Leg>& legs) {
  if (head.id.is_none()) head.id = load.new_id();
  head.initiator = way.from->id();
  head.responder = way.to;
  if (head.decide_by.is_none()) {
    head.decide_by = way.from->wall_clock() + base::Duration::seconds(load.random().between(1, 20));
  }
  return {.city = way.from->id(),
          .submission = {.kind = wire::CommandKind::kInstruct,
                         .caller = way.payer,
                         .count = 1,
                         .records = wire::encode_instruct(head, legs, {})}};
}

std::optional<Request> decide_by_soon(Workload& load) {
  const auto way = draw_way(load);
  if (!way) return std::nullopt;
  wire::InstructHead head;
  head.kind = wire::SettlementKind::kPayment;
  head.decide_by = instant_soon(load, *way->from);
  return instruct(load, *way, head, {way->leg});
}

/// Whose cap it is, of which asset, with whom, and what may still be added to the balance.
struct Cap {
  City* at;
  base::NodeId peer;
  base::AssetId asset;
  bool is_issuer;
  base::i128 owed;  ///< with what is pending on the side that grows
};

std::optional<Cap> cap_of(City& at, base::NodeId peer, base::AssetId asset) {
  const machine::State& state = at.state();
  const auto known = state.peers.find(peer);
  if (known == state.peers.end()) return std::nullopt;
  const auto corridor = known->second.corridors.find(asset);
  if (corridor == known->second.corridors.end()) return std::nullopt;
  const machine::Account& account = state.account(corridor->second);
  const machine::Balance& b = account.balance;
  const bool is_issuer = account.has(wire::account_flag::kNoDebitBalance);
  const base::u128 up =
      is_issuer ? b.credits_posted + b.credits_pending : b.debits_posted + b.debits_pending;
  const base::u128 down = is_issuer ? b.debits_posted : b.credits_posted;
  return Cap{&at, peer, asset, is_issuer, static_cast<base::i128>(up - down)};
}

/// A cap close above what is there.
std::optional<Request> set_cap(Workload& load) {
  City* at = load.any_city_up();
  if (at == nullptr) return std::nullopt;
  const City& other = load.any_city();
  const KnownAccount* account = load.any_account(at->id());
  if (account == nullptr) return std::nullopt;
  const auto cap = cap_of(*at, other.id(), account->asset);
  if (!cap) return std::nullopt;
  const machine::State& state = at->state();
  wire::SetRulesHead head;
  head.id = load.new_id();
  head.version =
      (state.pending_rules.empty() ? state.rules.version : state.pending_rules.back().version) + 1;
  wire::Rule rule;
  rule.kind = wire::RuleKind::kCorridorCap;
  rule.asset = cap->asset;
  rule.peer = cap->peer;
  rule.value = static_cast<std::int64_t>(cap->owed) + load.random().between(0, 30'000);
  return rules_request(*at, head, {&rule, 1});
}

/// What is still free under a corridor's cap, or one unit more, from the issuer.
std::optional<Request> corridor_cap(Workload& load) {
  City* at = load.any_city_up();
  if (at == nullptr) return std::nullopt;
  for (const wire::Rule& rule : at->state().rules.rules) {
    if (rule.kind != wire::RuleKind::kCorridorCap) continue;
    if (rule.peer.value() > load.city_count()) continue;  // a peer without a ledger
    const auto cap = cap_of(*at, rule.peer, rule.asset);
    if (!cap) continue;
    const base::i128 left = static_cast<base::i128>(rule.value) - cap->owed;
    if (left < 1 || left > 4'000'000) continue;
    City& issuer = cap->is_issuer ? *at : load.city(rule.peer);
    auto way = draw_way(load, issuer, rule.asset, cap->is_issuer ? rule.peer : at->id());
    if (!way) return std::nullopt;
    way->leg.amount_minor = static_cast<std::int64_t>(left) + (load.random().chance(700) ? 0 : 1);
    wire::InstructHead head;
    head.kind = wire::SettlementKind::kPayment;
    return instruct(load, *way, head, {way->leg});
  }
  return std::nullopt;
}

/// The same asset given and taken: no exchange at all.
std::optional<Request> exchange_with_itself(Workload& load) {
  const auto way = draw_way(load);
  if (!way) return std::nullopt;
  wire::Leg back = way->leg;
  back.direction = wire::Direction::kIn;
  back.amount_minor = load.random().between(1, 5'000);
  wire::InstructHead head;
  head.kind = wire::SettlementKind::kPvp;
  return instruct(load, *way, head, {way->leg, back});
}

/// An instruction under an id that the responder's clients have used for something else.
std::optional<Request> id_of_a_local_command(Workload& load) {
  const auto way = draw_way(load);
  if (!way) return std::nullopt;
  const auto& answered = load.book().answered;
  const auto after = answered.lower_bound({way->to, load.new_id()});
  if (after == answered.end() || after->first.first != way->to) return std::nullopt;
  wire::InstructHead head;
  head.id = after->first.second;
  head.kind = wire::SettlementKind::kPayment;
  if (load.book().find(way->from->id(), head.id) != nullptr) return std::nullopt;
  return instruct(load, *way, head, {way->leg});
}

/// Every leg of a payment given back twice over in one return.
std::optional<Request> double_return(Workload& load) {
  if (load.book().offers.empty()) return std::nullopt;
  const SettlementOffer& offer = load.random().pick(load.book().offers);
  std::vector<wire::Leg> legs;
  base::ParticipantId payer;
  for (const wire::Leg& leg : offer.legs) {
    if (leg.direction != wire::Direction::kOut) continue;
    wire::Leg back = leg;
    back.initiator_account = leg.responder_account;
    back.responder_account = leg.initiator_account;
    legs.insert(legs.end(), 2, back);
    for (const KnownAccount& account : load.book().accounts) {
      if (account.number == leg.responder_account) payer = account.owner;
    }
    break;
  }
  if (legs.empty() || offer.responder == load.book().liar) return std::nullopt;
  wire::InstructHead head;
  head.kind = wire::SettlementKind::kReturn;
  head.original_id = offer.id;
  return instruct(load, {&load.city(offer.responder), offer.initiator, payer, {}}, head, legs);
}

/// A settlement that some city still asks its customers about, and one leg that waits for a word.
struct Question {
  City* city;
  base::CommandId settlement;
  const machine::Account* account;
  base::AccountNumber number;
};

std::optional<Question> draw_question(Workload& load) {
  City* city = load.any_city_up();
  if (city == nullptr) return std::nullopt;
  const machine::State& state = city->state();
  for (std::size_t i = state.settlements.size(); i-- > 0;) {
    const machine::Settlement& settlement = state.settlements[i];
    if (settlement.status != wire::SettlementStatus::kPending) continue;
    for (const auto& leg : settlement.legs) {
      if (!leg.needs_affirmation || load.random().chance(300)) continue;
      return Question{city, settlement.id, &state.account(leg.customer),
                      state.number_of(leg.customer)};
    }
  }
  return std::nullopt;
}

std::optional<Request> freeze_while_asked(Workload& load) {
  const auto question = draw_question(load);
  if (!question) return std::nullopt;
  wire::UpdateAccount record;
  record.id = load.new_id();
  record.account = question->number;
  record.set_flags = wire::account_flag::kFrozen;
  return request_of(*question->city, wire::CommandKind::kUpdateAccount, kOperator, record);
}

std::optional<Request> strangers_affirmation(Workload& load) {
  const auto question = draw_question(load);
  if (!question) return std::nullopt;
  wire::Affirm record;
  record.id = load.new_id();
  record.settlement = question->settlement;
  const auto other = static_cast<std::uint32_t>(load.random().between(2, 4));
  if (question->account->owner.value() == other) return std::nullopt;
  return request_of(*question->city, wire::CommandKind::kAffirm, base::ParticipantId{other},
                    record);
}

/// Debits of two customers of the responder: both have to affirm.
std::optional<Request> two_to_affirm(Workload& load) {
  auto way = draw_way(load);
  if (!way || !load.city(way->to).is_up()) return std::nullopt;
  std::vector<wire::Leg> legs{way->leg};
  for (int i = 0; i < 8 && legs.size() < 3; ++i) {
    const KnownAccount* gives = load.any_account(way->to);
    if (gives == nullptr || gives->asset == way->leg.asset) continue;
    const KnownAccount* takes = load.any_account(way->from->id(), gives->asset);
    if (takes == nullptr || legs.back().responder_account == gives->number) continue;
    wire::Leg leg;
    leg.initiator_account = takes->number;
    leg.responder_account = gives->number;
    leg.asset = gives->asset;
    leg.direction = wire::Direction::kIn;
    leg.amount_minor = load.random().between(1, 5'000);
    legs.push_back(leg);
  }
  if (legs.size() < 3) return std::nullopt;
  wire::InstructHead head;
  head.kind = wire::SettlementKind::kDvp;
  return instruct(load, *way, head, legs);
}

constexpr auto kOperations = std::to_array<Operation>({
    {"a decision until soon", 5, decide_by_soon},
    {"a close cap", 2, set_cap},
    {"the corridor cap", 4, corridor_cap},
    {"an exchange with itself", 1, exchange_with_itself},
    {"the id of a local command", 1, id_of_a_local_command},
    {"double return", 2, double_return},
    {"freeze while asked", 2, freeze_while_asked},
    {"a stranger's affirmation", 3, strangers_affirmation},
    {"two to affirm", 4, two_to_affirm},
});

}  // namespace

std::span<const Operation> edge_settlement_operations() { return kOperations; }

}  // namespace hugang::simulation
