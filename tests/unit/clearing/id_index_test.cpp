#include "clearing/machine/id_index.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

namespace hugang::machine {
namespace {

using base::CommandId;
using base::make_u128;

IdRecord record_of(std::uint64_t value) {
  IdRecord record;
  record.value = value;
  record.fingerprint = ~value;
  return record;
}

/// Sequential, random, and many that share one half: what clients send.
CommandId any_id(std::mt19937_64& random, std::uint64_t number) {
  if (number % 3 == 0) return CommandId{number};
  if (number % 3 == 1) return CommandId{make_u128(random(), random())};
  return CommandId{make_u128(number, 42)};
}

std::vector<std::uint64_t> lines_of(const IdSlots& slots, IdHash hash) {
  std::vector<std::uint64_t> lines;
  slots.for_each(hash, [&](std::uint64_t line) { lines.push_back(line); });
  return lines;
}

/// An archive over blocks that an index has handed over.
class KeptBlocks final : public IdArchive {
 public:
  void keep(const IdBlocks& taken) {
    ASSERT_EQ(taken.first, blocks_.size());
    blocks_.insert(blocks_.end(), taken.blocks.begin(), taken.blocks.end());
  }
  IdLogLine line(std::uint64_t number) const override {
    ++asked;
    return blocks_.at(number / kIdBlockLines)->lines.at(number % kIdBlockLines);
  }
  [[nodiscard]] const auto& blocks() const { return blocks_; }
  mutable std::uint64_t asked = 0;

