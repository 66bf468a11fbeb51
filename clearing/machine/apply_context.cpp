#include "clearing/machine/apply_context.hpp"

#include "clearing/machine/fingerprint.hpp"
#include "clearing/machine/snapshot.hpp"
#include "clearing/wire/padding.hpp"

namespace hugang::machine {
namespace {

void append_id_line(State& state, CommandId id, const IdRecord& record) {
  const IdLogLine line{id, record};
  state.id_log_fold = fold_id_line(state.id_log_fold, line);
  state.id_log_lines += 1;
  state.new_id_lines.push_back(line);
}

}  // namespace

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
  const IdRecord* found = context.state.ids.find(id);
  if (found == nullptr) return std::nullopt;
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
  const bool is_new = context.state.ids.insert_or_assign(id, record);
  HG_CHECK(is_new);
  append_id_line(context.state, id, record);

  wire::Outcome outcome;
  outcome.code = answer.code;
  outcome.value = answer.value;
  outcome.at = context.now;
  return outcome;
}

void note_hold_end(State& state, CommandId hold, Code end) {
  IdRecord* found = state.ids.find(hold);
  HG_CHECK(found != nullptr);
  found->hold_end = end;
  append_id_line(state, hold, *found);
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
