// The account index over ledgers of a real machine: every balance is the sum of its history,
// whatever was restarted, damaged or exchanged in between.
#include "ledger/index/history_index.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <random>

#include "ledger/index/journal_search.hpp"
#include "ledger/memory_journal.hpp"
#include "tests/unit/ledger/history_reader.hpp"
#include "tests/unit/ledger/small_ledger.hpp"
#include "tests/unit/ledger/temporary_directory.hpp"

namespace hugang::ledger::index {
namespace {

using hugang::test::TemporaryDirectory;
using test::kOperator;
using test::kSelf;
using test::SmallLedger;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace flag = wire::transfer_flag;

constexpr std::uint32_t kAccounts = 20;

/// Small runs, so that a test has many.
IndexSettings small_settings() { return {.run_rows = 300, .tables = {.cache_bytes = 1 << 20}}; }

class HistoryIndexTest : public ::testing::Test {
 protected:
  HistoryIndexTest() { ledger_.begin(kAccounts); }

  HistoryIndex::Opened open(IndexSettings settings = small_settings()) {
    auto opened = HistoryIndex::open(directory_.path() / "index", journal_, settings);
    HG_CHECK(opened.has_value());
    return *std::move(opened);
  }
  void start() {
    index_.reset();
    auto opened = open();
    sentences_ = opened.sentences;
    index_ = std::move(opened.index);
    feed();
  }

  void feed() { test::feed(*index_, journal_); }

  /// Newest first, in pages of that size.
  std::vector<Posting> history(std::uint32_t account, std::uint32_t limit = 1'000,
                               Timestamp from = {}, Timestamp to = {}) {
    return test::read_history(
        *index_,
        {.account = AccountIndex{account}, .from = from, .to = to, .before = 0, .limit = limit});
  }

  void expect_histories_explain_balances() {
    for (std::uint32_t account = 1; account <= ledger_.state().accounts.size(); ++account) {
      std::int64_t last_order = INT64_MAX;
      Timestamp last_at{INT64_MAX};
      const auto lines = history(account);
      for (const Posting& posting : lines) {
        EXPECT_LT(posting.order, last_order);
        EXPECT_LE(posting.at, last_at);
        EXPECT_NE(posting.counter, AccountIndex{account});
        last_order = posting.order;
        last_at = posting.at;
      }
      EXPECT_TRUE(test::sum_of(lines) == ledger_.state().account(AccountIndex{account}).balance)
          << "account " << account;
    }
  }

  /// Entries with transfers, chains, holds that expire, posts and voids, many of them refused.
  void trade(std::uint32_t entries) {
    for (std::uint32_t i = 0; i < entries; ++i) {
      const std::uint64_t count = random_() % 40 + 1;
      for (std::uint64_t j = 0; j < count; ++j) add_command();
      add(transfer(2, 3, 1));  // closes a chain that is open
      const auto outcomes = commit();
      HG_CHECK(outcomes.size() == sent_.size());
      for (std::size_t k = 0; k < outcomes.size(); ++k) {
        if (outcomes[k].code != machine::Code::kOk) continue;
        accepted_ += 1;
        if ((sent_[k].flags & flag::kHold) != 0) holds_.push_back(id_of(k));
      }
      forget_sent();
    }
  }
  void forget_sent() {
    last_id_ += sent_.size();
    sent_.clear();
  }

