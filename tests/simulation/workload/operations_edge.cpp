// What lies exactly on an edge: the last unit, a limit to the unit, a deadline to the nanosecond.
// Chance alone never meets those, and one sign too much is wrong nowhere else.
#include <algorithm>
#include <array>

#include "tests/simulation/workload/workload.hpp"

namespace hugang::simulation {
namespace {

namespace flag = wire::transfer_flag;

/// Credits - debits - pending debits of the account as the city has it now; 0 where it has none.
std::int64_t available(const City& city, base::AccountNumber number) {
  const auto parts = base::parse_account_number(number);
  if (!parts || parts->index.value() > city.state().accounts.size()) return 0;
  const machine::Balance& b = city.state().account(parts->index).balance;
  const base::u128 used = b.debits_posted + b.debits_pending;
  return b.credits_posted > used ? static_cast<std::int64_t>(b.credits_posted - used) : 0;
}

std::optional<wire::Transfer> draw_transfer(Workload& load, const City& city,
                                            const KnownAccount& debit) {
  const KnownAccount* credit = load.any_account(city.id(), debit.asset);
  if (credit == nullptr || credit->number == debit.number) return std::nullopt;
  wire::Transfer transfer;
  transfer.id = load.new_id();
  transfer.debit = debit.number;
  transfer.credit = credit->number;
  transfer.asset = debit.asset;
  return transfer;
}

/// All that the account has, or one unit more.
std::optional<Request> last_unit(Workload& load) {
  City* city = load.any_city_up();
  if (city == nullptr) return std::nullopt;
  const KnownAccount* debit = load.any_account(city->id());
  if (debit == nullptr) return std::nullopt;
  auto transfer = draw_transfer(load, *city, *debit);
  if (!transfer) return std::nullopt;
  const std::int64_t all = available(*city, debit->number);
  if (all == 0 || all > 2'000'000) return std::nullopt;  // who has much is not left without
  transfer->amount_minor = load.random().chance(700) ? all : all + 1;
  if (load.random().chance(300)) transfer->flags |= flag::kHold;
  return request_of(*city, wire::CommandKind::kTransfer, debit->owner, *transfer);
}

/// The largest single amount of the rules of the day, or one unit more.
std::optional<Request> single_limit(Workload& load) {
  City* city = load.any_city_up();
  if (city == nullptr) return std::nullopt;
  for (const wire::Rule& rule : city->state().rules.rules) {
    if (rule.kind != wire::RuleKind::kSingleMax || rule.value == 0) continue;
    const KnownAccount* debit = load.any_account(city->id(), rule.asset);
    if (debit == nullptr) return std::nullopt;
    auto transfer = draw_transfer(load, *city, *debit);
    if (!transfer) return std::nullopt;
    transfer->amount_minor = load.random().chance(700) ? rule.value : rule.value + 1;
    return request_of(*city, wire::CommandKind::kTransfer, debit->owner, *transfer);
  }
  return std::nullopt;
}

/// An instant that the city's next few commands may fall upon: close behind its newest entry when
/// its clock was set back, for then its time goes on by single nanoseconds.
base::Timestamp soon(Workload& load, const City& city) {
  const base::Timestamp last = std::max(city.wall_clock(), city.state().last_at);
  return last + base::Duration::nanoseconds(load.random().between(0, 6));
}

std::optional<Request> hold_until_soon(Workload& load) {
  City* city = load.any_city_up();
  if (city == nullptr) return std::nullopt;
  const KnownAccount* debit = load.any_account(city->id());
  if (debit == nullptr) return std::nullopt;
  auto transfer = draw_transfer(load, *city, *debit);
  if (!transfer) return std::nullopt;
  transfer->amount_minor = load.random().between(1, 5'000);
  transfer->flags = flag::kHold;
  transfer->expires_at = soon(load, *city);
  return request_of(*city, wire::CommandKind::kTransfer, debit->owner, *transfer);
}

/// A leg from the city to another one, to be given its amount.
struct Way {
  City* from;
  base::NodeId to;
  base::ParticipantId payer;
  wire::Leg leg;
};

std::optional<Way> draw_way(Workload& load, base::AssetId asset, base::NodeId to) {
  City* from = load.any_city_up();
  if (from == nullptr) return std::nullopt;
  if (to.is_none()) to = load.any_city().id();
  if (to == from->id()) return std::nullopt;
  const KnownAccount* own = load.any_account(from->id(), asset);
  if (own == nullptr) return std::nullopt;
  const KnownAccount* other = load.any_account(to, own->asset);
  if (other == nullptr) return std::nullopt;
  wire::Leg leg;
  leg.initiator_account = own->number;
  leg.responder_account = other->number;
  leg.asset = own->asset;
  leg.direction = wire::Direction::kOut;
  leg.amount_minor = load.random().between(1, 5'000);
  return Way{from, to, own->owner, leg};
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
  const auto way = draw_way(load, {}, {});
  if (!way) return std::nullopt;
  wire::InstructHead head;
  head.kind = wire::SettlementKind::kPayment;
  head.decide_by = soon(load, *way->from);
  return instruct(load, *way, head, {way->leg});
}

/// What is still free under a corridor's cap, or one unit more.
std::optional<Request> corridor_cap(Workload& load) {
  City* from = load.any_city_up();
  if (from == nullptr) return std::nullopt;
  const machine::State& state = from->state();
  for (const wire::Rule& rule : state.rules.rules) {
    if (rule.kind != wire::RuleKind::kCorridorCap) continue;
    const auto peer = state.peers.find(rule.peer);
    if (peer == state.peers.end()) continue;
    const auto corridor = peer->second.corridors.find(rule.asset);
    if (corridor == peer->second.corridors.end()) continue;
    const machine::Balance& b = state.account(corridor->second).balance;
    const auto owed = static_cast<base::i128>(b.credits_posted + b.credits_pending) -
                      static_cast<base::i128>(b.debits_posted);
    const auto left = static_cast<base::i128>(rule.value) - owed;
    if (left < 1 || left > 4'000'000) continue;
    auto way = draw_way(load, rule.asset, rule.peer);
    if (!way || way->from != from) return std::nullopt;
    way->leg.amount_minor = static_cast<std::int64_t>(left) + (load.random().chance(700) ? 0 : 1);
    wire::InstructHead head;
    head.kind = wire::SettlementKind::kPayment;
    return instruct(load, *way, head, {way->leg});
  }
  return std::nullopt;
}

/// The same asset given and taken: no exchange at all.
std::optional<Request> exchange_with_itself(Workload& load) {
  const auto way = draw_way(load, {}, {});
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
  const auto way = draw_way(load, {}, {});
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

constexpr auto kOperations = std::to_array<Operation>({
    {"the last unit", 3, last_unit},
    {"the single limit", 3, single_limit},
    {"a hold until soon", 3, hold_until_soon},
    {"a decision until soon", 2, decide_by_soon},
    {"the corridor cap", 3, corridor_cap},
    {"an exchange with itself", 1, exchange_with_itself},
    {"the id of a local command", 1, id_of_a_local_command},
});

}  // namespace

std::span<const Operation> edge_operations() { return kOperations; }

}  // namespace hugang::simulation
