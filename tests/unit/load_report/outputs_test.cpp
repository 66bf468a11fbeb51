#include "clients/load/report/outputs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "clients/load/report/figures.hpp"
#include "clients/load/report/quantities.hpp"
#include "tests/unit/load_report/sample_run.hpp"

namespace hugang::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string table_of(const RunRecord& record) {
  std::ostringstream out;
  print_table(record, out, program::Style{});
  return out.str();
}

/// Two seconds, written out by hand.
RunRecord small_run() {
  RunRecord record;
  record.program_version = "0.1.0";
  record.machine = {"Example CPU", 2, std::uint64_t{8} << 30, "Linux 6.1.0"};
  record.target = "127.0.0.1:7001";
  record.scenario_name = "streaming batches";
  record.scenario_summary = {{"arrivals", "open loop, 100/s"}};
  record.seed = 7;
  record.started_at = base::Timestamp{1'795'000'000'000'000'000};
  record.measured_s = 2;
  OperationKind kind;
  kind.name = "batch";
  kind.requests_offered = 200;
  kind.requests_completed = 198;
  kind.retries = 3;
  kind.transfers_accepted = 19'700;
  kind.refused = {{"account-frozen", 20}, {"insufficient-funds", 80}};
  kind.errors = {{"UNAVAILABLE", 2}};
  kind.latency.record(2'000'000, 150);
  kind.latency.record(5'000'000, 47);
  kind.latency.record(80'000'000, 1);
  kind.service_time.record(1'900'000, 198);
  for (std::uint32_t i = 0; i < 2; ++i) {
    const Histogram half = [&] {
      Histogram window;
      window.record(2'000'000, 75);
      window.record(i == 0 ? 5'000'000 : 80'000'000, 24);
      return window;
    }();
    kind.seconds.push_back({i, 99, 9850, summarise(half)});
    Second second{.second = i,
                  .intended = 100,
                  .offered = 100,
                  .completed = 99,
                  .transfers_completed = 9850,
                  .transfers_refused = 50,
                  .refused = {{"insufficient-funds", 50}},
                  .errors = {{"UNAVAILABLE", 1}},
                  .latency = summarise(half)};
    record.seconds.push_back(second);
  }
  record.kinds.push_back(std::move(kind));
  record.honesty = {.verdict = Verdict::kOffered,
                    .sentence = "The client offered every request on time.",
                    .requests_intended = 200,
                    .requests_offered = 200,
                    .lag_p50_ns = 10'000,
                    .lag_p99_ns = 90'000,
                    .lag_p999_ns = 300'000,
                    .lag_max_ns = 400'000,
                    .client_cores_busy = 0.25};
  return record;
}

TEST(LoadTable, SaysOnOneScreenWhatHappened) {
  EXPECT_EQ(table_of(small_run()),
            R"(streaming batches
  target      127.0.0.1:7001
  started     2026-11-18T11:06:40Z, measured for 2 s, seed 7
  arrivals    open loop, 100/s

  throughput  9,850/s transfers in 99.0/s requests
  offered     100/s of 100/s intended, late by 90.0 µs at p99
  errors      1.00 % of requests (2)
  refused     0.51 % of transfers (100)
  retries     3
  client      0.25 of 2 cores busy

latency      requests      p50      p90      p99      max
batch             198  2.00 ms  5.01 ms  5.01 ms  80.0 ms
  once sent       198  1.90 ms  1.90 ms  1.90 ms  1.90 ms
from the intended start to the durable answer; "once sent" leaves out the wait before

not accepted        what               count
UNAVAILABLE         requests failed        2
insufficient-funds  transfers refused     80
account-frozen      transfers refused     20

The client offered every request on time.
)");
}

TEST(LoadTable, ClaimsNoRateThatTheClientCouldNotOffer) {
  RunRecord record = small_run();
  record.honesty.verdict = Verdict::kClientTooSlow;
  record.honesty.requests_offered = 120;
  record.ending = Ending::kInterrupted;
  record.ending_sentence = "Ctrl-C.";
  const std::string text = table_of(record);
  EXPECT_THAT(text, HasSubstr("throughput  not claimed"));
  EXPECT_THAT(text, HasSubstr("! The client was too slow: 120 of 200 requests went out."));
  EXPECT_THAT(text, HasSubstr("! The run was stopped early; this is what was measured until then. "
                              "Ctrl-C."));
  EXPECT_THAT(text, Not(HasSubstr("9,850/s")));
  EXPECT_THAT(text, Not(HasSubstr("on time")));
}

TEST(LoadTable, LetsNoNameMoveTheCursor) {
  RunRecord record = small_run();
  record.scenario_name = "\x1b[2Jgone";
  record.kinds[0].name = "\x1b[31mred";
  record.honesty.sentence = "\x1b]0;title\a";
  record.scenario_summary[0].value = "a\rb";
  EXPECT_THAT(table_of(record), Not(HasSubstr("\x1b")));
  EXPECT_THAT(table_of(record), Not(HasSubstr("\r")));
}

