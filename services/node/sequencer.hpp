// The one order of everything: collects submissions into an entry, gives it seqno and time, applies
// it and encodes it for the journal. No threads, no clock, no disk: the same calls give the same
// entries, so the simulator runs this very code.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "clearing/base/bytes.hpp"
#include "clearing/base/strong_id.hpp"
#include "clearing/base/timestamp.hpp"
#include "clearing/machine/limits.hpp"
#include "clearing/machine/machine.hpp"
#include "clearing/wire/batch.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/entry.hpp"
#include "services/node/ports.hpp"

namespace hugang::node {

/// The caller of ticks, of verified peer messages and of genesis: the node itself.
inline constexpr base::ParticipantId kNodeCaller{0};

/// When an entry is full. A submission that alone is larger gets an entry of its own.
struct BatchLimits {
  std::uint32_t commands_max = machine::kTransfersPerBatchMax;
  std::size_t section_bytes_max = std::size_t{1} << 20;
};

/// The size of the largest submission, in bytes of records: an envelope with its heads.
inline constexpr std::size_t kSubmissionBytesMax = std::size_t{machine::kEnvelopeBytesMax} + 4'096;
/// One less than an entry holds: room for a tick.
inline constexpr std::uint32_t kSubmissionCommandsMax = machine::kCommandsPerEntryMax - 1;

/// Whether count, kind and size of the records fit together. What a client sends is checked by the
/// edge before it becomes a submission; submitting what is not well-formed is a mistake of ours.
[[nodiscard]] bool is_well_formed(const Submission& submission);

/// Where a submission's outcomes lie in its entry, and who waits for them.
struct Reply {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  AnswerCallback done;
};

/// An entry that has been applied and is to be made durable; then, and only then, it is released.
struct PreparedEntry {
  base::Seqno seqno;
  base::Timestamp at;         ///< of the first command
  base::Bytes bytes;          ///< as the journal keeps it
  ledger::Checksum checksum;  ///< head checksum of `bytes`
  machine::Effects effects;
  std::vector<Reply> replies;  ///< by `first`
  std::uint32_t commands_bytes = 0;

  [[nodiscard]] base::ByteSpan commands() const {
    return base::ByteSpan{bytes}.subspan(sizeof(ledger::EntryHead), commands_bytes);
  }
  [[nodiscard]] std::uint32_t command_count() const {
    return static_cast<std::uint32_t>(effects.outcomes.size());
  }
};

/// Tells the listeners and then whoever waits for an answer: so whoever was answered finds the
/// entry in every index. To be called once the entry is durable, in the order of seqnos, by one
/// thread.
void release(PreparedEntry entry, std::span<DurableListener* const> listeners);

/// Owns the machine. One thread.
class Sequencer {
 public:
  /// Goes on where `machine` stands; `last_checksum` is the journal's.
  Sequencer(machine::Machine machine, base::NodeId node, ledger::Checksum last_checksum,
            BatchLimits limits = {});

  /// Whether the submission has room in the entry that is being collected. True when that is empty.
  [[nodiscard]] bool fits(const Submission& submission) const;

  /// Requires is_well_formed and fits. Its outcomes come in the order of the calls.
  void add(Submission submission, AnswerCallback done);

  [[nodiscard]] bool is_empty() const { return collected_.empty(); }
  [[nodiscard]] bool is_full() const;
  /// Commands that still fit; 0 when full.
  [[nodiscard]] std::uint32_t room_commands() const;

  /// The earliest instant at which the machine needs a tick.
  [[nodiscard]] std::optional<base::Timestamp> next_due() const { return machine_.next_due(); }

  /// Whether an entry cut now would begin with a tick.
  [[nodiscard]] bool is_due(base::Timestamp wall_clock) const;

  /// Applies and encodes what was collected, behind a tick when something is due; nothing when
  /// there is neither. The entry's time is `wall_clock`, or just after the last command's where the
  /// clock has not passed that. When very much is due the entry is a tick alone and what was
  /// collected stays: cut again until is_empty().
  [[nodiscard]] std::optional<PreparedEntry> cut(base::Timestamp wall_clock);

  [[nodiscard]] const machine::State& state() const { return machine_.state(); }
  [[nodiscard]] ledger::Checksum last_checksum() const { return last_checksum_; }

  /// The state after the last entry that was cut, to be sealed. Requires one, and that the
  /// checkpoint before was put.
  [[nodiscard]] ledger::Checkpoint draft_checkpoint();

 private:
  struct Collected {
    Submission submission;
    AnswerCallback done;
  };

  [[nodiscard]] base::Timestamp next_time(base::Timestamp wall_clock) const;
  void build_tick();
  void build_section(base::Timestamp at);
  void add_run(std::size_t first, std::size_t last);

  machine::Machine machine_;
  base::NodeId node_;
  ledger::Checksum last_checksum_;
  BatchLimits limits_;
  std::vector<Collected> collected_;
  std::uint32_t collected_commands_ = 0;
  std::size_t collected_bytes_ = 0;
  wire::BatchBuilder section_;
  base::Bytes run_;  ///< the records of neighbours that share a group
};

}  // namespace hugang::node
