#include "clearing/machine/snapshot.hpp"

#include <gtest/gtest.h>

#include "clearing/machine/invariants.hpp"
#include "tests/unit/clearing/small_world.hpp"

namespace hugang::machine {
namespace {

using scenario::Script;
using scenario::snapshot_of;

class Snapshot : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    script_.run_text(test::kSmallWorld);
    bytes_ = snapshot_of(script_.city(GetParam()).state());
  }
  Script script_;
  base::Bytes bytes_;
};

TEST_P(Snapshot, GivesTheStateBack) {
  const auto decoded = decode_snapshot(bytes_);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(snapshot_of(*decoded), bytes_);
  EXPECT_EQ(first_broken_law(*decoded), std::nullopt);
  EXPECT_EQ(decoded->deadlines, script_.city(GetParam()).state().deadlines);
}

TEST_P(Snapshot, RefusesATruncationAtEveryByte) {
  for (std::size_t size = 0; size < bytes_.size(); ++size) {
    const auto decoded = decode_snapshot(base::ByteSpan{bytes_}.first(size));
    ASSERT_FALSE(decoded.has_value()) << size;
    EXPECT_NE(decoded.error(), SnapshotError::kTrailingBytes) << size;
  }
}

TEST_P(Snapshot, RefusesTrailingBytes) {
  bytes_.push_back(std::byte{0});
  EXPECT_EQ(decode_snapshot(bytes_).error(), SnapshotError::kTrailingBytes);
}

TEST_P(Snapshot, RefusesOtherFilesAndVersions) {
  base::Bytes other = bytes_;
  other[0] ^= std::byte{1};
  EXPECT_EQ(decode_snapshot(other).error(), SnapshotError::kMalformed);
  other = bytes_;
  other[4] ^= std::byte{2};
  EXPECT_EQ(decode_snapshot(other).error(), SnapshotError::kVersionUnknown);
}

TEST_P(Snapshot, NoFlippedByteGivesTheSameState) {
  std::size_t accepted = 0;
  for (std::size_t at = 0; at < bytes_.size(); ++at) {
    for (const int flip : {0x01, 0x80, 0xFF}) {
      base::Bytes flipped = bytes_;
      flipped[at] ^= static_cast<std::byte>(flip);
      const auto decoded = decode_snapshot(flipped);
      if (!decoded) continue;
      ++accepted;
      // Another state, and exactly the one that the bytes say; to ask for its laws is safe.
      ASSERT_EQ(snapshot_of(*decoded), flipped) << "byte " << at;
      (void)first_broken_law(*decoded);
    }
  }
  EXPECT_GT(accepted, 0U) << "names and amounts may be anything";
}

INSTANTIATE_TEST_SUITE_P(BothCities, Snapshot, testing::Values("shanghai", "hongkong"));

TEST(IdLog, ARestoredMachineAnswersARetryAsTheFirstTime) {
  Machine machine{scenario::real_hashing()};
  wire::BatchBuilder builder;
  wire::Genesis genesis;
  genesis.id = CommandId{5};
  genesis.node = NodeId{1};
  ASSERT_TRUE(genesis.code.assign("a") && genesis.name.assign("a"));
  builder.add(wire::CommandKind::kGenesis, ParticipantId{}, genesis);
  genesis.id = CommandId{6};
  builder.add(wire::CommandKind::kGenesis, ParticipantId{}, genesis);
  Effects effects;
  ASSERT_TRUE(machine.apply({Seqno{1}, Timestamp{1}}, builder.section(), effects).has_value());

  State restored = decode_snapshot(snapshot_of(machine.state())).value();
  ASSERT_TRUE(restored.ids.is_restored()) << "no block is full yet: all lines are in the snapshot";
  Machine again{scenario::real_hashing(), std::move(restored)};
  ASSERT_TRUE(again.apply({Seqno{2}, Timestamp{9}}, builder.section(), effects).has_value());
  EXPECT_EQ(effects.outcomes[0].flags, wire::outcome_flag::kRepeated);
  EXPECT_EQ(effects.outcomes[0].code, Code::kOk);
  EXPECT_EQ(effects.outcomes[1].code, Code::kNotPermitted);
  EXPECT_EQ(effects.outcomes[1].at, Timestamp{2});
}

}  // namespace
}  // namespace hugang::machine
