// The deterministic core: apply(state, entry) -> outcomes and events. No I/O, clock, randomness,
// threads or floating point: the same journal gives the same state on every machine.
#pragma once

#include <expected>

#include "clearing/base/bytes.hpp"
#include "clearing/machine/state.hpp"
#include "clearing/wire/batch.hpp"
#include "clearing/wire/outcome.hpp"

namespace hugang::machine {

/// The two hash functions that the protocol's chain needs. The core does no cryptography of its
/// own: crypto/ supplies them (crypto/digest.hpp), and they must be pure.
struct Hashing {
  Digest (*sha256)(base::ByteSpan bytes);
  /// SHA-256(0x02 ‖ before ‖ message).
  Digest (*chain_next)(const Digest& before, base::ByteSpan message);
};

/// Where and when an entry stands. Command i of the entry happens at `at` + i ns, so every command
/// has a time of its own.
struct EntryContext {
  Seqno seqno;   ///< last_seqno + 1
  Timestamp at;  ///< above last_at
};

/// What apply produced for one entry; reuse it between calls to keep its memory.
struct Effects {
  std::vector<wire::Outcome> outcomes;  ///< one per command, in order
  base::Bytes events;                   ///< wire::EventHead + body, one after another
};

/// Owns the state and applies entries to it. Not thread-safe: one owner thread.
class Machine {
 public:
  explicit Machine(Hashing hashing) : hashing_{hashing} {}
  Machine(Hashing hashing, State state) : hashing_{hashing}, state_{std::move(state)} {}

  /// Applies a whole commands section. Never fails for what the commands say: a refusal is an
  /// outcome. Fails, changing nothing, only when the section's frame is malformed, which the
  /// sequencer never writes and the journal's checksum never lets through.
  /// Requires context.seqno == last_seqno + 1 and context.at > last_at.
  /// `effects` is cleared first.
  [[nodiscard]] std::expected<void, wire::BatchError> apply(EntryContext context,
                                                            base::ByteSpan section,
                                                            Effects& effects);

  [[nodiscard]] const State& state() const { return state_; }

  /// The earliest instant at which something is due (a hold expires, a settlement must be decided,
  /// a rule pack takes effect), or nothing: the sequencer then writes a Tick.
  [[nodiscard]] std::optional<Timestamp> next_due() const;

  /// Whether more than `count` deadlines fall at or before `until`. Costs at most `count` steps.
  [[nodiscard]] bool has_more_due_than(std::size_t count, Timestamp until) const;

  /// Hands over the full blocks of the id log since the last call, for a checkpoint.
  [[nodiscard]] IdBlocks take_new_id_blocks() { return state_.ids.take_new_blocks(); }
  /// Where blocks are found that were released. To be set before the first release.
  void attach_id_archive(std::shared_ptr<const IdArchive> archive) {
    state_.ids.attach(std::move(archive));
  }
  /// What was handed over so far is in the archive: its memory is given back.
  void release_taken_id_blocks() { state_.ids.release_taken(); }

 private:
  Hashing hashing_;
  State state_;
};

}  // namespace hugang::machine
