#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "ledger/rocks/keys.hpp"
#include "ledger/rocks/log_scan.hpp"
#include "ledger/rocks/open.hpp"
#include "tests/unit/ledger/entries.hpp"
#include "tests/unit/ledger/rocks_directory.hpp"
#include "tests/unit/ledger/temporary_directory.hpp"

namespace hugang::ledger::rocks {
namespace {

using hugang::test::TemporaryDirectory;
using ledger::test::append_entries;
using ledger::test::EntryMaker;
using ledger::test::kNode;
using ledger::test::read_all;
using testing::HasSubstr;
using Code = LedgerError::Code;

TEST(RocksJournal, KeepsEntriesOverRestarts) {
  const TemporaryDirectory dir;
  std::vector<base::Bytes> entries;
  for (int i = 0; i < 3; ++i) {
    const auto journal = open_or_fail(dir / "ledger");
    EXPECT_EQ(journal->open_report().was_created, i == 0);
    EXPECT_EQ(journal->last_seqno(), Seqno{entries.size()});
    for (auto& entry : append_entries(*journal, 4)) entries.push_back(std::move(entry));
    EXPECT_EQ(read_all(*journal), entries);
  }
  const auto journal = open_or_fail(dir / "ledger");
  EXPECT_EQ(read_all(*journal), entries);
  EXPECT_EQ(journal->last_checksum(), read_entry_head(entries.back())->head_checksum);
  EXPECT_FALSE(journal->open_report().tail_was_cut);
  EXPECT_EQ(journal->read(Seqno{13}).error().code, Code::kNotFound);
}

TEST(RocksJournal, AppendsSeveralEntriesAtOnceAndLargeOnes) {
  const TemporaryDirectory dir;
  std::vector<base::Bytes> entries;
  {
    const auto journal = open_or_fail(dir.path());
    EntryMaker maker;
    for (const std::size_t size : {1u, 5'000u, 1'000'000u}) entries.push_back(maker.next(size));
    const std::vector<ByteSpan> spans{entries.begin(), entries.end()};
    ASSERT_TRUE(journal->append(spans));
    EXPECT_EQ(journal->last_seqno(), Seqno{3});
  }
  EXPECT_EQ(read_all(*open_or_fail(dir.path())), entries);
}

TEST(RocksJournal, ReadOnlyWorksBesideARunningNodeAndWritesNothing) {
  const TemporaryDirectory dir;
  const auto journal = open_or_fail(dir.path());
  const auto entries = append_entries(*journal, 3);
  std::vector<std::string> before;
  for (const auto& file : fs::directory_iterator{dir.path()}) before.push_back(file.path());
  const auto reader = open_journal_read_only(dir.path());
  ASSERT_TRUE(reader) << reader.error().sentence;
  EXPECT_EQ(read_all(**reader), entries);
  EXPECT_EQ((*reader)->node(), kNode);
  EXPECT_FALSE((*reader)->open_report().tail_was_cut);
  EXPECT_EQ((*reader)->append({}).error().code, Code::kWriteFailed);
  std::vector<std::string> after;
  for (const auto& file : fs::directory_iterator{dir.path()}) after.push_back(file.path());
  EXPECT_THAT(after, testing::UnorderedElementsAreArray(before));
  // The node's later entries are not seen, and do not disturb the reader.
  ASSERT_EQ(append_entries(*journal, 2).size(), 2u);
  EXPECT_EQ(read_all(**reader), entries);
}

TEST(RocksJournal, RefusesASecondProcess) {
  const TemporaryDirectory dir;
  const auto journal = open_or_fail(dir.path());
  const pid_t child = fork();
  if (child == 0) {
    const auto second = open_journal(dir.path(), kNode);
    const bool is_refused = !second && second.error().code == Code::kInUse &&
                            second.error().sentence.find("in use") != std::string::npos;
    _exit(is_refused ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(open_journal(dir.path(), kNode).error().code, Code::kInUse) << "in the same process";
}

TEST(RocksJournal, RefusesAnotherNodesDirectory) {
  const TemporaryDirectory dir;
  open_or_fail(dir.path());
  const auto other = open_journal(dir.path(), NodeId{8});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Code::kOtherNode);
  EXPECT_THAT(other.error().sentence, HasSubstr("node 7"));
}

TEST(RocksJournal, RefusesANewerFormatAndSaysWhatToDo) {
  const TemporaryDirectory dir;
  append_entries(*open_or_fail(dir.path()), 2);
  put_raw(dir.path(), kMetaFamily, kFormatKey, std::string_view{"\x09\0\0\0", 4});
  for (const auto& refused :
       {open_journal(dir.path(), kNode).error(), open_journal_read_only(dir.path()).error()}) {
    EXPECT_EQ(refused.code, Code::kNewerFormat);
    EXPECT_THAT(refused.sentence, HasSubstr("format 9"));
    EXPECT_THAT(refused.sentence, HasSubstr("knows up to 1"));
    EXPECT_THAT(refused.sentence, HasSubstr("upgrade hugang"));
  }
}

TEST(RocksJournal, RefusesDirectoriesThatAreNoLedger) {
  const TemporaryDirectory dir;
  fs::create_directory(dir / "other");
  std::ofstream{dir / "other" / "notes.txt"} << "mine";
  EXPECT_EQ(open_journal(dir / "other", kNode).error().code, Code::kNotALedger);
  EXPECT_EQ(open_journal_read_only(dir / "other").error().code, Code::kNotALedger);
  EXPECT_EQ(open_journal_read_only(dir / "missing").error().code, Code::kNotALedger);
  EXPECT_FALSE(fs::exists(dir / "missing"));

  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* raw = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, (dir / "foreign").string(), &raw).ok());
  ASSERT_TRUE(raw->Put({}, "key", "value").ok());
  delete raw;
  EXPECT_EQ(open_journal(dir / "foreign", kNode).error().code, Code::kNotALedger);
}

TEST(RocksJournal, FinishesACreationThatACrashInterrupted) {
  const TemporaryDirectory dir;
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* raw = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, dir.path().string(), &raw).ok());
  delete raw;
  const auto journal = open_or_fail(dir.path());
  ASSERT_NE(journal, nullptr);
  EXPECT_EQ(append_entries(*journal, 1).size(), 1u);
}

TEST(RocksJournal, RefusesAnEntryThatIsNoEntryAlsoAtTheEnd) {
  const TemporaryDirectory dir;
  std::vector<base::Bytes> entries;
  {
    const auto journal = open_or_fail(dir / "ledger");
    entries = append_entries(*journal, 3);
  }
  copy_directory(dir / "ledger", dir / "middle");
  base::Bytes changed = entries[2];
  changed.back() ^= std::byte{1};
  put_raw(dir / "ledger", kJournalFamily, journal_key(Seqno{3}).view(), base::as_text(changed));
  // The record of the log is whole, so no crash has torn it, whether it was noted or not.
  for (const bool is_noted : {true, false}) {
    if (!is_noted) lose_note(dir / "ledger");
    const auto refused_end = open_journal(dir / "ledger", kNode);
    ASSERT_FALSE(refused_end);
    EXPECT_EQ(refused_end.error().code, Code::kDamaged);
    EXPECT_EQ(refused_end.error().entry, Seqno{3});
  }

  changed = entries[1];
  changed.back() ^= std::byte{1};
  put_raw(dir / "middle", kJournalFamily, journal_key(Seqno{2}).view(), base::as_text(changed));
  const auto refused = open_journal(dir / "middle", kNode);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kDamaged);
  EXPECT_EQ(refused.error().entry, Seqno{2});
}

