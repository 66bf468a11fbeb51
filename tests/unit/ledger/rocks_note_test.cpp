#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/digest.hpp"
#include "ledger/rocks/keys.hpp"
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

/// A ledger that was closed in good order.
struct Ledger {
  std::vector<base::Bytes> entries;
  std::vector<std::size_t> ends;  ///< where each entry's record ends in the log
};

Ledger make_ledger(const fs::path& directory, std::size_t count, std::size_t events_bytes) {
  Ledger ledger;
  const auto journal = open_or_fail(directory);
  for (std::size_t i = 0; i < count; ++i) {
    ledger.entries.push_back(append_entries(*journal, 1, events_bytes).at(0));
    ledger.ends.push_back(fs::file_size(only_log(directory)));
  }
  return ledger;
}

void expect_lost(const fs::path& directory, Seqno first_bad) {
  const auto refused = open_journal(directory, kNode);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kDamaged) << refused.error().sentence;
  EXPECT_EQ(refused.error().entry, first_bad) << refused.error().sentence;
  EXPECT_THAT(refused.error().sentence, HasSubstr("restore the ledger from a backup"));
}

std::optional<DurableNote> note_of(const fs::path& directory) {
  const auto note = read_note(directory, {});
  EXPECT_TRUE(note);
  return note ? *note : std::nullopt;
}

TEST(RocksNote, NamesTheLastEntryAfterEachAppend) {
  const TemporaryDirectory dir;
  const auto journal = open_or_fail(dir.path());
  ASSERT_TRUE(note_of(dir.path()));
  EXPECT_TRUE(note_of(dir.path())->seqno.is_none());
  for (std::uint64_t i = 1; i <= 3; ++i) {
    append_entries(*journal, 1);
    ASSERT_TRUE(note_of(dir.path()));
    EXPECT_EQ(note_of(dir.path())->seqno, Seqno{i});
    EXPECT_EQ(note_of(dir.path())->entry_checksum, journal->last_checksum());
  }
}

TEST(RocksNote, DamageOfTheNewestAcknowledgedWriteIsRefused) {
  const TemporaryDirectory dir;
  const Ledger ledger = make_ledger(dir / "ledger", 3, 40);
  const base::Bytes log = read_file(only_log(dir / "ledger"));
  const fs::path copy = dir / "copy";
  for (std::size_t at = ledger.ends[1]; at < log.size(); at += 23) {
    SCOPED_TRACE(at);
    copy_directory(dir / "ledger", copy);
    base::Bytes bytes = log;
    bytes[at] ^= std::byte{0x10};
    write_file(only_log(copy), bytes);
    expect_lost(copy, Seqno{3});
    EXPECT_EQ(read_file(only_log(copy)), bytes) << "a refused ledger must stay as it is";
    const auto reader = open_journal_read_only(copy);
    ASSERT_TRUE(reader) << reader.error().sentence;
    ASSERT_TRUE((*reader)->open_report().damage);
    EXPECT_EQ((*reader)->open_report().damage->entry, Seqno{3});
    EXPECT_EQ(read_all(**reader).size(), 2u);
  }
}

TEST(RocksNote, ALogThatEndsTooEarlyIsRefusedAlsoAtARecordsEnd) {
  const TemporaryDirectory dir;
  const Ledger ledger = make_ledger(dir / "ledger", 4, 40);
  const fs::path copy = dir / "copy";
  for (std::size_t kept = 1; kept < 4; ++kept) {
    for (const std::size_t torn : {0u, 1u, 30u}) {
      SCOPED_TRACE(kept * 100 + torn);
      copy_directory(dir / "ledger", copy);
      fs::resize_file(only_log(copy), ledger.ends[kept - 1] + torn);
      expect_lost(copy, Seqno{kept + 1});
    }
  }
}

TEST(RocksNote, AYoungLedgerWhoseOnlyLogIsGoneIsNotMadeAnew) {
  const TemporaryDirectory dir;
  make_ledger(dir.path(), 2, 40);
  fs::remove(only_log(dir.path()));
  expect_lost(dir.path(), Seqno{1});
  const auto reader = open_journal_read_only(dir.path());
  EXPECT_TRUE(!reader || (*reader)->open_report().damage);
}

TEST(RocksNote, AnOlderLedgerWhoseNewestLogIsGoneIsRefused) {
  const TemporaryDirectory dir;
  make_ledger(dir.path(), 2, 40);
  append_entries(*open_or_fail(dir.path()), 2);  // opening has moved the first two to a table
  const auto logs = log_files(dir.path());
  fs::remove(logs.back());
  std::vector<fs::path> tables;
  for (const auto& file : fs::directory_iterator{dir.path()}) {
    if (file.path().extension() == ".sst") tables.push_back(file.path());
  }
  ASSERT_FALSE(tables.empty());
  expect_lost(dir.path(), Seqno{3});
  for (const fs::path& table : tables) EXPECT_TRUE(fs::exists(table)) << "nothing is removed";
}

