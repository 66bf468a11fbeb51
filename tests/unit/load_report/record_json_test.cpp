#include "clients/load/report/record_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "tests/unit/load_report/sample_run.hpp"

namespace hugang::report {
namespace {

using testing::HasSubstr;

std::string written(const RunRecord& record) {
  std::ostringstream out;
  write_json(record, out);
  return out.str();
}

RunRecord rich_record() {
  return sample_run({.seed = 18'000'000'000'000'000'001ULL,
                     .seconds = 12,
                     .stall_second = 4,
                     .stall_length = 3,
                     .error_share = 0.02,
                     .batch = 100,
                     .has_second_kind = true});
}

TEST(RecordJson, IsReadBackAsItWasWritten) {
  for (const Ending ending : {Ending::kComplete, Ending::kInterrupted, Ending::kFailed}) {
    for (const Verdict v : {Verdict::kOffered, Verdict::kClientTooSlow, Verdict::kClosedLoop}) {
      RunRecord record = rich_record();
      record.ending = ending;
      record.ending_sentence = "Ctrl-C after 12 s, said \"stop\".\n";
      record.honesty.verdict = v;
      const auto read = read_json(written(record));
      ASSERT_TRUE(read) << read.error().sentence;
      EXPECT_EQ(*read, record);
    }
  }
}

TEST(RecordJson, HoldsAnEmptyRun) {
  const auto read = read_json(written(RunRecord{}));
  ASSERT_TRUE(read) << read.error().sentence;
  EXPECT_EQ(*read, RunRecord{});
}

TEST(RecordJson, HasOneLineForEachSecond) {
  const std::string text = written(rich_record());
  EXPECT_THAT(text, HasSubstr("\n  {\"second\":11,"));
  std::istringstream lines{text};
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);) ++count;
  EXPECT_LT(count, 160U);
}

TEST(RecordJson, ReplacesWhatIsNoUtf8) {
  RunRecord record = rich_record();
  record.scenario_name = "caf\xe9";
  const auto read = read_json(written(record));
  ASSERT_TRUE(read) << read.error().sentence;
  EXPECT_EQ(read->scenario_name, "caf\xef\xbf\xbd");
}

TEST(RecordJson, SaysWhatIsWrongWithAFileAndWhere) {
  const std::string whole = written(rich_record());
  const auto error_after = [&](const auto& damage) {
    auto document = nlohmann::json::parse(whole);
    damage(document);
    const auto read = read_json(document.dump());
    return read ? std::string{"was read"} : read.error().sentence;
  };
  using Json = nlohmann::json;
  EXPECT_THAT(error_after([](Json& d) { d["schema"] = "other"; }), HasSubstr("not a record of"));
  EXPECT_THAT(error_after([](Json& d) { d["schema_version"] = 2; }), HasSubstr("schema_version"));
  EXPECT_EQ(error_after([](Json& d) { d.erase("target"); }), "target is missing");
  EXPECT_EQ(error_after([](Json& d) { d["target"] = 7; }), "target must be a text");
  EXPECT_THAT(error_after([](Json& d) { d["seed"] = "18446744073709551616"; }), HasSubstr("seed"));
  EXPECT_THAT(error_after([](Json& d) { d["started_at"] = "yesterday"; }), HasSubstr("RFC 3339"));
  EXPECT_EQ(error_after([](Json& d) { d["seconds"][3]["latency"].erase("p99_ns"); }),
            "seconds[3].latency.p99_ns is missing");
  EXPECT_EQ(error_after([](Json& d) { d["seconds"][3]["latency"]["p50_ns"] = 99'000'000'000; }),
            "seconds[3].latency has percentiles that do not ascend");
  EXPECT_EQ(error_after([](Json& d) { d["seconds"][5]["second"] = 6; }),
            "seconds[5].second does not follow the one before");
  EXPECT_THAT(error_after([](Json& d) { d["seconds"][2]["completed"] = -1; }),
              HasSubstr("seconds[2].completed must be a whole number"));
  EXPECT_THAT(error_after([](Json& d) { d["seconds"][2]["latency"]["outline"][1] = 77; }),
              HasSubstr("seconds[2].latency.outline"));
  EXPECT_THAT(error_after([](Json& d) { d["kinds"][1]["latency"]["buckets"][0] = 1; }),
              HasSubstr("kinds[1].latency is damaged"));
  EXPECT_THAT(error_after([](Json& d) { d["kinds"][0]["latency"]["count"] = 1; }),
              HasSubstr("kinds[0].latency.count is not the sum"));
  EXPECT_THAT(error_after([](Json& d) { d["kinds"][0]["seconds"].erase(0); }),
              HasSubstr("kinds[0].seconds are not the seconds of the run"));
  EXPECT_THAT(error_after([](Json& d) { d["honesty"]["verdict"] = "fine"; }),
              HasSubstr("honesty.verdict"));
  EXPECT_THAT(error_after([](Json& d) { d["honesty"]["client_cores_busy"] = nullptr; }),
              HasSubstr("honesty.client_cores_busy must be a number"));
  EXPECT_THAT(error_after([](Json& d) { d["phases"][1]["from_s"] = 1000; }),
              HasSubstr("phases[1].to_s is before"));
  EXPECT_EQ(error_after([](Json& d) { d = Json::array(); }), "the file must be an object");
  EXPECT_EQ(error_after([](Json& d) { d["later_addition"] = 1; }), "was read");
}

TEST(RecordJson, RefusesEveryShorteningAndSurvivesEveryFlippedByte) {
  const std::string whole = written(sample_run({.seconds = 3, .rate = 20}));
  for (std::size_t length = 0; length + 2 < whole.size(); length += 7) {
    EXPECT_FALSE(read_json(std::string_view{whole}.substr(0, length))) << length;
  }
  std::mt19937_64 random{9};
  int refused = 0;
  for (int round = 0; round < 2000; ++round) {
    std::string damaged = whole;
    damaged[random() % damaged.size()] ^= static_cast<char>(1U << (random() % 8));
    const auto read = read_json(damaged);
    if (read) continue;  // a digit of a count, a letter of a name
    ++refused;
    EXPECT_FALSE(read.error().sentence.empty());
  }
  EXPECT_GT(refused, 500);
}

TEST(RecordJson, NamesTheFileThatCannotBeRead) {
  const auto read = read_json_file("/nonexistent/run.json");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().sentence, HasSubstr("/nonexistent/run.json"));
}

}  // namespace
}  // namespace hugang::report
