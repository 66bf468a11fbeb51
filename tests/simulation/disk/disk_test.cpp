#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "ledger/rocks/open.hpp"
#include "tests/simulation/disk/disk_env.hpp"
#include "tests/simulation/disk/history.hpp"
#include "tests/simulation/disk/story.hpp"
#include "tests/unit/ledger/temporary_directory.hpp"

namespace hugang::simulation {
namespace {

namespace fs = std::filesystem;
using hugang::test::TemporaryDirectory;
using testing::HasSubstr;

StoryResult story_of(std::uint64_t seed) {
  StoryOptions options;
  options.seed = seed;
  options.folder = default_story_folder();
  return run_story(options);
}

TEST(DiskStory, TheSameSeedTellsTheSameStory) {
  std::set<std::uint64_t> hashes;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const StoryResult first = story_of(seed);
    const StoryResult second = story_of(seed);
    EXPECT_EQ(first.hash, second.hash) << "seed " << seed;
    EXPECT_EQ(first.counts.operations, second.counts.operations) << "seed " << seed;
    hashes.insert(first.hash);
  }
  EXPECT_EQ(hashes.size(), 12u) << "and other seeds tell others";
}

/// A file system under test, and a folder on it.
class FaultDiskTest : public testing::Test {
 protected:
  FaultDiskTest() {
    fs::create_directory(dir_ / "attic");
    fs::create_directory(dir_ / "disk");
    disk_ = std::make_shared<FaultDisk>(dir_ / "attic", 1);
  }

  [[nodiscard]] std::string name(const char* file) const { return (dir_ / "disk" / file).string(); }

  void write(const char* file, const std::string& bytes, bool is_synced) {
    std::unique_ptr<rocksdb::FSWritableFile> out;
    ASSERT_TRUE(disk_->NewWritableFile(name(file), {}, &out, nullptr).ok());
    ASSERT_TRUE(out->Append(bytes, {}, nullptr).ok());
    if (is_synced) {
      ASSERT_TRUE(out->Sync({}, nullptr).ok());
    }
    ASSERT_TRUE(out->Close({}, nullptr).ok());
  }
  void sync_directory() {
    std::unique_ptr<rocksdb::FSDirectory> folder;
    ASSERT_TRUE(disk_->NewDirectory(name(""), {}, &folder, nullptr).ok());
    ASSERT_TRUE(folder->FsyncWithDirOptions({}, nullptr, {}).ok());
  }
  [[nodiscard]] std::string read(const char* file) const {
    std::string bytes;
    const auto read = rocksdb::ReadFileToString(disk_->target(), name(file), &bytes);
    return read.ok() ? bytes : "(missing)";
  }

