#include "services/edge/convert_position.hpp"

#include <chrono>
#include <string>

#include "services/edge/convert_outcome.hpp"
#include "services/edge/decimal.hpp"
#include "services/edge/field_reader.hpp"

namespace hugang::edge {
namespace {

v1::ReconciliationStatus to_message(machine::ReconciliationStatus status) {
  switch (status) {
    case machine::ReconciliationStatus::kOpen:
      return v1::RECONCILIATION_STATUS_OPEN;
    case machine::ReconciliationStatus::kAgreed:
      return v1::RECONCILIATION_STATUS_AGREED;
    case machine::ReconciliationStatus::kDiffers:
      return v1::RECONCILIATION_STATUS_DIFFERS;
  }
  return v1::RECONCILIATION_STATUS_UNSPECIFIED;
}

}  // namespace

bool is_business_date(std::uint32_t yyyymmdd) {
  const auto year = static_cast<int>(yyyymmdd / 10'000);
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{yyyymmdd / 100 % 100},
                                         std::chrono::day{yyyymmdd % 100}};
  return year >= 2000 && year <= 2199 && date.ok();
}

CommandOrFailure to_command(const v1::ReconcileRequest& request) {
  FieldReader fields;
  wire::Reconcile record;
  record.id = fields.id("id", request.id());
  record.peer = fields.needed<base::NodeId>("peer_node", request.peer_node());
  record.business_date = request.business_date();
  if (request.business_date() == 0) {
    fields.fail(Failure{EdgeError::kFieldMissing, "business_date"});
  } else if (!is_business_date(request.business_date())) {
    fields.fail(Failure{EdgeError::kNumberOutOfRange, "business_date"}
                    .with("limit", "a day as yyyymmdd, 20000101..21991231")
                    .with("got", std::to_string(request.business_date())));
  }
  if (fields.has_failed()) return std::unexpected{fields.failure()};
  return one_command(wire::CommandKind::kReconcile, record);
}

std::vector<PositionFacts> position_facts(const machine::State& state) {
  std::vector<PositionFacts> all;
  for (const auto& [node, peer] : state.peers) {
    for (const auto& [asset, account] : peer.corridors) {
      all.push_back({.peer = node,
                     .asset = asset,
                     .account = state.number_of(account),
                     .balance = state.account(account).balance});
    }
  }
  return all;
}

void fill(const PositionFacts& facts, v1::CorridorPosition& message) {
  message.set_peer_node(facts.peer.value());
  message.set_asset(facts.asset.value());
  message.set_account(facts.account.value());
  message.set_net_minor(
      to_decimal(difference(facts.balance.credits_posted, facts.balance.debits_posted)));
  message.set_debits_pending_minor(to_decimal(facts.balance.debits_pending));
  message.set_credits_pending_minor(to_decimal(facts.balance.credits_pending));
}

std::optional<machine::Reconciliation> reconciliation(const machine::State& state,
                                                      base::CommandId id) {
  const auto found = state.reconciliations.find(id);
  if (found == state.reconciliations.end()) return std::nullopt;
  return found->second;
}

void fill(const machine::Reconciliation& reconciliation, v1::GetReconciliationResponse& message) {
  fill(reconciliation.id, *message.mutable_id());
  message.set_peer_node(reconciliation.peer.value());
  message.set_business_date(reconciliation.business_date);
  message.set_status(to_message(reconciliation.status));
  for (const machine::ReconciliationLine& line : reconciliation.lines) {
    v1::ReconciliationLine& added = *message.add_lines();
    added.set_asset(line.asset.value());
    added.set_own_minor(to_decimal(line.own_minor));
    added.set_peer_minor(to_decimal(line.peer_minor));
    added.set_in_flight_minor(to_decimal(line.in_flight_minor));
  }
  for (const base::CommandId id : reconciliation.in_flight) fill(id, *message.add_in_flight());
  message.set_opened_at_ns(reconciliation.opened_at.ns());
  message.set_closed_at_ns(reconciliation.closed_at.ns());
}

}  // namespace hugang::edge
