#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

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

/// A full block whose ids tell where it belongs.
std::shared_ptr<const machine::IdBlock> block_of(std::uint64_t number) {
  machine::IdBlock block;
  block.lines.resize(machine::kIdBlockLines);
  for (std::size_t i = 0; i < block.lines.size(); ++i) {
    block.lines[i].id = base::CommandId{number * machine::kIdBlockLines + i + 1};
  }
  block.checksum = machine::checksum_of_lines(block.lines);
  return std::make_shared<const machine::IdBlock>(std::move(block));
}

/// `blocks` of the id log in all, `new_blocks` of them new.
Checkpoint make_checkpoint_at(const Journal& journal, std::uint64_t seqno, std::uint64_t blocks,
                              std::uint64_t new_blocks, std::size_t snapshot_bytes) {
  Checkpoint checkpoint;
  checkpoint.snapshot.resize(snapshot_bytes, static_cast<std::byte>(seqno));
  checkpoint.id_blocks.first = blocks - new_blocks;
  checkpoint.id_seed = 5;
  for (std::uint64_t i = blocks - new_blocks; i < blocks; ++i) {
    checkpoint.id_blocks.blocks.push_back(block_of(i));
  }
  checkpoint.info = {.seqno = Seqno{seqno},
                     .at = Timestamp{static_cast<std::int64_t>(seqno)},
                     .entry_checksum = read_entry_head(*journal.read(Seqno{seqno}))->head_checksum,
                     .digest = crypto::sha256(checkpoint.snapshot),
                     .snapshot_bytes = snapshot_bytes,
                     .id_lines = blocks * machine::kIdBlockLines};
  return checkpoint;
}

/// The hashes of so many blocks, as the checkpoints above made them; nothing on an error.
std::size_t count_right_hashes(const Journal& journal, std::uint64_t blocks) {
  std::uint64_t number = 0;
  const auto read = journal.read_id_hashes(
      blocks, [&](std::span<const std::uint64_t> checksums, ByteSpan hashes) {
        base::Bytes expected;
        for (const std::uint64_t checksum : checksums) {
          const auto block = block_of(number++);
          EXPECT_EQ(checksum, block->checksum);
          machine::pack_hashes(block->lines, 5, expected);
        }
        return std::ranges::equal(expected, hashes);
      });
  return read ? number : 0;
}

TEST(RocksCheckpoint, KeepsTheNewestThreeCheckpointsAndTheWholeIdLog) {
  const TemporaryDirectory dir;
  {
    const auto journal = open_or_fail(dir.path());
    append_entries(*journal, 50);
    for (std::uint64_t i = 1; i <= 5; ++i) {
      const auto put = journal->put_checkpoint(
          make_checkpoint_at(*journal, i * 10, i * 4'500, 4'500, 2'500'000));
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
  EXPECT_EQ(count_right_hashes(*journal, 18'000), 18'000u);
  EXPECT_EQ(count_right_hashes(*journal, 22'501), 0u);
  for (const std::uint64_t number : {0u, 15u, 16u, 4'499u, 4'500u, 22'499u}) {
    const auto lines = journal->read_id_block(number);
    ASSERT_TRUE(lines) << lines.error().sentence;
    EXPECT_EQ(lines->back().id, block_of(number)->lines.back().id);
  }
  EXPECT_FALSE(journal->read_id_block(22'500));
}

TEST(RocksCheckpoint, BlocksOfACheckpointThatIsMadeAgainReplaceTheOldOnes) {
  const TemporaryDirectory dir;
  const auto journal = open_or_fail(dir.path());
  append_entries(*journal, 30);
  ASSERT_TRUE(journal->put_checkpoint(make_checkpoint_at(*journal, 10, 3, 3, 10)));
  ASSERT_TRUE(journal->put_checkpoint(make_checkpoint_at(*journal, 20, 200, 197, 10)));
  // Recovery passed over the second one, and the next is taken earlier.
  ASSERT_TRUE(journal->put_checkpoint(make_checkpoint_at(*journal, 15, 5, 2, 10)));
  EXPECT_EQ(count_right_hashes(*journal, 5), 5u);
  EXPECT_EQ(count_right_hashes(*journal, 200), 0u);
  EXPECT_FALSE(journal->read_id_block(5));
}

TEST(RocksCheckpoint, ASnapshotWithAFlippedByteIsNotGivenOut) {
  const TemporaryDirectory dir;
  {
    const auto journal = open_or_fail(dir.path());
    append_entries(*journal, 2);
    ASSERT_TRUE(journal->put_checkpoint(make_checkpoint_at(*journal, 2, 0, 0, 100)));
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

  const auto block = block_of(7);
  for (base::Bytes bytes : {encode_id_lines(7, {&block, 1}), encode_id_hashes(7, {&block, 1}, 3)}) {
    const auto is_taken = [&bytes] {
      return decode_id_lines(7, 7, bytes).has_value() || decode_id_hashes(7, bytes).has_value();
    };
    ASSERT_TRUE(is_taken());
    EXPECT_FALSE(decode_id_lines(7, 8, bytes)) << "not in the run";
    EXPECT_FALSE(decode_id_lines(8, 8, bytes) || decode_id_hashes(8, bytes)) << "another run";
    bytes[offsetof(IdHead, reserved1)] = std::byte{1};
    EXPECT_FALSE(is_taken());
  }
}

TEST(RocksCheckpoint, DamageInACheckpointsLogRecordCostsNoEntry) {
  const TemporaryDirectory dir;
  std::vector<base::Bytes> entries;
  std::size_t begin = 0;
  {
    const auto journal = open_or_fail(dir.path());
    entries = append_entries(*journal, 4);
    begin = fs::file_size(only_log(dir.path()));
    ASSERT_TRUE(journal->put_checkpoint(make_checkpoint_at(*journal, 4, 0, 0, 200'000)));
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