  TemporaryDirectory dir_;
  std::shared_ptr<FaultDisk> disk_;
};

TEST_F(FaultDiskTest, KeepsWhatWasSyncedAndLosesSomeOfTheRest) {
  bool was_lost = false, was_kept = false, was_torn = false;
  for (int i = 0; i < 60; ++i) {
    write("synced", std::string(5'000, 's'), true);
    write("written", std::string(20'000, 'w'), false);
    sync_directory();
    disk_->die();
    disk_->survive_as_cut_off();
    EXPECT_EQ(read("synced"), std::string(5'000, 's'));
    const std::string left = read("written");
    const auto whole = static_cast<std::size_t>(std::ranges::count(left, 'w'));
    was_lost |= whole == 0;
    was_kept |= whole == 20'000;
    was_torn |= whole > 0 && whole < 20'000;
  }
  EXPECT_TRUE(was_lost && was_kept && was_torn);
}

TEST_F(FaultDiskTest, ForgetsNamesOfADirectoryThatWasNotSynced) {
  std::set<std::string> left;
  for (int i = 0; i < 60; ++i) {
    write("current", "old", true);
    sync_directory();
    write("next", "new", true);
    ASSERT_TRUE(disk_->RenameFile(name("next"), name("current"), {}, nullptr).ok());
    EXPECT_EQ(read("current"), "new");
    disk_->die();
    disk_->survive_as_cut_off();
    left.insert(read("current"));
    if (fs::exists(name("next"))) fs::remove(name("next"));
  }
  EXPECT_THAT(left, testing::ElementsAre("new", "old"));
}

TEST_F(FaultDiskTest, AKilledProcessLosesNothing) {
  write("written", std::string(20'000, 'w'), false);
  disk_->die();
  std::unique_ptr<rocksdb::FSWritableFile> out;
  EXPECT_FALSE(disk_->NewWritableFile(name("more"), {}, &out, nullptr).ok());
  disk_->survive_as_killed();
  EXPECT_EQ(read("written"), std::string(20'000, 'w'));
  EXPECT_GT(disk_->unsynced_files(), 0u) << "a power cut may still take it";
}

TEST_F(FaultDiskTest, ASyncThatFailedIsNotMadeGoodByALaterOne) {
  bool was_lost = false;
  for (int i = 0; i < 60; ++i) {
    std::unique_ptr<rocksdb::FSWritableFile> out;
    ASSERT_TRUE(disk_->NewWritableFile(name("file"), {}, &out, nullptr).ok());
    sync_directory();
    ASSERT_TRUE(out->Append(std::string(3'000, 'x'), {}, nullptr).ok());
    disk_->fail_in(1, 1, DiskFault::kInputOutput);
    EXPECT_FALSE(out->Sync({}, nullptr).ok());
    EXPECT_TRUE(out->Sync({}, nullptr).ok());
    ASSERT_TRUE(out->Close({}, nullptr).ok());
    disk_->die();
    disk_->survive_as_cut_off();
    was_lost |= read("file") != std::string(3'000, 'x');
  }
  EXPECT_TRUE(was_lost);
}

/// Journals on a disk that fails, without a seed's story.
class FailingLedger : public FaultDiskTest {
 protected:
  FailingLedger() : env_{disk_}, directory_{dir_ / "disk" / "node" / "ledger"} {}

  std::unique_ptr<ledger::Journal> open() {
    auto journal = ledger::rocks::open_journal(directory_, kDiskNode, {.env = &env_});
    EXPECT_TRUE(journal) << journal.error().sentence;
    return journal ? std::move(*journal) : nullptr;
  }
  std::expected<void, ledger::LedgerError> append(ledger::Journal& journal) {
    history_.make(3);
    return append_again(journal);
  }
  std::expected<void, ledger::LedgerError> append_again(ledger::Journal& journal) {
    const base::ByteSpan span{history_.entry(history_.size())};
    return journal.append(std::span{&span, 1});
  }

  DiskEnv env_;
  fs::path directory_;
  History history_{1};
};

TEST_F(FailingLedger, ANewLedgersDirectoryIsThereAfterAPowerCut) {
  for (int i = 0; i < 20; ++i) {
    const std::string number = std::to_string(i);
    directory_ = dir_ / "disk" / number.c_str() / "deep" / "ledger";
    history_ = History{1};
    auto journal = open();
    ASSERT_TRUE(append(*journal));
    disk_->die();
    journal.reset();
    disk_->survive_as_cut_off();
    EXPECT_EQ(open()->last_seqno(), base::Seqno{1});
  }
}

TEST_F(FailingLedger, TakesNoAppendBehindOneThatFailed) {
  for (const DiskFault fault : {DiskFault::kNoSpace, DiskFault::kInputOutput}) {
    auto journal = open();
    const std::uint64_t acknowledged = journal->last_seqno().value();
    ASSERT_TRUE(append(*journal));
    disk_->fail_in(1, 1, fault);
    ASSERT_FALSE(append(*journal));
    const auto refused = append_again(*journal);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ledger::LedgerError::Code::kWriteFailed);
    EXPECT_THAT(refused.error().sentence, HasSubstr("start the node again"));
    journal.reset();
    journal = open();
    EXPECT_GT(journal->last_seqno().value(), acknowledged);
    if (journal->last_seqno().value() < history_.size()) {
      ASSERT_TRUE(append_again(*journal)) << "the one that failed is taken now";
    }
  }
}

}  // namespace
}  // namespace hugang::simulation