  wire::Transfer transfer(std::uint32_t debit, std::uint32_t credit, std::int64_t minor) {
    wire::Transfer record;
    record.debit = ledger_.state().number_of(AccountIndex{debit});
    record.credit = ledger_.state().number_of(AccountIndex{credit});
    record.amount_minor = minor;
    record.asset = test::kAsset;
    return record;
  }
  void add(const wire::Transfer& record) { sent_.push_back(record); }
  std::vector<wire::Outcome> commit() {
    ledger_.add_transfers(sent_);
    return ledger_.commit();
  }
  void add_command() {
    const auto account = [this] { return static_cast<std::uint32_t>(random_() % kAccounts) + 2; };
    wire::Transfer record =
        transfer(account(), account(), static_cast<std::int64_t>(random_() % 50'000));
    const Timestamp now = ledger_.state().last_at + base::Duration::milliseconds(1);
    if (const auto dice = random_() % 10; dice < 3) {
      record.flags |= flag::kHold;
      // From within the very chain to some entries later, often several at one instant.
      if (dice > 0) {
        const std::int64_t later = dice == 1 ? static_cast<std::int64_t>(random_() % 30) + 1
                                             : static_cast<std::int64_t>(random_() % 9) * 500'000;
        record.expires_at = now + base::Duration::nanoseconds(later + 1);
      }
    } else if (dice < 5 && !holds_.empty()) {
      record = wire::Transfer{};
      record.pending_id = holds_[random_() % holds_.size()];
      record.flags |= dice == 3 ? flag::kPostHold : flag::kVoidHold;
      if (dice == 3 && random_() % 2 == 0) record.amount_minor = 1;
    }
    if (random_() % 6 == 0) record.flags |= flag::kLinked;
    add(record);
  }
  /// SmallLedger counts its ids.
  [[nodiscard]] base::CommandId id_of(std::size_t sent) const {
    return base::CommandId{last_id_ + 1 + sent};
  }

  TemporaryDirectory directory_;
  MemoryJournal journal_{kSelf};
  SmallLedger ledger_{journal_};
  std::unique_ptr<HistoryIndex> index_;
  std::vector<std::string> sentences_;
  std::mt19937_64 random_{5};
  std::vector<wire::Transfer> sent_;
  std::vector<base::CommandId> holds_;
  std::uint64_t last_id_ = 2 + 1 + 1 + kAccounts + kAccounts;  ///< of SmallLedger::begin
  std::uint64_t accepted_ = 0;
};

TEST_F(HistoryIndexTest, EveryBalanceIsTheSumOfItsHistory) {
  start();
  expect_histories_explain_balances();
  for (int i = 0; i < 15; ++i) {
    trade(10);
    feed();
    expect_histories_explain_balances();
  }
  EXPECT_GT(accepted_, 1'000u);
  EXPECT_GT(index_->status().runs, 3u);
  std::map<PostingKind, int> kinds;
  for (std::uint32_t account = 1; account <= kAccounts + 1; ++account) {
    for (const Posting& posting : history(account)) kinds[posting.kind] += 1;
  }
  EXPECT_EQ(kinds.size(), 5u) << "transfers, holds, posts, voids, expiries";
}

TEST_F(HistoryIndexTest, ALineSaysWhatTheTransferSaid) {
  add(transfer(2, 3, 700));
  wire::Transfer hold = transfer(2, 4, 500);
  hold.flags = flag::kHold;
  add(hold);
  commit();
  const base::CommandId hold_id = id_of(1);
  forget_sent();
  wire::Transfer post;
  post.pending_id = hold_id;
  post.flags = flag::kPostHold;
  post.amount_minor = 200;
  add(post);
  const auto outcomes = commit();
  start();
  const auto lines = history(2);
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0].kind, PostingKind::kHoldPosted);
  EXPECT_EQ(lines[0].id, id_of(0));
  EXPECT_EQ(lines[0].at, outcomes[0].at);
  EXPECT_EQ(lines[0].counter, AccountIndex{4});
  EXPECT_EQ(lines[0].posted_minor, 200);
  EXPECT_EQ(lines[0].pending_minor, -500);
  EXPECT_EQ(lines[1].kind, PostingKind::kHold);
  EXPECT_EQ(lines[1].pending_minor, 500);
  EXPECT_EQ(lines[1].posted_minor, 0);
  EXPECT_EQ(lines[2].kind, PostingKind::kTransfer);
  EXPECT_EQ(lines[2].side, Side::kDebit);
  EXPECT_EQ(lines[2].posted_minor, 700);
  EXPECT_EQ(lines[3].side, Side::kCredit);
  EXPECT_EQ(lines[3].counter, AccountIndex{1});
}

TEST_F(HistoryIndexTest, PagesOfAnySizeMakeTheSameHistory) {
  trade(100);
  start();
  for (std::uint32_t account = 1; account <= kAccounts + 1; ++account) {
    const auto whole = history(account);
    EXPECT_EQ(history(account, 1), whole);
    EXPECT_EQ(history(account, 7), whole);
    EXPECT_EQ(history(account, static_cast<std::uint32_t>(whole.size())), whole);
  }
  EXPECT_THAT(history(kAccounts + 2), IsEmpty());
}

TEST_F(HistoryIndexTest, PagingStaysRightWhileTheLedgerGrows) {
  trade(40);
  start();
  const auto before = history(5);
  ASSERT_GT(before.size(), 30u);
  std::vector<Posting> paged;
  PageQuestion question{.account = AccountIndex{5}, .from = {}, .to = {}, .before = 0, .limit = 3};
  for (;;) {
    const auto page = index_->page(question);
    ASSERT_TRUE(page.has_value());
    paged.insert(paged.end(), page->postings.begin(), page->postings.end());
    if (!page->has_more) break;
    question.before = page->postings.back().order;
    trade(2);
    feed();
  }
  EXPECT_EQ(paged, before);
  EXPECT_GT(history(5).size(), before.size());
}

TEST_F(HistoryIndexTest, TimesCutAHistoryExactly) {
  trade(80);
  start();
  for (std::uint32_t account = 1; account <= 6; ++account) {
    const auto whole = history(account);
    for (int i = 0; i < 40; ++i) {
      // Instants of postings themselves, so that the bounds are hit.
      Timestamp from = whole[random_() % whole.size()].at;
      Timestamp to = whole[random_() % whole.size()].at;
      if (i % 5 == 0) from = {};
      if (i % 7 == 0) to = {};
      std::vector<Posting> expected;
      for (const Posting& posting : whole) {
        const bool is_in = posting.at >= from && (to.is_none() || posting.at < to);
        if (is_in) expected.push_back(posting);
      }
      EXPECT_EQ(history(account, 5, from, to), expected);
    }
  }
}

TEST_F(HistoryIndexTest, GoesOnAfterARestart) {
  start();
  for (int i = 0; i < 12; ++i) {
    trade(10);
    const Seqno before = index_->seqno();
    feed();
    if (i % 2 == 0) start();  // what was only in memory is read from the journal again
    EXPECT_THAT(sentences_, IsEmpty());
    EXPECT_GT(index_->seqno(), before);
    expect_histories_explain_balances();
  }
  const auto runs = index_->status().runs;
  index_.reset();
  const auto opened = open();
  EXPECT_EQ(opened.index->status().runs, runs);
  EXPECT_GT(opened.index->seqno(), Seqno{1});
}

TEST_F(HistoryIndexTest, EveryTransferIsFoundByItsInstant) {
  trade(30);
  start();
  const auto cursor = journal_.read_from(Seqno{1});
  std::uint64_t found_count = 0;
  for (;;) {
    const auto entry = cursor->next();
    ASSERT_TRUE(entry.has_value());
    if (*entry == nullptr) break;
    for (std::uint32_t i = 0; i < (*entry)->head.command_count; ++i) {
      const Timestamp at = (*entry)->head.at + base::Duration::nanoseconds(i);
      const auto [from, until] = index_->stretch_around(at);
      const auto by_mark = find_transfer(journal_, at, from, until);
      const auto without = find_transfer(journal_, at, Seqno{1}, journal_.last_seqno());
      ASSERT_TRUE(by_mark.has_value() && without.has_value());
      ASSERT_EQ(by_mark->has_value(), without->has_value());
      if (!*without) continue;  // a command of another kind
      found_count += 1;
      for (const auto& found : {**by_mark, **without}) {
        EXPECT_EQ(found.seqno, (*entry)->head.seqno);
        EXPECT_EQ(found.index, i);
        EXPECT_EQ(found.caller, kOperator);
        EXPECT_EQ(found.outcome.code, (*entry)->outcome(i).code);
      }
    }
    const Timestamp behind =
        (*entry)->head.at + base::Duration::nanoseconds((*entry)->head.command_count);
    const auto nothing = find_transfer(journal_, behind, Seqno{1}, journal_.last_seqno());
    EXPECT_TRUE(nothing.has_value() && !nothing->has_value());
  }
  EXPECT_GT(found_count, 300u);
}

// ---- What is on disk is not believed -----------------------------------------------------------

TEST_F(HistoryIndexTest, AnIndexOfAnotherLedgerIsMadeAgain) {
  trade(100);
  start();
  ASSERT_GT(index_->status().runs, 0u);
  index_.reset();
  MemoryJournal other{kSelf};
  SmallLedger other_ledger{other};
  other_ledger.begin(3);
  other_ledger.trade(200, 3, 9);
  auto opened = HistoryIndex::open(directory_.path() / "index", other, small_settings());
  ASSERT_TRUE(opened.has_value());
  ASSERT_EQ(opened->sentences.size(), 1u);
  EXPECT_THAT(opened->sentences[0], HasSubstr("the journal has another history"));
  EXPECT_TRUE(opened->index->seqno().is_none());
}

TEST_F(HistoryIndexTest, AnIndexAheadOfTheJournalIsMadeAgain) {
  trade(100);
  start();
  index_.reset();
  MemoryJournal shorter{kSelf};
  SmallLedger shorter_ledger{shorter};
  shorter_ledger.begin(kAccounts);
  const auto opened = HistoryIndex::open(directory_.path() / "index", shorter, small_settings());
  ASSERT_TRUE(opened.has_value());
  EXPECT_THAT(opened->sentences, ElementsAre(HasSubstr("ahead of the journal")));
}

TEST_F(HistoryIndexTest, AnIndexOfAnotherNodeIsMadeAgain) {
  trade(100);
  start();
  index_.reset();
  const MemoryJournal other{base::NodeId{9}};
  const auto opened = HistoryIndex::open(directory_.path() / "index", other, small_settings());
  ASSERT_TRUE(opened.has_value());
  EXPECT_THAT(opened->sentences, ElementsAre(HasSubstr("another node")));
}

/// The database of the index as RocksDB sees it.
class RawIndex {
 public:
  explicit RawIndex(const std::filesystem::path& directory) {
    rocksdb::DB* db = nullptr;
    const auto status = rocksdb::DB::Open(
        rocksdb::DBOptions{}, directory.string(),
        {{rocksdb::kDefaultColumnFamilyName, {}}, {"postings", {}}}, &families_, &db);
    HG_CHECK(status.ok());
    db_.reset(db);
  }
  RawIndex(const RawIndex&) = delete;
  RawIndex& operator=(const RawIndex&) = delete;
  ~RawIndex() {
    for (auto* family : families_) HG_CHECK(db_->DestroyColumnFamilyHandle(family).ok());
  }
  std::string get(const std::string& key) {
    std::string value;
    HG_CHECK(db_->Get({}, families_[0], key, &value).ok());
    return value;
  }
  void put(const std::string& key, const std::string& value) {
    HG_CHECK(db_->Put({}, families_[0], key, value).ok());
  }
  [[nodiscard]] std::vector<std::string> posting_files() {
    rocksdb::ColumnFamilyMetaData about;
    db_->GetColumnFamilyMetaData(families_[1], &about);
    std::vector<std::string> files;
    for (const auto& level : about.levels) {
      for (const auto& file : level.files) files.push_back(file.db_path + file.name);
    }
    return files;
  }
  void remove(const std::string& key) { HG_CHECK(db_->Delete({}, families_[0], key).ok()); }

