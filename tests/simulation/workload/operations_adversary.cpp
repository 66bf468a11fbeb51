// Business with a peer that turns out to lie: payments and exchanges to accounts that it claims to
// keep, recalls, returns and figures; and the operator who lets it go on after a halt.
#include <array>

#include "clearing/machine/state.hpp"
#include "clearing/wire/batch.hpp"
#include "tests/simulation/workload/workload.hpp"

namespace hugang::simulation {
namespace {

constexpr base::ParticipantId kOperator{1};

/// A city that is up, where there is a liar.
City* draw_city(Workload& load) {
  return load.book().liar.is_none() ? nullptr : load.any_city_up();
}

bool has_corridor(Workload& load, const City& city, base::AssetId asset) {
  return city.state().peers.at(load.book().liar).corridors.contains(asset);
}

std::optional<wire::Leg> draw_leg(Workload& load, const City& city, wire::Direction direction) {
  const KnownAccount* own = load.any_account(city.id());
  if (own == nullptr) return std::nullopt;
  // Mostly what can be settled with it at all.
  if (!has_corridor(load, city, own->asset) && load.random().chance(900)) return std::nullopt;
  const KnownAccount* other = load.any_account(load.book().liar, own->asset);
  if (other == nullptr) return std::nullopt;
  wire::Leg leg;
  leg.initiator_account = own->number;
  leg.responder_account = other->number;
  leg.asset = own->asset;
  leg.direction = direction;
  leg.amount_minor = load.random().between(1, 20'000);
  return leg;
}

Request instruct(Workload& load, const City& city, wire::InstructHead head,
                 const std::vector<wire::Leg>& legs) {
  head.id = load.new_id();
  head.initiator = city.id();
  head.responder = load.book().liar;
  head.decide_by =
      city.wall_clock() + base::Duration::milliseconds(load.random().between(500, 20'000));
  return {.city = city.id(),
          .submission = {.kind = wire::CommandKind::kInstruct,
                         .caller = load.book().owner_of(legs.front().initiator_account),
                         .count = 1,
                         .records = wire::encode_instruct(head, legs, {})}};
}

std::optional<Request> payment(Workload& load) {
  const City* city = draw_city(load);
  if (city == nullptr) return std::nullopt;
  const auto leg = draw_leg(load, *city, wire::Direction::kOut);
  if (!leg) return std::nullopt;
  return instruct(load, *city, {}, {*leg});
}

std::optional<Request> exchange(Workload& load) {
  const City* city = draw_city(load);
  if (city == nullptr) return std::nullopt;
  const auto out = draw_leg(load, *city, wire::Direction::kOut);
  const auto in = draw_leg(load, *city, wire::Direction::kIn);
  if (!out || !in || out->asset == in->asset) return std::nullopt;
  wire::InstructHead head;
  head.kind = load.random().chance(500) ? wire::SettlementKind::kPvp : wire::SettlementKind::kDvp;
  return instruct(load, *city, head, {*out, *in});
}

/// The newest settlement with the liar, of those that `fits` takes, mostly.
template <class Fits>
const machine::Settlement* draw_settlement(Workload& load, const City& city, Fits fits) {
  const machine::State& state = city.state();
  const machine::Settlement* found = nullptr;
  for (std::size_t i = state.settlements.size(); i-- > 0;) {
    const machine::Settlement& settlement = state.settlements[i];
    if (settlement.peer != load.book().liar || !fits(settlement)) continue;
    found = &settlement;
    if (load.random().chance(500)) break;
  }
  return found;
}

std::optional<Request> recall(Workload& load) {
  const City* city = draw_city(load);
  if (city == nullptr) return std::nullopt;
  const auto* settlement =
      draw_settlement(load, *city, [](const auto& each) { return each.is_initiator; });
  if (settlement == nullptr) return std::nullopt;
  wire::Recall record;
  record.id = load.new_id();
  record.settlement = settlement->id;
  HG_CHECK(record.reason.assign("FRAD"));
  return request_of(*city, wire::CommandKind::kRecall, settlement->submitter, record);
}

/// Of what the liar paid.
std::optional<Request> give_back(Workload& load) {
  const City* city = draw_city(load);
  if (city == nullptr) return std::nullopt;
  const auto* settlement = draw_settlement(load, *city, [](const machine::Settlement& each) {
    return !each.is_initiator && each.status == wire::SettlementStatus::kSettled;
  });
  if (settlement == nullptr || settlement->legs.front().pays) return std::nullopt;
  const machine::SettlementLeg& received = settlement->legs.front();
  wire::Leg leg;
  leg.initiator_account = city->state().number_of(received.customer);
  leg.responder_account = received.other_account;
  leg.asset = received.asset;
  leg.amount_minor = load.random().between(1, received.amount_minor);
  wire::InstructHead head;
  head.kind = wire::SettlementKind::kReturn;
  head.original_id = settlement->id;
  return instruct(load, *city, head, {leg});
}

std::optional<Request> reconcile(Workload& load) {
  const City* city = draw_city(load);
  if (city == nullptr) return std::nullopt;
  wire::Reconcile record;
  record.id = load.new_id();
  record.peer = load.book().liar;
  record.business_date = 20'260'101;
  return request_of(*city, wire::CommandKind::kReconcile, kOperator, record);
}

/// After a halt; seldom without one, which must change nothing.
std::optional<Request> resume(Workload& load) {
  const City* city = draw_city(load);
  if (city == nullptr) return std::nullopt;
  const bool is_halted = city->state().peers.at(load.book().liar).halted != machine::Code::kOk;
  if (!is_halted && load.random().chance(950)) return std::nullopt;
  wire::ResumePeer record;
  record.id = load.new_id();
  record.peer = load.book().liar;
  return request_of(*city, wire::CommandKind::kResumePeer, kOperator, record);
}

/// Bounds what the liar may come to owe or to hold, at once.
std::optional<Request> cap(Workload& load) {
  const City* city = draw_city(load);
  if (city == nullptr) return std::nullopt;
  const machine::State& state = city->state();
  wire::SetRulesHead head;
  head.id = load.new_id();
  head.version =
      (state.pending_rules.empty() ? state.rules.version : state.pending_rules.back().version) + 1;
  std::vector<wire::Rule> rules;
  for (const auto& [asset, corridor] : state.peers.at(load.book().liar).corridors) {
    wire::Rule rule;
    rule.kind = wire::RuleKind::kCorridorCap;
    rule.asset = asset;
    rule.peer = load.book().liar;
    rule.value = load.random().between(1'000, 400'000);
    rules.push_back(rule);
  }
  return rules_request(*city, head, rules);
}

constexpr auto kOperations = std::to_array<Operation>({
    {"payment to the liar", 15, payment},
    {"exchange with the liar", 10, exchange},
    {"recall from the liar", 6, recall},
    {"return to the liar", 4, give_back},
    {"figures of the liar", 3, reconcile},
    {"cap on the liar", 2, cap},
    {"resumption of the liar", 15, resume},
});

}  // namespace

std::span<const Operation> adversary_operations() { return kOperations; }

}  // namespace hugang::simulation