TEST(RocksNote, ARecordThatStandsTwiceInTheLogIsRefusedAndStopsNoProcess) {
  const TemporaryDirectory dir;
  const Ledger ledger = make_ledger(dir / "ledger", 4, 40);
  const base::Bytes log = read_file(only_log(dir / "ledger"));
  const fs::path copy = dir / "copy";
  for (std::size_t i = 1; i < 4; ++i) {
    copy_directory(dir / "ledger", copy);
    // A whole record, as good as any, behind the end.
    base::Bytes bytes = log;
    bytes.insert(bytes.end(), log.begin() + static_cast<std::ptrdiff_t>(ledger.ends[i - 1]),
                 log.begin() + static_cast<std::ptrdiff_t>(ledger.ends[i]));
    write_file(only_log(copy), bytes);
    const auto refused = open_journal(copy, kNode);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::kDamaged);
    EXPECT_THAT(refused.error().sentence, HasSubstr("where another belongs"));
    EXPECT_EQ(open_journal_read_only(copy).error().code, Code::kDamaged);
  }
}

TEST(RocksNote, AFragmentThatLooksLikeOneOfAnotherFileIsRefusedAndHoldsUpNoProcess) {
  const TemporaryDirectory dir;
  const Ledger ledger = make_ledger(dir / "ledger", 4, 40);
  const fs::path copy = dir / "copy";
  for (std::size_t i = 0; i < 4; ++i) {
    SCOPED_TRACE(i);
    copy_directory(dir / "ledger", copy);
    base::Bytes bytes = read_file(only_log(copy));
    // The type of the record behind the one that ends there, or of the last one.
    const std::size_t begin = i < 3 ? ledger.ends[i] : ledger.ends[2];
    bytes[begin + 6] ^= std::byte{4};
    write_file(only_log(copy), bytes);
    expect_lost(copy, Seqno{i < 3 ? i + 2 : 4});
    EXPECT_TRUE(open_journal_read_only(copy));
  }
}

TEST(RocksNote, AnotherEntryUnderTheNotedNumberIsRefused) {
  const TemporaryDirectory dir;
  make_ledger(dir / "one", 3, 40);
  make_ledger(dir / "two", 3, 50);
  fs::copy_file(dir / "two" / kDurableNoteFile, dir / "one" / kDurableNoteFile,
                fs::copy_options::overwrite_existing);
  const auto refused = open_journal(dir / "one", kNode);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kDamaged);
  EXPECT_EQ(refused.error().entry, Seqno{3});
  EXPECT_THAT(refused.error().sentence, HasSubstr(kDurableNoteFile));
}

TEST(RocksNote, AnOldADamagedOrAMissingNoteDoesNoHarm) {
  const TemporaryDirectory dir;
  const auto one = make_ledger(dir.path(), 1, 40);
  const base::Bytes old = read_file(dir / kDurableNoteFile);
  const auto entries = append_entries(*open_or_fail(dir.path()), 3);
  base::Bytes flipped = read_file(dir / kDurableNoteFile);
  flipped[20] ^= std::byte{1};
  const base::Bytes cut{old.begin(), old.begin() + 30};
  for (const base::Bytes& note : {old, flipped, cut, base::Bytes{}}) {
    write_file(dir / kDurableNoteFile, note);
    EXPECT_EQ(open_or_fail(dir.path())->last_seqno(), Seqno{4});
    ASSERT_TRUE(note_of(dir.path()));
    EXPECT_EQ(note_of(dir.path())->seqno, Seqno{4}) << "written anew";
  }
  lose_note(dir.path());
  EXPECT_EQ(open_or_fail(dir.path())->last_seqno(), Seqno{4});
  EXPECT_EQ(note_of(dir.path())->seqno, Seqno{4});
}

TEST(RocksNote, AStretchThatIsGoneIsNamedByItsFirstEntry) {
  const TemporaryDirectory dir;
  append_entries(*open_or_fail(dir.path()), 5);
  const base::Bytes old = read_file(dir / kDurableNoteFile);
  append_entries(*open_or_fail(dir.path()), 1);
  for (const std::uint64_t seqno : {3u, 4u, 5u}) {
    remove_raw(dir.path(), kJournalFamily, journal_key(Seqno{seqno}).view());
  }
  write_file(dir / kDurableNoteFile, old);  // as after a power cut: it names an entry that is gone
  const auto refused = open_journal(dir.path(), kNode);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kDamaged);
  EXPECT_EQ(refused.error().entry, Seqno{3});
}

TEST(RocksNote, ACheckpointAheadOfTheLastEntryIsRefused) {
  const TemporaryDirectory dir;
  {
    const auto journal = open_or_fail(dir.path());
    append_entries(*journal, 2);
    Checkpoint checkpoint;
    checkpoint.snapshot.resize(10, std::byte{1});
    checkpoint.info = {.seqno = Seqno{2},
                       .at = Timestamp{2},
                       .entry_checksum = journal->last_checksum(),
                       .digest = crypto::sha256(checkpoint.snapshot),
                       .snapshot_bytes = 10,
                       .id_lines = 0};
    ASSERT_TRUE(journal->put_checkpoint(checkpoint));
  }
  remove_raw(dir.path(), kJournalFamily, journal_key(Seqno{2}).view());
  lose_note(dir.path());
  expect_lost(dir.path(), Seqno{2});
}

}  // namespace
}  // namespace hugang::ledger::rocks