 private:
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
};

TEST_F(HistoryIndexTest, ADamagedHeadIsMadeAgain) {
  trade(100);
  start();
  index_.reset();
  {
    RawIndex raw{directory_.path() / "index"};
    std::string head = raw.get("head");
    head[40] = static_cast<char>(head[40] ^ 1);
    raw.put("head", head);
  }
  start();
  EXPECT_THAT(sentences_, ElementsAre(HasSubstr("damaged")));
  expect_histories_explain_balances();
}

TEST_F(HistoryIndexTest, ATableThatCameInWithoutBeingCountedIsMadeAgain) {
  // Only transfers: a run then changes nothing but the head and its own record.
  const auto pay = [this](int entries) {
    for (int i = 0; i < entries; ++i) {
      for (std::uint32_t j = 0; j < 20; ++j)
        ledger_.add_transfer(2 + j % kAccounts, 2 + (j + 1) % kAccounts, 5);
      ledger_.commit();
    }
    feed();
  };
  start();
  pay(20);
  index_.reset();
  const auto path = directory_.path() / "index";
  const std::string head_before = RawIndex{path}.get("head");
  start();
  const auto runs_before = index_->status().runs;
  while (index_->status().runs == runs_before) pay(1);
  index_.reset();
  {
    RawIndex raw{path};
    raw.put("head", head_before);
    raw.remove(std::string{"R\0\0\0", 4} + static_cast<char>(runs_before));
  }
  start();
  EXPECT_THAT(sentences_, IsEmpty());
  expect_histories_explain_balances();
  pay(60);
  EXPECT_GT(index_->status().runs, runs_before + 2);
  expect_histories_explain_balances();
  start();
  expect_histories_explain_balances();
}

TEST_F(HistoryIndexTest, ADamagedTableIsToldAndNotBelieved) {
  trade(100);
  start();
  ASSERT_GT(index_->status().runs, 1u);
  const auto whole = history(5);
  index_.reset();
  const auto files = RawIndex{directory_.path() / "index"}.posting_files();
  ASSERT_FALSE(files.empty());
  for (const std::string& file : files) {
    std::fstream bytes{file, std::ios::in | std::ios::out | std::ios::binary};
    bytes.seekg(1'000);
    const auto old = static_cast<char>(bytes.get());
    bytes.seekp(1'000);
    bytes.put(static_cast<char>(old ^ 0x10));
  }
  index_ = open().index;
  feed();
  int damaged = 0;
  for (std::uint32_t account = 1; account <= kAccounts + 1; ++account) {
    const auto page = index_->page(
        {.account = AccountIndex{account}, .from = {}, .to = {}, .before = 0, .limit = 1'000});
    if (page) continue;
    EXPECT_EQ(page.error().code, LedgerError::Code::kDamaged);
    ++damaged;
  }
  EXPECT_GT(damaged, 0);
  index_.reset();
  HistoryIndex::remove(directory_.path() / "index");
  start();
  EXPECT_EQ(history(5), whole);
  expect_histories_explain_balances();
}

TEST_F(HistoryIndexTest, AFileThatIsNoIndexIsMadeAgain) {
  std::filesystem::create_directories(directory_.path() / "index");
  std::ofstream{directory_.path() / "index" / "CURRENT"} << "not a manifest\n";
  trade(5);
  start();
  EXPECT_THAT(sentences_, ElementsAre(HasSubstr("made again")));
  expect_histories_explain_balances();
}

}  // namespace
}  // namespace hugang::ledger::index
