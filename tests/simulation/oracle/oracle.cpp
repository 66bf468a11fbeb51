#include "tests/simulation/oracle/oracle.hpp"

#include <algorithm>
#include <tuple>

#include "clearing/machine/limits.hpp"
#include "clearing/machine/snapshot.hpp"
#include "ledger/journal.hpp"
#include "tests/simulation/oracle/compare.hpp"
#include "tests/simulation/oracle/desk.hpp"
#include "tests/simulation/oracle/sentence.hpp"

namespace hugang::oracle {
namespace {

using Wrong = std::optional<std::string>;

bool is_same(const wire::Outcome& told, const Answer& right) {
  const std::uint16_t flags = right.is_repeated ? wire::outcome_flag::kRepeated : 0;
  return told.code == right.code && told.value == right.value && told.at.ns() == right.at &&
         told.flags == flags && told.reserved == 0;
}

/// The events of one entry, or nothing when their frame is broken.
std::optional<std::vector<Event>> read_events(ByteSpan section) {
  std::vector<Event> events;
  wire::EventReader reader{section};
  wire::EventHead head;
  ByteSpan body;
  while (reader.next(head, body)) {
    events.push_back({head.kind, head.at.ns(), Bytes{body.begin(), body.end()}});
  }
  if (reader.is_malformed()) return std::nullopt;
  return events;
}

/// Which of different kinds comes first at one instant says nothing about money.
void sort_kinds(std::vector<Event>& events) {
  std::ranges::stable_sort(events, [](const Event& a, const Event& b) {
    return std::tie(a.at, a.kind) < std::tie(b.at, b.kind);
  });
}

Wrong compare_events(std::vector<Event> told, std::vector<Event> right) {
  if (!std::ranges::is_sorted(told, {}, &Event::at)) return "its events go back in time";
  sort_kinds(told);
  sort_kinds(right);
  for (std::size_t i = 0; i < std::max(told.size(), right.size()); ++i) {
    if (i >= told.size()) return "no event tells that " + sentence_of(right[i]);
    if (i >= right.size()) return "without cause it is told that " + sentence_of(told[i]);
    if (told[i].kind == right[i].kind && told[i].at == right[i].at &&
        told[i].body == right[i].body) {
      continue;
    }
    return "it is told that " + sentence_of(told[i]) + ", the oracle says that " +
           sentence_of(right[i]);
  }
  return std::nullopt;
}

/// What the checkpoints of this entry hold otherwise.
Wrong checkpoints_differ(const ledger::Journal& journal,
                         const std::vector<ledger::CheckpointInfo>& checkpoints, base::Seqno seqno,
                         const Oracle& oracle) {
  for (const ledger::CheckpointInfo& checkpoint : checkpoints) {
    if (checkpoint.seqno != seqno) continue;
    const auto snapshot = journal.read_snapshot(checkpoint);
    if (!snapshot) continue;
    if (auto wrong = oracle.compare_snapshot(*snapshot)) return wrong;
  }
  return std::nullopt;
}

std::vector<wire::Transfer> transfers_of(const wire::GroupView& group) {
  std::vector<wire::Transfer> transfers;
  for (std::uint32_t i = 0; i < group.count; ++i) {
    transfers.push_back(wire::read_record<wire::Transfer>(group.record(i)));
  }
  return transfers;
}

}  // namespace

struct Oracle::Self {
  Desk desk;
  Time last_at = 0;

  /// What every command of the group should have been answered; the first happens at `at`.
  std::vector<Answer> obey_group(const wire::GroupView& group, Time at) {
    desk.now = at;
    if (group.kind == CommandKind::kTransfer) {
      return obey_transfers(desk, group.caller.value(), transfers_of(group));
    }
    std::vector<Answer> answers;
    for (std::uint32_t i = 0; i < group.count; ++i) {
      desk.now = at + i;
      let_time_pass(desk, group.kind == CommandKind::kTick ? machine::kDuePerTickMax : SIZE_MAX);
      answers.push_back(obey(desk, group.kind, group.caller.value(), group.record(i)));
    }
    return answers;
  }

