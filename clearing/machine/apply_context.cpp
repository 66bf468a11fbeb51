#include "clearing/machine/apply_context.hpp"

#include "clearing/machine/fingerprint.hpp"
#include "clearing/wire/padding.hpp"

namespace hugang::machine {
void emit_bytes(ApplyContext& context, wire::EventKind kind, base::ByteSpan record,
                base::ByteSpan tail) {
  wire::EventHead head;
  head.kind = kind;
  head.bytes = static_cast<std::uint32_t>(record.size() + tail.size());
  head.at = context.now;
  auto& out = context.effects.events;
  const auto* raw = reinterpret_cast<const std::byte*>(&head);
  out.insert(out.end(), raw, raw + sizeof(head));
  out.insert(out.end(), record.begin(), record.end());
  out.insert(out.end(), tail.begin(), tail.end());
  out.resize(wire::padded8(out.size()));
}

std::uint64_t fingerprint(base::ByteSpan record, ParticipantId caller) {
  return fingerprint_bytes(record, caller.value());
}

std::optional<wire::Outcome> earlier_outcome(const ApplyContext& context, CommandId id,
                                             wire::CommandKind kind, std::uint64_t print) {
  wire::Outcome outcome;
  outcome.at = context.now;
  if (is_reserved(id)) {
    outcome.code = Code::kIdReserved;
    return outcome;
  }
  const std::optional<IdRecord> found = context.state.ids.find(id);
  if (!found) return std::nullopt;
  const IdRecord& record = *found;
  // Records of different kinds can be the same bytes: to affirm and to recall, say.
  if (record.fingerprint != print || record.kind != kind) {
    outcome.code = Code::kIdUsedForOtherContent;
    return outcome;
  }
  outcome.code = record.code;
  outcome.flags = wire::outcome_flag::kRepeated;
  outcome.value = record.value;
  outcome.at = record.at;
  return outcome;
}

wire::Outcome remember(ApplyContext& context, CommandId id, wire::CommandKind kind,
                       std::uint64_t print, Answer answer) {
  IdRecord record;
  record.fingerprint = print;
  record.at = context.now;
  record.value = answer.value;
  record.code = answer.code;
  record.kind = kind;
  context.state.ids.add(id, record);

  wire::Outcome outcome;
  outcome.code = answer.code;
  outcome.value = answer.value;
  outcome.at = context.now;
  return outcome;
}

void note_hold_end(State& state, CommandId id, const Hold& hold, Code end) {
  IdRecord record;
  record.fingerprint = hold.fingerprint;
  record.at = hold.opened_at;
  record.value = static_cast<std::uint64_t>(hold.amount.minor());
  record.kind = wire::CommandKind::kTransfer;
  record.hold_end = end;
  state.ids.note(id, record);
}

Code caller_standing(const State& state, ParticipantId caller) {
  if (caller == kNodeItself) return Code::kOk;
  const Participant* participant = state.participant(caller);
  if (participant == nullptr) return Code::kParticipantUnknown;
  if (participant->is_suspended) return Code::kParticipantSuspended;
  return Code::kOk;
}

bool is_operator(const State& state, ParticipantId caller) {
  if (caller == kNodeItself) return true;
  const Participant* participant = state.participant(caller);
  return participant != nullptr && (participant->roles & wire::role::kOperator) != 0;
}

}  // namespace hugang::machine
