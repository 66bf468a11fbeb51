// Settlements between cities: payments, exchanges, returns, recalls, affirmations, reconciliation.
#include <array>

#include "clearing/base/account_number.hpp"
#include "clearing/machine/limits.hpp"
#include "clearing/wire/batch.hpp"
#include "tests/simulation/workload/workload.hpp"

namespace hugang::simulation {
namespace {

/// A city that is up and another one.
struct Pair {
  City* from;
  City* to;
};

std::optional<Pair> draw_pair(Workload& load) {
  City* from = load.any_city_up();
  if (from == nullptr || load.city_count() < 2) return std::nullopt;
  City* to = &load.any_city();
  while (to == from) to = &load.any_city();
  return Pair{from, to};
}

bool settles(const Pair& pair, base::AssetId asset) {
  const auto peer = pair.from->state().peers.find(pair.to->id());
  return peer != pair.from->state().peers.end() && peer->second.corridors.contains(asset);
}

bool has_funds(const City& city, const KnownAccount& known) {
  if (!city.is_up()) return true;
  const auto parts = base::parse_account_number(known.number);
  if (!parts || parts->index.value() > city.state().accounts.size()) return false;
  const machine::Balance& b = city.state().account(parts->index).balance;
  return b.credits_posted > b.debits_posted + b.debits_pending;
}

/// Mostly one that can work: most of what may go wrong shows only behind that.
std::optional<wire::Leg> draw_leg(Workload& load, const Pair& pair, base::AssetId asset,
                                  wire::Direction direction) {
  const KnownAccount* own = nullptr;
  const KnownAccount* other = nullptr;
  for (int i = 0; i < 6; ++i) {
    own = load.any_account(pair.from->id(), asset);
    if (own == nullptr) return std::nullopt;
    other = load.any_account(pair.to->id(), own->asset);
    if (other == nullptr) return std::nullopt;
    const bool is_out = direction == wire::Direction::kOut;
    const bool can_pay = is_out ? has_funds(*pair.from, *own) : has_funds(*pair.to, *other);
    if (settles(pair, own->asset) && can_pay) break;
  }
  wire::Leg leg;
  leg.initiator_account = own->number;
  leg.responder_account = other->number;
  leg.asset = own->asset;
  leg.direction = direction;
  leg.amount_minor = load.random().between(1, load.random().chance(100) ? 4'000'000 : 20'000);
  if (load.random().chance(10)) {
    leg.responder_account = base::AccountNumber{leg.responder_account.value() + 9'700};
  }
  return leg;
}

Request instruct(Workload& load, const Pair& pair, wire::InstructHead head,
                 const std::vector<wire::Leg>& legs) {
  if (head.id.is_none()) head.id = load.new_id();
  head.initiator = pair.from->id();
  head.responder = pair.to->id();
  head.decide_by =
      pair.from->wall_clock() + base::Duration::milliseconds(load.random().between(500, 20'000));
  base::Bytes details(static_cast<std::size_t>(load.random().below(100)));
  for (auto& byte : details) byte = static_cast<std::byte>(load.random().below(256));
  base::ParticipantId caller;
  for (const wire::Leg& leg : legs) {
    if (leg.direction == wire::Direction::kOut)
      caller = load.book().owner_of(leg.initiator_account);
  }
  return {.city = pair.from->id(),
          .submission = {.kind = wire::CommandKind::kInstruct,
                         .caller = caller,
                         .count = 1,
                         .records = wire::encode_instruct(head, legs, details)}};
}

std::optional<Request> payment(Workload& load) {
  const auto pair = draw_pair(load);
  if (!pair) return std::nullopt;
  std::vector<wire::Leg> legs;
  const auto count = load.random().chance(800) ? 1 : load.random().between(2, 4);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto leg = draw_leg(load, *pair, {}, wire::Direction::kOut);
    if (!leg) return std::nullopt;
    legs.push_back(*leg);
  }
  wire::InstructHead head;
  head.kind = wire::SettlementKind::kPayment;
  return instruct(load, *pair, head, legs);
}

std::optional<Request> exchange(Workload& load) {
  const auto pair = draw_pair(load);
  if (!pair) return std::nullopt;
  const auto out = draw_leg(load, *pair, {}, wire::Direction::kOut);
  const auto in = draw_leg(load, *pair, {}, wire::Direction::kIn);
  if (!out || !in || out->asset == in->asset) return std::nullopt;
  wire::InstructHead head;
  head.kind = load.random().chance(500) ? wire::SettlementKind::kPvp : wire::SettlementKind::kDvp;
  return instruct(load, *pair, head, {*out, *in});
}

/// Both sides, or two of three, choose the same id: nobody's fault.
std::optional<Request> same_id_elsewhere(Workload& load) {
  if (load.book().offers.empty()) return std::nullopt;
  const SettlementOffer offer = load.random().pick(load.book().offers);
  auto pair = draw_pair(load);
  if (!pair || pair->from->id() == offer.initiator) return std::nullopt;
  const auto leg = draw_leg(load, *pair, {}, wire::Direction::kOut);
  if (!leg) return std::nullopt;
  if (load.book().find(pair->from->id(), offer.id) != nullptr) return std::nullopt;
  wire::InstructHead head;
  head.id = offer.id;
  return instruct(load, *pair, head, {*leg});
}

std::optional<Request> give_back(Workload& load) {
  if (load.book().offers.empty()) return std::nullopt;
  const SettlementOffer offer = load.random().pick(load.book().offers);
  if (offer.responder.value() > load.city_count()) return std::nullopt;  // a peer without a ledger
  City& returner = load.city(offer.responder);
  if (!returner.is_up()) return std::nullopt;
  std::vector<wire::Leg> legs;
  for (const wire::Leg& leg : offer.legs) {
    if (leg.direction != wire::Direction::kOut) continue;
    wire::Leg back = leg;
    back.initiator_account = leg.responder_account;
    back.responder_account = leg.initiator_account;
    back.amount_minor =
        load.random().chance(500) ? leg.amount_minor : load.random().between(1, leg.amount_minor);
    legs.push_back(back);
    if (load.random().chance(600)) break;
  }
  wire::InstructHead head;
  head.kind = wire::SettlementKind::kReturn;
  head.original_id = offer.id;
  return instruct(load, {&returner, &load.city(offer.initiator)}, head, legs);
}

std::optional<Request> recall(Workload& load) {
  if (load.book().offers.empty()) return std::nullopt;
  const auto& offers = load.book().offers;
  // The newest are the ones that may still be open.
  const std::size_t newest = std::min<std::size_t>(offers.size(), 8);
  const SettlementOffer offer =
      offers[offers.size() - 1 - static_cast<std::size_t>(load.random().below(newest))];
  wire::Recall record;
  record.id = load.new_id();
  record.settlement = offer.id;
  HG_CHECK(record.reason.assign("DUPL"));
  return request_of(load.city(offer.initiator), wire::CommandKind::kRecall, offer.submitter,
                    record);
}

std::optional<Request> affirm(Workload& load) {
  City* city = load.any_city_up();
  if (city == nullptr) return std::nullopt;
  const machine::State& state = city->state();
  for (std::size_t i = state.settlements.size(); i-- > 0;) {
    const machine::Settlement& settlement = state.settlements[i];
    if (settlement.is_initiator || settlement.status != wire::SettlementStatus::kPending) continue;
    for (const auto& leg : settlement.legs) {
      if (!leg.needs_affirmation || leg.is_affirmed || load.random().chance(300)) continue;
      wire::Affirm record;
      record.id = load.new_id();
      record.settlement = settlement.id;
      record.decline = load.random().chance(150) ? 1 : 0;
      return request_of(*city, wire::CommandKind::kAffirm, state.account(leg.customer).owner,
                        record);
    }
  }
  return std::nullopt;
}

std::optional<Request> reconcile(Workload& load) {
  const auto pair = draw_pair(load);
  if (!pair) return std::nullopt;
  wire::Reconcile record;
  record.id = load.new_id();
  if (load.random().chance(200)) {
    // Both operators make the id of the day and open it at once.
    const auto of = load.random().below(4);
    const auto pair_of = pair->from->id().value() * pair->to->id().value();
    record.id = base::CommandId{(base::u128{pair_of} << 96) | (of + 1)};
  }
  record.peer = pair->to->id();
  record.business_date = 20'260'101;
  return request_of(*pair->from, wire::CommandKind::kReconcile, base::ParticipantId{1}, record);
}

constexpr auto kOperations = std::to_array<Operation>({
    {"payment", 30, payment},
    {"exchange", 20, exchange},
    {"same id elsewhere", 2, same_id_elsewhere},
    {"return", 8, give_back},
    {"recall", 8, recall},
    {"affirmation", 25, affirm},
    {"reconciliation", 4, reconcile},
});

}  // namespace

std::span<const Operation> settlement_operations() { return kOperations; }

}  // namespace hugang::simulation
