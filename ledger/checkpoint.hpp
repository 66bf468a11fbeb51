// Checkpoints of the state: what is written, and its digest.
#pragma once

#include "clearing/machine/machine.hpp"
#include "ledger/journal.hpp"

namespace hugang::ledger {

/// SHA-256 of the canonical snapshot bytes (clearing/machine/snapshot.hpp): the figure by which two
/// programs agree that they hold the same state.
[[nodiscard]] Digest state_digest(const machine::State& state);

/// The state after its last entry, with the full blocks of the id log since the call before, which
/// must be durable by now: the machine forgets them (if putting a checkpoint fails, the process
/// stops and recovers). To be called by the machine's owner thread; the result may be sealed and
/// written by another. `entry_checksum` is the head checksum of entry state().last_seqno. Requires
/// last_seqno >= 1.
[[nodiscard]] Checkpoint draft_checkpoint(machine::Machine& machine, Checksum entry_checksum);

/// Computes the digest, which a checkpoint must have before it is put. Takes as long as a second
/// for each gigabyte of state, so not on the machine's thread.
void seal(Checkpoint& checkpoint);

/// Both at once.
[[nodiscard]] Checkpoint make_checkpoint(machine::Machine& machine, Checksum entry_checksum);

}  // namespace hugang::ledger
