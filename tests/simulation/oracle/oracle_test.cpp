// The oracle over whole runs of the simulator, and over a run's journals with one planted error
// each: it must find every one, and name it.
#include "tests/simulation/oracle/oracle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>

#include "clearing/machine/snapshot.hpp"
#include "clearing/wire/batch.hpp"
#include "clearing/wire/message.hpp"
#include "crypto/digest.hpp"
#include "ledger/memory_journal.hpp"
#include "tests/simulation/engine/world.hpp"

namespace hugang::oracle {
namespace {

using machine::Code;
using simulation::Cities;
using simulation::WorldOptions;
using testing::AnyOf;
using testing::HasSubstr;
using wire::EventKind;

constexpr std::uint64_t kSeeds = 40;

TEST(Oracle, FindsNothingInTheJournalsOfManySeeds) {
  std::uint64_t entries = 0;
  std::chrono::nanoseconds taken{0};
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    WorldOptions options;
    options.seed = seed;
    options.inspect = [&](const Cities& cities) {
      for (const auto& city : cities) {
        const auto* state = city->is_up() ? &city->state() : nullptr;
        const auto begin = std::chrono::steady_clock::now();
        const auto wrong = first_contradiction(city->journal(), state);
        taken += std::chrono::steady_clock::now() - begin;
        EXPECT_FALSE(wrong.has_value())
            << "seed " << seed << ", node " << city->id().value() << ": " << *wrong;
        entries += city->journal().last_seqno().value();
      }
    };
    static_cast<void>(run_world(options));
  }
  EXPECT_GT(entries, kSeeds * 100);
  std::printf("%llu entries in %lld ms\n", static_cast<unsigned long long>(entries),
              static_cast<long long>(taken.count() / 1'000'000));
}

/// An event as it is to be journaled.
struct LooseEvent {
  wire::EventHead head;
  base::Bytes body;
};

/// An entry that can be changed and put together again.
struct LooseEntry {
  machine::EntryContext context;
  std::uint32_t group_count = 0;
  base::Bytes commands;
  std::vector<wire::Outcome> outcomes;
  std::vector<LooseEvent> events;
};

struct Run {
  std::vector<std::vector<LooseEntry>> journals;
  std::vector<machine::State> states;
};

LooseEntry loosen(const ledger::EntryView& view) {
  LooseEntry entry;
  entry.context = {view.head.seqno, view.head.at};
  entry.group_count = view.head.group_count;
  entry.commands.assign(view.commands.begin(), view.commands.end());
  for (std::uint32_t i = 0; i < view.head.command_count; ++i) {
    entry.outcomes.push_back(view.outcome(i));
  }
  wire::EventReader reader{view.events};
  wire::EventHead head;
  base::ByteSpan body;
  while (reader.next(head, body)) entry.events.push_back({head, {body.begin(), body.end()}});
  return entry;
}

/// The old lines of an id log, for a state that outlives its journal.
class KeptLines final : public machine::IdArchive {
 public:
  explicit KeptLines(const ledger::Journal& journal) {
    for (std::uint64_t number = 0;; ++number) {
      const auto block = journal.read_id_block(number);
      if (!block) return;
      lines_.insert(lines_.end(), block->begin(), block->end());
    }
  }
  [[nodiscard]] machine::IdLogLine line(std::uint64_t number) const override {
    return lines_.at(number);
  }

