#include "services/node/node.hpp"

#include <utility>

#include "clearing/base/check.hpp"

namespace hugang::node {

Node::Node(NodeSettings settings, ledger::Journal& journal, const Clock& clock,
           machine::Machine machine, FatalCallback fatal)
    : settings_{settings},
      journal_{journal},
      clock_{clock},
      fatal_{std::move(fatal)},
      sequencer_{std::move(machine), journal.node(), journal.last_checksum(), settings.batch} {
  HG_CHECK(fatal_ != nullptr);
  HG_CHECK(settings_.queue.commands_max >= kSubmissionCommandsMax);
  HG_CHECK(settings_.queue.bytes_max >= kSubmissionBytesMax);
  HG_CHECK(settings_.queue.reads_max >= 1);
  HG_CHECK(settings_.flight.entries_max >= 1);
  HG_CHECK(sequencer_.state().last_seqno == journal_.last_seqno());

  status_.durable_seqno = sequencer_.state().last_seqno;
  status_.durable_at = sequencer_.state().last_at;
  status_.queued_commands_max = settings_.queue.commands_max;
  status_.queued_bytes_max = settings_.queue.bytes_max;
  status_.queued_reads_max = settings_.queue.reads_max;

  // An unreadable list only costs an early checkpoint: recovery has already said what is wrong.
  if (const auto known = journal_.checkpoints(); known && !known->empty()) {
    const auto& newest = known->front();
    checkpointed_ = newest.seqno;
    status_.checkpoint = CheckpointStatus{newest.seqno, newest.at, newest.digest};
  }
  entries_since_checkpoint_ = journal_.last_seqno().value() - checkpointed_.value();
}

Node::~Node() {
  if (core_.joinable()) stop();
}

void Node::add_listener(DurableListener& listener) {
  HG_CHECK(!core_.joinable());
  listeners_.push_back(&listener);
}

void Node::start() {
  HG_CHECK(!core_.joinable());
  has_threads_ = true;
  release_ = std::thread{[this] { run_release(); }};
  checkpoints_ = std::thread{[this] { run_checkpoints(); }};
  journal_thread_ = std::thread{[this] { run_journal(); }};
  core_ = std::thread{[this] { run_core(); }};
}

void Node::stop() {
  HG_CHECK(core_.joinable());
  {
    const std::lock_guard lock{mutex_};
    status_.is_stopping = true;
  }
  // Each thread ends when the one before it has ended and nothing is left to do.
  core_wakes_.notify_all();
  core_.join();
  journal_thread_.join();
  release_.join();
  checkpoints_.join();
  {
    const std::lock_guard lock{mutex_};
    if (status_.has_failed) return;
  }
  if (sequencer_.state().last_seqno > checkpointed_)
    write_checkpoint(sequencer_.draft_checkpoint());
}

void Node::wake() {
  // With the lock, so that the core is either asleep or has yet to look at the clock.
  const std::lock_guard lock{mutex_};
  core_wakes_.notify_one();
}

void Node::submit(Submission submission, AnswerCallback done) {
  HG_CHECK(is_well_formed(submission));
  SubmitError refusal{};
  {
    std::unique_lock lock{mutex_};
    const std::size_t bytes = submission.records.size();
    if (status_.is_stopping || status_.has_failed) {
      refusal = SubmitError::kStopping;
    } else if (submission.count > settings_.queue.commands_max - status_.queued_commands ||
               bytes > settings_.queue.bytes_max - status_.queued_bytes) {
      refusal = SubmitError::kOverloaded;
      status_.submissions_overloaded_total += 1;
    } else {
      status_.queued_commands += submission.count;
      status_.queued_bytes += bytes;
      inbox_commands_ += submission.count;
      const bool is_core_needed = inbox_commands_ >= wake_core_at_;
      inbox_.push_back({std::move(submission), std::move(done)});
      lock.unlock();
      if (is_core_needed) core_wakes_.notify_one();
      return;
    }
  }
  done(std::unexpected{refusal});
}

void Node::read(ReadQuery query, std::move_only_function<void(SubmitError)> failed) {
  SubmitError refusal{};
  {
    std::unique_lock lock{mutex_};
    if (status_.is_stopping || status_.has_failed) {
      refusal = SubmitError::kStopping;
    } else if (status_.queued_reads >= settings_.queue.reads_max) {
      refusal = SubmitError::kOverloaded;
    } else {
      status_.queued_reads += 1;
      reads_.push_back({std::move(query), std::move(failed)});
      lock.unlock();
      core_wakes_.notify_one();
      return;
    }
  }
  failed(refusal);
}

NodeStatus Node::status() const {
  const std::lock_guard lock{mutex_};
  return status_;
}

void Node::fail(const ledger::LedgerError& error) {
  {
    const std::lock_guard lock{mutex_};
    if (status_.has_failed) return;
    status_.has_failed = true;
  }
  fatal_(error);
  core_wakes_.notify_all();
  journal_wakes_.notify_all();
  release_wakes_.notify_all();
  checkpoint_wakes_.notify_all();
}

}  // namespace hugang::node
