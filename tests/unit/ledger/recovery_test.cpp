#include "ledger/recovery.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "ledger/memory_journal.hpp"
#include "ledger/rocks/open.hpp"
#include "tests/unit/ledger/small_ledger.hpp"
#include "tests/unit/ledger/temporary_directory.hpp"

namespace hugang::ledger {
namespace {

using hugang::test::TemporaryDirectory;
using test::kSelf;
using test::real_hashing;
using test::SmallLedger;
using testing::HasSubstr;
using Code = LedgerError::Code;

struct Forgery {
  Seqno seqno;
  bool adds_to_first_value = false;
  bool drops_events = false;
};

/// The journal's entries in a new one, one of them changed, and all checksums made anew as a forger
/// would.
std::unique_ptr<MemoryJournal> forge(const Journal& journal, const Forgery& forgery) {
  auto forged = std::make_unique<MemoryJournal>(kSelf);
  const auto cursor = journal.read_from(Seqno{1});
  while (true) {
    const auto entry = cursor->next();
    if (!entry || *entry == nullptr) return forged;
    const EntryView& view = **entry;
    const bool is_target = view.head.seqno == forgery.seqno;
    std::vector<wire::Outcome> outcomes;
    for (std::uint32_t i = 0; i < view.head.command_count; ++i) outcomes.push_back(view.outcome(i));
    if (is_target && forgery.adds_to_first_value) outcomes[0].value += 1;
    const base::Bytes bytes =
        encode_entry({.context = {.seqno = view.head.seqno, .at = view.head.at},
                      .node = kSelf,
                      .previous = forged->last_checksum(),
                      .command_count = view.head.command_count,
                      .group_count = view.head.group_count,
                      .commands = view.commands,
                      .outcomes = outcomes,
                      .events = is_target && forgery.drops_events ? ByteSpan{} : view.events});
    const ByteSpan span{bytes};
    EXPECT_TRUE(forged->append(std::span{&span, 1}));
  }
}

Digest digest_after_recovery(const Journal& journal, Seqno expected_checkpoint) {
  const auto recovered = recover(journal, real_hashing());
  EXPECT_TRUE(recovered) << recovered.error().sentence;
  if (!recovered) return {};
  EXPECT_EQ(recovered->report.checkpoint, expected_checkpoint);
  EXPECT_EQ(recovered->report.last_seqno, journal.last_seqno());
  EXPECT_EQ(recovered->report.entries_replayed,
            journal.last_seqno().value() - expected_checkpoint.value());
  return state_digest(recovered->machine.state());
}

TEST(Recovery, GivesTheSameStateFromAnyCheckpointAndFromTheFirstEntry) {
  MemoryJournal journal{kSelf};
  SmallLedger ledger{journal};
  ledger.begin(10);
  EXPECT_EQ(digest_after_recovery(journal, {}), state_digest(ledger.state()));
  ledger.trade(5, 10, 1);
  EXPECT_EQ(digest_after_recovery(journal, {}), state_digest(ledger.state()));
  ledger.checkpoint();
  EXPECT_EQ(digest_after_recovery(journal, Seqno{8}), state_digest(ledger.state()));
  ledger.trade(4, 10, 2);
  EXPECT_EQ(digest_after_recovery(journal, Seqno{8}), state_digest(ledger.state()));
  ledger.checkpoint();
  ledger.trade(1, 10, 3);
  EXPECT_EQ(digest_after_recovery(journal, Seqno{12}), state_digest(ledger.state()));
}

TEST(Recovery, RemembersEveryIdOverACheckpoint) {
  MemoryJournal journal{kSelf};
  SmallLedger ledger{journal};
  ledger.begin(10);
  ledger.trade(5, 10, 1);
  ledger.checkpoint();
  ledger.trade(5, 10, 2);
  ledger.checkpoint();
  const auto recovered = recover(journal, real_hashing());
  ASSERT_TRUE(recovered);
  const auto& then = ledger.state().ids;
  const auto& now = recovered->machine.state().ids;
  ASSERT_EQ(now.size(), then.size());
  // The ledger of the test numbers its commands from 1 on.
  for (std::uint64_t number = 1; number <= then.size(); ++number) {
    const auto before = then.find(base::CommandId{number});
    const auto after = now.find(base::CommandId{number});
    ASSERT_TRUE(before && after);
    EXPECT_EQ(std::memcmp(&*before, &*after, sizeof *before), 0);
  }
}

TEST(Recovery, GoesOnAsIfNothingHadHappened) {
  const TemporaryDirectory dir;
  MemoryJournal whole{kSelf};
  SmallLedger never_stopped{whole};
  never_stopped.begin(10);
  never_stopped.trade(10, 10, 5);
  {
    auto journal = rocks::open_journal(dir.path(), kSelf);
    ASSERT_TRUE(journal);
    SmallLedger ledger{**journal};
    ledger.begin(10);
    ledger.trade(3, 10, 5);
    ledger.checkpoint();
  }
  auto journal = rocks::open_journal(dir.path(), kSelf);
  ASSERT_TRUE(journal);
  auto recovered = recover(**journal, real_hashing());
  ASSERT_TRUE(recovered) << recovered.error().sentence;
  EXPECT_EQ(recovered->report.checkpoint, Seqno{6});
  // The remaining entries, taken from the ledger that was never stopped.
  machine::Effects effects;
  for (std::uint64_t seqno = 7; seqno <= whole.last_seqno().value(); ++seqno) {
    const auto bytes = whole.read(Seqno{seqno});
    const auto entry = decode_entry(*bytes);
    ASSERT_TRUE(
        recovered->machine
            .apply({.seqno = entry->head.seqno, .at = entry->head.at}, entry->commands, effects)
            .has_value());
    ASSERT_EQ(std::memcmp(effects.outcomes.data(), entry->outcomes.data(), entry->outcomes.size()),
              0);
  }
  EXPECT_EQ(state_digest(recovered->machine.state()), state_digest(never_stopped.state()));
}

TEST(Recovery, PassesOverADamagedCheckpointAndSaysSo) {
  MemoryJournal journal{kSelf};
  SmallLedger ledger{journal};
  ledger.begin(10);
  ledger.checkpoint();  // 3
  ledger.trade(2, 10, 1);
  ledger.checkpoint();  // 5
  ledger.trade(1, 10, 2);
  journal.damage_snapshot(Seqno{5}, 100, std::byte{1});
  EXPECT_EQ(digest_after_recovery(journal, Seqno{3}), state_digest(ledger.state()));
  const auto recovered = recover(journal, real_hashing());
  ASSERT_TRUE(recovered);
  EXPECT_THAT(recovered->report.sentences, testing::Contains(HasSubstr("entry 5")));
  journal.damage_snapshot(Seqno{3}, 0, std::byte{1});
  EXPECT_EQ(digest_after_recovery(journal, {}), state_digest(ledger.state()));
}

TEST(Recovery, NamesADamagedEntry) {
  MemoryJournal journal{kSelf};
  SmallLedger ledger{journal};
  ledger.begin(10);
  ledger.trade(5, 10, 1);
  journal.damage_entry(Seqno{6}, 200, std::byte{4});
  const auto recovered = recover(journal, real_hashing());
  ASSERT_FALSE(recovered);
  EXPECT_EQ(recovered.error().code, Code::kDamaged);
  EXPECT_EQ(recovered.error().entry, Seqno{6});
}

TEST(Recovery, NamesAnEntryWhoseOutcomesWereForged) {
  MemoryJournal journal{kSelf};
  SmallLedger ledger{journal};
  ledger.begin(10);
  ledger.trade(5, 10, 1);
  const auto forged =
      forge(journal, {.seqno = Seqno{5}, .adds_to_first_value = true, .drops_events = false});
  const auto recovered = recover(*forged, real_hashing());
  ASSERT_FALSE(recovered);
  EXPECT_EQ(recovered.error().code, Code::kDiverged);
  EXPECT_EQ(recovered.error().entry, Seqno{5});
  EXPECT_THAT(recovered.error().sentence, HasSubstr("command 1"));
}

TEST(Recovery, NamesAnEntryWhoseEventsWereForged) {
  MemoryJournal journal{kSelf};
  SmallLedger ledger{journal};
  ledger.begin(2);
  ledger.register_peer();  // entry 4, with a key_added event
  ASSERT_TRUE(recover(*forge(journal, {}), real_hashing()));
  const auto forged =
      forge(journal, {.seqno = Seqno{4}, .adds_to_first_value = false, .drops_events = true});
  const auto recovered = recover(*forged, real_hashing());
  ASSERT_FALSE(recovered);
  EXPECT_EQ(recovered.error().entry, Seqno{4});
  EXPECT_THAT(recovered.error().sentence, HasSubstr("events"));
}

TEST(Recovery, OfAnEmptyJournalIsAnEmptyMachine) {
  const MemoryJournal journal{kSelf};
  const auto recovered = recover(journal, real_hashing());
  ASSERT_TRUE(recovered);
  EXPECT_EQ(recovered->machine.state().last_seqno, Seqno{});
  EXPECT_EQ(recovered->report.entries_replayed, 0u);
}

TEST(MemoryJournal, LosesInACrashWhatWasNotDurable) {
  MemoryJournal journal{kSelf};
  SmallLedger ledger{journal};
  ledger.begin(2);
  const Checksum durable = journal.last_checksum();
  const auto bytes = [&] {
    wire::BatchBuilder batch;
    batch.add(wire::CommandKind::kTick, test::kNodeItself, wire::Tick{});
    machine::Effects effects;
    effects.outcomes.resize(1);
    return encode_entry({.seqno = Seqno{4}, .at = Timestamp{1'000'000'000}}, kSelf,
                        journal.last_checksum(), batch, effects);
  }();
  const ByteSpan span{bytes};
  struct Row {
    AppendFault fault;
    std::uint64_t last_before_crash;
    std::uint64_t last_after_crash;
  };
  for (const Row& row : {Row{AppendFault::kRefused, 3, 3}, Row{AppendFault::kDiesBeforeSync, 4, 3},
                         Row{AppendFault::kDiesAfterSync, 4, 4}}) {
    journal.set_fault_hook([&](Seqno first) {
      EXPECT_EQ(first, Seqno{4});
      return row.fault;
    });
    const auto appended = journal.append(std::span{&span, 1});
    ASSERT_FALSE(appended);
    EXPECT_EQ(appended.error().code, Code::kWriteFailed);
    EXPECT_EQ(journal.last_seqno(), Seqno{row.last_before_crash});
    journal.crash();
    EXPECT_EQ(journal.last_seqno(), Seqno{row.last_after_crash});
    if (row.last_after_crash == 3) {
      EXPECT_EQ(journal.last_checksum(), durable);
    }
  }
}

TEST(MemoryJournal, KeepsTheNewestThreeCheckpoints) {
  MemoryJournal journal{kSelf};
  SmallLedger ledger{journal};
  ledger.begin(3);
  for (std::uint64_t i = 0; i < 5; ++i) {
    ledger.trade(1, 3, i);
    ledger.checkpoint();
  }
  std::vector<std::uint64_t> seqnos;
  const auto infos = journal.checkpoints();
  ASSERT_TRUE(infos);
  for (const auto& info : *infos) seqnos.push_back(info.seqno.value());
  EXPECT_THAT(seqnos, testing::ElementsAre(8, 7, 6));
}

}  // namespace
}  // namespace hugang::ledger
