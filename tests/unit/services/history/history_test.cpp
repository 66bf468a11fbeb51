// The account index beside a node: it catches up, follows, is made again when it is damaged, and
// answers or says why not.
#include "services/history/history.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "ledger/memory_journal.hpp"
#include "tests/unit/ledger/history_reader.hpp"
#include "tests/unit/ledger/small_ledger.hpp"
#include "tests/unit/ledger/temporary_directory.hpp"

namespace hugang::history {
namespace {

using namespace std::chrono_literals;
using ledger::test::SmallLedger;
using testing::Contains;
using testing::HasSubstr;

constexpr std::uint32_t kAccounts = 8;

class HistoryTest : public ::testing::Test {
 protected:
  HistoryTest() { ledger_.begin(kAccounts); }
  ~HistoryTest() override {
    if (history_) history_->stop();
  }

  void start(std::uint32_t questions_max = 1'024) {
    history_ = std::make_unique<History>(
        HistoryOptions{.directory = directory_.path() / "index",
                       .index = {.run_rows = 30, .tables = {.cache_bytes = 1 << 20}},
                       .questions_max = questions_max},
        journal_, [this](const std::string& sentence, bool) {
          const std::lock_guard lock{mutex_};
          sentences_.push_back(sentence);
        });
    told_ = journal_.last_seqno();
    history_->start();
  }
  /// As a node does: what became durable since the last call.
  void tell() {
    const auto cursor = journal_.read_from(base::Seqno{told_.value() + 1});
    for (auto entry = cursor->next(); *entry != nullptr; entry = cursor->next()) {
      std::vector<wire::Outcome> outcomes;
      for (std::uint32_t i = 0; i < (*entry)->head.command_count; ++i) {
        outcomes.push_back((*entry)->outcome(i));
      }
      history_->on_durable({.seqno = (*entry)->head.seqno,
                            .at = (*entry)->head.at,
                            .commands = (*entry)->commands,
                            .outcomes = outcomes,
                            .events = (*entry)->events});
      told_ = (*entry)->head.seqno;
    }
  }
  void trade(std::uint32_t entries) {
    ledger_.trade(entries, kAccounts, ++salt_);
    tell();
  }

  std::expected<Page, HistoryError> ask(PageQuestion question) {
    std::promise<std::expected<Page, HistoryError>> answer;
    history_->page(question, [&](auto page) { answer.set_value(std::move(page)); });
    return answer.get_future().get();
  }
  /// Waits while it is made.
  std::vector<Posting> history(std::uint32_t account) {
    std::vector<Posting> all;
    PageQuestion question{
        .account = base::AccountIndex{account}, .from = {}, .to = {}, .before = 0, .limit = 50};
    const auto give_up = std::chrono::steady_clock::now() + 30s;
    for (;;) {
      const auto page = ask(question);
      if (!page) {
        EXPECT_EQ(page.error(), HistoryError::kBuilding);
        EXPECT_LT(std::chrono::steady_clock::now(), give_up);
        if (page.error() != HistoryError::kBuilding) return {};
        std::this_thread::yield();
        continue;
      }
      all.insert(all.end(), page->postings.begin(), page->postings.end());
      if (!page->has_more) return all;
      question.before = page->postings.back().order;
    }
  }
  void wait_for_runs(std::uint64_t count) {
    const auto give_up = std::chrono::steady_clock::now() + 30s;
    while (history_->status().index.runs < count) {
      ASSERT_LT(std::chrono::steady_clock::now(), give_up);
      std::this_thread::yield();
    }
  }
  void expect_right() {
    for (std::uint32_t account = 1; account <= kAccounts + 1; ++account) {
      EXPECT_TRUE(ledger::test::sum_of(history(account)) ==
                  ledger_.state().account(base::AccountIndex{account}).balance)
          << "account " << account;
    }
  }
  std::vector<std::string> sentences() {
    const std::lock_guard lock{mutex_};
    return sentences_;
  }

