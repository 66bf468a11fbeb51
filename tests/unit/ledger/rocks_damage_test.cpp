#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/ledger/entries.hpp"
#include "tests/unit/ledger/rocks_directory.hpp"
#include "tests/unit/ledger/temporary_directory.hpp"

namespace hugang::ledger::rocks {
namespace {

using hugang::test::TemporaryDirectory;
using ledger::test::append_entries;
using ledger::test::kNode;
using ledger::test::read_all;
using testing::HasSubstr;
using Code = LedgerError::Code;

/// Where the last record of the log begins, from a copy of the log before it was written.
struct Ledger {
  std::vector<base::Bytes> entries;
  std::size_t last_record_begin = 0;
  base::Bytes log;
};

/// A ledger as a power cut leaves it: `count` entries in the log, and no note of the last of them
/// (with one, a missing entry is refused: rocks_note_test.cpp).
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
  lose_note(directory);
  return ledger;
}

TEST(RocksDamage, CutsALastWriteThatIsTornAtAnyByte) {
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

TEST(RocksDamage, CutsALargeLastWriteThatIsTornAcrossBlocks) {
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

TEST(RocksDamage, CutsALastWriteWhosePagesDidNotAllArrive) {
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

TEST(RocksDamage, CutsAFlippedByteInTheLastWriteAndKeepsTheLog) {
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

TEST(RocksDamage, RefusesAFlippedByteInTheMiddleAndNamesTheEntry) {
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

TEST(RocksDamage, RefusesDamagedFramesOfTheLogInTheMiddle) {
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

TEST(RocksDamage, RefusesALargeEntryDamagedInTheMiddle) {
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

TEST(RocksDamage, ReadOnlyShowsWhatIsBeforeTheDamage) {
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

}  // namespace
}  // namespace hugang::ledger::rocks
