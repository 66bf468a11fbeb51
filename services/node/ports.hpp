// How the edge, the peer link and the operations port talk to the sequencer: commands in, durable
// answers out, reads of the state, and a feed of what became durable. They see nothing else of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <vector>

#include "clearing/base/bytes.hpp"
#include "clearing/machine/state.hpp"
#include "clearing/wire/outcome.hpp"
#include "clearing/wire/records.hpp"

namespace hugang::node {

/// A run of commands of one kind from one caller; they lie in one journal entry, in order.
struct Submission {
  wire::CommandKind kind = wire::CommandKind::kTransfer;
  base::ParticipantId caller;
  std::uint32_t count = 1;
  base::Bytes records;  ///< count records one after another (wire/batch.hpp)
  /// When nobody waits for the answer any more: not begun after this.
  std::chrono::steady_clock::time_point give_up = std::chrono::steady_clock::time_point::max();
};

/// Why a submission never became a command; it left no trace.
enum class SubmitError : std::uint8_t {
  kOverloaded,        ///< the queue is full: try again later
  kStopping,          ///< the node is going down
  kDeadlineExceeded,  ///< give_up came before its turn
};

/// The durable answer.
struct Answer {
  base::Seqno seqno;
  base::Timestamp first_at;             ///< of the first command of this submission
  std::vector<wire::Outcome> outcomes;  ///< one per command
};

/// Called exactly once, from whichever thread releases (or from the submitting thread for
/// kOverloaded and kStopping); must not block.
using AnswerCallback = std::move_only_function<void(std::expected<Answer, SubmitError>)>;

class CommandPort {
 public:
  virtual ~CommandPort() = default;
  /// Thread-safe, never blocks.
  virtual void submit(Submission submission, AnswerCallback done) = 0;
};

/// Runs on the core thread; copies what it needs and returns what to do with it once everything
/// that it saw is durable (called on the thread that releases, with the seqno that was read).
using ReadQuery =
    std::move_only_function<std::move_only_function<void(base::Seqno)>(const machine::State&)>;

class ReadPort {
 public:
  virtual ~ReadPort() = default;
  /// Thread-safe, never blocks. `failed` is called instead when the query is not run.
  virtual void read(ReadQuery query, std::move_only_function<void(SubmitError)> failed) = 0;
};

/// What became durable: one call per entry, in order, one at a time, on the thread that releases
/// (the release thread, or the core's where it carries an entry through); must not block.
/// The spans are valid during the call only.
struct DurableEntry {
  base::Seqno seqno;
  base::Timestamp at;
  base::ByteSpan commands;
  std::span<const wire::Outcome> outcomes;
  base::ByteSpan events;
};

class DurableListener {
 public:
  virtual ~DurableListener() = default;
  virtual void on_durable(const DurableEntry& entry) = 0;
};

}  // namespace hugang::node
