#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/digest.hpp"
#include "ledger/entry.hpp"
#include "ledger/rocks/checkpoint_codec.hpp"
#include "ledger/rocks/keys.hpp"
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

TEST(RocksCheckpoint, KeepsTheNewestThreeCheckpointsAndAllIdLines) {
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

TEST(RocksCheckpoint, LinesOfACheckpointThatIsMadeAgainReplaceTheOldOnes) {
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

TEST(RocksCheckpoint, ASnapshotWithAFlippedByteIsNotGivenOut) {
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

TEST(CheckpointCodec, RefusesWhatIsReservedEvenUnderAGoodChecksum) {
  CheckpointHead head = make_head(CheckpointInfo{});
  const auto sealed = [&head] {
    const auto whole = std::as_bytes(std::span{&head, 1});
    head.head_checksum = checksum_of(whole.first(offsetof(CheckpointHead, head_checksum)));
    return read_head(whole);
  };
  ASSERT_TRUE(sealed());
  head.reserved[15] = std::byte{1};
  EXPECT_FALSE(sealed());
  head.reserved[15] = std::byte{0};
  head.reserved0 = 1;
  EXPECT_FALSE(sealed());

  const machine::IdLogLine line;
  base::Bytes run = encode_id_run(0, std::span{&line, 1});
  ASSERT_TRUE(decode_id_run(run));
  run[offsetof(IdRunHead, reserved1)] = std::byte{1};
  EXPECT_FALSE(decode_id_run(run));
}

TEST(RocksCheckpoint, DamageInACheckpointsLogRecordCostsNoEntry) {
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
