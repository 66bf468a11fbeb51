#include <gtest/gtest.h>

#include "clients/format/amount_text.hpp"
#include "clients/format/id_text.hpp"
#include "clients/format/time_text.hpp"

namespace hugang::format {
namespace {

using base::Timestamp;

TEST(AmountText, PutsPointAndCommas) {
  struct Row {
    base::i128 minor;
    std::uint8_t scale;
    const char* text;
  };
  for (const Row& row :
       {Row{0, 2, "0.00"}, Row{7, 2, "0.07"}, Row{100, 2, "1.00"}, Row{123456, 2, "1,234.56"},
        Row{-123456, 2, "-1,234.56"}, Row{99999, 2, "999.99"}, Row{1234567, 0, "1,234,567"},
        Row{0, 0, "0"}, Row{5, 4, "0.0005"}, Row{12345678, 4, "1,234.5678"},
        Row{100'000'000'000'000'000, 2, "1,000,000,000,000,000.00"},
        Row{-1, 16, "-0.0000000000000001"}}) {
    EXPECT_EQ(amount_text(row.minor, row.scale), row.text);
  }
  const auto smallest = static_cast<base::i128>(base::u128{1} << 127);
  EXPECT_EQ(amount_text(smallest, 0), "-170,141,183,460,469,231,731,687,303,715,884,105,728");
}

TEST(AmountText, ReadsWhatItWritesAndPlainDigits) {
  struct Row {
    const char* text;
    std::uint8_t scale;
    std::int64_t minor;
  };
  for (const Row& row :
       {Row{"0", 2, 0}, Row{"1", 2, 100}, Row{"1.5", 2, 150}, Row{"1234.56", 2, 123456},
        Row{"1,234.56", 2, 123456}, Row{"1,234,567", 0, 1234567}, Row{"0.0001", 4, 1},
        Row{"0.07", 2, 7}, Row{"1,000,000,000,000,000.00", 2, 100'000'000'000'000'000}}) {
    const auto amount = parse_amount(row.text, row.scale);
    ASSERT_TRUE(amount) << row.text;
    EXPECT_EQ(amount->minor(), row.minor) << row.text;
  }
}

TEST(AmountText, RefusesEverythingElse) {
  for (const char* text :
       {"+1",   "-1",     " 1",       "1 ",  "1.",    ".5",  "01",    "00", "12,34",     "1,234,5",
        ",123", "1,,234", "1234,567", "1e3", "1.2.3", "0x1", "1'000", "½",  "1,2345.00", "1.0,0"}) {
    const auto amount = parse_amount(text, 2);
    ASSERT_FALSE(amount) << text;
    EXPECT_EQ(amount.error(), AmountTextError::kMalformed) << text;
  }
  EXPECT_EQ(parse_amount("", 2).error(), AmountTextError::kEmpty);
  EXPECT_EQ(parse_amount("1.234", 2).error(), AmountTextError::kTooManyDecimals);
  EXPECT_EQ(parse_amount("1.0", 0).error(), AmountTextError::kTooManyDecimals);
  EXPECT_EQ(parse_amount("1000000000000000.01", 2).error(), AmountTextError::kTooLarge);
  EXPECT_EQ(parse_amount(std::string(400, '9'), 2).error(), AmountTextError::kTooLarge);
}

TEST(TimeText, WritesNanosecondsInUtc) {
  EXPECT_EQ(time_text(Timestamp{0}), "1970-01-01T00:00:00.000000000Z");
  EXPECT_EQ(time_text(Timestamp{1'767'605'400'000'000'001}), "2026-01-05T09:30:00.000000001Z");
  EXPECT_EQ(time_text(Timestamp{-1}), "1969-12-31T23:59:59.999999999Z");
}

TEST(TimeText, ReadsRfc3339) {
  const Timestamp expected{1'767'605'400'000'000'000};
  for (const char* text : {"2026-01-05T09:30:00Z", "2026-01-05T09:30:00.000000000Z",
                           "2026-01-05T17:30:00+08:00", "2026-01-05T04:00:00.0-05:30"}) {
    EXPECT_EQ(parse_time(text), expected) << text;
  }
  EXPECT_EQ(parse_time("2026-01-05T09:30:00.5Z"), Timestamp{1'767'605'400'500'000'000});
  EXPECT_EQ(parse_time(time_text(Timestamp{1'767'605'400'123'456'789})),
            Timestamp{1'767'605'400'123'456'789});
}

TEST(TimeText, WritesTheFirstAndTheLastInstant) {
  EXPECT_EQ(time_text(Timestamp{INT64_MIN}), "1677-09-21T00:12:43.145224192Z");
  EXPECT_EQ(time_text(Timestamp{INT64_MAX}), "2262-04-11T23:47:16.854775807Z");
}

TEST(TimeText, RefusesAnOffsetThatLeavesTheRange) {
  EXPECT_EQ(parse_time("1970-01-01T08:00:00+08:00"), Timestamp{0});
  EXPECT_FALSE(parse_time("1970-01-01T07:59:59.5+08:00"));
  EXPECT_TRUE(parse_time("2261-12-31T23:59:59.999999999Z"));
  EXPECT_FALSE(parse_time("2261-12-31T23:59:59-00:01"));
}

TEST(TimeText, RefusesEverythingElse) {
  for (const char* text :
       {"", "2026-01-05", "2026-01-05T09:30:00", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-01-05T24:00:00Z", "2026-01-05T09:60:00Z", "2026-01-05T09:30:60Z",
        "2026-01-05T09:30:00.Z", "2026-01-05T09:30:00.0000000001Z", "2026-01-05T09:30:00+0800",
        "2026-01-05T09:30:00Zjunk", "1969-12-31T23:59:59Z", "2262-05-01T00:00:00Z",
        "2026-01-05T09:30:00+24:00", "-026-01-05T09:30:00Z"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

TEST(IdText, WritesAndReadsUuids) {
  const base::CommandId id{base::make_u128(0x0123456789AB4CDE, 0x8F0123456789ABCD)};
  EXPECT_EQ(uuid_text(id), "01234567-89ab-4cde-8f01-23456789abcd");
  EXPECT_EQ(parse_uuid("01234567-89ab-4cde-8f01-23456789abcd"), id);
  EXPECT_EQ(parse_uuid("01234567-89AB-4CDE-8F01-23456789ABCD"), id);
  for (const char* text :
       {"", "0123456789ab4cde8f0123456789abcd", "01234567-89ab-4cde-8f01-23456789abc",
        "01234567-89ab-4cde-8f01-23456789abcdd", "01234567-89ab-4cde-8f01-23456789abcg",
        "01234567089ab-4cde-8f01-23456789abcd"}) {
    EXPECT_FALSE(parse_uuid(text)) << text;
  }
}

TEST(IdText, ReadsAccountNumbersWithTheirCheckDigits) {
  const auto number = base::make_account_number({base::NodeId{1}, base::AccountIndex{1}});
  EXPECT_EQ(parse_account(account_text(number)), number);
  std::string wrong = account_text(number);
  std::swap(wrong[11], wrong[12]);
  EXPECT_FALSE(parse_account(wrong));
  for (const char* text : {"", "145", "0000000000145", "10000000001x5", "99999999999999999"}) {
    EXPECT_FALSE(parse_account(text)) << text;
  }
}

}  // namespace
}  // namespace hugang::format
