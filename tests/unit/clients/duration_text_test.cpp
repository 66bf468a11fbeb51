#include "clients/format/duration_text.hpp"

#include <gtest/gtest.h>

#include "clients/format/minor_text.hpp"

namespace hugang::format {
namespace {

TEST(MinorText, HoldsSumsOf128Bits) {
  EXPECT_EQ(parse_minor("0"), base::i128{0});
  EXPECT_EQ(parse_minor("-17"), base::i128{-17});
  const std::string largest = "170141183460469231731687303715884105727";
  ASSERT_TRUE(parse_minor(largest));
  EXPECT_EQ(minor_text(*parse_minor(largest)), largest);
  for (const char* bad :
       {"", "-", "-0", "01", "1.0", " 1", "+1", "170141183460469231731687303715884105728"}) {
    EXPECT_FALSE(parse_minor(bad)) << bad;
  }
}

TEST(DurationText, NamesItsUnit) {
  EXPECT_EQ(parse_duration("10m"), base::Duration::seconds(600));
  EXPECT_EQ(parse_duration("250ms"), base::Duration::milliseconds(250));
  EXPECT_EQ(parse_duration("1d"), base::Duration::seconds(86'400));
  for (const char* bad : {"", "10", "0s", "-1s", "1.5h", "10 m", "1w", "99999999999d"}) {
    EXPECT_FALSE(parse_duration(bad)) << bad;
  }
  EXPECT_EQ(duration_text(base::Duration::nanoseconds(1'203'000)), "1.20 ms");
  EXPECT_EQ(duration_text(base::Duration::nanoseconds(42'500'000)), "42.5 ms");
  EXPECT_EQ(duration_text(base::Duration::nanoseconds(999)), "999 ns");
  EXPECT_EQ(duration_text(base::Duration::seconds(3)), "3.00 s");
  EXPECT_EQ(duration_text(base::Duration::seconds(7500)), "2 h 05 min");
  EXPECT_EQ(duration_text(base::Duration::milliseconds(-3)), "-3.00 ms");
}

TEST(BusinessDateText, IsADateOfTheCalendar) {
  EXPECT_EQ(parse_business_date("20260105"), 20260105u);
  EXPECT_EQ(parse_business_date("2026-01-05"), 20260105u);
  EXPECT_FALSE(parse_business_date("20260230"));
  EXPECT_FALSE(parse_business_date("2026/01/05"));
  EXPECT_EQ(business_date_text(20260105), "2026-01-05");
  EXPECT_EQ(business_date_of(base::Timestamp{1'767'605'400'000'000'000}), 20260105u);
}

TEST(ShortTimeText, IsCutToMilliseconds) {
  EXPECT_EQ(short_time_text(base::Timestamp{1'767'605'400'123'999'999}), "2026-01-05 09:30:00.123");
  EXPECT_EQ(short_time_text(base::Timestamp{-1}), "1969-12-31 23:59:59.999");
}

}  // namespace
}  // namespace hugang::format
