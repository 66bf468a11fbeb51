#include "clients/load/recorder.hpp"

#include <gtest/gtest.h>

namespace hugang::load {
namespace {

constexpr Nanos kMs = kSecond / 1'000;

Answer accepted(std::uint64_t count = 1) {
  Answer answer;
  answer.accepted = count;
  return answer;
}

/// An open loop of 100 requests a second against a server that answers in 1 ms but stands still
/// from second 2 to second 7, with one place: on a clock of our own.
class StalledServer {
 public:
  static constexpr Nanos kStallFrom = 2 * kSecond;
  static constexpr Nanos kStallTo = 7 * kSecond;

  void run(Recorder& recorder, SentCounts& sent, Lag& lag) {
    Schedule schedule{{{0, 20, 100, 100}}, Arrivals::kEven, 1};
    Nanos free_since = 0;
    while (const auto intended = schedule.next()) {
      const Nanos sent_at = std::max(*intended, free_since);
      sent.add(Kind::kTransfer, true);
      lag.record(*intended, free_since, sent_at);
      Nanos answered = sent_at + kMs;
      if (answered > kStallFrom && answered < kStallTo) answered = kStallTo + kMs;
      recorder.ended(Kind::kTransfer, {*intended, sent_at, answered}, accepted());
      free_since = answered;
    }
    recorder.finish(free_since);
  }
};

TEST(Recorder, ShowsAStallInTheLatencyOfEveryRequestThatItHeldUp) {
  Collector collector{1, 0};
  SentCounts sent;
  Lag lag;
  const Schedule schedule{{{0, 20, 100, 100}}, Arrivals::kEven, 1};
  Recorder recorder{{.measure_from = 0, .end = 0, .arrivals = schedule}, collector, sent};
  StalledServer{}.run(recorder, sent, lag);

  const KindTotals& totals = *recorder.totals(Kind::kTransfer);
  ASSERT_EQ(totals.completed, 2'000u);
  // 500 of 2,000 were intended during the stall: a quarter waited, evenly from 5 s down to 0.
  EXPECT_GT(totals.latency.percentile_ns(99.9), 4'900u * kMs);
  EXPECT_GT(totals.latency.percentile_ns(90), 2'000u * kMs);
  EXPECT_GE(totals.latency.max_ns(), 5'000u * kMs);
  // Service time alone would have shown one slow request: that is what is not to be believed.
  EXPECT_EQ(totals.service_time.count_up_to(2 * kMs), 1'999u);
  // And the client itself was never late: the stall was not its own.
  EXPECT_EQ(lag.late.max_ns(), 0u);

  report::RunRecord record;
  record.kinds.emplace_back();
  collector.finish({Kind::kTransfer}, record);
  ASSERT_EQ(record.seconds.size(), 20u);
  for (std::uint32_t i = 0; i < 20; ++i) {
    const report::Second& second = record.seconds[i];
    EXPECT_EQ(second.second, i);
    EXPECT_EQ(second.intended, 100u) << "what was wanted does not depend on the server";
    const bool is_dark = i >= 2 && i < 7;
    EXPECT_EQ(second.completed == 0, is_dark) << i;
    EXPECT_EQ(second.latency.count, second.completed);
  }
  EXPECT_EQ(record.seconds[7].completed, 600u);
}

TEST(Recorder, TellsTheClientsOwnLatenessFromTheServers) {
  Lag lag;
  lag.record(100, 0, 130);    // a place was free: 30 late by its own fault
  lag.record(100, 500, 510);  // no place before 500: 10 late
  lag.record(100, 500, 500);
  EXPECT_EQ(lag.late.max_ns(), 30u);
  EXPECT_EQ(lag.late.sum_ns(), 40u);
}

TEST(Recorder, LeavesWarmUpOutOfEverythingThatIsKept) {
  Collector collector{1, 2};
  SentCounts sent;
  Recorder recorder{{.measure_from = 2 * kSecond, .end = 0, .arrivals = {}}, collector, sent};
  sent.add(Kind::kHold, false);
  recorder.ended(Kind::kHold, {kSecond, kSecond, kSecond + kMs}, accepted());
  // Intended before, answered after: it belongs to neither.
  recorder.ended(Kind::kHold, {kSecond, kSecond, 2 * kSecond + kMs}, accepted());
  sent.add(Kind::kHold, true);
  recorder.ended(Kind::kHold, {2 * kSecond, 2 * kSecond, 2 * kSecond + 2 * kMs}, accepted());
  recorder.finish(2 * kSecond + 3 * kMs);
  EXPECT_EQ(recorder.totals(Kind::kHold)->completed, 1u);
  EXPECT_EQ(recorder.totals(Kind::kHold)->latency.max_ns(), 2u * kMs);
  EXPECT_EQ(sent.of(Kind::kHold), 1u);
  report::RunRecord record;
  record.kinds.emplace_back();
  collector.finish({Kind::kHold}, record);
  ASSERT_EQ(record.seconds.size(), 1u);
  EXPECT_EQ(record.seconds[0].second, 2u);
  EXPECT_EQ(record.seconds[0].completed, 1u);
  EXPECT_EQ(record.kinds[0].seconds[0].completed, 1u);
}

TEST(Recorder, CountsRefusalsErrorsAndWhatNeverWentOut) {
  Collector collector{1, 0};
  SentCounts sent;
  Recorder recorder{{}, collector, sent};
  Answer mixed = accepted(5);
  report::add_code(mixed.refused, "INSUFFICIENT_FUNDS", 3);
  recorder.ended(Kind::kBatch, {0, 0, kMs}, mixed);
  Answer broken;
  broken.error = "UNAVAILABLE";
  recorder.ended(Kind::kBatch, {0, 0, kMs}, broken);
  recorder.not_sent(Kind::kBatch, 7);
  recorder.finish(2 * kMs);
  const KindTotals& totals = *recorder.totals(Kind::kBatch);
  EXPECT_EQ(totals.completed, 1u);
  EXPECT_EQ(totals.accepted, 5u);
  EXPECT_EQ(totals.refused, (report::CodeCounts{{"INSUFFICIENT_FUNDS", 3}}));
  EXPECT_EQ(totals.errors, (report::CodeCounts{{"NOT_SENT", 7}, {"UNAVAILABLE", 1}}));
  EXPECT_EQ(totals.latency.count(), 1u) << "no latency of what was not answered";
  const auto glance = collector.glance();
  ASSERT_TRUE(glance.has_value());
  EXPECT_EQ(glance->refused, 3u);
  EXPECT_EQ(glance->errors, 8u);
  EXPECT_FALSE(collector.glance().has_value()) << "it was looked at";
}

TEST(Collector, MakesASecondOfAllThreads) {
  Collector collector{2, 0};
  SentCounts sent_a;
  SentCounts sent_b;
  Recorder a{{}, collector, sent_a};
  Recorder b{{}, collector, sent_b};
  for (int i = 0; i < 3; ++i) {
    const Nanos at = i * kSecond;
    sent_a.add(Kind::kTransfer, true);
    a.ended(Kind::kTransfer, {at, at, at + kMs}, accepted());
  }
  a.finish(3 * kSecond);
  EXPECT_FALSE(collector.glance().has_value()) << "the other thread has not reached any second";
  sent_b.add(Kind::kPost, true);
  b.ended(Kind::kPost, {0, 0, 5 * kMs}, accepted());
  b.finish(kSecond);
  const auto glance = collector.glance();
  ASSERT_TRUE(glance.has_value());
  EXPECT_EQ(glance->completed, 3u) << "seconds 0 and 1 are complete";
  report::RunRecord record;
  record.kinds.resize(2);
  collector.finish({Kind::kTransfer, Kind::kPost}, record);
  ASSERT_GE(record.seconds.size(), 3u);
  EXPECT_EQ(record.seconds[0].completed, 2u);
  EXPECT_EQ(record.seconds[0].latency.max_ns, 5u * kMs);
  EXPECT_EQ(record.kinds[0].seconds[0].completed, 1u);
  EXPECT_EQ(record.kinds[1].seconds[0].completed, 1u);
  EXPECT_EQ(record.seconds[2].completed, 1u);
}

TEST(Recorder, CountsTheLastAnswersToTheLastSecondAndLateOnesApart) {
  for (const Nanos late : {kMs, kSecond}) {
    Collector collector{1, 0};
    SentCounts sent;
    Recorder recorder{{.measure_from = 0, .end = 2 * kSecond, .arrivals = {}}, collector, sent};
    const Nanos at = 2 * kSecond - kMs;
    recorder.ended(Kind::kTransfer, {at, at, 2 * kSecond + late}, accepted());
    recorder.finish(2 * kSecond + late);
    report::RunRecord record;
    record.kinds.emplace_back();
    collector.finish({Kind::kTransfer}, record);
    EXPECT_EQ(record.seconds.size(), late == kMs ? 2u : 4u);
    EXPECT_EQ(record.seconds.back().completed, 1u);
  }
}

TEST(Recorder, StopsCountingWhatIsIntendedWhenTheRunIsStopped) {
  Collector collector{1, 0};
  SentCounts sent;
  const Schedule schedule{{{0, 20, 100, 100}}, Arrivals::kEven, 1};
  Recorder recorder{{.measure_from = 0, .end = 0, .arrivals = schedule}, collector, sent};
  recorder.pass(kSecond);
  recorder.stop_arrivals(kSecond + kSecond / 2);
  recorder.finish(3 * kSecond);
  EXPECT_EQ(recorder.intended_measured(), 150u);
}

}  // namespace
}  // namespace hugang::load
