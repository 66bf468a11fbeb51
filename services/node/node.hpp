// The threads around the sequencer. Core: cuts, applies, answers reads. Journal: one durable write
// for all entries that wait. Release: answers and listeners. Checkpoint: writes snapshots beside
// them. Each hand-over is bounded, so a slow disk slows callers down and never fills the memory.
// Waking a thread costs more than a small entry does: while the others rest, the core thread
// carries such an entry through their stages itself.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "ledger/journal.hpp"
#include "services/node/clock.hpp"
#include "services/node/ports.hpp"
#include "services/node/sequencer.hpp"
#include "services/node/status.hpp"

namespace hugang::node {

/// What may wait for its turn. At least one submission of the largest size must fit.
struct QueueLimits {
  std::uint32_t commands_max = 262'144;
  std::uint64_t bytes_max = std::uint64_t{64} << 20;
  std::uint32_t reads_max = 4'096;
};

/// What may be applied but not yet handed out; at the limit the core waits. One entry is always
/// let through, whatever its size.
struct FlightLimits {
  std::uint32_t entries_max = 64;
  std::uint64_t bytes_max = std::uint64_t{64} << 20;
  std::uint64_t append_bytes_max = std::uint64_t{8} << 20;  ///< in one durable write
  /// The largest entry that the core thread may write itself; 0: it never does. What the core could
  /// apply during the write of a larger one is worth more than a hand-over.
  std::uint64_t carry_bytes_max = std::uint64_t{16} << 10;
};

/// A checkpoint is made when either has come since the last one; recovery replays that much. A
/// large state waits for as many times its own size of journal, so that writing checkpoints stays a
/// small part of what is written.
struct CheckpointSchedule {
  std::uint64_t entries = 100'000;
  std::uint64_t journal_bytes = std::uint64_t{128} << 20;
  std::uint64_t times_snapshot = 4;
};

struct NodeSettings {
  BatchLimits batch;
  QueueLimits queue;
  FlightLimits flight;
  CheckpointSchedule checkpoint;
};

/// What each thread does over and over.
enum class Stage : std::uint8_t { kCore, kJournal, kRelease, kCheckpoint };

/// Called once, on the thread that met it, when an append or checkpoint failed: memory is then
/// ahead of the disk, so the process must end without another answer. If it returns (tests), the
/// node hands out nothing more, and the callbacks of what was admitted are dropped uncalled.
using FatalCallback = std::function<void(const ledger::LedgerError&)>;

class Node final : public CommandPort, public ReadPort, public StatusPort {
 public:
  /// `journal` and `clock` must outlive the node; `machine` stands where the journal ends.
  Node(NodeSettings settings, ledger::Journal& journal, const Clock& clock,
       machine::Machine machine, FatalCallback fatal);
  ~Node() override;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// Only before start. Listeners are called in the order in which they were added.
  void add_listener(DurableListener& listener);

  void start();

  /// In place of start(), for who owns the order of things (the simulator): what the stage's thread
  /// would do next, without waiting; false when it would wait. One thread for all stages.
  bool run_ready(Stage stage);
  /// Whether run_ready would do something. The same thread.
  [[nodiscard]] bool is_ready(Stage stage) const;
  /// While no thread runs: before start(), and when driven by run_ready.
  [[nodiscard]] const machine::State& state() const;

  /// Refuses what comes from now on, finishes and answers all that was admitted, writes a last
  /// checkpoint, and returns when all threads have ended. Only once; not from a callback.
  void stop();

  /// Looks at the clock again now (after a ManualClock was set).
  void wake();

  /// Requires is_well_formed(submission). May be called before start: it then waits for it.
  void submit(Submission submission, AnswerCallback done) override;
  void read(ReadQuery query, std::move_only_function<void(SubmitError)> failed) override;
  [[nodiscard]] NodeStatus status() const override;

 private:
  struct Inbound {
    Submission submission;
    AnswerCallback done;
  };
  struct Read {
    ReadQuery query;
    std::move_only_function<void(SubmitError)> failed;
  };
  /// What goes through journal and release in one order: an entry, or something to call once
  /// everything before it is durable.
  using Step = std::variant<PreparedEntry, std::move_only_function<void()>>;

