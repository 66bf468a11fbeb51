#include "services/node/node.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <map>
#include <thread>

#include "ledger/memory_journal.hpp"
#include "ledger/recovery.hpp"
#include "tests/unit/services/node/ledger_fixture.hpp"

namespace hugang::node {
namespace {

using namespace testing;
using ledger::AppendFault;
using Result = std::expected<Answer, SubmitError>;

/// Holds the journal's thread inside append until it is opened.
class Gate {
 public:
  void close() {
    const std::lock_guard lock{mutex_};
    is_open_ = false;
  }
  void open() {
    const std::lock_guard lock{mutex_};
    is_open_ = true;
    changed_.notify_all();
  }
  /// For the journal: notes that it arrived and waits.
  void pass() {
    std::unique_lock lock{mutex_};
    arrivals_ += 1;
    changed_.notify_all();
    changed_.wait(lock, [this] { return is_open_; });
  }
  void wait_for_arrivals(int count) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return arrivals_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_open_ = true;
  int arrivals_ = 0;
};

/// A started node on the small ledger, over a journal that can be held up. The parameter: whether
/// the core thread carries small entries through by itself.
class NodeTest : public ::testing::TestWithParam<bool> {
 protected:
  void make(NodeSettings settings = {}) {
    if (!GetParam()) settings.flight.carry_bytes_max = 0;
    journal_.set_fault_hook([this](base::Seqno) {
      gate_.pass();
      return fault_.load();
    });
    node_.emplace(settings, journal_, clock_, empty_machine(),
                  [this](const ledger::LedgerError& error) { fatal_.set_value(error.sentence); });
    std::vector<std::future<Result>> answers;
    for (auto& step : small_ledger()) answers.push_back(submit(std::move(step)));
    node_->start();
    for (auto& answer : answers) EXPECT_EQ(code_of(answer), machine::Code::kOk);
    EXPECT_EQ(journal_.last_seqno(), base::Seqno{1});  // what waits before the start is one entry
  }

  /// A failed claim must not leave the journal's thread waiting for ever.
  void TearDown() override { gate_.open(); }

  std::future<Result> submit(Submission submission) {
    auto promise = std::make_shared<std::promise<Result>>();
    auto future = promise->get_future();
    node_->submit(std::move(submission),
                  [promise](Result result) { promise->set_value(std::move(result)); });
    return future;
  }

  std::future<Result> pay(std::uint64_t number, std::int64_t minor = 1) {
    return submit(one_transfer(transfer(number, 1, 2, minor)));
  }

  static machine::Code code_of(std::future<Result>& future) {
    const Result result = future.get();
    EXPECT_TRUE(result.has_value());
    return result ? result->outcomes.at(0).code : machine::Code::kCapacity;
  }

  static bool is_ready(const std::future<Result>& future) {
    return future.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
  }

  /// The posted credits of account 2, and the entry that was read.
  std::pair<std::uint64_t, base::Seqno> read_balance() {
    std::promise<std::pair<std::uint64_t, base::Seqno>> promise;
    node_->read(
        [&promise](const machine::State& state) {
          const auto credits =
              base::low64(state.account(base::AccountIndex{2}).balance.credits_posted);
          return [&promise, credits](base::Seqno seqno) { promise.set_value({credits, seqno}); };
        },
        [&promise](SubmitError) { promise.set_value({0, base::Seqno{}}); });
    return promise.get_future().get();
  }

