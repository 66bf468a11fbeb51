#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/load/engine.hpp"

namespace hugang::load {
namespace {

using report::Verdict;
using testing::HasSubstr;

report::Histogram lags(std::uint64_t punctual, std::uint64_t late, std::uint64_t late_ns) {
  report::Histogram lag;
  lag.record(50'000, punctual);
  lag.record(late_ns, late);
  return lag;
}

const Punctuality kGood{.loop = Loop::kOpen,
                        .lag_max_s = 0.02,
                        .intended = 1'000,
                        .offered = 1'000,
                        .busiest_thread = 0.5,
                        .cores_busy = 0.7};

TEST(Honesty, LetsARateStandThatTheClientOffered) {
  const auto honesty = judge(kGood, lags(1'000, 5, 30'000'000));
  EXPECT_EQ(honesty.verdict, Verdict::kOffered);
  EXPECT_THAT(honesty.sentence, HasSubstr("1000 of 1000"));
  EXPECT_EQ(honesty.lag_max_ns, 30'000'000u);
  EXPECT_DOUBLE_EQ(honesty.client_cores_busy, 0.7);
}

TEST(Honesty, ClaimsNoRateWhenOneInAHundredWasLateByTheClientsFault) {
  const auto honesty = judge(kGood, lags(980, 20, 30'000'000));
  EXPECT_EQ(honesty.verdict, Verdict::kClientTooSlow);
  EXPECT_THAT(honesty.sentence, HasSubstr("No rate is claimed"));
}

TEST(Honesty, ClaimsNoRateWhenAFullThreadLeftRequestsBehind) {
  Punctuality full = kGood;
  full.busiest_thread = 0.99;
  full.offered = 900;
  EXPECT_EQ(judge(full, lags(900, 0, 0)).verdict, Verdict::kClientTooSlow);
  full.offered = 1'000;
  EXPECT_EQ(judge(full, lags(1'000, 0, 0)).verdict, Verdict::kOffered) << "it kept up all the same";
}

TEST(Honesty, DoesNotBlameTheClientForANodeThatIsBehind) {
  Punctuality behind = kGood;
  behind.offered = 500;
  const auto honesty = judge(behind, lags(500, 0, 0));
  EXPECT_EQ(honesty.verdict, Verdict::kOffered);
  EXPECT_THAT(honesty.sentence, HasSubstr("the node had not answered"));
}

TEST(Honesty, ClosedLoopsHaveNoRateToFallBehindOf) {
  Punctuality closed = kGood;
  closed.loop = Loop::kClosed;
  closed.intended = 0;
  const auto honesty = judge(closed, report::Histogram{});
  EXPECT_EQ(honesty.verdict, Verdict::kClosedLoop);
  EXPECT_EQ(honesty.requests_intended, honesty.requests_offered);
  closed.busiest_thread = 1;
  EXPECT_THAT(judge(closed, report::Histogram{}).sentence, HasSubstr("may be able to do more"));
}

}  // namespace
}  // namespace hugang::load
