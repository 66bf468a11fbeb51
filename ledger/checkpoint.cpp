#include "ledger/checkpoint.hpp"

#include "clearing/base/check.hpp"
#include "clearing/machine/snapshot.hpp"
#include "crypto/digest.hpp"

namespace hugang::ledger {

Digest state_digest(const machine::State& state) {
  base::Bytes snapshot;
  machine::encode_snapshot(state, snapshot);
  return crypto::sha256(snapshot);
}

Checkpoint draft_checkpoint(machine::Machine& machine, Checksum entry_checksum) {
  const machine::State& state = machine.state();
  HG_CHECK(!state.last_seqno.is_none());
  Checkpoint checkpoint;
  machine::encode_snapshot(state, checkpoint.snapshot);
  machine.release_taken_id_blocks();
  checkpoint.id_blocks = machine.take_new_id_blocks();
  checkpoint.id_seed = state.ids.mark().seed;
  checkpoint.info = {.seqno = state.last_seqno,
                     .at = state.last_at,
                     .entry_checksum = entry_checksum,
                     .digest = {},
                     .snapshot_bytes = checkpoint.snapshot.size(),
                     .id_lines = state.ids.mark().lines};
  return checkpoint;
}

void seal(Checkpoint& checkpoint) { checkpoint.info.digest = crypto::sha256(checkpoint.snapshot); }

Checkpoint make_checkpoint(machine::Machine& machine, Checksum entry_checksum) {
  Checkpoint checkpoint = draft_checkpoint(machine, entry_checksum);
  seal(checkpoint);
  return checkpoint;
}

}  // namespace hugang::ledger
