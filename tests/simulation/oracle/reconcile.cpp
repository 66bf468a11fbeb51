#include <algorithm>

#include "clearing/machine/limits.hpp"
#include "tests/simulation/oracle/desk.hpp"

namespace hugang::oracle {
namespace {

struct Statement {
  wire::ReconcileHead head;
  std::map<AssetNo, wire::ReconcilePosition> positions;
  std::vector<Id> names;
};

/// More than any ledger holds, so that sums of it cannot pass 128 bits.
bool is_money(Big minor) {
  const Big bound = static_cast<Big>(base::u128{1} << 125);
  return minor >= -bound && minor <= bound;
}

/// An asset that is named twice counts as it stands last in a request, and first in an answer.
std::optional<Statement> read(ByteSpan body, bool is_answer) {
  Statement statement;
  if (body.size() < sizeof(wire::ReconcileHead)) return std::nullopt;
  statement.head = wire::read_record<wire::ReconcileHead>(body.first(sizeof(wire::ReconcileHead)));
  const wire::ReconcileHead& head = statement.head;
  if (head.reserved0 != 0 || head.reserved1 != 0 || head.position_count > machine::kAssetsMax ||
      head.in_flight_count > machine::kInFlightNamedMax) {
    return std::nullopt;
  }
  ByteSpan rest = body.subspan(sizeof(head));
  constexpr std::size_t kEach = sizeof(wire::ReconcilePosition);
  if (rest.size() != head.position_count * kEach + head.in_flight_count * sizeof(Id)) {
    return std::nullopt;
  }
  for (std::uint32_t i = 0; i < head.position_count; ++i, rest = rest.subspan(kEach)) {
    const auto position = wire::read_record<wire::ReconcilePosition>(rest.first(kEach));
    if (position.reserved0 != 0 || position.reserved1 != 0 || !is_money(position.net_minor) ||
        !is_money(position.in_flight_minor)) {
      return std::nullopt;
    }
    const AssetNo asset = position.asset.value();
    if (is_answer && statement.positions.contains(asset)) continue;
    statement.positions[asset] = position;
  }
  for (; !rest.empty(); rest = rest.subspan(sizeof(Id))) {
    statement.names.push_back(wire::read_record<base::CommandId>(rest.first(sizeof(Id))).value());
  }
  return statement;
}

Bytes write(wire::MessageKind kind, wire::ReconcileHead head,
            const std::vector<wire::ReconcilePosition>& positions, const std::vector<Id>& names) {
  head.position_count = static_cast<std::uint32_t>(positions.size());
  head.in_flight_count = static_cast<std::uint32_t>(names.size());
  Bytes body;
  const auto add = [&](ByteSpan bytes) { body.insert(body.end(), bytes.begin(), bytes.end()); };
  add(std::as_bytes(std::span{&head, 1}));
  add(std::as_bytes(std::span{positions}));
  add(std::as_bytes(std::span{names}));
  return wire::encode_message(kind, body);
}

Big net_of(Book& book, AccountNo corridor) {
  const Money& money = find_account(book, corridor)->money;
  return money.credits - money.debits;
}

bool agrees(const Reconciliation& reconciliation) {
  return std::ranges::all_of(reconciliation.lines, [](const auto& each) {
    return each.second.own == each.second.theirs + each.second.under_way;
  });
}

void close(Desk& desk, Id id, Reconciliation& reconciliation, bool is_agreed) {
  reconciliation.is_open = false;
  reconciliation.code = is_agreed ? Code::kOk : Code::kReconciliationDiffers;
  wire::Reconciled event;
  event.id = base::CommandId{id};
  event.peer = base::NodeId{reconciliation.peer};
  event.code = reconciliation.code;
  event.business_date = reconciliation.date;
  tell(desk, wire::EventKind::kReconciled, desk.now, event);
}

/// What this side has decided and the other had not seen after `seen` messages.
void add_under_way(const Book& book, const Channel& channel, std::uint64_t seen,
                   Reconciliation& reconciliation) {
  for (const auto& [message, id] : channel.decisions) {
    const Settlement& settlement = book.settlements.at(id);
    if (message <= seen || settlement.status != wire::SettlementStatus::kSettled) continue;
    if (reconciliation.names.size() < machine::kInFlightNamedMax) {
      reconciliation.names.push_back(id);
    }
    for (const Leg& leg : settlement.legs) {
      reconciliation.lines[leg.asset].under_way += leg.pays ? leg.amount : -leg.amount;
    }
  }
}

}  // namespace

Answer reconcile(Desk& desk, PersonNo caller, const wire::Reconcile& c) {
  Book& book = desk.book;
  const NodeNo peer = c.peer.value();
  if (c.reserved != decltype(c.reserved){}) return refuse(Code::kReservedNotZero);
  if (!is_operator(book, caller)) return refuse(Code::kNotPermitted);
  if (!book.channels.contains(peer)) return refuse(Code::kPeerUnknown);
  const Channel& channel = book.channels.at(peer);
  if (channel.halted != Code::kOk) return refuse(Code::kPeerHalted);
  if (channel.sent - channel.acknowledged >= machine::kOutboxMessagesMax) {
    return refuse(Code::kOutboxFull);
  }
  const Id id = c.id.value();
  if (book.reconciliations.contains(id)) return refuse(Code::kIdUsedForOtherContent);
  Reconciliation reconciliation;
  reconciliation.peer = peer;
  reconciliation.date = c.business_date;
  reconciliation.is_ours = true;
  std::vector<wire::ReconcilePosition> positions;
  for (const auto& [asset, corridor] : channel.corridors) {
    reconciliation.lines[asset].own = net_of(book, corridor);
    wire::ReconcilePosition position;
    position.asset = base::AssetId{asset};
    position.net_minor = net_of(book, corridor);
    positions.push_back(position);
  }
  wire::ReconcileHead head;
  head.id = c.id;
  head.business_date = c.business_date;
  head.seen = base::ChannelSeqno{channel.cursor()};
  book.reconciliations[id] = reconciliation;
  return done(
      send(desk, peer, desk.now, write(wire::MessageKind::kReconcileRequest, head, positions, {})));
}

Code take_reconcile_request(Desk& desk, NodeNo from, ByteSpan body) {
  Book& book = desk.book;
  const Channel& channel = book.channels.at(from);
  const auto asked = read(body, false);
  if (!asked || !asked->names.empty() || asked->head.code != Code::kOk) {
    return Code::kPayloadMalformed;
  }
  if (asked->head.seen.value() > channel.sent) return Code::kAckAhead;
  const Id id = asked->head.id.value();
  const auto known = book.reconciliations.find(id);
  const bool is_known = known != book.reconciliations.end();
  if (is_known && !known->second.is_ours && known->second.peer == from) {
    return Code::kInstructionRepeated;
  }
  Reconciliation reconciliation;
  reconciliation.peer = from;
  reconciliation.date = asked->head.business_date;
  for (const auto& [asset, corridor] : channel.corridors) {
    reconciliation.lines[asset].own = net_of(book, corridor);
  }
  for (const auto& [asset, position] : asked->positions) {
    reconciliation.lines[asset].theirs = -position.net_minor;
  }
  add_under_way(book, channel, asked->head.seen.value(), reconciliation);
  wire::ReconcileHead head;
  head.id = asked->head.id;
  head.business_date = asked->head.business_date;
  head.code = agrees(reconciliation) ? Code::kOk : Code::kReconciliationDiffers;
  head.seen = base::ChannelSeqno{channel.cursor()};
  std::vector<wire::ReconcilePosition> positions;
  for (const auto& [asset, line] : reconciliation.lines) {
    wire::ReconcilePosition position;
    position.asset = base::AssetId{asset};
    position.net_minor = line.own;
    position.in_flight_minor = line.under_way;
    positions.push_back(position);
  }
  send(desk, from, desk.now,
       write(wire::MessageKind::kReconcileAnswer, head, positions, reconciliation.names));
  if (is_known) return Code::kOk;  // both sides asked under one id: each keeps its own record
  close(desk, id, reconciliation, agrees(reconciliation));
  book.reconciliations[id] = reconciliation;
  return Code::kOk;
}

Code take_reconcile_answer(Desk& desk, NodeNo from, ByteSpan body) {
  const auto answer = read(body, true);
  if (!answer) return Code::kPayloadMalformed;
  const Id id = answer->head.id.value();
  const auto found = desk.book.reconciliations.find(id);
  if (found == desk.book.reconciliations.end() || !found->second.is_ours ||
      found->second.peer != from) {
    return Code::kDecisionUnknown;
  }
  Reconciliation& reconciliation = found->second;
  if (!reconciliation.is_open) return Code::kDecisionRepeated;
  bool is_whole = true;
  for (auto& [asset, line] : reconciliation.lines) {
    const auto position = answer->positions.find(asset);
    if (position == answer->positions.end()) {
      is_whole = false;
      continue;
    }
    line.theirs = -position->second.net_minor;
    line.under_way = position->second.in_flight_minor;
  }
  reconciliation.names = answer->names;
  close(desk, id, reconciliation,
        is_whole && answer->head.code == Code::kOk && agrees(reconciliation));
  return Code::kOk;
}

}  // namespace hugang::oracle