  ledger::MemoryJournal journal_{kNode};
  ManualClock clock_{at_ms(0)};
  Gate gate_;
  std::atomic<AppendFault> fault_{AppendFault::kNone};
  std::promise<std::string> fatal_;
  std::optional<Node> node_;
};

TEST_P(NodeTest, AnswersOnlyWhenTheEntryIsDurable) {
  make();
  gate_.close();
  auto answer = pay(1);
  gate_.wait_for_arrivals(2);  // the first was the ledger's beginning
  EXPECT_FALSE(is_ready(answer));
  EXPECT_EQ(node_->status().durable_seqno, base::Seqno{1});
  gate_.open();
  EXPECT_EQ(code_of(answer), machine::Code::kOk);
  EXPECT_EQ(node_->status().durable_seqno, base::Seqno{2});
}

TEST_P(NodeTest, GathersACrowdIntoFewEntriesWhileTheJournalIsBusy) {
  make();
  gate_.close();
  std::vector<std::future<Result>> answers;
  answers.push_back(pay(1));
  gate_.wait_for_arrivals(2);
  for (std::uint64_t i = 2; i <= 1'000; ++i) answers.push_back(pay(i));
  gate_.open();
  for (auto& answer : answers) EXPECT_EQ(code_of(answer), machine::Code::kOk);
  // The first alone, at most one while the journal was away, then all that had come.
  EXPECT_LE(journal_.last_seqno().value(), 1u + 3u);
  EXPECT_EQ(read_balance().first, 1'000u);
}

TEST_P(NodeTest, RefusesAtOnceWhatTheQueueCannotHold) {
  NodeSettings settings;
  settings.queue.commands_max = kSubmissionCommandsMax;
  settings.flight.entries_max = 1;
  make(settings);
  gate_.close();
  std::vector<std::future<Result>> admitted;
  admitted.push_back(pay(1));
  gate_.wait_for_arrivals(2);
  // Nothing leaves the queue now but what the next batch takes.
  std::uint64_t number = 2;
  std::optional<Result> refused;
  while (!refused) {
    auto answer = pay(number++);
    if (is_ready(answer)) {
      refused = answer.get();
    } else {
      admitted.push_back(std::move(answer));
    }
    ASSERT_LE(number, 2 * kSubmissionCommandsMax + 10);
  }
  EXPECT_EQ(refused->error(), SubmitError::kOverloaded);
  EXPECT_EQ(node_->status().submissions_overloaded_total, 1u);
  EXPECT_LE(node_->status().queued_commands, kSubmissionCommandsMax);
  gate_.open();
  for (auto& answer : admitted) EXPECT_EQ(code_of(answer), machine::Code::kOk);
  EXPECT_EQ(read_balance().first, admitted.size());
  EXPECT_EQ(node_->status().queued_commands, 0u);
  EXPECT_EQ(node_->status().queued_bytes, 0u);
}

TEST_P(NodeTest, BoundsTheQueueInBytesToo) {
  NodeSettings settings;
  settings.queue.bytes_max = kSubmissionBytesMax;
  settings.flight.entries_max = 1;
  make(settings);
  gate_.close();
  auto first = pay(1);
  gate_.wait_for_arrivals(2);
  Submission large{.kind = wire::CommandKind::kPeerEnvelope, .caller = kNodeCaller, .records = {}};
  large.records.resize(kSubmissionBytesMax / 8 * 8 - 800);
  std::vector<std::future<Result>> answers;
  bool was_refused = false;
  for (int i = 0; i < 3 && !was_refused; ++i) {  // one may have gone on into the batch
    answers.push_back(submit(large));
    was_refused = is_ready(answers.back());
  }
  ASSERT_TRUE(was_refused);
  EXPECT_EQ(answers.back().get().error(), SubmitError::kOverloaded);
  answers.pop_back();
  gate_.open();
  for (auto& answer : answers) EXPECT_TRUE(answer.get().has_value());
  EXPECT_EQ(code_of(first), machine::Code::kOk);
}

TEST_P(NodeTest, FinishesAndAnswersWhatWasAdmittedWhenItStops) {
  make();
  gate_.close();
  std::vector<std::future<Result>> answers;
  for (std::uint64_t i = 1; i <= 50; ++i) answers.push_back(pay(i));
  gate_.wait_for_arrivals(2);
  std::thread stopper{[this] { node_->stop(); }};
  while (!node_->status().is_stopping) std::this_thread::yield();
  auto late = pay(1'000);
  ASSERT_TRUE(is_ready(late));
  EXPECT_EQ(late.get().error(), SubmitError::kStopping);
  EXPECT_EQ(read_balance().second, base::Seqno{});  // refused as well
  gate_.open();
  stopper.join();
  for (auto& answer : answers) {
    ASSERT_TRUE(is_ready(answer));
    EXPECT_EQ(code_of(answer), machine::Code::kOk);
  }
  const auto checkpoints = journal_.checkpoints();
  ASSERT_TRUE(checkpoints.has_value());
  ASSERT_FALSE(checkpoints->empty());
  EXPECT_EQ(checkpoints->front().seqno, journal_.last_seqno());
}

TEST_P(NodeTest, AnswersNothingAfterAFailedAppend) {
  make();
  fault_ = AppendFault::kRefused;
  auto answer = pay(1);
  EXPECT_FALSE(fatal_.get_future().get().empty());
  auto late = pay(2);
  ASSERT_TRUE(is_ready(late));
  EXPECT_EQ(late.get().error(), SubmitError::kStopping);
  node_->stop();
  EXPECT_TRUE(node_->status().has_failed);
  node_.reset();
  // The callback went without being called: its promise is broken.
  EXPECT_THROW((void)answer.get(), std::future_error);
}

TEST_P(NodeTest, DoesNotBeginWhatNobodyWaitsForAnyMore) {
  make();
  auto submission = one_transfer(transfer(1, 1, 2, 10));
  submission.give_up = std::chrono::steady_clock::now() - std::chrono::milliseconds{1};
  auto answer = submit(std::move(submission));
  EXPECT_EQ(answer.get().error(), SubmitError::kDeadlineExceeded);
  EXPECT_EQ(read_balance().first, 0u);
  EXPECT_EQ(node_->status().submissions_expired_total, 1u);
  EXPECT_EQ(node_->status().queued_commands, 0u);
}

TEST_P(NodeTest, GivesAReadOnlyWhatIsDurable) {
  make();
  gate_.close();
  auto paid = pay(1, 7);
  gate_.wait_for_arrivals(2);
  auto read = std::async(std::launch::async, [this] { return read_balance(); });
  EXPECT_EQ(read.wait_for(std::chrono::milliseconds{20}), std::future_status::timeout);
  gate_.open();
  const auto [credits, seqno] = read.get();
  EXPECT_EQ(credits, 7u);
  EXPECT_EQ(seqno, base::Seqno{2});
  EXPECT_TRUE(is_ready(paid));  // the entry before the read was answered first
}

TEST_P(NodeTest, TicksByItselfWhenAHoldEnds) {
  make();
  auto funded = pay(1, 100);
  EXPECT_EQ(code_of(funded), machine::Code::kOk);
  auto hold = transfer(2, 2, 3, 40, wire::transfer_flag::kHold);
  hold.expires_at = at_ms(60'000);
  auto held = submit(one_transfer(hold, kBank));
  EXPECT_EQ(code_of(held), machine::Code::kOk);
  const auto before = node_->status().durable_seqno;
  clock_.set(at_ms(60'000));
  node_->wake();
  while (node_->status().durable_seqno == before) std::this_thread::yield();
  auto late = transfer(3, 0, 0, 0, wire::transfer_flag::kPostHold);
  late.debit = late.credit = base::AccountNumber{};
  late.pending_id = id(2);
  auto answer = submit(one_transfer(late, kBank));
  EXPECT_EQ(code_of(answer), machine::Code::kHoldExpired);
}

TEST_P(NodeTest, WritesCheckpointsFromWhichItRecovers) {
  NodeSettings settings;
  settings.checkpoint.entries = 3;
  make(settings);
  for (std::uint64_t i = 1; i <= 20; ++i) {
    auto answer = pay(i);
    EXPECT_EQ(code_of(answer), machine::Code::kOk);
  }
  node_->stop();
  EXPECT_GE(node_->status().checkpoints_total, 2u);
  ASSERT_TRUE(node_->status().checkpoint.has_value());
  EXPECT_EQ(node_->status().checkpoint->seqno, journal_.last_seqno());

  auto recovered = ledger::recover(journal_, {&crypto::sha256, &crypto::chain_next});
  ASSERT_TRUE(recovered.has_value()) << recovered.error().sentence;
  EXPECT_EQ(recovered->report.entries_replayed, 0u);
  Node again{{}, journal_, clock_, std::move(recovered->machine), [](const auto&) {}};
  again.start();
  std::promise<Result> promise;
  again.submit(one_transfer(transfer(20, 1, 2, 1)),
               [&promise](Result result) { promise.set_value(std::move(result)); });
  const auto repeated = promise.get_future().get();
  ASSERT_TRUE(repeated.has_value());
  EXPECT_EQ(repeated->outcomes[0].flags, wire::outcome_flag::kRepeated);
  again.stop();
}

TEST_P(NodeTest, TakesSubmissionsFromManyThreads) {
  make();
  constexpr std::uint64_t kThreads = 4;
  constexpr std::uint64_t kEach = 500;
  std::atomic<std::uint64_t> accepted = 0;
  std::latch all_answered{static_cast<std::ptrdiff_t>(kThreads * kEach)};
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 1; i <= kEach; ++i) {
        node_->submit(one_transfer(transfer(t * kEach + i, 1, 2, 1)), [&](const Result& result) {
          if (result && result->outcomes[0].code == machine::Code::kOk) accepted += 1;
          all_answered.count_down();
        });
      }
    });
  }
  for (auto& thread : threads) thread.join();
  all_answered.wait();
  EXPECT_EQ(accepted, kThreads * kEach);
  EXPECT_EQ(read_balance().first, kThreads * kEach);
  EXPECT_EQ(node_->status().commands_refused_total, 0u);
}

/// Notes the order of entries and the threads that told them.
class EntryNotes final : public DurableListener {
 public:
  void on_durable(const DurableEntry& entry) override {
    EXPECT_FALSE(is_inside_.exchange(true));
    EXPECT_EQ(entry.seqno.value(), last_ + 1);
    last_ = entry.seqno.value();
    by_thread_[std::this_thread::get_id()] += 1;
    is_inside_ = false;
  }
  [[nodiscard]] std::uint64_t last() const { return last_; }
  [[nodiscard]] std::size_t thread_count() const { return by_thread_.size(); }

 private:
  std::atomic<bool> is_inside_ = false;
  std::uint64_t last_ = 0;
  std::map<std::thread::id, std::uint64_t> by_thread_;
};

TEST_P(NodeTest, AnswersALoneRequestOnTheThreadThatWroteIt) {
  std::thread::id writer;
  make();
  journal_.set_fault_hook([&writer](base::Seqno) {
    writer = std::this_thread::get_id();
    return AppendFault::kNone;
  });
  std::thread::id answerer;
  // The entry before may still be on its way out; then this one is not a lone one.
  for (std::uint64_t i = 1; i <= 1'000 && (i == 1 || answerer != writer); ++i) {
    std::promise<std::thread::id> told;
    node_->submit(one_transfer(transfer(i, 1, 2, 1)),
                  [&told](const Result&) { told.set_value(std::this_thread::get_id()); });
    answerer = told.get_future().get();
  }
  EXPECT_EQ(answerer == writer, GetParam());
}

TEST_P(NodeTest, TellsEntriesInOrderWhoeverCarriesThem) {
  NodeSettings settings;
  settings.flight.carry_bytes_max = 1'000;  // some are below, some above
  if (!GetParam()) settings.flight.carry_bytes_max = 0;
  EntryNotes notes;
  Node node{settings, journal_, clock_, empty_machine(), [](const auto&) { FAIL(); }};
  node.add_listener(notes);
  for (auto& step : small_ledger()) node.submit(std::move(step), nobody());
  node.start();
  constexpr std::uint64_t kThreads = 3;
  constexpr std::uint64_t kEach = 400;
  std::atomic<std::uint64_t> answered = 0;
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 1; i <= kEach; ++i) {
        std::promise<void> told;
        node.submit(one_transfer(transfer(t * kEach + i, 1, 2, 1)), [&](const Result& result) {
          answered += result.has_value() ? 1u : 0u;
          told.set_value();
        });
        // Sometimes alone, sometimes behind others that nobody waits for.
        for (std::uint64_t extra = 0; extra < i % 12; ++extra) {
          node.submit(one_transfer(transfer(1'000'000 + (t * kEach + i) * 12 + extra, 1, 2, 1)),
                      nobody());
        }
        told.get_future().get();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  node.stop();
  EXPECT_EQ(answered, kThreads * kEach);
  EXPECT_EQ(notes.last(), journal_.last_seqno().value());
  EXPECT_EQ(notes.thread_count() > 1, GetParam());
  EXPECT_EQ(node.status().entries_in_flight, 0u);
}

INSTANTIATE_TEST_SUITE_P(AndTheCore, NodeTest, ::testing::Bool(), [](const auto& carries) {
  return carries.param ? "CarriesSmallEntries" : "OnlyHandsOver";
});

}  // namespace
}  // namespace hugang::node
