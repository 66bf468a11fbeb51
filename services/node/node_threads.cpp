// What each thread of the node does; node.hpp says how they hang together.
#include <pthread.h>

#include <algorithm>
#include <utility>

#include "clearing/base/check.hpp"
#include "ledger/checkpoint.hpp"
#include "services/node/crash_points.hpp"
#include "services/node/node.hpp"

namespace hugang::node {
namespace {

/// The longest sleep while a deadline is ahead: the wall clock may be set meanwhile.
constexpr std::chrono::nanoseconds kSleepMax = std::chrono::seconds{1};

void name_this_thread(const char* name) { pthread_setname_np(pthread_self(), name); }

CrashTags tags_of(const PreparedEntry& entry) {
  return crash_tags_of(entry.commands(), entry.effects.events);
}

}  // namespace

// ---- Core ---------------------------------------------------------------------------------------

void Node::run_core() {
  name_this_thread("hg-core");
  Arrivals arrivals;
  while (wait_for_work(arrivals)) work(std::exchange(arrivals, {}));
  const std::lock_guard lock{mutex_};
  core_has_ended_ = true;
  journal_wakes_.notify_one();
}

void Node::work(Arrivals arrivals) {
  for (Inbound& one : arrivals.inbox) backlog_.push_back(std::move(one));
  answer_reads(std::move(arrivals.reads));
  fill_batch();
  bool may_cut = false;
  {
    const std::lock_guard lock{mutex_};
    may_cut = may_cut_locked(is_due_locked());
  }
  if (!may_cut) return;
  cut_and_hand_over();
  fill_batch();
}

/// Sleeps until there is something to do and takes all that came in; false when the node is done.
/// What is left in the backlog does not fit into the batch that is being collected.
bool Node::wait_for_work(Arrivals& arrivals) {
  std::unique_lock lock{mutex_};
  for (;;) {
    if (status_.has_failed) return false;
    const auto now = clock_.now();
    const bool is_due = is_due_locked();
    wake_core_at_ = wanted_commands_locked();
    if (has_core_work_locked(is_due)) break;
    if (status_.is_stopping && inbox_.empty() && backlog_.empty() && sequencer_.is_empty()) {
      return false;
    }
    core_waits_for_room_ =
        is_due || !backlog_.empty() || !sequencer_.is_empty() || !has_room_in_flight_locked();
    const auto due = sequencer_.next_due();
    if (due && !is_due && !status_.is_stopping) {
      const std::chrono::nanoseconds ahead{(*due - now).count_ns()};
      core_wakes_.wait_for(lock, std::min(ahead, kSleepMax));
    } else {
      core_wakes_.wait(lock);
    }
  }
  arrivals = take_arrivals_locked();
  return true;
}

bool Node::is_due_locked() const { return !status_.is_stopping && sequencer_.is_due(clock_.now()); }

bool Node::has_core_work_locked(bool is_due) const {
  return !reads_.empty() || inbox_commands_ >= wanted_commands_locked() || may_cut_locked(is_due);
}

Node::Arrivals Node::take_arrivals_locked() {
  inbox_commands_ = 0;
  return {.inbox = std::exchange(inbox_, {}), .reads = std::exchange(reads_, {})};
}

bool Node::has_room_in_flight_locked() const {
  if (status_.entries_in_flight == 0) return true;
  return status_.entries_in_flight < settings_.flight.entries_max &&
         status_.bytes_in_flight < settings_.flight.bytes_max;
}

/// A lone request is cut at once, also while the journal is busy; behind it the batch fills up
/// until it is full or the journal has taken what waited.
bool Node::may_cut_locked(bool is_due) const {
  if (sequencer_.is_empty() && !is_due) return false;
  if (!has_room_in_flight_locked()) return false;
  const bool is_closed = sequencer_.is_full() || !backlog_.empty();
  return is_closed || entries_to_journal_ == 0;
}

/// How many commands must have come in to be worth waking the core, which costs more than taking
/// them.
std::uint32_t Node::wanted_commands_locked() const {
  if (!backlog_.empty() || !has_room_in_flight_locked()) return UINT32_MAX;
  if (sequencer_.is_empty()) return 1;
  const std::uint32_t room = sequencer_.room_commands();
  return room == 0 ? UINT32_MAX : room;
}

void Node::fill_batch() {
  const auto now = std::chrono::steady_clock::now();
  std::uint32_t taken_commands = 0;
  std::uint64_t taken_bytes = 0;
  while (!backlog_.empty() && sequencer_.fits(backlog_.front().submission)) {
    Inbound one = std::move(backlog_.front());
    backlog_.pop_front();
    const std::uint32_t count = one.submission.count;
    const std::uint64_t bytes = one.submission.records.size();
    if (one.submission.give_up <= now) {
      // Counted as queued until it is told, so that its memory is bounded too.
      hand_over([this, count, bytes, done = std::move(one.done)]() mutable {
        done(std::unexpected{SubmitError::kDeadlineExceeded});
        const std::lock_guard lock{mutex_};
        status_.queued_commands -= count;
        status_.queued_bytes -= bytes;
        status_.submissions_expired_total += 1;
      });
      continue;
    }
    taken_commands += count;
    taken_bytes += bytes;
    sequencer_.add(std::move(one.submission), std::move(one.done));
  }
  const std::lock_guard lock{mutex_};
  status_.queued_commands -= taken_commands;
  status_.queued_bytes -= taken_bytes;
}

void Node::answer_reads(std::vector<Read> reads) {
  const base::Seqno seen = sequencer_.state().last_seqno;
  const bool is_alone = reads.size() == 1;
  for (Read& read : reads) {
    hand_over(
        [this, seen, finish = read.query(sequencer_.state())]() mutable {
          finish(seen);
          const std::lock_guard lock{mutex_};
          status_.queued_reads -= 1;
        },
        is_alone);
  }
}

void Node::cut_and_hand_over() {
  do {
    auto entry = sequencer_.cut(clock_.now());
    if (!entry) return;  // The clock went back: nothing is due any more.
    const std::uint64_t bytes = entry->bytes.size();
    hand_over(std::move(*entry));
    consider_checkpoint(bytes);
  } while (!sequencer_.is_empty());
}

void Node::hand_over(Step step, bool is_alone) {
  bool carries = false;
  {
    const std::lock_guard lock{mutex_};
    carries = may_carry_locked(step);
    const auto* entry = std::get_if<PreparedEntry>(&step);
    steps_under_way_ += 1;
    if (entry != nullptr) {
      status_.entries_in_flight += 1;
      status_.bytes_in_flight += entry->bytes.size();
    }
    if (!carries) {
      steps_at_journal_ += 1;
      if (entry != nullptr) entries_to_journal_ += 1;
      to_journal_.push_back(std::move(step));
    }
  }
  if (carries) return carry(std::move(step), is_alone);
  journal_wakes_.notify_one();
}

/// While nothing is before it at the journal, the order stays whoever writes it.
bool Node::may_carry_locked(const Step& step) const {
  if (!has_threads_ || steps_at_journal_ > 0 || status_.has_failed) return false;
  const auto* entry = std::get_if<PreparedEntry>(&step);
  return entry == nullptr || entry->bytes.size() <= settings_.flight.carry_bytes_max;
}

/// Makes the step durable on this thread, and releases it here too where it is a lone one: then
/// no thread is woken on its way. A crowd's answers are the release thread's while the core goes
/// on.
void Node::carry(Step step, bool is_alone) {
  if (!append(std::span{&step, 1})) return;
  bool releases = false;
  bool is_checkpoint_due = false;
  {
    const std::lock_guard lock{mutex_};
    note_durable_locked(step);
    is_checkpoint_due = has_checkpoint_to_write_locked();
    const auto* entry = std::get_if<PreparedEntry>(&step);
    const bool is_lone = is_alone && (entry == nullptr || entry->replies.size() <= 1);
    releases = is_lone && steps_under_way_ == 1 && inbox_.empty();
    if (!releases) to_release_.push_back(std::move(step));
  }
  if (is_checkpoint_due) checkpoint_wakes_.notify_one();
  if (releases) return release_step(std::move(step));
  release_wakes_.notify_one();
}

void Node::consider_checkpoint(std::uint64_t entry_bytes) {
  entries_since_checkpoint_ += 1;
  bytes_since_checkpoint_ += entry_bytes;
  const CheckpointSchedule& schedule = settings_.checkpoint;
  const bool is_due = entries_since_checkpoint_ >= schedule.entries ||
                      bytes_since_checkpoint_ >= schedule.journal_bytes;
  if (!is_due) return;
  const std::uint64_t worth_it = snapshot_bytes_ * schedule.times_snapshot;
  if (worth_it > schedule.journal_bytes && bytes_since_checkpoint_ < worth_it) return;
  {
    const std::lock_guard lock{mutex_};
    if (is_checkpoint_under_way_) return;  // One at a time; this one is made when that is written.
    is_checkpoint_under_way_ = true;
  }
  auto checkpoint = sequencer_.draft_checkpoint();
  snapshot_bytes_ = checkpoint.info.snapshot_bytes;
  checkpointed_ = checkpoint.info.seqno;
  entries_since_checkpoint_ = 0;
  bytes_since_checkpoint_ = 0;
  {
    const std::lock_guard lock{mutex_};
    checkpoint_ = std::move(checkpoint);
  }
  checkpoint_wakes_.notify_one();
}

// ---- Journal ------------------------------------------------------------------------------------

void Node::run_journal() {
  name_this_thread("hg-journal");
  for (;;) {
    std::unique_lock lock{mutex_};
    journal_wakes_.wait(
        lock, [this] { return !to_journal_.empty() || core_has_ended_ || status_.has_failed; });
    auto steps = take_for_journal_locked();
    lock.unlock();
    if (steps.empty() || !journal(std::move(steps))) break;
  }
  {
    const std::lock_guard lock{mutex_};
    journal_has_ended_ = true;
  }
  release_wakes_.notify_one();
}

/// Makes the steps durable and hands them on; false when that failed.
bool Node::journal(std::vector<Step> steps) {
  if (!append(steps)) return false;
  bool is_checkpoint_due = false;
  {
    const std::lock_guard lock{mutex_};
    for (Step& step : steps) {
      note_durable_locked(step);
      to_release_.push_back(std::move(step));
    }
    steps_at_journal_ -= static_cast<std::uint32_t>(steps.size());
    is_checkpoint_due = has_checkpoint_to_write_locked();
  }
  release_wakes_.notify_one();
  if (is_checkpoint_due) checkpoint_wakes_.notify_one();
  return true;
}

void Node::note_durable_locked(const Step& step) {
  const auto* entry = std::get_if<PreparedEntry>(&step);
  if (entry == nullptr) return;
  status_.durable_seqno = entry->seqno;
  status_.durable_at = entry->at;
}

/// All that waits, up to the size of one durable write; nothing when the node is done.
std::vector<Node::Step> Node::take_for_journal_locked() {
  std::vector<Step> steps;
  if (status_.has_failed) return steps;
  std::uint64_t bytes = 0;
  while (!to_journal_.empty() && bytes < settings_.flight.append_bytes_max) {
    if (const auto* entry = std::get_if<PreparedEntry>(&to_journal_.front())) {
      bytes += entry->bytes.size();
      entries_to_journal_ -= 1;
    }
    steps.push_back(std::move(to_journal_.front()));
    to_journal_.pop_front();
  }
  if (entries_to_journal_ == 0 && core_waits_for_room_) core_wakes_.notify_one();
  return steps;
}

/// Makes the entries among the steps durable; false when that failed.
bool Node::append(std::span<const Step> steps) {
  std::vector<ledger::ByteSpan> entries;
  std::vector<CrashTags> tags;
  std::uint64_t bytes = 0;
  for (const Step& step : steps) {
    const auto* entry = std::get_if<PreparedEntry>(&step);
    if (entry == nullptr) continue;
    entries.emplace_back(entry->bytes);
    bytes += entry->bytes.size();
    if (are_crash_points_armed()) tags.push_back(tags_of(*entry));
  }
  if (entries.empty()) return true;

  for (const CrashTags& one : tags) crash_point(CrashPoint::kJournalBeforeAppend, one);
  const auto begin = std::chrono::steady_clock::now();
  if (const auto appended = journal_.append(entries); !appended) {
    fail(appended.error());
    return false;
  }
  note_append(std::chrono::steady_clock::now() - begin, bytes);
  for (const CrashTags& one : tags) crash_point(CrashPoint::kJournalAfterAppend, one);
  return true;
}

void Node::note_append(std::chrono::steady_clock::duration took, std::uint64_t bytes) {
  const auto us = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(took).count());
  const auto bucket = std::ranges::lower_bound(kAppendBucketsUs, us) - kAppendBucketsUs.begin();
  const std::lock_guard lock{mutex_};
  status_.appends.counts[static_cast<std::size_t>(bucket)] += 1;
  status_.appends.count += 1;
  status_.appends.total_us += us;
  status_.journal_bytes_total += bytes;
}

