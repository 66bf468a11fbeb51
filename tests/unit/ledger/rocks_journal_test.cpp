#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "crypto/digest.hpp"
#include "ledger/rocks/keys.hpp"
#include "ledger/rocks/log_scan.hpp"
#include "ledger/rocks/open.hpp"
#include "tests/unit/ledger/entries.hpp"
#include "tests/unit/ledger/temporary_directory.hpp"

namespace hugang::ledger::rocks {
namespace {

namespace fs = std::filesystem;
using hugang::test::TemporaryDirectory;
using ledger::test::append_entries;
using ledger::test::EntryMaker;
using ledger::test::kNode;
using ledger::test::read_all;
using testing::HasSubstr;
using Code = LedgerError::Code;

std::unique_ptr<Journal> open_or_fail(const fs::path& directory) {
  auto journal = open_journal(directory, kNode);
  EXPECT_TRUE(journal) << journal.error().sentence;
  return journal ? std::move(*journal) : nullptr;
}

base::Bytes read_file(const fs::path& file) {
  base::Bytes bytes(fs::file_size(file));
  std::ifstream{file, std::ios::binary}.read(reinterpret_cast<char*>(bytes.data()),
                                             static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

void write_file(const fs::path& file, ByteSpan bytes) {
  std::ofstream{file, std::ios::binary}.write(reinterpret_cast<const char*>(bytes.data()),
                                              static_cast<std::streamsize>(bytes.size()));
}

fs::path only_log(const fs::path& directory) {
  const auto files = log_files(directory);
  EXPECT_EQ(files.size(), 1u);
  return files.back();
}

void copy_directory(const fs::path& from, const fs::path& to) {
  fs::remove_all(to);
  fs::copy(from, to, fs::copy_options::recursive);
}

/// Where the last record of the log begins, from a copy of the log before it was written.
struct Ledger {
  std::vector<base::Bytes> entries;
  std::size_t last_record_begin = 0;
  base::Bytes log;
};

/// A ledger as a killed process leaves it: `count` entries in the log, the store never closed
/// cleanly (the log is copied while it is open).
Ledger make_ledger(const fs::path& directory, std::size_t count, std::size_t events_bytes) {
  Ledger ledger;
  {
    const auto journal = open_or_fail(directory);
    ledger.entries = append_entries(*journal, count - 1, events_bytes);
    ledger.last_record_begin = fs::file_size(only_log(directory));
    const auto last = append_entries(*journal, 1, events_bytes);
    ledger.entries.push_back(last.at(0));
    ledger.log = read_file(only_log(directory));
  }
  EXPECT_EQ(read_file(only_log(directory)), ledger.log);
  return ledger;
}

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

TEST(RocksJournal, CutsALastWriteThatIsTornAtAnyByte) {
  const TemporaryDirectory dir;
  const Ledger ledger = make_ledger(dir / "ledger", 3, 40);
  const fs::path copy = dir / "copy";
  const fs::path log = copy / only_log(dir / "ledger").filename();
  for (std::size_t size = ledger.last_record_begin; size <= ledger.log.size(); ++size) {
    copy_directory(dir / "ledger", copy);
    fs::resize_file(log, size);
    const bool is_whole = size == ledger.log.size();
    const bool is_torn = !is_whole && size != ledger.last_record_begin;
    const auto journal = open_or_fail(copy);
    ASSERT_NE(journal, nullptr) << "cut at " << size;
    ASSERT_EQ(journal->last_seqno(), Seqno{is_whole ? 3u : 2u}) << "cut at " << size;
    ASSERT_EQ(journal->open_report().tail_was_cut, is_torn) << "cut at " << size;
    if (is_torn) {
      ASSERT_EQ(journal->open_report().cut_after, Seqno{2});
      ASSERT_THAT(journal->open_report().sentences, testing::Contains(HasSubstr("entry 2")));
    }
    // Life goes on after the cut.
    const auto more = append_entries(*journal, 1);
    ASSERT_EQ(more.size(), 1u);
    ASSERT_EQ(read_all(*journal).size(), is_whole ? 4u : 3u);
  }
}

TEST(RocksJournal, CutsALargeLastWriteThatIsTornAcrossBlocks) {
  const TemporaryDirectory dir;
  const Ledger ledger = make_ledger(dir / "ledger", 3, 100'000);
  const fs::path copy = dir / "copy";
  const fs::path log = copy / only_log(dir / "ledger").filename();
  for (std::size_t size = ledger.last_record_begin; size < ledger.log.size(); size += 4'093) {
    copy_directory(dir / "ledger", copy);
    fs::resize_file(log, size);
    ASSERT_EQ(open_or_fail(copy)->last_seqno(), Seqno{2}) << "cut at " << size;
  }
}

TEST(RocksJournal, CutsALastWriteWhosePagesDidNotAllArrive) {
  const TemporaryDirectory dir;
  const Ledger ledger = make_ledger(dir / "ledger", 3, 100'000);
  const fs::path copy = dir / "copy";
  const fs::path log = copy / only_log(dir / "ledger").filename();
  constexpr std::size_t kPage = 4096;
  const std::size_t first = (ledger.last_record_begin + kPage - 1) / kPage * kPage;
  for (std::size_t page = first; page < ledger.log.size(); page += kPage) {
    copy_directory(dir / "ledger", copy);
    base::Bytes bytes = ledger.log;
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(page),
                std::min(kPage, bytes.size() - page), std::byte{0});
    write_file(log, bytes);
    const auto journal = open_or_fail(copy);
    ASSERT_NE(journal, nullptr) << "page at " << page;
    ASSERT_EQ(journal->last_seqno(), Seqno{2}) << "page at " << page;
    ASSERT_TRUE(journal->open_report().tail_was_cut);
    ASSERT_EQ(append_entries(*journal, 1).size(), 1u);
  }
}

TEST(RocksJournal, CutsAFlippedByteInTheLastWriteAndKeepsTheLog) {
  const TemporaryDirectory dir;
  const Ledger ledger = make_ledger(dir / "ledger", 3, 40);
  const fs::path copy = dir / "copy";
  const fs::path log = copy / only_log(dir / "ledger").filename();
  for (std::size_t at = ledger.last_record_begin; at < ledger.log.size(); at += 5) {
    copy_directory(dir / "ledger", copy);
    base::Bytes bytes = ledger.log;
    bytes[at] ^= std::byte{0x10};
    write_file(log, bytes);
    {
      const auto journal = open_or_fail(copy);
      ASSERT_NE(journal, nullptr) << "flipped at " << at;
      ASSERT_EQ(journal->last_seqno(), Seqno{2}) << "flipped at " << at;
      ASSERT_TRUE(journal->open_report().tail_was_cut) << "flipped at " << at;
      ASSERT_EQ(append_entries(*journal, 1).size(), 1u);
    }
    ASSERT_EQ(open_or_fail(copy)->last_seqno(), Seqno{3}) << "flipped at " << at;
  }
  EXPECT_TRUE(fs::exists(copy / "cut"));
}

TEST(RocksJournal, RefusesAFlippedByteInTheMiddleAndNamesTheEntry) {
  const TemporaryDirectory dir;
  const Ledger ledger = make_ledger(dir / "ledger", 6, 40);
  const fs::path copy = dir / "copy";
  const fs::path log = copy / only_log(dir / "ledger").filename();
  // Where each entry stands in the log: its bytes are contiguous, all are in one block.
  for (std::uint64_t seqno = 1; seqno < 6; ++seqno) {
    const base::Bytes& entry = ledger.entries[seqno - 1];
    const auto found = std::search(ledger.log.begin(), ledger.log.end(), entry.begin(),
                                   entry.begin() + sizeof(EntryHead));
    ASSERT_NE(found, ledger.log.end());
    const auto begin = static_cast<std::size_t>(found - ledger.log.begin());
    for (std::size_t at = begin; at < begin + entry.size(); at += 61) {
      copy_directory(dir / "ledger", copy);
      base::Bytes bytes = ledger.log;
      bytes[at] ^= std::byte{0x01};
      write_file(log, bytes);
      const auto journal = open_journal(copy, kNode);
      ASSERT_FALSE(journal) << "flipped at " << at;
      ASSERT_EQ(journal.error().code, Code::kDamaged);
      ASSERT_EQ(journal.error().entry, Seqno{seqno}) << journal.error().sentence;
      ASSERT_THAT(journal.error().sentence, HasSubstr("hugang-audit verify"));
      ASSERT_EQ(read_file(log), bytes) << "a refused ledger must stay as it is";
    }
  }
}

TEST(RocksJournal, RefusesDamagedFramesOfTheLogInTheMiddle) {
  const TemporaryDirectory dir;
  const Ledger ledger = make_ledger(dir / "ledger", 6, 40);
  const fs::path copy = dir / "copy";
  const fs::path log = copy / only_log(dir / "ledger").filename();
  const base::Bytes& third = ledger.entries[2];
  const auto found = std::search(ledger.log.begin(), ledger.log.end(), third.begin(), third.end());
  const auto begin = static_cast<std::size_t>(found - ledger.log.begin());
  // The 40 bytes before an entry hold the log's own frame, the batch's and the key's.
  for (std::size_t at = begin - 40; at < begin; ++at) {
    for (const auto flip : {std::byte{0x81}}) {
      copy_directory(dir / "ledger", copy);
      base::Bytes bytes = ledger.log;
      bytes[at] ^= flip;
      write_file(log, bytes);
      const auto journal = open_journal(copy, kNode);
      ASSERT_FALSE(journal) << "flipped at " << at;
      ASSERT_EQ(journal.error().code, Code::kDamaged) << journal.error().sentence;
      ASSERT_THAT(journal.error().entry.value(), testing::AnyOf(2u, 3u));
    }
  }
}

TEST(RocksJournal, RefusesALargeEntryDamagedInTheMiddle) {
  const TemporaryDirectory dir;
  const Ledger ledger = make_ledger(dir / "ledger", 4, 100'000);
  const fs::path log = only_log(dir / "ledger");
  base::Bytes bytes = ledger.log;
  bytes[ledger.last_record_begin - 50'000] ^= std::byte{0x40};
  write_file(log, bytes);
  const auto journal = open_journal(dir / "ledger", kNode);
  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().entry, Seqno{3}) << journal.error().sentence;
}

TEST(RocksJournal, ReadOnlyShowsWhatIsBeforeTheDamage) {
  const TemporaryDirectory dir;
  const Ledger ledger = make_ledger(dir / "ledger", 6, 40);
  const fs::path log = only_log(dir / "ledger");
  const base::Bytes& fourth = ledger.entries[3];
  const auto found =
      std::search(ledger.log.begin(), ledger.log.end(), fourth.begin(), fourth.end());
  base::Bytes bytes = ledger.log;
  bytes[static_cast<std::size_t>(found - ledger.log.begin()) + 150] ^= std::byte{0x40};
  write_file(log, bytes);
  const auto journal = open_journal_read_only(dir / "ledger");
  ASSERT_TRUE(journal) << journal.error().sentence;
  ASSERT_TRUE((*journal)->open_report().damage.has_value());
  EXPECT_EQ((*journal)->open_report().damage->entry, Seqno{4});
  EXPECT_EQ(read_all(**journal),
            std::vector<base::Bytes>(ledger.entries.begin(), ledger.entries.begin() + 3));
  EXPECT_EQ(read_file(log), bytes);
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

/// Opens the database as a stranger would, to change it.
void put_raw(const fs::path& directory, const char* family, std::string_view key,
             std::string_view value) {
  std::vector<std::string> names;
  ASSERT_TRUE(rocksdb::DB::ListColumnFamilies({}, directory.string(), &names).ok());
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const auto& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions{});
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* raw = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open({}, directory.string(), families, &handles, &raw).ok());
  const std::unique_ptr<rocksdb::DB> db{raw};
  for (auto* handle : handles) {
    if (handle->GetName() == family) {
      ASSERT_TRUE(db->Put({}, handle, rocksdb::Slice{key.data(), key.size()},
                          rocksdb::Slice{value.data(), value.size()})
                      .ok());
    }
    db->DestroyColumnFamilyHandle(handle);
  }
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

TEST(RocksJournal, RemovesALastEntryThatIsNoEntryAndRefusesOneInTheMiddle) {
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
  {
    const auto journal = open_or_fail(dir / "ledger");
    ASSERT_NE(journal, nullptr);
    EXPECT_EQ(journal->last_seqno(), Seqno{2});
    EXPECT_TRUE(journal->open_report().tail_was_cut);
    EXPECT_EQ(read_file(dir / "ledger" / "cut" / "entry-3"), changed);
  }
  EXPECT_EQ(open_or_fail(dir / "ledger")->last_seqno(), Seqno{2});

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

Checkpoint make_checkpoint_at(const Journal& journal, std::uint64_t seqno, std::uint64_t id_lines,
                              std::size_t new_lines, std::size_t snapshot_bytes) {
  Checkpoint checkpoint;
  checkpoint.snapshot.resize(snapshot_bytes, static_cast<std::byte>(seqno));
  for (std::size_t i = 0; i < new_lines; ++i) {
    machine::IdLogLine line;
    line.id = base::CommandId{id_lines - new_lines + i + 1};
    checkpoint.id_lines.push_back(line);
  }
  checkpoint.info = {.seqno = Seqno{seqno},
                     .at = Timestamp{static_cast<std::int64_t>(seqno)},
                     .entry_checksum = read_entry_head(*journal.read(Seqno{seqno}))->head_checksum,
                     .digest = crypto::sha256(checkpoint.snapshot),
                     .snapshot_bytes = snapshot_bytes,
                     .id_lines = id_lines};
  return checkpoint;
}

std::vector<std::uint64_t> read_ids(const Journal& journal, std::uint64_t count) {
  std::vector<std::uint64_t> ids;
  const auto read = journal.read_id_lines(count, [&](std::span<const machine::IdLogLine> lines) {
    for (const auto& line : lines) ids.push_back(base::low64(line.id.value()));
  });
  EXPECT_TRUE(read) << read.error().sentence;
  return ids;
}

TEST(RocksJournal, KeepsTheNewestThreeCheckpointsAndAllIdLines) {
  const TemporaryDirectory dir;
  {
    const auto journal = open_or_fail(dir.path());
    append_entries(*journal, 50);
    for (std::uint64_t i = 1; i <= 5; ++i) {
      const auto put = journal->put_checkpoint(
          make_checkpoint_at(*journal, i * 10, i * 30'000, 30'000, 2'500'000));
      ASSERT_TRUE(put) << put.error().sentence;
    }
  }
  const auto journal = open_or_fail(dir.path());
  const auto checkpoints = journal->checkpoints();
  ASSERT_TRUE(checkpoints);
  std::vector<std::uint64_t> seqnos;
  for (const auto& info : *checkpoints) seqnos.push_back(info.seqno.value());
  EXPECT_THAT(seqnos, testing::ElementsAre(50, 40, 30));
  const auto snapshot = journal->read_snapshot(checkpoints->at(1));
  ASSERT_TRUE(snapshot) << snapshot.error().sentence;
  EXPECT_EQ(*snapshot, base::Bytes(2'500'000, std::byte{40}));
  const auto ids = read_ids(*journal, 120'000);
  ASSERT_EQ(ids.size(), 120'000u);
  for (std::uint64_t i = 0; i < ids.size(); ++i) ASSERT_EQ(ids[i], i + 1);
  EXPECT_EQ(read_ids(*journal, 17).size(), 17u);
  EXPECT_FALSE(journal->read_id_lines(150'001, [](auto) {}));
}

TEST(RocksJournal, LinesOfACheckpointThatIsMadeAgainReplaceTheOldOnes) {
  const TemporaryDirectory dir;
  const auto journal = open_or_fail(dir.path());
  append_entries(*journal, 30);
  ASSERT_TRUE(journal->put_checkpoint(make_checkpoint_at(*journal, 10, 100, 100, 10)));
  ASSERT_TRUE(journal->put_checkpoint(make_checkpoint_at(*journal, 20, 60'000, 59'900, 10)));
  // Recovery passed over the second one, and the next is taken earlier.
  ASSERT_TRUE(journal->put_checkpoint(make_checkpoint_at(*journal, 15, 150, 50, 10)));
  EXPECT_EQ(read_ids(*journal, 150).size(), 150u);
  EXPECT_FALSE(journal->read_id_lines(60'000, [](auto) {}));
}

TEST(RocksJournal, ASnapshotWithAFlippedByteIsNotGivenOut) {
  const TemporaryDirectory dir;
  {
    const auto journal = open_or_fail(dir.path());
    append_entries(*journal, 2);
    ASSERT_TRUE(journal->put_checkpoint(make_checkpoint_at(*journal, 2, 1, 1, 100)));
  }
  std::string chunk(100, '\x02');
  chunk[50] = '\x03';
  put_raw(dir.path(), kCheckpointsFamily, checkpoint_key({.seqno = Seqno{2}, .part = 1}).view(),
          chunk);
  const auto journal = open_or_fail(dir.path());
  const auto snapshot = journal->read_snapshot(journal->checkpoints()->at(0));
  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().code, Code::kDamaged);
}

TEST(RocksJournal, DamageInACheckpointsLogRecordCostsNoEntry) {
  const TemporaryDirectory dir;
  std::vector<base::Bytes> entries;
  std::size_t begin = 0;
  {
    const auto journal = open_or_fail(dir.path());
    entries = append_entries(*journal, 4);
    begin = fs::file_size(only_log(dir.path()));
    ASSERT_TRUE(journal->put_checkpoint(make_checkpoint_at(*journal, 4, 1, 1, 200'000)));
    for (auto& entry : append_entries(*journal, 2)) entries.push_back(std::move(entry));
  }
  const fs::path log = only_log(dir.path());
  base::Bytes bytes = read_file(log);
  bytes[begin + 60'000] ^= std::byte{1};  // in the snapshot's only chunk
  write_file(log, bytes);
  const auto journal = open_or_fail(dir.path());
  ASSERT_NE(journal, nullptr);
  EXPECT_EQ(read_all(*journal), entries);
  EXPECT_FALSE(journal->open_report().tail_was_cut);
  EXPECT_THAT(journal->open_report().sentences, testing::Contains(HasSubstr("left out")));
}

}  // namespace
}  // namespace hugang::ledger::rocks