TEST(LoadTable, HoldsAnEmptyRun) {
  EXPECT_THAT(table_of(RunRecord{}), HasSubstr("throughput  0/s requests"));
}

TEST(LoadFigures, NameTheLongestSilenceWhileRequestsWaited) {
  const Figures figures = figures_of(sample_run({.stall_second = 20, .stall_length = 5}));
  EXPECT_EQ(figures.longest_silence_s, 5U);
  EXPECT_EQ(figures.silence_from_s, 20U);
  EXPECT_THAT(table_of(sample_run({.stall_second = 20, .stall_length = 5})),
              HasSubstr("! No request ended for 5 s, from second 20."));
  EXPECT_EQ(figures_of(sample_run({})).longest_silence_s, 0U);
}

TEST(LoadFigures, ShowOnlyPercentilesThatEnoughRequestsSupport) {
  EXPECT_THAT(supported_percentiles(1), ElementsAre());
  EXPECT_THAT(supported_percentiles(999), ElementsAre(50, 90, 99));
  EXPECT_THAT(supported_percentiles(1000), ElementsAre(50, 90, 99, 99.9));
  EXPECT_THAT(supported_percentiles(100'000), ElementsAre(50, 90, 99, 99.9, 99.99, 99.999));
}

TEST(LoadCsv, HasALineForEachSecond) {
  std::ostringstream out;
  RunRecord record = small_run();
  record.seconds[1].latency = Latency{};
  write_csv_seconds(record, out);
  EXPECT_EQ(out.str(),
            "second,intended,offered,completed,transfers_accepted,transfers_refused,errors,"
            "p50_ns,p90_ns,p99_ns,p999_ns,max_ns\r\n"
            "0,100,100,99,9850,50,1,2002943,5000000,5000000,5000000,5000000\r\n"
            "1,100,100,99,9850,50,1,,,,,\r\n");
}

TEST(LoadCsv, ListsPercentilesAscendingUpToTheLargest) {
  std::ostringstream out;
  write_csv_percentiles(small_run(), out);
  const std::string text = out.str();
  EXPECT_THAT(text, HasSubstr("batch,latency,0,2002943,150\r\n"));
  EXPECT_THAT(text, HasSubstr("batch,latency,99,5013503,197\r\n"));
  EXPECT_THAT(text, HasSubstr("batch,latency,100,80000000,198\r\n"));
  EXPECT_THAT(text, HasSubstr("batch,service_time,100,1900000,198\r\n"));
  std::istringstream lines{text};
  std::string line;
  std::getline(lines, line);
  double before = -1;
  std::string clock = "latency";
  while (std::getline(lines, line)) {
    std::istringstream fields{line};
    std::string kind;
    std::string of;
    std::string percent;
    std::getline(fields, kind, ',');
    std::getline(fields, of, ',');
    std::getline(fields, percent, ',');
    if (of != clock) before = -1;
    clock = of;
    EXPECT_GT(std::stod(percent), before) << line;
    before = std::stod(percent);
  }
}

TEST(LoadCsv, QuotesNamesAndDefusesFormulas) {
  RunRecord record = small_run();
  record.kinds[0].name = "=HYPERLINK(\"x\"),y";
  std::ostringstream out;
  write_csv_percentiles(record, out);
  EXPECT_THAT(out.str(), HasSubstr("\r\n\"'=HYPERLINK(\"\"x\"\"),y\",latency,0,"));
}

TEST(Quantities, NeverRoundToNothingOrToAll) {
  EXPECT_EQ(share_text(0), "0 %");
  EXPECT_EQ(share_text(1e-9), "< 0.001 %");
  EXPECT_EQ(share_text(0.00012), "0.012 %");
  EXPECT_EQ(share_text(0.0051), "0.51 %");
  EXPECT_EQ(share_text(0.05), "5.00 %");
  EXPECT_EQ(share_text(0.5), "50.0 %");
  EXPECT_EQ(share_text(0.99999), "> 99.9 %");
  EXPECT_EQ(share_text(1), "100 %");
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(1'000), "1,000");
  EXPECT_EQ(count_text(1'234'567), "1,234,567");
  EXPECT_EQ(rate_text(1'012'345.4), "1,012,345/s");
  EXPECT_EQ(rate_text(99.96), "100/s");
  EXPECT_EQ(rate_text(42.25), "42.2/s");
  EXPECT_EQ(rate_text(4.256), "4.26/s");
  EXPECT_EQ(memory_text(std::uint64_t{8} << 30), "8.0 GiB");
}

}  // namespace
}  // namespace hugang::report