// ---- Release ------------------------------------------------------------------------------------

void Node::run_release() {
  name_this_thread("hg-release");
  for (;;) {
    std::deque<Step> steps;
    {
      std::unique_lock lock{mutex_};
      release_wakes_.wait(lock, [this] {
        return !to_release_.empty() || journal_has_ended_ || status_.has_failed;
      });
      if (status_.has_failed) break;
      steps.swap(to_release_);
    }
    if (steps.empty()) break;
    for (Step& step : steps) release_step(std::move(step));
  }
  {
    const std::lock_guard lock{mutex_};
    release_has_ended_ = true;
  }
  checkpoint_wakes_.notify_one();
}

void Node::release_step(Step step) {
  if (auto* call = std::get_if<std::move_only_function<void()>>(&step)) {
    (*call)();
    const std::lock_guard lock{mutex_};
    steps_under_way_ -= 1;
    return;
  }
  auto& entry = std::get<PreparedEntry>(step);
  const std::uint64_t bytes = entry.bytes.size();
  const std::uint64_t commands = entry.command_count();
  const auto accepted = static_cast<std::uint64_t>(
      std::ranges::count(entry.effects.outcomes, machine::Code::kOk, &wire::Outcome::code));
  const CrashTags tags = are_crash_points_armed() ? tags_of(entry) : CrashTags{};
  crash_point(CrashPoint::kReleaseBefore, tags);
  release(std::move(entry), listeners_);
  crash_point(CrashPoint::kReleaseAfter, tags);
  bool is_core_needed = false;
  {
    const std::lock_guard lock{mutex_};
    steps_under_way_ -= 1;
    is_core_needed = core_waits_for_room_;
    status_.entries_in_flight -= 1;
    status_.bytes_in_flight -= bytes;
    status_.entries_total += 1;
    status_.commands_accepted_total += accepted;
    status_.commands_refused_total += commands - accepted;
  }
  if (is_core_needed) core_wakes_.notify_one();
}

