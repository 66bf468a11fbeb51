#include "clearing/machine/reconcile.hpp"

#include <algorithm>

#include "clearing/machine/channel.hpp"
#include "clearing/machine/limits.hpp"
#include "clearing/machine/settlement.hpp"

namespace hugang::machine {
namespace {

using base::i128;

struct ReconcileView {
  wire::ReconcileHead head;
  std::vector<wire::ReconcilePosition> positions;
  std::vector<CommandId> in_flight;
};

base::Bytes encode(wire::ReconcileHead head, std::span<const wire::ReconcilePosition> positions,
                   std::span<const CommandId> in_flight) {
  head.position_count = static_cast<std::uint32_t>(positions.size());
  head.in_flight_count = static_cast<std::uint32_t>(in_flight.size());
  base::Bytes out;
  const auto append = [&out](base::ByteSpan bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
  };
  append(std::as_bytes(std::span{&head, 1}));
  append(std::as_bytes(positions));
  append(std::as_bytes(in_flight));
  return out;
}

/// Within a bound that no ledger reaches (10^22 payments of the largest amount), so that sums and
/// signs of what a peer states cannot overflow.
bool is_position(const wire::ReconcilePosition& position) {
  constexpr i128 kMax = static_cast<i128>(u128{1} << 125);
  const auto is_inside = [](i128 minor) { return -kMax <= minor && minor <= kMax; };
  return position.reserved0 == 0 && position.reserved1 == 0 && is_inside(position.net_minor) &&
         is_inside(position.in_flight_minor);
}

std::optional<ReconcileView> decode(base::ByteSpan body) {
  if (body.size() < sizeof(wire::ReconcileHead)) return std::nullopt;
  ReconcileView view;
  view.head = wire::read_record<wire::ReconcileHead>(body.first(sizeof(wire::ReconcileHead)));
  body = body.subspan(sizeof(wire::ReconcileHead));
  if (view.head.reserved0 != 0 || view.head.reserved1 != 0) return std::nullopt;
  if (view.head.position_count > kAssetsMax || view.head.in_flight_count > kInFlightNamedMax) {
    return std::nullopt;
  }
  const std::size_t position_bytes = view.head.position_count * sizeof(wire::ReconcilePosition);
  const std::size_t id_bytes = view.head.in_flight_count * sizeof(CommandId);
  if (body.size() != position_bytes + id_bytes) return std::nullopt;
  for (std::size_t i = 0; i < view.head.position_count; ++i) {
    view.positions.push_back(wire::read_record<wire::ReconcilePosition>(
        body.subspan(i * sizeof(wire::ReconcilePosition), sizeof(wire::ReconcilePosition))));
    if (!is_position(view.positions.back())) return std::nullopt;
  }
  for (std::size_t i = 0; i < view.head.in_flight_count; ++i) {
    view.in_flight.push_back(wire::read_record<CommandId>(
        body.subspan(position_bytes + i * sizeof(CommandId), sizeof(CommandId))));
  }
  return view;
}

i128 net_of(const State& state, AccountIndex corridor) {
  const Balance& b = state.account(corridor).balance;
  return static_cast<i128>(b.credits_posted - b.debits_posted);
}

/// What this responder has posted for decisions that the other side had not seen when it stated its
/// positions, per asset, and which settlements those are.
struct InFlight {
  std::map<AssetId, i128> net;
  std::vector<CommandId> settlements;
};

InFlight decisions_after(const State& state, const Peer& peer, ChannelSeqno seen) {
  InFlight result;
  const auto message_of = [&](std::uint32_t position) {
    return state.settlements[position].decision_message;
  };
  const auto first = std::ranges::upper_bound(peer.decisions, seen, {}, message_of);
  for (auto position = first; position != peer.decisions.end(); ++position) {
    const Settlement& settlement = state.settlements[*position];
    if (settlement.status != SettlementStatus::kSettled) continue;
    if (result.settlements.size() < kInFlightNamedMax) result.settlements.push_back(settlement.id);
    for (const SettlementLeg& leg : settlement.legs) {
      // A paying customer credits the corridor, a receiving one debits it.
      result.net[leg.asset] +=
          leg.pays ? static_cast<i128>(leg.amount_minor) : -static_cast<i128>(leg.amount_minor);
    }
  }
  return result;
}

void record(ApplyContext& context, Reconciliation reconciliation) {
  State& state = context.state;
  state.reconciliation_order.push_back(reconciliation.id);
  state.reconciliations.emplace(reconciliation.id, std::move(reconciliation));
}

void tell_end(ApplyContext& context, const Reconciliation& reconciliation) {
  wire::Reconciled event;
  event.id = reconciliation.id;
  event.peer = reconciliation.peer;
  event.code = reconciliation.status == ReconciliationStatus::kAgreed
                   ? Code::kOk
                   : Code::kReconciliationDiffers;
  event.business_date = reconciliation.business_date;
  emit(context, wire::EventKind::kReconciled, event);
}

const wire::ReconcilePosition* find_position(const ReconcileView& view, AssetId asset) {
  const auto found = std::ranges::find(view.positions, asset, &wire::ReconcilePosition::asset);
  return found == view.positions.end() ? nullptr : &*found;
}

bool explains(const ReconciliationLine& line) {
  return line.own_minor == line.peer_minor + line.in_flight_minor;
}

/// This side's lines against the positions that the peer states. An asset that only one side has a
/// corridor account for counts as zero at the other.
std::vector<ReconciliationLine> compare(const State& state, const Peer& peer,
                                        const ReconcileView& view, const InFlight& in_flight) {
  std::map<AssetId, ReconciliationLine> lines;
  for (const auto& [asset, corridor] : peer.corridors) {
    lines[asset].asset = asset;
    lines[asset].own_minor = net_of(state, corridor);
  }
  for (const auto& position : view.positions) {
    lines[position.asset].asset = position.asset;
    lines[position.asset].peer_minor = -position.net_minor;
  }
  for (const auto& [asset, net] : in_flight.net) lines[asset].in_flight_minor = net;
  std::vector<ReconciliationLine> result;
  result.reserve(lines.size());
  for (const auto& [asset, line] : lines) result.push_back(line);
  return result;
}

}  // namespace

Answer apply_reconcile(ApplyContext& context, const wire::Reconcile& command) {
  State& state = context.state;
  if (command.reserved != decltype(command.reserved){}) return refuse(Code::kReservedNotZero);
  if (const Code code = caller_standing(state, context.caller); code != Code::kOk)
    return refuse(code);
  if (!is_operator(state, context.caller)) return refuse(Code::kNotPermitted);
  Peer* peer = find_peer(state, command.peer);
  if (peer == nullptr) return refuse(Code::kPeerUnknown);
  if (const Code code = channel_standing(*peer); code != Code::kOk) return refuse(code);
  if (state.reconciliations.contains(command.id)) return refuse(Code::kIdUsedForOtherContent);

  Reconciliation reconciliation;
  reconciliation.id = command.id;
  reconciliation.peer = command.peer;
  reconciliation.business_date = command.business_date;
  reconciliation.is_initiator = true;
  reconciliation.opened_at = context.now;
  std::vector<wire::ReconcilePosition> positions;
  for (const auto& [asset, corridor] : peer->corridors) {
    wire::ReconcilePosition position;
    position.asset = asset;
    position.net_minor = net_of(state, corridor);
    positions.push_back(position);
    reconciliation.lines.push_back({.asset = asset, .own_minor = position.net_minor});
  }
  record(context, std::move(reconciliation));

  wire::ReconcileHead head;
  head.id = command.id;
  head.business_date = command.business_date;
  head.seen = peer->applied;
  const base::Bytes body = encode(head, positions, {});
  return {Code::kOk,
          queue_message(context, *peer, wire::MessageKind::kReconcileRequest, body).value()};
}

Code receive_reconcile_request(ApplyContext& context, Peer& peer, base::ByteSpan body) {
  State& state = context.state;
  const auto view = decode(body);
  if (!view || !view->in_flight.empty() || view->head.code != Code::kOk) {
    return Code::kPayloadMalformed;
  }
  if (view->head.seen > peer.sent) return Code::kAckAhead;
  const auto known = state.reconciliations.find(view->head.id);
  const bool is_known = known != state.reconciliations.end();
  if (is_known && !known->second.is_initiator && known->second.peer == peer.node) {
    return Code::kInstructionRepeated;
  }

  const InFlight in_flight = decisions_after(state, peer, view->head.seen);
  Reconciliation reconciliation;
  reconciliation.id = view->head.id;
  reconciliation.peer = peer.node;
  reconciliation.business_date = view->head.business_date;
  reconciliation.opened_at = context.now;
  reconciliation.closed_at = context.now;
  reconciliation.lines = compare(state, peer, *view, in_flight);
  reconciliation.in_flight = in_flight.settlements;
  const bool agrees = std::ranges::all_of(reconciliation.lines, explains);
  reconciliation.status = agrees ? ReconciliationStatus::kAgreed : ReconciliationStatus::kDiffers;

  std::vector<wire::ReconcilePosition> positions;
  for (const ReconciliationLine& line : reconciliation.lines) {
    wire::ReconcilePosition position;
    position.asset = line.asset;
    position.net_minor = line.own_minor;
    position.in_flight_minor = line.in_flight_minor;
    positions.push_back(position);
  }
  wire::ReconcileHead head;
  head.id = view->head.id;
  head.business_date = view->head.business_date;
  head.code = agrees ? Code::kOk : Code::kReconciliationDiffers;
  head.seen = peer.applied;
  const base::Bytes answer = encode(head, positions, in_flight.settlements);
  queue_message(context, peer, wire::MessageKind::kReconcileAnswer, answer);
  // Both operators may have opened the reconciliation of a day under one id: then each answers the
  // other's, and keeps the record of its own.
  if (is_known) return Code::kOk;
  tell_end(context, reconciliation);
  record(context, std::move(reconciliation));
  return Code::kOk;
}

Code receive_reconcile_answer(ApplyContext& context, Peer& peer, base::ByteSpan body) {
  State& state = context.state;
  const auto view = decode(body);
  if (!view) return Code::kPayloadMalformed;
  const auto found = state.reconciliations.find(view->head.id);
  if (found == state.reconciliations.end() || !found->second.is_initiator ||
      found->second.peer != peer.node) {
    return Code::kDecisionUnknown;
  }
  Reconciliation& reconciliation = found->second;
  if (reconciliation.status != ReconciliationStatus::kOpen) return Code::kDecisionRepeated;

  bool agrees = view->head.code == Code::kOk;
  for (ReconciliationLine& line : reconciliation.lines) {
    const wire::ReconcilePosition* position = find_position(*view, line.asset);
    if (position == nullptr) {
      agrees = false;
      continue;
    }
    line.peer_minor = -position->net_minor;
    line.in_flight_minor = position->in_flight_minor;
    // Both sides must find the same: the peer's word alone is not enough.
    agrees = agrees && explains(line);
  }
  reconciliation.in_flight = view->in_flight;
  reconciliation.status = agrees ? ReconciliationStatus::kAgreed : ReconciliationStatus::kDiffers;
  reconciliation.closed_at = context.now;
  tell_end(context, reconciliation);
  return Code::kOk;
}

}  // namespace hugang::machine
