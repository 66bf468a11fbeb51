#include "services/node/sequencer.hpp"

#include <algorithm>
#include <utility>

#include "clearing/base/check.hpp"
#include "services/node/crash_points.hpp"

namespace hugang::node {
namespace {

/// True for a submission that may share a group with its neighbours. A linked chain must end
/// within its group, so a transfer shares only where it is alone and unlinked: then no chain can
/// reach from one caller's submission into the next.
bool may_share_group(const Submission& submission) {
  if (submission.kind == wire::CommandKind::kInstruct) {
    return wire::count_instructs(submission.records) == submission.count;
  }
  if (wire::record_size(submission.kind).value_or(0) == 0) return false;
  if (submission.kind != wire::CommandKind::kTransfer) return true;
  if (submission.count != 1) return false;
  const auto transfer = wire::read_record<wire::Transfer>(submission.records);
  return (transfer.flags & wire::transfer_flag::kLinked) == 0;
}

std::size_t section_bytes(const Submission& submission) {
  return sizeof(wire::GroupHead) + submission.records.size();
}

}  // namespace

bool is_well_formed(const Submission& submission) {
  if (submission.count == 0 || submission.count > kSubmissionCommandsMax) return false;
  if (submission.records.empty() || submission.records.size() > kSubmissionBytesMax) return false;
  const auto record_bytes = wire::record_size(submission.kind);
  if (!record_bytes) return false;
  if (*record_bytes == 0 && submission.count > 1) {
    return submission.kind == wire::CommandKind::kInstruct &&
           wire::count_instructs(submission.records) == submission.count;
  }
  if (*record_bytes == 0) return submission.records.size() % 8 == 0;
  return submission.records.size() == std::size_t{submission.count} * *record_bytes;
}

void release(PreparedEntry entry, std::span<DurableListener* const> listeners) {
  const DurableEntry durable{.seqno = entry.seqno,
                             .at = entry.at,
                             .commands = entry.commands(),
                             .outcomes = entry.effects.outcomes,
                             .events = entry.effects.events};
  for (DurableListener* listener : listeners) listener->on_durable(durable);

  auto& outcomes = entry.effects.outcomes;
  for (Reply& reply : entry.replies) {
    Answer answer{.seqno = entry.seqno,
                  .first_at = entry.at + base::Duration::nanoseconds(reply.first),
                  .outcomes = {}};
    if (reply.count == outcomes.size()) {
      answer.outcomes = std::exchange(outcomes, {});  // The only reply of its entry.
    } else {
      const auto begin = outcomes.begin() + static_cast<std::ptrdiff_t>(reply.first);
      answer.outcomes.assign(begin, begin + static_cast<std::ptrdiff_t>(reply.count));
    }
    reply.done(std::move(answer));
  }
}

Sequencer::Sequencer(machine::Machine machine, base::NodeId node, ledger::Checksum last_checksum,
                     BatchLimits limits)
    : machine_{std::move(machine)}, node_{node}, last_checksum_{last_checksum}, limits_{limits} {
  HG_CHECK(limits_.commands_max >= 1);
  HG_CHECK(limits_.commands_max <= kSubmissionCommandsMax);
}

bool Sequencer::fits(const Submission& submission) const {
  if (collected_.empty()) return true;
  return collected_commands_ + submission.count <= limits_.commands_max &&
         collected_bytes_ + section_bytes(submission) <= limits_.section_bytes_max;
}

bool Sequencer::is_full() const {
  return collected_commands_ >= limits_.commands_max ||
         collected_bytes_ >= limits_.section_bytes_max;
}

std::uint32_t Sequencer::room_commands() const {
  return is_full() ? 0 : limits_.commands_max - collected_commands_;
}

void Sequencer::add(Submission submission, AnswerCallback done) {
  HG_CHECK(is_well_formed(submission));
  HG_CHECK(fits(submission));
  collected_commands_ += submission.count;
  collected_bytes_ += section_bytes(submission);
  collected_.push_back({std::move(submission), std::move(done)});
}

base::Timestamp Sequencer::next_time(base::Timestamp wall_clock) const {
  return std::max(wall_clock, machine_.state().last_at + base::Duration::nanoseconds(1));
}

bool Sequencer::is_due(base::Timestamp wall_clock) const {
  const auto due = machine_.next_due();
  return due && *due <= next_time(wall_clock);
}

/// Collected submissions first..last-1 as one group.
void Sequencer::add_run(std::size_t first, std::size_t last) {
  const Submission& head = collected_[first].submission;
  const bool is_alone = last - first == 1;
  const bool is_of_one_size = head.kind != wire::CommandKind::kInstruct || head.count == 1;
  if (is_alone && is_of_one_size) {
    section_.add_group(head.kind, head.caller, head.count, head.records);
    return;
  }
  if (is_alone) return section_.add_instructs(head.caller, head.records);
  run_.clear();
  std::uint32_t count = 0;
  for (std::size_t i = first; i < last; ++i) {
    const Submission& submission = collected_[i].submission;
    run_.insert(run_.end(), submission.records.begin(), submission.records.end());
    count += submission.count;
  }
  if (head.kind == wire::CommandKind::kInstruct) return section_.add_instructs(head.caller, run_);
  section_.add_group(head.kind, head.caller, count, run_);
}

void Sequencer::build_tick() {
  section_.clear();
  section_.add(wire::CommandKind::kTick, kNodeCaller, wire::Tick{});
}

void Sequencer::build_section(base::Timestamp at) {
  section_.clear();
  if (is_due(at)) {
    section_.add(wire::CommandKind::kTick, kNodeCaller, wire::Tick{});
  }
  for (std::size_t first = 0; first < collected_.size();) {
    const Submission& head = collected_[first].submission;
    std::size_t last = first + 1;
    if (may_share_group(head)) {
      while (last < collected_.size() && collected_[last].submission.kind == head.kind &&
             collected_[last].submission.caller == head.caller &&
             may_share_group(collected_[last].submission)) {
        ++last;
      }
    }
    add_run(first, last);
    first = last;
  }
}

std::optional<PreparedEntry> Sequencer::cut(base::Timestamp wall_clock) {
  machine::EntryContext context{.seqno = base::Seqno{machine_.state().last_seqno.value() + 1},
                                .at = next_time(wall_clock)};
  // More may fall due by the last command of this entry than one entry's events can hold: then
  // ticks come first, each in an entry of its own, and what was collected waits for them.
  const auto last = context.at + base::Duration::nanoseconds(collected_commands_);
  const bool is_tick_alone = machine_.has_more_due_than(machine::kDuePerTickMax, last);
  if (is_tick_alone) {
    context.at = last;
    build_tick();
  } else {
    build_section(context.at);
  }
  if (section_.is_empty()) return std::nullopt;

  if (are_crash_points_armed()) {
    crash_point(CrashPoint::kCoreBeforeApply, crash_tags_of(section_.section(), {}));
  }
  PreparedEntry entry{.seqno = context.seqno,
                      .at = context.at,
                      .bytes = {},
                      .checksum = {},
                      .effects = {},
                      .replies = {},
                      .commands_bytes = 0};
  const auto applied = machine_.apply(context, section_.section(), entry.effects);
  HG_CHECK(applied.has_value());
  HG_CHECK(entry.effects.outcomes.size() == section_.command_count());
  if (are_crash_points_armed()) {
    crash_point(CrashPoint::kCoreAfterApply,
                crash_tags_of(section_.section(), entry.effects.events));
  }

  entry.bytes = ledger::encode_entry(context, node_, last_checksum_, section_, entry.effects);
  entry.commands_bytes = static_cast<std::uint32_t>(section_.section().size());
  const auto head = ledger::read_entry_head(entry.bytes);
  HG_CHECK(head.has_value());
  entry.checksum = last_checksum_ = head->head_checksum;

  if (is_tick_alone) return entry;
  std::uint32_t first = section_.command_count() - collected_commands_;  // 1 behind a tick
  entry.replies.reserve(collected_.size());
  for (Collected& one : collected_) {
    entry.replies.push_back({first, one.submission.count, std::move(one.done)});
    first += one.submission.count;
  }
  collected_.clear();
  collected_commands_ = 0;
  collected_bytes_ = 0;
  return entry;
}

ledger::Checkpoint Sequencer::draft_checkpoint() {
  HG_CHECK(!machine_.state().last_seqno.is_none());
  return ledger::draft_checkpoint(machine_, last_checksum_);
}

}  // namespace hugang::node
