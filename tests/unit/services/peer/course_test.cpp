// When a link sends, waits, gives up and journals what was acknowledged.
#include "services/peer/course.hpp"

#include <gtest/gtest.h>

#include "tests/unit/services/peer/channel_fixture.hpp"

namespace hugang::peer {
namespace {

using namespace std::chrono_literals;
using Act = OutgoingCourse::Act;

class CourseTest : public ::testing::Test {
 protected:
  CourseTest() {
    for (auto& message : test::Outbox{}.take(3)) sender.queue(std::move(message));
  }
  void open_at(std::chrono::nanoseconds now) {
    course.opened(sender, now);
    (void)course.take(sender, {.applied = {}, .chain = {}, .resend = false, .halted = {}}, now);
  }

  LinkPace pace;
  PeerSender sender{test::kShanghai, test::kHongKong};
  OutgoingCourse course{pace, 7};
};

TEST_F(CourseTest, SendsNothingBeforeThePeerSaysWhereItStands) {
  course.opened(sender, 0s);
  EXPECT_EQ(course.next(sender, 1s).act, Act::kWait);
  const auto news =
      course.take(sender, {.applied = {}, .chain = {}, .resend = false, .halted = {}}, 1s);
  EXPECT_TRUE(news.is_open);
  EXPECT_EQ(course.next(sender, 1s).act, Act::kSend);
}

TEST_F(CourseTest, GivesUpAStreamWhosePeerNeverSpeaks) {
  course.opened(sender, 10s);
  EXPECT_EQ(course.next(sender, 10s + pace.stall_limit - 1ns).act, Act::kWait);
  EXPECT_EQ(course.next(sender, 10s + pace.stall_limit).act, Act::kGiveUp);
}

TEST_F(CourseTest, GivesUpWhenWhatIsUnderWayIsNeverAcknowledged) {
  open_at(0s);
  EXPECT_EQ(course.next(sender, 5s).act, Act::kSend);
  ASSERT_TRUE(sender.next_payload(base::Timestamp{1}, {}).has_value());
  const auto next = course.next(sender, 6s);
  EXPECT_EQ(next.act, Act::kWait);
  // Counted from when it began to wait for something, not from the opening.
  EXPECT_EQ(course.next(sender, 5s + pace.stall_limit - 1ns).act, Act::kWait);
  EXPECT_EQ(course.next(sender, 5s + pace.stall_limit).act, Act::kGiveUp);
}

TEST_F(CourseTest, StaysQuietForEverWithNothingToSay) {
  PeerSender silent{test::kShanghai, test::kHongKong};
  course.opened(silent, 0s);
  (void)course.take(silent, {.applied = {}, .chain = {}, .resend = false, .halted = {}}, 0s);
  EXPECT_EQ(course.next(silent, 24h).act, Act::kWait);
}

TEST_F(CourseTest, PausesBeforeItGoesBackOnAResend) {
  open_at(0s);
  ASSERT_TRUE(sender.next_payload(base::Timestamp{1}, {}).has_value());
  (void)course.take(sender, {.applied = {}, .chain = {}, .resend = true, .halted = {}}, 1s);
  const auto next = course.next(sender, 1s);
  ASSERT_EQ(next.act, Act::kWait);
  EXPECT_GE(next.until, 1s + pace.resend_pause / 2);
  EXPECT_LE(next.until, 1s + pace.resend_pause);
  EXPECT_EQ(course.next(sender, next.until).act, Act::kSend);
}

TEST_F(CourseTest, JournalsAFewAcknowledgementsOnlyInAQuietTime) {
  open_at(0s);
  ASSERT_TRUE(sender.next_payload(base::Timestamp{1}, {}).has_value());
  const auto messages = test::Outbox{}.take(3);
  (void)course.take(sender,
                    {.applied = base::ChannelSeqno{3},
                     .chain = messages[2].chain_after,
                     .resend = false,
                     .halted = {}},
                    1s);
  EXPECT_EQ(course.ack_to_journal(sender, 1s + pace.ack_quiet - 1ns), std::nullopt);
  EXPECT_EQ(course.ack_to_journal(sender, 1s + pace.ack_quiet), base::ChannelSeqno{3});
  EXPECT_EQ(course.ack_to_journal(sender, 1h), std::nullopt) << "once";
}

TEST_F(CourseTest, DialsEverSlowerUntilAStreamLasts) {
  std::chrono::milliseconds longest{};
  std::chrono::nanoseconds now = 0s;
  for (int i = 0; i < 12; ++i) {
    course.opened(sender, now);
    longest = std::max(longest, course.closed(sender, now));
    now += 1ms;
  }
  EXPECT_GE(longest, pace.redial_longest / 2);
  EXPECT_LE(longest, pace.redial_longest);
  course.opened(sender, now);
  EXPECT_LE(course.closed(sender, now + pace.redial_longest), pace.redial_first);
}

}  // namespace
}  // namespace hugang::peer