  Wrong follow_commands(const Recorded& entry, const std::vector<wire::GroupView>& groups) {
    std::size_t next = 0;
    for (const wire::GroupView& group : groups) {
      const Time at = entry.at.ns() + static_cast<Time>(next);
      const auto answers = obey_group(group, at);
      for (std::uint32_t i = 0; i < group.count; ++i, ++next) {
        if (next >= entry.outcomes.size()) return "it has fewer outcomes than commands";
        if (is_same(entry.outcomes[next], answers[i])) continue;
        return "command " + std::to_string(next) + ", " +
               sentence_of(group.kind, group.caller.value(), group.record(i)) + ", was answered " +
               sentence_of(entry.outcomes[next]) + ", the oracle says " + sentence_of(answers[i]);
      }
      last_at = at + static_cast<Time>(group.count) - 1;
    }
    if (next != entry.outcomes.size()) return "it has more outcomes than commands";
    return std::nullopt;
  }

  Wrong follow(const Recorded& entry) {
    desk.events.clear();
    desk.event_bytes = 0;
    if (entry.seqno.value() != desk.entry + 1) return "it does not follow the entry before it";
    if (entry.at.ns() <= last_at) return "its time is not after the last command's";
    desk.entry = entry.seqno.value();
    const auto groups = wire::read_batch(entry.commands);
    if (!groups) return "its commands cannot be read";
    if (auto wrong = follow_commands(entry, *groups)) return wrong;
    auto told = read_events(entry.events);
    if (!told) return "its events cannot be read";
    return compare_events(*std::move(told), desk.events);
  }
};

Oracle::Oracle() : self_{std::make_unique<Self>()} {}
Oracle::~Oracle() = default;

std::optional<std::string> Oracle::follow(const Recorded& entry) {
  auto wrong = self_->follow(entry);
  if (!wrong) return std::nullopt;
  return "entry " + std::to_string(entry.seqno.value()) + ": " + *wrong;
}

std::optional<std::string> Oracle::compare(const machine::State& state) const {
  auto wrong = first_difference(self_->desk.book, state, true);
  if (!wrong) return std::nullopt;
  return "after entry " + std::to_string(self_->desk.entry) + ": " + *wrong;
}

std::optional<std::string> Oracle::compare_snapshot(base::ByteSpan snapshot) const {
  const auto state = machine::decode_snapshot(snapshot);
  auto wrong = state ? first_difference(self_->desk.book, *state, false)
                     : std::optional<std::string>{"it cannot be read"};
  if (!wrong) return std::nullopt;
  return "in the checkpoint after entry " + std::to_string(self_->desk.entry) + ": " + *wrong;
}

std::optional<std::string> first_contradiction(const ledger::Journal& journal,
                                               const machine::State* final_state) {
  Oracle oracle;
  const auto cursor = journal.read_from(base::Seqno{1});
  const auto checkpoints = journal.checkpoints().value_or(std::vector<ledger::CheckpointInfo>{});
  std::vector<wire::Outcome> outcomes;
  while (true) {
    const auto entry = cursor->next();
    if (!entry) return "the journal cannot be read: " + entry.error().sentence;
    if (*entry == nullptr) break;
    const ledger::EntryView& view = **entry;
    outcomes.clear();
    for (std::uint32_t i = 0; i < view.head.command_count; ++i) outcomes.push_back(view.outcome(i));
    const Recorded recorded{view.head.seqno, view.head.at, view.commands, outcomes, view.events};
    if (auto wrong = oracle.follow(recorded)) return wrong;
    auto wrong = checkpoints_differ(journal, checkpoints, recorded.seqno, oracle);
    if (wrong) return wrong;
  }
  return final_state == nullptr ? std::nullopt : oracle.compare(*final_state);
}

}  // namespace hugang::oracle
