#include "ledger/index/entry_walk.hpp"

#include <cstring>
#include <utility>

#include "clearing/wire/envelope.hpp"
#include "clearing/wire/message.hpp"

namespace hugang::ledger::index {
namespace {

namespace flag = wire::transfer_flag;
using wire::CommandKind;
using wire::SettlementStatus;

template <class Value>
Value load(const std::byte* at) {
  Value value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

/// What an outcome says that matters here: the value where the command was carried out now.
struct Effect {
  bool is_new = false;
  std::uint64_t value = 0;
};

Effect effect_in(base::ByteSpan outcomes, std::uint32_t index) {
  const std::byte* at = outcomes.data() + std::size_t{index} * sizeof(wire::Outcome);
  const auto code = load<machine::Code>(at + offsetof(wire::Outcome, code));
  const auto flags = load<std::uint16_t>(at + offsetof(wire::Outcome, flags));
  return {.is_new = code == machine::Code::kOk && (flags & wire::outcome_flag::kRepeated) == 0,
          .value = load<std::uint64_t>(at + offsetof(wire::Outcome, value))};
}

}  // namespace

bool EntryWalk::walk(const EntryParts& entry, MovementBuffer& out) {
  auto groups = wire::read_batch(entry.commands);
  if (!groups) return false;
  groups_ = *std::move(groups);
  outcomes_ = entry.outcomes;
  entry_at_ = entry.at.ns();
  instructions_of_.reset();
  events_.emplace(entry.events);
  has_event_ = events_->next(event_, event_body_);

  std::uint32_t first = 0;
  for (const wire::GroupView& group : groups_) {
    if (std::size_t{first + group.count} * sizeof(wire::Outcome) > outcomes_.size()) return false;
    if (group.kind == CommandKind::kTransfer) {
      walk_transfers(group, first, out);
    } else if (group.kind == CommandKind::kOpenAccount) {
      for (std::uint32_t i = 0; i < group.count; ++i) {
        const Effect effect = effect_in(outcomes_, first + i);
        if (!effect.is_new) continue;
        note_account(wire::read_record<wire::OpenAccount>(group.record(i)), effect.value);
      }
    }
    first += group.count;
  }
  take_events_until(INT64_MAX, out);
  return !is_lost_ && !events_->is_malformed();
}

void EntryWalk::walk_transfers(const wire::GroupView& group, std::uint32_t first,
                               MovementBuffer& out) {
  const std::byte* record = group.records.data();
  bool is_inside_chain = false;
  for (std::uint32_t i = 0; i < group.count; ++i, record += sizeof(wire::Transfer)) {
    const std::int64_t at = entry_at_ + first + i;
    // A chain is applied as a whole: nothing falls due inside of it.
    if (has_event_ && !is_inside_chain) take_events_until(at, out);
    const auto flags = load<std::uint16_t>(record + offsetof(wire::Transfer, flags));
    is_inside_chain = (flags & flag::kLinked) != 0;
    const Effect effect = effect_in(outcomes_, first + i);
    if (effect.is_new) take_transfer(record, static_cast<std::int64_t>(effect.value), at, out);
  }
}

void EntryWalk::take_transfer(const std::byte* record, std::int64_t minor, std::int64_t at,
                              MovementBuffer& out) {
  const auto flags = load<std::uint16_t>(record + offsetof(wire::Transfer, flags));
  if ((flags & (flag::kPostHold | flag::kVoidHold)) != 0) {
    take_second_phase(load<wire::Transfer>(record), minor, at, out);
    return;
  }
  Movement movement;
  movement.id = load<CommandId>(record + offsetof(wire::Transfer, id));
  movement.debit = index_in(load<base::AccountNumber>(record + offsetof(wire::Transfer, debit)));
  movement.credit = index_in(load<base::AccountNumber>(record + offsetof(wire::Transfer, credit)));
  movement.amount_minor = minor;
  movement.released_minor = minor;
  movement.kind = (flags & flag::kHold) != 0 ? PostingKind::kHold : PostingKind::kTransfer;
  if (movement.kind == PostingKind::kHold) {
    open_.open_hold(movement.id,
                    {.debit = movement.debit, .credit = movement.credit, .amount_minor = minor});
  }
  move(movement, at, out);
}

void EntryWalk::take_second_phase(const wire::Transfer& transfer, std::int64_t minor,
                                  std::int64_t at, MovementBuffer& out) {
  const auto hold = open_.close_hold(transfer.pending_id);
  if (!hold) {
    is_lost_ = true;
    return;
  }
  const bool is_post = (transfer.flags & flag::kPostHold) != 0;
  move({.id = transfer.id,
        .amount_minor = minor,
        .debit = hold->debit,
        .credit = hold->credit,
        .kind = is_post ? PostingKind::kHoldPosted : PostingKind::kHoldVoided,
        .released_minor = hold->amount_minor},
       at, out);
}

void EntryWalk::note_account(const wire::OpenAccount& account, std::uint64_t number) {
  if (account.kind != wire::AccountKind::kCorridor) return;
  open_.set_corridor({account.peer, account.asset}, index_in(base::AccountNumber{number}));
}

void EntryWalk::take_events_until(std::int64_t at, MovementBuffer& out) {
  while (has_event_ && event_.at.ns() <= at) {
    take_event(event_, event_body_, out);
    has_event_ = events_->next(event_, event_body_);
  }
}

void EntryWalk::take_event(const wire::EventHead& head, base::ByteSpan body, MovementBuffer& out) {
  if (head.kind == wire::EventKind::kHoldExpired && body.size() == sizeof(wire::HoldExpired)) {
    take_expiry(wire::read_record<wire::HoldExpired>(body).hold, head.at.ns(), out);
  } else if (head.kind == wire::EventKind::kSettlementChanged &&
             body.size() == sizeof(wire::SettlementChanged)) {
    take_settlement(wire::read_record<wire::SettlementChanged>(body), head.at.ns(), out);
  }
}

void EntryWalk::take_expiry(CommandId id, std::int64_t at, MovementBuffer& out) {
  const auto hold = open_.close_hold(id);
  if (!hold) {
    is_lost_ = true;
    return;
  }
  move({.id = id,
        .amount_minor = hold->amount_minor,
        .debit = hold->debit,
        .credit = hold->credit,
        .kind = PostingKind::kHoldExpired,
        .released_minor = hold->amount_minor},
       at, out);
}

void EntryWalk::take_settlement(const wire::SettlementChanged& change, std::int64_t at,
                                MovementBuffer& out) {
  const bool is_new =
      change.status == SettlementStatus::kSent || change.status == SettlementStatus::kPending;
  if (is_new) open_settlement(change, at);
  const OpenSettlement* settlement = open_.settlement(change.settlement);
  if (settlement == nullptr) {
    is_lost_ = true;
    return;
  }
  std::optional<PostingKind> kind;
  if (change.status == SettlementStatus::kSettled) {
    kind = settlement->is_initiator ? PostingKind::kSettlementPosted
                                    : PostingKind::kSettlementReceived;
  } else if (settlement->is_initiator) {
    kind = is_new ? PostingKind::kSettlementHeld : PostingKind::kSettlementReleased;
  }
  for (const OpenLeg& leg : settlement->legs) {
    if (!kind) break;  // A responder holds nothing while it is undecided.
    move({.id = change.settlement,
          .amount_minor = leg.amount_minor,
          .debit = leg.debit,
          .credit = leg.credit,
          .kind = *kind,
          .released_minor = leg.amount_minor},
         at, out);
  }
  if (!is_new) open_.close_settlement(change.settlement);
}

/// The legs as the ledger resolved them: the customer by its number, the corridor by peer and
/// asset. A responder may have refused legs that name nothing; those are never posted. The command
/// that carries the instruction is the one of that instant.
void EntryWalk::open_settlement(const wire::SettlementChanged& change, std::int64_t at) {
  read_instructions(static_cast<std::uint32_t>(at - entry_at_));
  OpenSettlement settlement;
  settlement.is_initiator = change.status == SettlementStatus::kSent;
  const auto found = instructions_.find(change.settlement);
  if (found == instructions_.end()) return;
  for (const wire::Leg& leg : found->second) {
    const bool pays = (leg.direction == wire::Direction::kOut) == settlement.is_initiator;
    const AccountIndex customer =
        index_in(settlement.is_initiator ? leg.initiator_account : leg.responder_account);
    const AccountIndex corridor = open_.corridor({change.peer, leg.asset});
    settlement.legs.push_back({.debit = pays ? customer : corridor,
                               .credit = pays ? corridor : customer,
                               .amount_minor = leg.amount_minor});
  }
  open_.open_settlement(change.settlement, std::move(settlement));
}

void EntryWalk::read_instructions(std::uint32_t command) {
  if (instructions_of_ == command) return;
  instructions_of_ = command;
  instructions_.clear();
  std::uint32_t first = 0;
  for (const wire::GroupView& group : groups_) {
    if (command < first + group.count) {
      const base::ByteSpan record = group.record(command - first);
      if (group.kind == CommandKind::kInstruct) read_instruction(record);
      if (group.kind == CommandKind::kPeerEnvelope) read_envelope(record);
      return;
    }
    first += group.count;
  }
}

/// Of several under one id the first counts, as in the ledger.
void EntryWalk::read_instruction(base::ByteSpan record) {
  const auto view = wire::decode_instruct(record);
  if (!view) return;
  instructions_.try_emplace(view->head.id, view->legs.begin(), view->legs.end());
}

void EntryWalk::read_envelope(base::ByteSpan record) {
  const auto command = wire::decode_peer_envelope(record);
  if (!command) return;
  const auto envelope = wire::decode_envelope_view(command->envelope);
  if (!envelope) return;
  const auto payload = wire::decode_payload(envelope->payload);
  if (!payload) return;
  for (const wire::MessageView& message : payload->messages) {
    if (message.head.kind == wire::MessageKind::kInstruct) read_instruction(message.body);
  }
}

void EntryWalk::move(Movement movement, std::int64_t at, MovementBuffer& out) {
  const std::int64_t last_at = position_.order - position_.lead_ns;
  if (at < last_at) at = last_at;
  movement.order = at > position_.order ? at : position_.order + 1;
  movement.lead_ns = movement.order - at;
  position_.order = movement.order;
  position_.lead_ns = movement.lead_ns;
  if (movement.lead_ns > position_.lead_max) position_.lead_max = movement.lead_ns;
  out.add(movement);
}

}  // namespace hugang::ledger::index
