#include "services/node/sequencer.hpp"

#include <gtest/gtest.h>

#include "clearing/wire/batch.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/memory_journal.hpp"
#include "ledger/recovery.hpp"
#include "tests/unit/services/node/ledger_fixture.hpp"

namespace hugang::node {
namespace {

using namespace testing;

/// A sequencer on a small ledger, its entries kept in a journal.
class SequencerTest : public ::testing::Test {
 protected:
  SequencerTest() {
    for (auto& step : small_ledger()) {
      EXPECT_TRUE(sequencer_.fits(step));
      sequencer_.add(std::move(step), nobody());
    }
    auto entry = cut(at_ms(0));
    EXPECT_TRUE(entry.has_value());
    for (const auto& outcome : entry->effects.outcomes) EXPECT_EQ(outcome.code, machine::Code::kOk);
  }

  std::optional<PreparedEntry> cut(base::Timestamp wall_clock) {
    auto entry = sequencer_.cut(wall_clock);
    if (entry) {
      const ledger::ByteSpan bytes{entry->bytes};
      EXPECT_TRUE(journal_.append(std::span{&bytes, 1}).has_value());
    }
    return entry;
  }

  /// The groups of an entry.
  static std::vector<wire::GroupView> groups(const PreparedEntry& entry) {
    auto read = wire::read_batch(entry.commands());
    EXPECT_TRUE(read.has_value());
    return std::move(*read);
  }

  void add(Submission submission) { sequencer_.add(std::move(submission), nobody()); }
  void add(const wire::Transfer& record, base::ParticipantId caller = kOperator) {
    add(one_transfer(record, caller));
  }

