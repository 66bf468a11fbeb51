#include "clearing/machine/machine.hpp"

#include "clearing/machine/apply_context.hpp"
#include "clearing/machine/channel.hpp"
#include "clearing/machine/deadlines.hpp"
#include "clearing/machine/initiator.hpp"
#include "clearing/machine/keys.hpp"
#include "clearing/machine/limits.hpp"
#include "clearing/machine/reconcile.hpp"
#include "clearing/machine/registers.hpp"
#include "clearing/machine/responder.hpp"
#include "clearing/machine/transfer.hpp"

#if defined(HUGANG_CHECK_LAWS)
#include "clearing/machine/invariants.hpp"
#endif

namespace hugang::machine {
namespace {

using wire::CommandKind;

template <wire::IsRecord Record>
Answer handle(ApplyContext& context, base::ByteSpan bytes,
              Answer (*handler)(ApplyContext&, const Record&)) {
  return handler(context, wire::read_record<Record>(bytes));
}

/// Time passes for the node itself; what is due has been carried out before.
Answer apply_tick(ApplyContext& context, const wire::Tick& tick) {
  if (context.caller != kNodeItself) return refuse(Code::kNotPermitted);
  const bool is_clean = tick.id.is_none() && tick.reserved == decltype(tick.reserved){};
  return is_clean ? Answer{} : refuse(Code::kReservedNotZero);
}

/// The one dispatch of the core. No default: a new kind must be handled here.
Answer dispatch(ApplyContext& context, CommandKind kind, base::ByteSpan bytes) {
  switch (kind) {
    case CommandKind::kGenesis:
      return handle(context, bytes, apply_genesis);
    case CommandKind::kRegisterAsset:
      return handle(context, bytes, apply_register_asset);
    case CommandKind::kRegisterParticipant:
      return handle(context, bytes, apply_register_participant);
    case CommandKind::kUpdateParticipant:
      return handle(context, bytes, apply_update_participant);
    case CommandKind::kOpenAccount:
      return handle(context, bytes, apply_open_account);
    case CommandKind::kUpdateAccount:
      return handle(context, bytes, apply_update_account);
    case CommandKind::kInstruct:
      return apply_instruct(context, bytes);
    case CommandKind::kAffirm:
      return handle(context, bytes, apply_affirm);
    case CommandKind::kRecall:
      return handle(context, bytes, apply_recall);
    case CommandKind::kPeerEnvelope:
      return apply_peer_envelope(context, bytes);
    case CommandKind::kPeerAck:
      return handle(context, bytes, apply_peer_ack);
    case CommandKind::kResumePeer:
      return handle(context, bytes, apply_resume_peer);
    case CommandKind::kRegisterPeer:
      return handle(context, bytes, apply_register_peer);
    case CommandKind::kRotateKey:
      return handle(context, bytes, apply_rotate_key);
    case CommandKind::kReconcile:
      return handle(context, bytes, apply_reconcile);
    case CommandKind::kSetRules:
      return apply_set_rules(context, bytes);
    case CommandKind::kTick:
      return handle(context, bytes, apply_tick);
    case CommandKind::kTransfer:
      break;  // applied as a group
  }
  HG_CHECK(kind == CommandKind::kTransfer && "transfers are applied as a group");
  return {};
}

/// Commands that carry no id: the node's own, made idempotent by cursors or harmless to repeat.
bool is_without_id(CommandKind kind) {
  return kind == CommandKind::kTick || kind == CommandKind::kPeerEnvelope ||
         kind == CommandKind::kPeerAck;
}

/// Before genesis nothing but genesis; and nobody but the node itself before the first participant.
Code check_stage(const State& state, CommandKind kind, ParticipantId caller) {
  if (state.self.is_none()) return kind == CommandKind::kGenesis ? Code::kOk : Code::kNotPermitted;
  return caller_standing(state, caller);
}

wire::Outcome apply_one(ApplyContext& context, CommandKind kind, base::ByteSpan bytes) {
  apply_due(context, kind == CommandKind::kTick ? kDuePerTickMax : SIZE_MAX);
  wire::Outcome outcome;
  outcome.at = context.now;
  if (is_without_id(kind)) {
    const Code stage = check_stage(context.state, kind, context.caller);
    const Answer answer = stage == Code::kOk ? dispatch(context, kind, bytes) : refuse(stage);
    outcome.code = answer.code;
    outcome.value = answer.value;
    return outcome;
  }
  const auto id = wire::read_record<CommandId>(bytes.first(sizeof(CommandId)));
  const std::uint64_t print = fingerprint(bytes, context.caller);
  if (auto earlier = earlier_outcome(context, id, kind, print)) return *earlier;
  const Code stage = check_stage(context.state, kind, context.caller);
  const Answer answer = stage == Code::kOk ? dispatch(context, kind, bytes) : refuse(stage);
  return remember(context, id, kind, print, answer);
}

}  // namespace

std::expected<void, wire::BatchError> Machine::apply(EntryContext context, base::ByteSpan section,
                                                     Effects& effects) {
  HG_CHECK(context.seqno.value() == state_.last_seqno.value() + 1);
  HG_CHECK(context.at > state_.last_at);
  const auto groups = wire::read_batch(section);
  if (!groups) return std::unexpected{groups.error()};

  effects.outcomes.clear();
  effects.events.clear();
  std::int64_t offset = 0;
  for (const wire::GroupView& group : *groups) {
    const Timestamp start = context.at + base::Duration::nanoseconds(offset);
    ApplyContext at{state_, hashing_, effects, context.seqno, start, group.caller};
    if (group.kind == CommandKind::kTransfer) {
      apply_transfers(at, group);
    } else {
      for (std::uint32_t i = 0; i < group.count; ++i) {
        at.now = start + base::Duration::nanoseconds(i);
        effects.outcomes.push_back(apply_one(at, group.kind, group.record(i)));
      }
    }
    offset += group.count;
  }
  state_.last_seqno = context.seqno;
  state_.last_at = context.at + base::Duration::nanoseconds(offset > 0 ? offset - 1 : 0);

#if defined(HUGANG_CHECK_LAWS)
  if (const auto broken = first_broken_law(state_))
    base::check_failed(broken->c_str(), __FILE__, __LINE__);
#endif
  return {};
}

std::optional<Timestamp> Machine::next_due() const {
  std::optional<Timestamp> due;
  if (!state_.deadlines.empty()) due = state_.deadlines.begin()->at;
  if (!state_.pending_rules.empty()) {
    const Timestamp at = state_.pending_rules.front().effective_from;
    if (!due || at < *due) due = at;
  }
  return due;
}

bool Machine::has_more_due_than(std::size_t count, Timestamp until) const {
  for (const Deadline& deadline : state_.deadlines) {
    if (deadline.at > until) return false;
    if (count-- == 0) return true;
  }
  return false;
}

}  // namespace hugang::machine