  // Core thread.
  void run_core();
  /// What came in since the last look.
  struct Arrivals {
    std::vector<Inbound> inbox;
    std::vector<Read> reads;
  };
  [[nodiscard]] bool wait_for_work(Arrivals& arrivals);
  [[nodiscard]] bool is_due_locked() const;
  [[nodiscard]] bool has_core_work_locked(bool is_due) const;
  [[nodiscard]] Arrivals take_arrivals_locked();
  void work(Arrivals arrivals);
  [[nodiscard]] bool has_room_in_flight_locked() const;
  [[nodiscard]] bool may_cut_locked(bool is_due) const;
  [[nodiscard]] std::uint32_t wanted_commands_locked() const;
  void fill_batch();
  void answer_reads(std::vector<Read> reads);
  void cut_and_hand_over();
  void consider_checkpoint(std::uint64_t entry_bytes);
  /// `is_alone`: nothing else is handed over in the same go.
  void hand_over(Step step, bool is_alone = true);
  [[nodiscard]] bool may_carry_locked(const Step& step) const;
  void carry(Step step, bool is_alone);

  // Journal thread.
  void run_journal();
  [[nodiscard]] std::vector<Step> take_for_journal_locked();
  [[nodiscard]] bool journal(std::vector<Step> steps);
  [[nodiscard]] bool append(std::span<const Step> steps);
  void note_durable_locked(const Step& step);
  void note_append(std::chrono::steady_clock::duration took, std::uint64_t bytes);

  // Release thread.
  void run_release();
  void release_step(Step step);

  // Checkpoint thread.
  void run_checkpoints();
  [[nodiscard]] bool has_checkpoint_to_write_locked() const;
  [[nodiscard]] ledger::Checkpoint take_checkpoint_locked();
  void write_due_checkpoint(ledger::Checkpoint checkpoint);
  void write_checkpoint(ledger::Checkpoint checkpoint);

  void fail(const ledger::LedgerError& error);

  const NodeSettings settings_;
  ledger::Journal& journal_;
  const Clock& clock_;
  const FatalCallback fatal_;
  std::vector<DurableListener*> listeners_;
  bool has_threads_ = false;  ///< started, not driven

  // Core thread only (and stop() after that has ended).
  Sequencer sequencer_;
  std::deque<Inbound> backlog_;  ///< taken from the inbox, still counted as queued
  std::uint64_t entries_since_checkpoint_ = 0;
  std::uint64_t bytes_since_checkpoint_ = 0;
  std::uint64_t snapshot_bytes_ = 0;  ///< of the last checkpoint
  base::Seqno checkpointed_;

  mutable std::mutex mutex_;
  std::condition_variable core_wakes_;
  std::condition_variable journal_wakes_;
  std::condition_variable release_wakes_;
  std::condition_variable checkpoint_wakes_;

  // Under mutex_.
  std::vector<Inbound> inbox_;
  std::vector<Read> reads_;
  std::uint32_t inbox_commands_ = 0;
  std::uint32_t wake_core_at_ = 1;    ///< inbox_commands_ that are worth waking the core for
  bool core_waits_for_room_ = false;  ///< behind the journal or the release
  std::deque<Step> to_journal_;
  std::uint32_t entries_to_journal_ = 0;
  std::uint32_t steps_at_journal_ = 0;  ///< handed to the journal thread, not yet durable
  std::deque<Step> to_release_;
  std::uint32_t steps_under_way_ = 0;             ///< handed over, not yet released
  std::optional<ledger::Checkpoint> checkpoint_;  ///< waits for its entry to be durable
  bool is_checkpoint_under_way_ = false;
  bool core_has_ended_ = false;
  bool journal_has_ended_ = false;
  bool release_has_ended_ = false;
  NodeStatus status_;

  std::thread core_;
  std::thread journal_thread_;
  std::thread release_;
  std::thread checkpoints_;
};

}  // namespace hugang::node