  ledger::MemoryJournal journal_{kNode};
  Sequencer sequencer_{empty_machine(), kNode, {}};
};

TEST_F(SequencerTest, GivesStrictlyIncreasingTimesWhenTheClockJumpsBack) {
  add(transfer(1, 1, 2, 10));
  add(transfer(2, 1, 2, 10));
  const auto first = cut(at_ms(1'000));
  add(transfer(3, 1, 2, 10));
  const auto second = cut(at_ms(10));  // 990 ms back
  add(transfer(4, 1, 2, 10));
  const auto third = cut(at_ms(1'000));
  add(transfer(5, 1, 2, 10));
  const auto fourth = cut(at_ms(2'000));

  EXPECT_EQ(first->at, at_ms(1'000));
  EXPECT_EQ(second->at, at_ms(1'000) + base::Duration::nanoseconds(2));  // behind two commands
  EXPECT_EQ(third->at, at_ms(1'000) + base::Duration::nanoseconds(3));
  EXPECT_EQ(fourth->at, at_ms(2'000));
  EXPECT_EQ(fourth->seqno.value(), first->seqno.value() + 3);
}

TEST_F(SequencerTest, PutsLoneTransfersOfOneCallerIntoOneGroup) {
  for (std::uint64_t i = 1; i <= 5; ++i) add(transfer(i, 1, 2, 10));
  const auto entry = cut(at_ms(1));
  const auto read = groups(*entry);
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].count, 5u);
  EXPECT_EQ(read[0].caller, kOperator);
  EXPECT_EQ(wire::read_record<wire::Transfer>(read[0].record(3)).id, id(4));
}

TEST_F(SequencerTest, KeepsCallersAndKindsApart) {
  add(transfer(1, 1, 2, 10));
  add(transfer(2, 2, 3, 5), kBank);
  wire::OpenAccount open;
  open.id = id(3);
  open.owner = kBank;
  open.asset = kECny;
  open.flags = wire::account_flag::kNoDebitBalance;
  add(submission(wire::CommandKind::kOpenAccount, kBank, open));
  const auto entry = cut(at_ms(1));
  const auto read = groups(*entry);
  ASSERT_EQ(read.size(), 3u);
  EXPECT_EQ(read[0].caller, kOperator);
  EXPECT_EQ(read[1].caller, kBank);
  EXPECT_EQ(read[2].kind, wire::CommandKind::kOpenAccount);
}

TEST_F(SequencerTest, KeepsABatchOfTransfersInAGroupOfItsOwn) {
  const wire::Transfer batch[] = {transfer(1, 1, 2, 10), transfer(2, 1, 2, 10)};
  add(transfer(3, 1, 2, 10));
  add(submission(wire::CommandKind::kTransfer, kOperator, std::span<const wire::Transfer>{batch}));
  add(transfer(4, 1, 2, 10));
  add(transfer(5, 1, 2, 10));
  const auto entry = cut(at_ms(1));
  const auto read = groups(*entry);
  ASSERT_EQ(read.size(), 3u);
  EXPECT_EQ(read[0].count, 1u);
  EXPECT_EQ(read[1].count, 2u);
  EXPECT_EQ(read[2].count, 2u);
}

Submission instructions(std::initializer_list<std::size_t> details, std::uint64_t first_id) {
  Submission made{.kind = wire::CommandKind::kInstruct, .caller = kBank, .count = 0, .records = {}};
  for (const std::size_t bytes : details) {
    wire::InstructHead head;
    head.id = id(first_id + made.count);
    const base::Bytes text(bytes, std::byte{'t'});
    wire::append_instruct(made.records, head, std::vector<wire::Leg>(1), text);
    made.count += 1;
  }
  return made;
}

TEST_F(SequencerTest, PutsInstructionsOfOneSizeIntoOneGroup) {
  add(instructions({0}, 1));
  add(instructions({0, 0, 40}, 2));
  add(instructions({40, 40}, 5));
  add(transfer(7, 1, 2, 10));
  add(instructions({0}, 8));
  const auto entry = cut(at_ms(1));
  const auto read = groups(*entry);
  ASSERT_EQ(read.size(), 4u);
  EXPECT_EQ(read[0].count, 3u);
  EXPECT_EQ(read[1].count, 3u);
  EXPECT_EQ(read[2].kind, wire::CommandKind::kTransfer);
  EXPECT_EQ(read[3].count, 1u);
  EXPECT_EQ(wire::decode_instruct(read[1].record(2))->head.id, id(6));
  EXPECT_EQ(entry->effects.outcomes.size(), 8u);
}

TEST_F(SequencerTest, TakesABatchOfInstructionsOnlyWhole) {
  Submission batch = instructions({0, 24}, 1);
  EXPECT_TRUE(is_well_formed(batch));
  batch.count = 3;
  EXPECT_FALSE(is_well_formed(batch));
  batch.count = 2;
  batch.records.resize(batch.records.size() - 8);
  EXPECT_FALSE(is_well_formed(batch));
}

TEST_F(SequencerTest, NeverLetsALinkedChainReachIntoTheNextSubmission) {
  add(transfer(1, 1, 2, 10, wire::transfer_flag::kLinked));  // an open chain: refused
  add(transfer(2, 1, 2, 10));                                // of somebody who linked nothing
  const auto entry = cut(at_ms(1));
  ASSERT_EQ(groups(*entry).size(), 2u);
  EXPECT_EQ(entry->effects.outcomes[0].code, machine::Code::kLinkedChainOpen);
  EXPECT_EQ(entry->effects.outcomes[1].code, machine::Code::kOk);
}

TEST_F(SequencerTest, SaysWhenASubmissionHasNoRoom) {
  Sequencer sequencer{empty_machine(), kNode, {}, {.commands_max = 3, .section_bytes_max = 400}};
  const wire::Transfer two[] = {transfer(1, 1, 2, 10), transfer(2, 1, 2, 10)};
  const auto pair =
      submission(wire::CommandKind::kTransfer, kOperator, std::span<const wire::Transfer>{two});
  sequencer.add(pair, nobody());
  EXPECT_FALSE(sequencer.is_full());
  EXPECT_EQ(sequencer.room_commands(), 1u);
  EXPECT_FALSE(sequencer.fits(pair));                                // commands
  EXPECT_TRUE(sequencer.fits(one_transfer(transfer(3, 1, 2, 10))));  // 2 * 32 + 3 * 96 bytes
  wire::RegisterParticipant large;
  EXPECT_FALSE(sequencer.fits(
      submission(wire::CommandKind::kRegisterParticipant, kOperator, large)));  // bytes
  sequencer.add(one_transfer(transfer(3, 1, 2, 10)), nobody());
  EXPECT_TRUE(sequencer.is_full());
  ASSERT_TRUE(sequencer.cut(at_ms(1)).has_value());
  EXPECT_TRUE(sequencer.is_empty());
}

TEST_F(SequencerTest, TakesASubmissionThatIsAloneHoweverLarge) {
  Sequencer sequencer{empty_machine(), kNode, {}, {.commands_max = 1, .section_bytes_max = 1}};
  std::vector<wire::Transfer> many;
  for (std::uint64_t i = 1; i <= 100; ++i) many.push_back(transfer(i, 1, 2, 1));
  const auto large =
      submission(wire::CommandKind::kTransfer, kOperator, std::span<const wire::Transfer>{many});
  ASSERT_TRUE(sequencer.fits(large));
  sequencer.add(large, nobody());
  EXPECT_EQ(sequencer.cut(at_ms(1))->command_count(), 100u);
}

TEST_F(SequencerTest, CutsNothingWhenNothingWaitsOrIsDue) {
  EXPECT_FALSE(sequencer_.cut(at_ms(1)).has_value());
}

TEST_F(SequencerTest, TicksWhenAHoldEnds) {
  add(transfer(1, 1, 2, 100));
  auto hold = transfer(2, 2, 3, 40, wire::transfer_flag::kHold);
  hold.expires_at = at_ms(500);
  add(hold, kBank);
  ASSERT_TRUE(cut(at_ms(1)).has_value());
  EXPECT_EQ(sequencer_.next_due(), at_ms(500));
  EXPECT_FALSE(sequencer_.is_due(at_ms(499)));
  EXPECT_FALSE(cut(at_ms(499)).has_value());

  Heard heard;
  sequencer_.add(one_transfer(transfer(3, 1, 2, 1)), heard.callback());
  auto entry = cut(at_ms(500));
  ASSERT_TRUE(entry.has_value());
  const auto read = groups(*entry);
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].kind, wire::CommandKind::kTick);
  EXPECT_EQ(read[0].caller, kNodeCaller);
  EXPECT_TRUE(sequencer_.state().holds.empty());
  EXPECT_FALSE(sequencer_.next_due().has_value());

  release(std::move(*entry), {});
  ASSERT_TRUE(heard.was_answered());  // the tick's outcome is nobody's
  EXPECT_EQ((*heard.result)->outcomes.size(), 1u);
  EXPECT_EQ((*heard.result)->outcomes[0].value, 1u);
  EXPECT_EQ((*heard.result)->first_at, at_ms(500) + base::Duration::nanoseconds(1));
}

TEST_F(SequencerTest, AnswersARetryAsBefore) {
  add(transfer(1, 1, 2, 10));
  const auto first = cut(at_ms(1));
  add(transfer(1, 1, 2, 10));
  add(transfer(1, 1, 2, 11));
  const auto again = cut(at_ms(2));
  EXPECT_EQ(again->effects.outcomes[0].code, machine::Code::kOk);
  EXPECT_EQ(again->effects.outcomes[0].flags, wire::outcome_flag::kRepeated);
  EXPECT_EQ(again->effects.outcomes[0].at, first->at);
  EXPECT_EQ(again->effects.outcomes[1].code, machine::Code::kIdUsedForOtherContent);
  EXPECT_TRUE(sequencer_.state().account(base::AccountIndex{2}).balance.credits_posted == 10);
}

TEST_F(SequencerTest, WritesEntriesThatReplayToTheSameState) {
  add(transfer(1, 1, 2, 10));
  ASSERT_TRUE(cut(at_ms(1)).has_value());
  add(transfer(2, 2, 3, 7), kBank);
  ASSERT_TRUE(cut(at_ms(2)).has_value());
  EXPECT_EQ(journal_.last_seqno(), sequencer_.state().last_seqno);
  EXPECT_EQ(journal_.last_checksum(), sequencer_.last_checksum());

  const auto recovered = ledger::recover(journal_, {&crypto::sha256, &crypto::chain_next});
  ASSERT_TRUE(recovered.has_value()) << recovered.error().sentence;
  EXPECT_EQ(ledger::state_digest(recovered->machine.state()),
            ledger::state_digest(sequencer_.state()));
}

/// Notes the order in which an entry is told.
class NotingListener final : public DurableListener {
 public:
  explicit NotingListener(std::vector<std::string>& notes) : notes_{notes} {}
  void on_durable(const DurableEntry& entry) override {
    notes_.push_back("listener " + std::to_string(entry.outcomes.size()));
    const auto read = wire::read_batch(entry.commands);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->size(), 2u);
  }

 private:
  std::vector<std::string>& notes_;
};

TEST_F(SequencerTest, TellsListenersFirstAndGivesEachCallerItsOwnOutcomes) {
  std::vector<std::string> notes;
  std::vector<Answer> answers;
  const auto note = [&](std::expected<Answer, SubmitError> answer) {
    notes.emplace_back("answer");
    answers.push_back(std::move(*answer));
  };
  const wire::Transfer batch[] = {transfer(1, 1, 2, 10), transfer(2, 1, 2, 20)};
  sequencer_.add(
      submission(wire::CommandKind::kTransfer, kOperator, std::span<const wire::Transfer>{batch}),
      note);
  sequencer_.add(one_transfer(transfer(3, 1, 2, 30)), note);
  auto entry = cut(at_ms(7));
  ASSERT_TRUE(entry.has_value());
  EXPECT_TRUE(answers.empty());

  NotingListener listener{notes};
  DurableListener* const listeners[] = {&listener};
  const base::Seqno seqno = entry->seqno;
  release(std::move(*entry), listeners);
  EXPECT_EQ(notes, (std::vector<std::string>{"listener 3", "answer", "answer"}));
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0].seqno, seqno);
  ASSERT_EQ(answers[0].outcomes.size(), 2u);
  EXPECT_EQ(answers[0].outcomes[1].value, 20u);
  EXPECT_EQ(answers[0].first_at, at_ms(7));
  ASSERT_EQ(answers[1].outcomes.size(), 1u);
  EXPECT_EQ(answers[1].outcomes[0].value, 30u);
  EXPECT_EQ(answers[1].first_at, at_ms(7) + base::Duration::nanoseconds(2));
}

TEST(Submissions, AreWellFormedOnlyWhenCountKindAndSizeFit) {
  auto good = one_transfer(transfer(1, 1, 2, 10));
  EXPECT_TRUE(is_well_formed(good));
  auto none = good;
  none.count = 0;
  EXPECT_FALSE(is_well_formed(none));
  auto two = good;
  two.count = 2;
  EXPECT_FALSE(is_well_formed(two));
  auto cut_short = good;
  cut_short.records.pop_back();
  EXPECT_FALSE(is_well_formed(cut_short));
  auto unknown = good;
  unknown.kind = static_cast<wire::CommandKind>(999);
  EXPECT_FALSE(is_well_formed(unknown));
  Submission variable{
      .kind = wire::CommandKind::kPeerEnvelope, .caller = kNodeCaller, .records = {}};
  variable.records.resize(12);
  EXPECT_FALSE(is_well_formed(variable));
  variable.records.resize(16);
  EXPECT_TRUE(is_well_formed(variable));
  variable.records.resize(kSubmissionBytesMax + 8);
  EXPECT_FALSE(is_well_formed(variable));
}

TEST_F(SequencerTest, TicksInEntriesOfTheirOwnWhenVeryMuchFallsDueAtOnce) {
  constexpr std::uint64_t kHolds = 2 * machine::kDuePerTickMax + 100;
  const base::Timestamp expiry = at_ms(5'000);
  for (std::uint64_t i = 0; i < kHolds; ++i) {
    wire::Transfer hold = transfer(1'000 + i, 1, 2, 1);
    hold.flags = wire::transfer_flag::kHold;
    hold.expires_at = expiry;
    if (!sequencer_.fits(one_transfer(hold, kOperator))) (void)cut(at_ms(10));
    add(hold);
  }
  (void)cut(at_ms(10));
  ASSERT_EQ(sequencer_.state().holds.size(), kHolds);

  // The clock stands just before the expiry: it is passed inside the next entry.
  const base::Timestamp before{expiry.ns() - 1};
  add(transfer(1, 1, 2, 1));
  add(transfer(2, 1, 2, 1));
  const auto first = cut(before);
  EXPECT_TRUE(first->replies.empty());
  EXPECT_EQ(sequencer_.state().holds.size(), kHolds - machine::kDuePerTickMax);
  EXPECT_TRUE(cut(before)->replies.empty());
  EXPECT_EQ(sequencer_.state().holds.size(), 100u);
  const auto last = cut(before);
  EXPECT_EQ(last->replies.size(), 2u);
  EXPECT_TRUE(sequencer_.state().holds.empty());
  EXPECT_TRUE(sequencer_.is_empty());
}

}  // namespace
}  // namespace hugang::node