 private:
  std::vector<std::shared_ptr<const IdBlock>> blocks_;
};

TEST(IdSlots, AgreesWithAMultimapWhileItGrows) {
  std::mt19937_64 random{7};
  IdSlots slots;
  std::multimap<IdHash, std::uint64_t> map;
  for (std::uint64_t line = 0; line < 150'000; ++line) {
    // Some hashes come often, and crowd their place.
    const IdHash hash = line % 50 == 0 ? 5 : random() & kIdHashMax;
    slots.insert(hash, line);
    map.emplace(hash, line);
    const IdHash absent = random() & kIdHashMax;
    ASSERT_EQ(lines_of(slots, absent).size(), map.count(absent));
  }
  for (auto it = map.begin(); it != map.end();) {
    const auto end = map.upper_bound(it->first);
    std::vector<std::uint64_t> expected;
    const IdHash hash = it->first;
    for (; it != end; ++it) expected.push_back(it->second);
    ASSERT_THAT(lines_of(slots, hash), testing::UnorderedElementsAreArray(expected));
  }
}

TEST(IdSlots, TakesManyAtOnceAsOneByOne) {
  std::mt19937_64 random{5};
  IdSlots one_by_one;
  IdSlots at_once;
  IdSlots without_room;
  at_once.reserve(30'000);
  std::vector<IdHash> hashes;
  for (std::uint64_t line = 0; line < 20'000; ++line) {
    hashes.push_back(line % 999 == 0 ? 77 : random() & kIdHashMax);
    one_by_one.insert(hashes.back(), line);
  }
  const std::span all{hashes};
  for (IdSlots* slots : {&at_once, &without_room}) {
    slots->insert_all(all.first(15'000), 0);
    slots->insert_all(all.subspan(15'000), 15'000);
    for (const IdHash hash : hashes) {
      ASSERT_THAT(lines_of(*slots, hash),
                  testing::UnorderedElementsAreArray(lines_of(one_by_one, hash)));
    }
  }
}

TEST(IdSlots, TakesLittleMoreThanSixteenBytesALineOnceItHasGrown) {
  std::mt19937_64 random{11};
  IdSlots slots;
  std::size_t growths = 0;
  std::size_t before = slots.memory_bytes();
  for (std::uint64_t line = 0; line < 2'000'000; ++line) {
    slots.insert(random() & kIdHashMax, line);
    const std::size_t now = slots.memory_bytes();
    if (now < before && line > 500'000) {  // the smaller table was given back
      // The fullest of 4,096 regions decides when to grow: the fewer lines, the more chance counts.
      EXPECT_LE(now, (line + 1) * (line < 1'000'000 ? 21 : 19)) << line;
      ++growths;
    }
    before = now;
  }
  EXPECT_GT(growths, 1u);
}

TEST(IdSlots, KeepsNeighboursApart) {
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    const IdHash first = hash_of_id(CommandId{i * 4}, 3);
    for (std::uint64_t k = 1; k < 4; ++k) {
      EXPECT_EQ(hash_of_id(CommandId{i * 4 + k}, 3), first + k);
    }
  }
  EXPECT_NE(hash_of_id(CommandId{77}, 1), hash_of_id(CommandId{77}, 2)) << "the seed counts";
}

TEST(IdIndex, AgreesWithAMapOnRandomAndSequentialIds) {
  std::mt19937_64 random{7};
  IdIndex index;
  std::map<CommandId, std::uint64_t> map;
  for (std::uint64_t i = 1; i <= 100'000; ++i) {
    const CommandId id = any_id(random, i);
    ASSERT_EQ(index.contains(id), map.contains(id));
    if (map.emplace(id, i).second) index.add(id, record_of(i));
    const CommandId absent{make_u128(random(), random())};
    ASSERT_EQ(index.contains(absent), map.contains(absent));
  }
  ASSERT_EQ(index.size(), map.size());
  for (const auto& [id, value] : map) {
    ASSERT_TRUE(index.find(id));
    ASSERT_EQ(index.find(id)->value, value);
    ASSERT_EQ(index.find(id)->fingerprint, ~value);
  }
}

TEST(IdIndex, TheNewestLineOfAnIdCounts) {
  IdIndex index;
  index.add(CommandId{5}, record_of(1));
  index.add(CommandId{6}, record_of(2));
  index.note(CommandId{5}, record_of(3));
  EXPECT_EQ(index.size(), 2u);
  EXPECT_EQ(index.mark().lines, 3u);
  EXPECT_EQ(index.find(CommandId{5})->value, 3u);
  EXPECT_EQ(index.find(CommandId{6})->value, 2u);
}

TEST(IdIndex, FindsWhatItReleasedInTheArchive) {
  const auto archive = std::make_shared<KeptBlocks>();
  IdIndex index;
  index.attach(archive);
  for (std::uint64_t i = 1; i <= 10'000; ++i) {
    index.add(CommandId{i}, record_of(i));
    if (i % 3'000 != 0) continue;
    archive->keep(index.take_new_blocks());
    index.release_taken();
  }
  EXPECT_EQ(archive->asked, 0u) << "a new id is not looked for in the archive";
  for (std::uint64_t i = 1; i <= 10'000; ++i) ASSERT_EQ(index.find(CommandId{i})->value, i);
  EXPECT_EQ(archive->asked, 9'000 / kIdBlockLines * kIdBlockLines);
  index.note(CommandId{2}, record_of(70));
  EXPECT_EQ(index.find(CommandId{2})->value, 70u);
}

TEST(IdIndex, CopiesAreIndependent) {
  IdIndex index;
  for (std::uint64_t i = 1; i <= 1'500; ++i) index.add(CommandId{i}, record_of(i));
  IdIndex copy{index};
  copy.note(CommandId{1}, record_of(99));
  copy.add(CommandId{2'000}, record_of(5));
  EXPECT_EQ(index.find(CommandId{1})->value, 1u);
  EXPECT_EQ(copy.find(CommandId{1})->value, 99u);
  EXPECT_FALSE(index.contains(CommandId{2'000}));
  EXPECT_EQ(copy.size(), 1'501u);
}

class ResumedIds : public testing::Test {
 protected:
  static constexpr std::uint64_t kIds = 2 * kIdBlockLines + kIdBlockLines / 2;

  ResumedIds() {
    index_.set_seed(99);
    for (std::uint64_t i = 1; i <= kIds; ++i) index_.add(CommandId{i * 7}, record_of(i));
    archive_->keep(index_.take_new_blocks());
  }
  [[nodiscard]] IdIndex resumed() const {
    auto index = IdIndex::resume(index_.mark(), {index_.tail().begin(), index_.tail().end()});
    EXPECT_TRUE(index);
    index->attach(archive_);
    return std::move(*index);
  }
  [[nodiscard]] bool restore(IdIndex& index, std::size_t block) const {
    const auto& lines = archive_->blocks()[block]->lines;
    base::Bytes hashes;
    pack_hashes(lines, index_.mark().seed, hashes);
    return index.restore_blocks(std::span{&archive_->blocks()[block]->checksum, 1}, hashes);
  }

  IdIndex index_;
  std::shared_ptr<KeptBlocks> archive_ = std::make_shared<KeptBlocks>();
};

TEST_F(ResumedIds, AreWhatTheyWere) {
  IdIndex again = resumed();
  EXPECT_FALSE(again.is_restored());
  ASSERT_TRUE(restore(again, 0));
  EXPECT_FALSE(again.is_restored());
  ASSERT_TRUE(restore(again, 1));
  EXPECT_TRUE(again.is_restored());
  EXPECT_FALSE(restore(again, 1)) << "there are no more";
  for (std::uint64_t i = 1; i <= kIds; ++i) ASSERT_EQ(again.find(CommandId{i * 7})->value, i);
  EXPECT_FALSE(again.contains(CommandId{1}));
  // Both go on alike.
  for (std::uint64_t i = 1; i <= 2'000; ++i) {
    index_.add(CommandId{make_u128(1, i)}, record_of(i));
    again.add(CommandId{make_u128(1, i)}, record_of(i));
  }
  EXPECT_EQ(again.mark().fold, index_.mark().fold);
  EXPECT_EQ(again.take_new_blocks().first, 2u);
}

TEST_F(ResumedIds, AreNotTakenFromOtherBlocks) {
  IdIndex swapped = resumed();
  ASSERT_TRUE(restore(swapped, 1) && restore(swapped, 0));
  EXPECT_FALSE(swapped.is_restored());

  IdIndex index = resumed();
  const std::uint64_t checksum = archive_->blocks()[0]->checksum;
  base::Bytes hashes(kIdBlockLines * kIdHashBytes, std::byte{0xFF});
  EXPECT_FALSE(index.restore_blocks(std::span{&checksum, 1}, hashes)) << "no id has such a hash";
  hashes.pop_back();
  EXPECT_FALSE(index.restore_blocks(std::span{&checksum, 1}, hashes)) << "a byte is missing";
}

TEST(IdIndex, DoesNotResumeFromFiguresThatContradictOneAnother) {
  EXPECT_TRUE(IdIndex::resume({}, {}));
  EXPECT_FALSE(IdIndex::resume({.lines = 1}, {})) << "a line is missing";
  EXPECT_FALSE(IdIndex::resume({.lines = 0}, std::vector<IdLogLine>(1)));
  EXPECT_FALSE(IdIndex::resume({.lines = 1, .ids = 2}, std::vector<IdLogLine>(1)));
  EXPECT_FALSE(IdIndex::resume({.lines = 1, .ids = 1, .fold = 4}, std::vector<IdLogLine>(1)));
  EXPECT_FALSE(IdIndex::resume({.lines = std::uint64_t{1} << 40}, {}));
}

}  // namespace
}  // namespace hugang::machine