 private:
  std::vector<machine::IdLogLine> lines_;
};

/// Some runs of the simulator, taken once: enough that everything happens in one of them.
const Run& a_run() {
  static const Run run = [] {
    Run taken;
    WorldOptions options;
    options.inspect = [&](const Cities& cities) {
      for (const auto& city : cities) {
        if (!city->is_up()) continue;
        const auto cursor = city->journal().read_from(base::Seqno{1});
        auto& entries = taken.journals.emplace_back();
        while (true) {
          const auto entry = cursor->next();
          if (!entry || *entry == nullptr) break;
          entries.push_back(loosen(**entry));
        }
        taken.states.push_back(city->state());
        taken.states.back().ids.attach(std::make_shared<KeptLines>(city->journal()));
      }
    };
    for (options.seed = 1; options.seed <= 4; ++options.seed) {
      static_cast<void>(run_world(options));
    }
    return taken;
  }();
  return run;
}

base::Bytes section_of(const std::vector<LooseEvent>& events) {
  base::Bytes section;
  for (const LooseEvent& event : events) {
    wire::EventHead head = event.head;
    head.bytes = static_cast<std::uint32_t>(event.body.size());
    const auto bytes = std::as_bytes(std::span{&head, 1});
    section.insert(section.end(), bytes.begin(), bytes.end());
    section.insert(section.end(), event.body.begin(), event.body.end());
    section.resize((section.size() + 7) / 8 * 8);
  }
  return section;
}

/// A journal that every checksum calls sound.
std::unique_ptr<ledger::Journal> journal_of(const std::vector<LooseEntry>& entries) {
  auto journal = std::make_unique<ledger::MemoryJournal>(base::NodeId{1});
  for (const LooseEntry& entry : entries) {
    const base::Bytes events = section_of(entry.events);
    ledger::EntryParts parts;
    parts.context = entry.context;
    parts.node = base::NodeId{1};
    parts.previous = journal->last_checksum();
    parts.command_count = static_cast<std::uint32_t>(entry.outcomes.size());
    parts.group_count = entry.group_count;
    parts.commands = entry.commands;
    parts.outcomes = entry.outcomes;
    parts.events = events;
    const base::Bytes bytes = ledger::encode_entry(parts);
    const std::array<base::ByteSpan, 1> one{bytes};
    EXPECT_TRUE(journal->append(one).has_value());
  }
  return journal;
}

/// Changes the first entry of any journal that `change` wants, and gives that journal's verdict.
std::string verdict_after(const std::function<bool(LooseEntry&)>& change) {
  for (const auto& journal : a_run().journals) {
    auto entries = journal;
    // Behind the founding of the city, in the middle of its business.
    for (std::size_t i = 40; i < entries.size(); ++i) {
      if (!change(entries[i])) continue;
      const auto wrong = first_contradiction(*journal_of(entries), nullptr);
      return wrong.value_or("no contradiction");
    }
  }
  return "no entry to change";
}

/// For one event of that kind.
std::string verdict_of_event(
    EventKind kind, const std::function<void(std::vector<LooseEvent>&, std::size_t)>& how) {
  return verdict_after([&](LooseEntry& entry) {
    for (std::size_t i = 0; i < entry.events.size(); ++i) {
      if (entry.events[i].head.kind != kind) continue;
      how(entry.events, i);
      return true;
    }
    return false;
  });
}

/// The index of the first transfer whose outcome is kOk and new.
std::optional<std::size_t> good_transfer(const LooseEntry& entry) {
  const auto groups = wire::read_batch(entry.commands);
  std::size_t next = 0;
  for (const auto& group : *groups) {
    for (std::uint32_t i = 0; i < group.count; ++i, ++next) {
      const wire::Outcome& outcome = entry.outcomes[next];
      if (group.kind != wire::CommandKind::kTransfer || outcome.code != Code::kOk) continue;
      if (outcome.flags == 0) return next;
    }
  }
  return std::nullopt;
}

std::string verdict_of_outcome(const std::function<void(wire::Outcome&)>& how) {
  return verdict_after([&](LooseEntry& entry) {
    const auto index = good_transfer(entry);
    if (index) how(entry.outcomes[*index]);
    return index.has_value();
  });
}

TEST(OracleFinds, NothingInTheRunThatIsSpoilt) {
  for (const auto& entries : a_run().journals) {
    EXPECT_EQ(first_contradiction(*journal_of(entries), nullptr), std::nullopt);
  }
}

TEST(OracleFinds, AnAnswerThatSaysNoToWhatIsRight) {
  EXPECT_THAT(verdict_of_outcome([](auto& o) { o.code = Code::kInsufficientFunds; }),
              HasSubstr("was answered INSUFFICIENT_FUNDS"));
}

TEST(OracleFinds, AnAmountThatIsOneTooMuch) {
  EXPECT_THAT(verdict_of_outcome([](auto& o) { o.value += 1; }), HasSubstr("the oracle says OK"));
}

TEST(OracleFinds, AnAnswerAtAnotherTime) {
  EXPECT_THAT(verdict_of_outcome([](auto& o) { o.at = base::Timestamp{o.at.ns() + 1}; }),
              HasSubstr("the oracle says OK"));
}

TEST(OracleFinds, ARepetitionThatIsNone) {
  EXPECT_THAT(verdict_of_outcome([](auto& o) { o.flags = wire::outcome_flag::kRepeated; }),
              HasSubstr("as a repetition, the oracle says"));
}

TEST(OracleFinds, ARefusalThatShouldHaveBeen) {
  const auto verdict = verdict_after([](LooseEntry& entry) {
    for (wire::Outcome& outcome : entry.outcomes) {
      if (outcome.code != Code::kInsufficientFunds || outcome.flags != 0) continue;
      outcome.code = Code::kOk;
      return true;
    }
    return false;
  });
  EXPECT_THAT(verdict, HasSubstr("the oracle says INSUFFICIENT_FUNDS"));
}

TEST(OracleFinds, ACommandThatWasAnotherWhenItWasAnswered) {
  const auto verdict = verdict_after([](LooseEntry& entry) {
    const auto groups = wire::read_batch(entry.commands);
    if (!good_transfer(entry) || groups->front().kind != wire::CommandKind::kTransfer) return false;
    // The amount of the first transfer, behind the head of its group.
    entry.commands[sizeof(wire::GroupHead) + offsetof(wire::Transfer, amount_minor)] ^=
        std::byte{1};
    return true;
  });
  EXPECT_THAT(verdict, HasSubstr("the oracle says"));
}

TEST(OracleFinds, AnEntryThatIsMissing) {
  auto entries = a_run().journals.front();
  const auto gone = std::ranges::find_if(
      entries, [](const LooseEntry& entry) { return good_transfer(entry).has_value(); });
  ASSERT_NE(gone, entries.end());
  entries.erase(gone);
  for (std::size_t i = 0; i < entries.size(); ++i) entries[i].context.seqno = base::Seqno{i + 1};
  const auto journal = journal_of(entries);
  EXPECT_NE(first_contradiction(*journal, &a_run().states.front()), std::nullopt);
}

TEST(OracleFinds, TimeThatRunsBack) {
  auto entries = a_run().journals.front();
  entries[50].context.at = entries[49].context.at;
  const auto wrong = first_contradiction(*journal_of(entries), nullptr);
  EXPECT_THAT(wrong.value_or(""), HasSubstr("its time is not after"));
}

TEST(OracleFinds, AMessageThatWasNeverQueued) {
  EXPECT_THAT(
      verdict_of_event(EventKind::kMessageQueued,
                       [](auto& events, std::size_t i) {
                         events.erase(events.begin() + static_cast<std::ptrdiff_t>(i));
                       }),
      AnyOf(HasSubstr("the oracle says that message"), HasSubstr("no event tells that message")));
}

TEST(OracleFinds, ADecisionWithAnotherCode) {
  const auto verdict = verdict_after([](LooseEntry& entry) {
    constexpr std::size_t kCodeAt =
        sizeof(wire::MessageQueued) + sizeof(wire::MessageHead) + offsetof(wire::Decision, code);
    for (LooseEvent& event : entry.events) {
      if (event.head.kind != EventKind::kMessageQueued) continue;
      const auto message = wire::read_record<wire::MessageHead>(base::ByteSpan{event.body}.subspan(
          sizeof(wire::MessageQueued), sizeof(wire::MessageHead)));
      if (message.kind != wire::MessageKind::kDecision) continue;
      event.body[kCodeAt] ^= std::byte{static_cast<unsigned char>(Code::kDeclined)};
      return true;
    }
    return false;
  });
  EXPECT_THAT(verdict, HasSubstr("it is told that message"));
}

TEST(OracleFinds, AChainValueThatIsNotTheMessages) {
  EXPECT_THAT(verdict_of_event(EventKind::kMessageQueued,
                               [](auto& events, std::size_t i) {
                                 events[i].body[offsetof(wire::MessageQueued, chain_after)] ^=
                                     std::byte{1};
                               }),
              HasSubstr("it is told that message"));
}

TEST(OracleFinds, AHoldThatExpiredInSilence) {
  EXPECT_THAT(verdict_of_event(EventKind::kHoldExpired,
                               [](auto& events, std::size_t i) {
                                 events.erase(events.begin() + static_cast<std::ptrdiff_t>(i));
                               }),
              AnyOf(HasSubstr("the oracle says that hold"), HasSubstr("no event tells that hold")));
}

TEST(OracleFinds, AHoldThatExpiredTwice) {
  EXPECT_THAT(verdict_of_event(EventKind::kHoldExpired,
                               [](auto& events, std::size_t i) {
                                 events.insert(events.begin() + static_cast<std::ptrdiff_t>(i),
                                               LooseEvent{events[i]});
                               }),
              AnyOf(HasSubstr("the oracle says that hold"),
                    HasSubstr("without cause it is told that hold")));
}

TEST(OracleFinds, AHoldThatExpiredTooEarly) {
  EXPECT_THAT(verdict_of_event(EventKind::kHoldExpired,
                               [](auto& events, std::size_t i) {
                                 auto& at = events[i].head.at;
                                 at = base::Timestamp{at.ns() - 1};
                               }),
              HasSubstr("the oracle says that hold"));
}

TEST(OracleFinds, ASettlementThatEndedOtherwise) {
  EXPECT_THAT(verdict_of_event(EventKind::kSettlementChanged,
                               [](auto& events, std::size_t i) {
                                 events[i].body[offsetof(wire::SettlementChanged, status)] ^=
                                     std::byte{1};
                               }),
              HasSubstr("it is told that settlement"));
}

/// The verdict on the last journal with a state in which `change` changed something.
std::string verdict_of_state(const std::function<void(machine::State&)>& change) {
  machine::State state = a_run().states.back();
  change(state);
  const auto wrong = first_contradiction(*journal_of(a_run().journals.back()), &state);
  return wrong.value_or("no contradiction");
}

TEST(OracleFinds, NothingInTheStateThatIsSpoilt) {
  EXPECT_EQ(verdict_of_state([](machine::State&) {}), "no contradiction");
}

TEST(OracleFinds, ABalanceThatIsOneTooMuch) {
  EXPECT_THAT(verdict_of_state([](auto& s) { s.accounts.back().balance.credits_posted += 1; }),
              HasSubstr(": credits is"));
}

TEST(OracleFinds, MoneyThatIsStillOnHold) {
  EXPECT_THAT(verdict_of_state([](auto& s) { s.accounts.back().balance.debits_pending += 1; }),
              HasSubstr(": debits on hold is"));
}

TEST(OracleFinds, AFreezeThatNobodyOrdered) {
  EXPECT_THAT(verdict_of_state([](auto& s) { s.accounts.back().flags ^= 4; }),
              HasSubstr(": flags is"));
}

TEST(OracleFinds, ACheckpointOfAnotherState) {
  const auto journal = journal_of(a_run().journals.back());
  machine::State state = a_run().states.back();
  state.accounts.back().balance.credits_posted += 1;
  base::Bytes snapshot;
  machine::encode_snapshot(state, snapshot);
  ledger::Checkpoint checkpoint;
  checkpoint.info = {.seqno = state.last_seqno,
                     .at = state.last_at,
                     .entry_checksum = journal->last_checksum(),
                     .digest = crypto::sha256(snapshot),
                     .snapshot_bytes = snapshot.size()};
  checkpoint.snapshot = snapshot;
  ASSERT_TRUE(journal->put_checkpoint(checkpoint).has_value());
  const auto wrong = first_contradiction(*journal, nullptr);
  EXPECT_THAT(wrong.value_or("no contradiction"), HasSubstr("in the checkpoint"));
}

TEST(OracleFinds, ASettlementThatTheStateHasOtherwise) {
  EXPECT_THAT(verdict_of_state(
                  [](auto& s) { s.settlements[s.settlements.size() - 1].code = Code::kDeclined; }),
              HasSubstr(": code is"));
}

TEST(OracleFinds, ACursorThatRanAhead) {
  EXPECT_THAT(verdict_of_state([](auto& s) {
                auto& peer = s.peers.begin()->second;
                peer.applied = base::ChannelSeqno{peer.applied.value() + 1};
              }),
              HasSubstr(": cursor is"));
}

TEST(OracleFinds, AnAnswerThatIsRememberedOtherwise) {
  const base::CommandId id = a_run().states.back().settlements[0].id;
  EXPECT_THAT(verdict_of_state([&](auto& s) {
                auto record = *s.ids.find(id);
                record.value += 1;
                s.ids.note(id, record);
              }),
              HasSubstr(": value is"));
}

}  // namespace
}  // namespace hugang::oracle