  hugang::test::TemporaryDirectory directory_;
  ledger::MemoryJournal journal_{ledger::test::kSelf};
  SmallLedger ledger_{journal_};
  std::mutex mutex_;
  std::vector<std::string> sentences_;
  std::unique_ptr<History> history_;
  base::Seqno told_;
  std::uint64_t salt_ = 0;
};

TEST_F(HistoryTest, CatchesUpAndFollows) {
  ledger_.trade(100, kAccounts, 99);
  start();
  expect_right();
  for (int i = 0; i < 20; ++i) {
    trade(7);
    EXPECT_EQ(history_->status().seqno, journal_.last_seqno()) << "as soon as it was told";
    expect_right();
  }
  wait_for_runs(2);
  expect_right();
  EXPECT_TRUE(history_->status().is_live);
}

TEST_F(HistoryTest, EntriesThatComeWhileItCatchesUpAreInIt) {
  for (int i = 0; i < 10; ++i) {
    if (history_) history_->stop();
    std::filesystem::remove_all(directory_.path() / "index");
    start();
    trade(60);  // beside the thread that reads the journal from its beginning
    expect_right();
  }
}

TEST_F(HistoryTest, GoesOnAfterARestart) {
  start();
  for (int i = 0; i < 6; ++i) {
    trade(40);
    expect_right();
    history_->stop();
    ledger_.trade(3, kAccounts, 1'000 + static_cast<std::uint64_t>(i));  // the index is behind
    start();
    expect_right();
  }
  EXPECT_THAT(sentences(), testing::Each(HasSubstr("is complete")));
}

TEST_F(HistoryTest, ADamagedTableIsMadeAgainBesideTheNode) {
  start();
  trade(200);
  expect_right();
  wait_for_runs(2);
  history_->stop();
  for (const auto& file : std::filesystem::directory_iterator{directory_.path() / "index"}) {
    if (file.path().extension() != ".sst" || std::filesystem::file_size(file) < 1'500) continue;
    std::fstream bytes{file.path(), std::ios::in | std::ios::out | std::ios::binary};
    bytes.seekg(200);
    const auto old = static_cast<char>(bytes.get());
    bytes.seekp(200);
    bytes.put(static_cast<char>(old ^ 0x10));
  }
  start();
  trade(1);
  expect_right();
  trade(50);
  expect_right();
  EXPECT_THAT(sentences(), Contains(HasSubstr("damaged")));
}

TEST_F(HistoryTest, WhatCannotBeWrittenStopsTheIndexAndNothingElse) {
  // A file where its directory should be.
  std::ofstream{directory_.path() / "index"} << "in the way";
  start();
  const auto give_up = std::chrono::steady_clock::now() + 30s;
  while (!history_->status().has_failed) {
    ASSERT_LT(std::chrono::steady_clock::now(), give_up);
    std::this_thread::yield();
  }
  const auto page =
      ask({.account = base::AccountIndex{1}, .from = {}, .to = {}, .before = 0, .limit = 1});
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error(), HistoryError::kFailed);
  trade(5);  // goes on
}

TEST_F(HistoryTest, TransfersAreFoundWithAndWithoutTheIndex) {
  ledger_.trade(30, kAccounts, 3);
  start();
  const auto bytes = journal_.read(base::Seqno{10});
  ASSERT_TRUE(bytes.has_value());
  const auto entry = ledger::decode_entry(*bytes);
  ASSERT_TRUE(entry.has_value());
  const base::Timestamp at = entry->head.at + base::Duration::nanoseconds(7);
  for (int i = 0; i < 3; ++i) {
    std::promise<std::optional<JournaledTransfer>> answer;
    history_->find_transfer(at, [&](auto found) { answer.set_value(found.value()); });
    const auto found = answer.get_future().get();
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->seqno, base::Seqno{10});
    EXPECT_EQ(found->index, 7u);
    expect_right();  // from now on it is there
  }
}

TEST_F(HistoryTest, RefusesWhatIsTooMuchAndWhatComesTooLate) {
  start(2);
  expect_right();
  std::promise<void> go_on;
  const auto may_go_on = go_on.get_future().share();
  std::promise<void> is_asked;
  const PageQuestion question{
      .account = base::AccountIndex{1}, .from = {}, .to = {}, .before = 0, .limit = 1};
  history_->page(question, [&](auto) {
    is_asked.set_value();
    may_go_on.wait();
  });
  is_asked.get_future().wait();
  int answered = 0;
  std::promise<void> both;
  for (int i = 0; i < 2; ++i) {
    history_->page(question, [&](auto page) {
      EXPECT_TRUE(page.has_value());
      if (++answered == 2) both.set_value();
    });
  }
  EXPECT_EQ(ask(question).error(), HistoryError::kOverloaded);
  go_on.set_value();
  both.get_future().wait();
  history_->stop();
  EXPECT_EQ(ask(question).error(), HistoryError::kStopping);
}

}  // namespace
}  // namespace hugang::history
