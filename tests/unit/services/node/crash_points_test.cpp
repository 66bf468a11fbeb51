#include "services/node/crash_points.hpp"

#include <gtest/gtest.h>

#include <csignal>

#include "clearing/wire/batch.hpp"
#include "tests/unit/services/node/ledger_fixture.hpp"

namespace hugang::node {
namespace {

using namespace testing;

TEST(CrashPoints, RefuseAWishThatNamesNothing) {
  for (const char* wish : {"", "nowhere", "core.after-apply@nothing", "core.after-apply:0",
                           "core.after-apply:x", "core.after-apply:", "core.after-apply@:1"}) {
    const auto armed = arm_crash_point(wish);
    ASSERT_FALSE(armed.has_value()) << wish;
    EXPECT_FALSE(armed.error().empty());
  }
  EXPECT_FALSE(are_crash_points_armed());
}

TEST(CrashPoints, DoNothingUnlessArmed) {
  CrashTags tags;
  tags.add(wire::CommandKind::kInstruct);
  crash_point(CrashPoint::kCoreAfterApply, tags);
  SUCCEED();
}

/// In a process of its own: arms the wish and passes three points. Exits 0 if it lives on.
void arm_and_pass(const char* wish) {
  if (!arm_crash_point(wish)) std::_Exit(3);
  CrashTags transfer;
  transfer.add(wire::CommandKind::kTransfer);
  CrashTags decision;
  decision.add(wire::MessageKind::kDecision);
  crash_point(CrashPoint::kCoreAfterApply, transfer);
  crash_point(CrashPoint::kReleaseBefore, transfer);
  crash_point(CrashPoint::kReleaseBefore, decision);
  std::_Exit(0);
}

TEST(CrashPointsDeathTest, KillAtTheNamedPointKindAndCount) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto killed = ::testing::KilledBySignal(SIGKILL);
  const auto lived = ::testing::ExitedWithCode(0);
  EXPECT_EXIT(arm_and_pass("core.after-apply"), killed, "");
  EXPECT_EXIT(arm_and_pass("core.after-apply@transfer"), killed, "");
  EXPECT_EXIT(arm_and_pass("core.after-apply@decision"), lived, "");
  EXPECT_EXIT(arm_and_pass("release.before@decision:1"), killed, "");
  EXPECT_EXIT(arm_and_pass("release.before@decision:2"), lived, "");
  EXPECT_EXIT(arm_and_pass("release.before:2"), killed, "");
  EXPECT_EXIT(arm_and_pass("release.before:3"), lived, "");
  EXPECT_EXIT(arm_and_pass("journal.before-append"), lived, "");
}

TEST(CrashPoints, KnowCommandsAndQueuedMessages) {
  wire::BatchBuilder batch;
  batch.add(wire::CommandKind::kTick, kNodeCaller, wire::Tick{});

  const auto message = wire::encode_message(wire::MessageKind::kDecision, wire::Decision{});
  wire::MessageQueued queued;
  queued.message_bytes = static_cast<std::uint32_t>(message.size());
  wire::EventHead head;
  head.kind = wire::EventKind::kMessageQueued;
  head.bytes = static_cast<std::uint32_t>(sizeof(queued) + message.size());
  base::Bytes events;
  const auto append = [&events](base::ByteSpan bytes) {
    events.insert(events.end(), bytes.begin(), bytes.end());
  };
  append(std::as_bytes(std::span{&head, 1}));
  append(std::as_bytes(std::span{&queued, 1}));
  append(message);

  const CrashTags tags = crash_tags_of(batch.section(), events);
  CrashTags tick;
  tick.add(wire::CommandKind::kTick);
  CrashTags decision;
  decision.add(wire::MessageKind::kDecision);
  CrashTags instruct;
  instruct.add(wire::MessageKind::kInstruct);
  EXPECT_TRUE(tags.meets(tick));
  EXPECT_TRUE(tags.meets(decision));
  EXPECT_FALSE(tags.meets(instruct));
}

}  // namespace
}  // namespace hugang::node