// ---- Checkpoints --------------------------------------------------------------------------------

void Node::run_checkpoints() {
  name_this_thread("hg-checkpoint");
  for (;;) {
    std::optional<ledger::Checkpoint> checkpoint;
    {
      std::unique_lock lock{mutex_};
      checkpoint_wakes_.wait(lock, [this] {
        return has_checkpoint_to_write_locked() || release_has_ended_ || status_.has_failed;
      });
      if (status_.has_failed || !checkpoint_) return;
      checkpoint = take_checkpoint_locked();
    }
    write_due_checkpoint(*std::move(checkpoint));
  }
}

bool Node::has_checkpoint_to_write_locked() const {
  return checkpoint_ && checkpoint_->info.seqno <= status_.durable_seqno;
}

ledger::Checkpoint Node::take_checkpoint_locked() {
  ledger::Checkpoint checkpoint = *std::move(checkpoint_);
  checkpoint_.reset();
  return checkpoint;
}

void Node::write_due_checkpoint(ledger::Checkpoint checkpoint) {
  write_checkpoint(std::move(checkpoint));
  const std::lock_guard lock{mutex_};
  is_checkpoint_under_way_ = false;
}

void Node::write_checkpoint(ledger::Checkpoint checkpoint) {
  ledger::seal(checkpoint);
  if (const auto written = journal_.put_checkpoint(checkpoint); !written) {
    fail(written.error());
    return;
  }
  const std::lock_guard lock{mutex_};
  status_.checkpoints_total += 1;
  status_.checkpoint =
      CheckpointStatus{checkpoint.info.seqno, checkpoint.info.at, checkpoint.info.digest};
}

}  // namespace hugang::node
