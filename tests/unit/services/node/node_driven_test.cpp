// A node without threads: its stages go on one by one, in whatever order the driver likes.
#include <gtest/gtest.h>

#include "ledger/memory_journal.hpp"
#include "services/node/node.hpp"
#include "tests/unit/services/node/ledger_fixture.hpp"

namespace hugang::node {
namespace {

using namespace testing;

class DrivenNode : public ::testing::Test, protected DurableListener {
 protected:
  DrivenNode() {
    node_.add_listener(*this);
    for (auto& step : small_ledger()) node_.submit(std::move(step), [](const auto&) {});
    while (run_any()) {
    }
    told_.clear();
  }

  void on_durable(const DurableEntry& entry) override { told_.push_back(entry.seqno); }

  bool run_any() {
    return node_.run_ready(Stage::kCore) || node_.run_ready(Stage::kJournal) ||
           node_.run_ready(Stage::kRelease) || node_.run_ready(Stage::kCheckpoint);
  }
  /// A transfer whose answer sets `is_answered`.
  void submit(std::uint64_t number, bool& is_answered) {
    node_.submit(one_transfer(transfer(number, 1, 2, 5)),
                 [&is_answered](const auto& answer) { is_answered = answer.has_value(); });
  }

  static NodeSettings settings() {
    NodeSettings settings;
    settings.checkpoint.entries = 2;
    return settings;
  }

  ledger::MemoryJournal journal_{kNode};
  ManualClock clock_{at_ms(0)};
  bool has_failed_ = false;
  Node node_{settings(), journal_, clock_, empty_machine(),
             [this](const ledger::LedgerError&) { has_failed_ = true; }};
  std::vector<base::Seqno> told_;
};

TEST_F(DrivenNode, TellsNobodyBeforeTheEntryIsDurable) {
  const auto before = journal_.last_seqno();
  bool is_answered = false;
  submit(1, is_answered);
  EXPECT_FALSE(node_.is_ready(Stage::kJournal));
  EXPECT_TRUE(node_.run_ready(Stage::kCore));
  EXPECT_EQ(node_.state().last_seqno.value(), before.value() + 1) << "applied";
  EXPECT_EQ(journal_.last_seqno(), before) << "and not written";
  EXPECT_FALSE(node_.run_ready(Stage::kRelease));
  EXPECT_TRUE(node_.run_ready(Stage::kJournal));
  EXPECT_EQ(journal_.last_seqno().value(), before.value() + 1);
  EXPECT_FALSE(is_answered);
  EXPECT_TRUE(told_.empty());
  EXPECT_TRUE(node_.run_ready(Stage::kRelease));
  EXPECT_TRUE(is_answered);
  EXPECT_EQ(told_.size(), 1u);
}

TEST_F(DrivenNode, WritesACheckpointOnlyWhenItsEntryIsDurable) {
  bool is_answered = false;
  submit(1, is_answered);
  ASSERT_TRUE(node_.run_ready(Stage::kCore));
  EXPECT_FALSE(node_.is_ready(Stage::kCheckpoint));
  ASSERT_TRUE(node_.run_ready(Stage::kJournal));
  EXPECT_TRUE(node_.run_ready(Stage::kCheckpoint));
  EXPECT_EQ(node_.status().checkpoint->seqno, journal_.last_seqno());
}

TEST_F(DrivenNode, HasNothingToDoAtRest) {
  for (const Stage stage : {Stage::kCore, Stage::kJournal, Stage::kRelease, Stage::kCheckpoint}) {
    EXPECT_FALSE(node_.is_ready(stage));
    EXPECT_FALSE(node_.run_ready(stage));
  }
}

TEST_F(DrivenNode, StandsStillAfterAFailedWrite) {
  bool is_answered = false;
  submit(1, is_answered);
  ASSERT_TRUE(node_.run_ready(Stage::kCore));
  journal_.set_fault_hook([](base::Seqno) { return ledger::AppendFault::kRefused; });
  EXPECT_TRUE(node_.run_ready(Stage::kJournal));
  EXPECT_TRUE(has_failed_);
  EXPECT_FALSE(run_any());
  EXPECT_FALSE(is_answered);
}

}  // namespace
}  // namespace hugang::node
