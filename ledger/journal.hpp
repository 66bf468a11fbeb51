// The journal port: where entries and checkpoints are kept. Two implementations: ledger/rocks on
// disk, ledger/memory_journal.hpp for simulation and tests.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "clearing/base/bytes.hpp"
#include "clearing/machine/state.hpp"
#include "ledger/entry.hpp"
#include "ledger/error.hpp"

namespace hugang::ledger {

using base::Digest;

/// How many checkpoints are kept; older ones are dropped when a new one is written.
inline constexpr std::size_t kCheckpointsKept = 3;

/// What a checkpoint is, without its bytes.
struct CheckpointInfo {
  Seqno seqno;  ///< the last entry that is in the state
  Timestamp at;
  Checksum entry_checksum;  ///< head checksum of that entry
  Digest digest;            ///< SHA-256 of the snapshot bytes
  std::uint64_t snapshot_bytes = 0;
  std::uint64_t id_lines = 0;  ///< lines of the id log that belong to this state
};

/// A checkpoint to be written (ledger/checkpoint.hpp makes it). `id_blocks` are the full blocks of
/// the id log that came since the checkpoint before; lines behind the last are in the snapshot.
struct Checkpoint {
  CheckpointInfo info;
  base::Bytes snapshot;
  machine::IdBlocks id_blocks;
  std::uint64_t id_seed = 0;  ///< of the hashes by which the ids are found again
};

/// What opening found and did. `sentences` are for the log and the operator.
struct OpenReport {
  bool was_created = false;
  bool tail_was_cut = false;
  Seqno cut_after;  ///< with tail_was_cut: the last entry that was kept (0: none)
  /// Opened to read only: the damage for which a node would refuse to start. Entries before
  /// damage->entry can be read.
  std::optional<LedgerError> damage;
  std::vector<std::string> sentences;
};

/// Walks entries forward. One thread; the journal must outlive it.
class EntryCursor {
 public:
  virtual ~EntryCursor() = default;

  /// The next entry, decoded and checked: its seqno follows the one before and its `previous` is
  /// that one's checksum. nullptr behind the last entry (entries appended meanwhile may or may not
  /// be seen). The view is valid until the next call. After an error, only destroy the cursor.
  [[nodiscard]] virtual std::expected<const EntryView*, LedgerError> next() = 0;
};

/// Entries 1..last_seqno without a gap. append and put_checkpoint: one thread each; everything
/// else: any thread, also beside them.
class Journal {
 public:
  virtual ~Journal() = default;

  [[nodiscard]] virtual NodeId node() const = 0;
  [[nodiscard]] virtual const OpenReport& open_report() const = 0;

  /// 0 while empty.
  [[nodiscard]] virtual Seqno last_seqno() const = 0;
  /// Head checksum of the last entry: what the next entry carries as `previous`.
  [[nodiscard]] virtual Checksum last_checksum() const = 0;

  /// Writes encoded entries, all or none, and returns when they are durable. They must continue
  /// the chain (checked with HG_CHECK: it is the sequencer's own). On an error nothing is known of
  /// what is on disk: stop the process and recover.
  [[nodiscard]] virtual std::expected<void, LedgerError> append(
      std::span<const ByteSpan> entries) = 0;

  /// The bytes of one entry, as written; kNotFound where there is none. Not decoded.
  [[nodiscard]] virtual std::expected<base::Bytes, LedgerError> read(Seqno seqno) const = 0;

  /// From entry `from` (>= 1) on.
  [[nodiscard]] virtual std::unique_ptr<EntryCursor> read_from(Seqno from) const = 0;

  /// Requires entry checkpoint.info.seqno to be durable. Durable on return; may take seconds for a
  /// large state without holding up append for as long. Drops checkpoints beyond the newest
  /// kCheckpointsKept; blocks of the id log are kept for ever.
  [[nodiscard]] virtual std::expected<void, LedgerError> put_checkpoint(
      const Checkpoint& checkpoint) = 0;

  /// Newest first. What is listed was written completely, but is checked only when loaded.
  [[nodiscard]] virtual std::expected<std::vector<CheckpointInfo>, LedgerError> checkpoints()
      const = 0;

  /// The snapshot bytes, checked against the digest.
  [[nodiscard]] virtual std::expected<base::Bytes, LedgerError> read_snapshot(
      const CheckpointInfo& checkpoint) const = 0;

  /// What finds the ids of blocks 0..count-1 of the id log (machine::IdIndex::restore_blocks), in
  /// runs, in order, to `take`, which says whether it was taken. kDamaged when one is missing or
  /// not taken.
  using TakeIdHashes =
      std::function<bool(std::span<const std::uint64_t> checksums, ByteSpan packed_hashes)>;
  [[nodiscard]] virtual std::expected<void, LedgerError> read_id_hashes(
      std::uint64_t count, const TakeIdHashes& take) const = 0;

  /// The lines of one block that a checkpoint wrote, checked.
  [[nodiscard]] virtual std::expected<std::vector<machine::IdLogLine>, LedgerError> read_id_block(
      std::uint64_t number) const = 0;
};

}  // namespace hugang::ledger