TEST(RocksJournal, RefusesAGapAndNamesTheMissingEntry) {
  const TemporaryDirectory dir;
  EntryMaker maker;
  {
    const auto journal = open_or_fail(dir.path());
    const base::Bytes first = maker.next();
    const ByteSpan span{first};
    ASSERT_TRUE(journal->append(std::span{&span, 1}));
  }
  static_cast<void>(maker.next());
  const base::Bytes third = maker.next();
  put_raw(dir.path(), kJournalFamily, journal_key(Seqno{3}).view(), base::as_text(third));
  const auto refused = open_journal(dir.path(), kNode);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().entry, Seqno{2});
  EXPECT_THAT(refused.error().sentence, HasSubstr("missing"));
}

/// All files of the directory with this extension.
std::vector<fs::path> files_with(const fs::path& directory, const char* extension) {
  std::vector<fs::path> files;
  for (const auto& file : fs::directory_iterator{directory}) {
    if (file.path().extension() == extension) files.push_back(file.path());
  }
  return files;
}

TEST(RocksJournal, RefusesADamagedBlobFileAndNamesTheEntry) {
  const TemporaryDirectory dir;
  std::vector<base::Bytes> entries;
  entries = append_entries(*open_or_fail(dir.path()), 5, 50'000);
  open_or_fail(dir.path());  // opening again moves the entries from the log to files
  bool is_damaged = false;
  for (const fs::path& file : files_with(dir.path(), ".blob")) {
    base::Bytes bytes = read_file(file);
    const auto found =
        std::search(bytes.begin(), bytes.end(), entries[3].begin(), entries[3].end());
    if (found == bytes.end()) continue;
    *(found + 20'000) ^= std::byte{1};
    write_file(file, bytes);
    is_damaged = true;
  }
  ASSERT_TRUE(is_damaged);
  const auto refused = open_journal(dir.path(), kNode);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kDamaged) << refused.error().sentence;
  EXPECT_EQ(refused.error().entry, Seqno{4}) << refused.error().sentence;
}

TEST(RocksJournal, RefusesADamagedTableFileAndNamesTheEntry) {
  const TemporaryDirectory dir;
  const auto entries = append_entries(*open_or_fail(dir.path()), 40, 2'000);
  open_or_fail(dir.path());
  bool is_damaged = false;
  for (const fs::path& file : files_with(dir.path(), ".sst")) {
    base::Bytes bytes = read_file(file);
    const auto found =
        std::search(bytes.begin(), bytes.end(), entries[29].begin(), entries[29].begin() + 128);
    if (found == bytes.end()) continue;
    *(found + 300) ^= std::byte{1};
    write_file(file, bytes);
    is_damaged = true;
  }
  ASSERT_TRUE(is_damaged);
  const auto refused = open_journal(dir.path(), kNode);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kDamaged);
  // A block of the table holds two or three entries of this size.
  EXPECT_THAT(refused.error().entry.value(), testing::AllOf(testing::Ge(28u), testing::Le(30u)));
}

TEST(RocksJournal, AnAppendThatFindsTheDiskFullFailsAndLosesNothingBefore) {
  const TemporaryDirectory dir;
  const pid_t child = fork();
  if (child == 0) {
    const auto journal = open_journal(dir.path(), kNode);
    if (!journal) _exit(10);
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{.rlim_cur = 300'000, .rlim_max = 300'000};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(11);
    EntryMaker maker;
    int durable = 0;
    while (true) {
      const base::Bytes entry = maker.next(50'000);
      const ByteSpan span{entry};
      const auto appended = (*journal)->append(std::span{&span, 1});
      if (!appended) _exit(appended.error().code == Code::kWriteFailed ? 100 + durable : 12);
      ++durable;
    }
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  ASSERT_GE(WEXITSTATUS(status), 103);
  const auto journal = open_or_fail(dir.path());
  ASSERT_NE(journal, nullptr);
  EXPECT_EQ(journal->last_seqno(), Seqno{static_cast<std::uint64_t>(WEXITSTATUS(status) - 100)});
  EXPECT_EQ(append_entries(*journal, 1).size(), 1u);
}

TEST(RocksJournal, AKilledProcessKeepsWhatWasAppended) {
  const TemporaryDirectory dir;
  const pid_t child = fork();
  if (child == 0) {
    const auto journal = open_journal(dir.path(), kNode);
    if (!journal) _exit(10);
    append_entries(**journal, 25, 10'000);
    std::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  const auto journal = open_or_fail(dir.path());
  EXPECT_EQ(journal->last_seqno(), Seqno{25});
  EXPECT_EQ(read_all(*journal).size(), 25u);
  EXPECT_FALSE(journal->open_report().tail_was_cut);
}

}  // namespace
}  // namespace hugang::ledger::rocks
