// What every handler of the core gets besides its command, and the two things that all of them do:
// emit events and answer a retry as the first time. Internal to machine/.
#pragma once

#include "clearing/machine/machine.hpp"

namespace hugang::machine {

/// The node itself as caller: genesis, ticks and verified peer messages.
inline constexpr ParticipantId kNodeItself{0};

struct ApplyContext {
  State& state;
  const Hashing& hashing;
  Effects& effects;
  Seqno seqno;
  Timestamp now;
  ParticipantId caller;
};

/// Appends an event; `tail` follows the record inside the body.
void emit_bytes(ApplyContext& context, wire::EventKind kind, base::ByteSpan record,
                base::ByteSpan tail = {});

template <wire::IsRecord Record>
void emit(ApplyContext& context, wire::EventKind kind, const Record& record,
          base::ByteSpan tail = {}) {
  emit_bytes(context, kind, std::as_bytes(std::span{&record, 1}), tail);
}

/// What a handler decided.
struct Answer {
  Code code = Code::kOk;
  std::uint64_t value = 0;
};
inline Answer refuse(Code code) { return {code, 0}; }

/// Of a record's bytes and its caller: tells a retry from another command under the same id. 64
/// bits, not cryptographic: who forges a collision fools only itself.
[[nodiscard]] std::uint64_t fingerprint(base::ByteSpan record, ParticipantId caller);

[[nodiscard]] constexpr bool is_reserved(CommandId id) {
  return id.value() == 0 || id.value() == ~u128{0};
}

/// The outcome of an earlier command under this id, kIdReserved, kIdUsedForOtherContent, or nothing
/// when the id is new. A record of another kind is other content, even where its bytes are the
/// same.
[[nodiscard]] std::optional<wire::Outcome> earlier_outcome(const ApplyContext& context,
                                                           CommandId id, wire::CommandKind kind,
                                                           std::uint64_t print);

/// Remembers the answer for ever. Requires a new id.
wire::Outcome remember(ApplyContext& context, CommandId id, wire::CommandKind kind,
                       std::uint64_t print, Answer answer);

/// Notes in the id log how a hold ended. Requires the hold's id to be known.
void note_hold_end(State& state, CommandId id, const Hold& hold, Code end);

/// kOk, or why the caller may not command at all.
[[nodiscard]] Code caller_standing(const State& state, ParticipantId caller);

/// True for the node itself and for participants with the operator's role.
[[nodiscard]] bool is_operator(const State& state, ParticipantId caller);

}  // namespace hugang::machine
