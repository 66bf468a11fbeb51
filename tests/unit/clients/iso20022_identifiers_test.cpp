#include <gtest/gtest.h>

#include "clients/iso20022/currency.hpp"
#include "clients/iso20022/identifiers.hpp"
#include "clients/iso20022/value_form.hpp"

namespace hugang::iso20022 {
namespace {

TEST(Bic, HasEightOrElevenCharacters) {
  EXPECT_TRUE(is_bic("SFBKCNSH"));
  EXPECT_TRUE(is_bic("SFBKCNSHXXX"));
  EXPECT_TRUE(is_bic("1A2BCNSH001"));
  for (const char* wrong : {"", "SFBKCNS", "SFBKCNSHX", "SFBKCNSHXX", "SFBKCNSHXXXX", "sfbkcnsh",
                            "SFBK1NSH", "SFBKCNS-", "SFBKCNSH XX"}) {
    EXPECT_FALSE(is_bic(wrong)) << wrong;
  }
}

TEST(Bic, NamesTheHeadOfficeWithAndWithoutXxx) {
  EXPECT_TRUE(is_same_bic("SFBKCNSH", "SFBKCNSHXXX"));
  EXPECT_FALSE(is_same_bic("SFBKCNSH001", "SFBKCNSHXXX"));
  EXPECT_FALSE(is_same_bic("SFBKCNSH", "HFBKHKHH"));
  EXPECT_FALSE(is_same_bic("x", "x"));
}

TEST(Lei, IsOneModuloNinetySeven) {
  // Published identifiers of GLEIF's own and of a bank, from the public LEI index.
  EXPECT_TRUE(is_lei("506700GE1G29325QX363"));
  EXPECT_TRUE(is_lei("529900T8BM49AURSDO55"));
  EXPECT_FALSE(is_lei("529900T8BM49AURSDO56"));
  EXPECT_FALSE(is_lei("529900T8BM49AURSOD55"));
  EXPECT_FALSE(is_lei("529900T8BM49AURSDO5"));
  EXPECT_FALSE(is_lei("529900t8BM49AURSDO55"));
  EXPECT_FALSE(is_lei("529900T8BM49AURSDO5A"));
}

TEST(Lei, IsCompletedByItsCheckDigits) {
  EXPECT_EQ(make_lei_check_digits("529900T8BM49AURSDO"), "55");
  EXPECT_EQ(make_lei_check_digits("506700GE1G29325QX3"), "63");
  EXPECT_EQ(make_lei_check_digits("short"), std::nullopt);
  EXPECT_EQ(make_lei_check_digits("529900t8BM49AURSDO"), std::nullopt);
}

TEST(Lei, EveryLetterOrDigitTakenForAnotherIsFound) {
  const std::string right = "529900T8BM49AURSDO55";
  for (std::size_t i = 0; i < right.size(); ++i) {
    // A digit for a letter shifts the number, and then one in some 97 passes.
    const bool is_letter = right[i] >= 'A';
    for (const char c : std::string{is_letter ? "ABCDEFGHIJKLMNOPQRSTUVWXYZ" : "0123456789"}) {
      if (c == right[i]) continue;
      std::string wrong = right;
      wrong[i] = c;
      EXPECT_FALSE(is_lei(wrong)) << wrong;
    }
  }
}

TEST(Iban, IsOneModuloNinetySevenAfterTheCountryMoved) {
  // The examples of the public IBAN registry.
  EXPECT_TRUE(is_iban("DE89370400440532013000"));
  EXPECT_TRUE(is_iban("GB29NWBK60161331926819"));
  EXPECT_TRUE(is_iban("FR1420041010050500013M02606"));
  EXPECT_FALSE(is_iban("DE88370400440532013000"));
  EXPECT_FALSE(is_iban("DE89370400440532013001"));
  EXPECT_FALSE(is_iban("DE8937040044053201 3000"));
  EXPECT_FALSE(is_iban("DE00370400440532013000"));
  EXPECT_FALSE(is_iban("DE8"));
}

TEST(Iban, IsCompletedByItsCheckDigits) {
  EXPECT_EQ(make_iban_check_digits("DE", "370400440532013000"), "89");
  EXPECT_EQ(make_iban_check_digits("GB", "NWBK60161331926819"), "29");
  EXPECT_EQ(make_iban_check_digits("de", "1"), std::nullopt);
  EXPECT_EQ(make_iban_check_digits("DE", ""), std::nullopt);
}

TEST(Uetr, IsAVersionFourUuidInLowerCase) {
  EXPECT_TRUE(is_uetr("5f0c8a3e-6d1b-4c2a-9e57-0a1b2c3d4e5f"));
  EXPECT_FALSE(is_uetr("5F0C8A3E-6D1B-4C2A-9E57-0A1B2C3D4E5F"));
  EXPECT_FALSE(is_uetr("5f0c8a3e-6d1b-1c2a-9e57-0a1b2c3d4e5f"));
  EXPECT_FALSE(is_uetr("5f0c8a3e-6d1b-4c2a-ce57-0a1b2c3d4e5f"));
  EXPECT_FALSE(is_uetr("5f0c8a3e6d1b4c2a9e570a1b2c3d4e5f"));
  EXPECT_FALSE(is_uetr("5f0c8a3e-6d1b-4c2a-9e57-0a1b2c3d4e5"));
}

TEST(Uetr, IsTheLedgersIdInReadingOrder) {
  const std::string text = "5f0c8a3e-6d1b-4c2a-9e57-0a1b2c3d4e5f";
  const auto id = to_command_id(text);
  ASSERT_TRUE(id.has_value());
  EXPECT_EQ(id->value(), base::make_u128(0x5f0c8a3e6d1b4c2aULL, 0x9e570a1b2c3d4e5fULL));
  EXPECT_EQ(to_uetr(*id), text);
  EXPECT_EQ(to_command_id("5f0c8a3e"), std::nullopt);
}

TEST(Currency, KnowsItsDecimals) {
  EXPECT_EQ(currency_decimals("CNY"), 2U);
  EXPECT_EQ(currency_decimals("HKD"), 2U);
  EXPECT_EQ(currency_decimals("JPY"), 0U);
  EXPECT_EQ(currency_decimals("KWD"), 3U);
  for (const char* wrong : {"", "XAU", "XXX", "cny", "CN", "CNY ", "NY ", "Y H", "AED AFN"}) {
    EXPECT_EQ(currency_decimals(wrong), std::nullopt) << wrong;
  }
}

TEST(Decimal, IsReadExactly) {
  const auto minor = [](std::string_view text, std::uint32_t decimals) {
    return parse_decimal(text, decimals)->minor();
  };
  EXPECT_EQ(minor("1000.5", 2), 100050);
  EXPECT_EQ(minor("0.29", 2), 29);
  EXPECT_EQ(minor(".29", 2), 29);
  EXPECT_EQ(minor("7.", 2), 700);
  EXPECT_EQ(minor("+007", 0), 7);
  EXPECT_EQ(minor("-0.00", 2), 0);
  EXPECT_EQ(minor("1000000000000000.00", 2), base::Amount::kMaxMinor);
}

TEST(Decimal, RefusesWhatTheUnitCannotHold) {
  const auto error = [](std::string_view text, std::uint32_t decimals) {
    return parse_decimal(text, decimals).error();
  };
  EXPECT_EQ(error("1.005", 2), DecimalError::kTooManyDecimals);
  EXPECT_EQ(error("1.000", 2), DecimalError::kTooManyDecimals);
  EXPECT_EQ(error("1.0", 0), DecimalError::kTooManyDecimals);
  EXPECT_EQ(error("1000000000000000.01", 2), DecimalError::kTooLarge);
  EXPECT_EQ(error("99999999999999999999999999999999", 2), DecimalError::kTooLarge);
  for (const char* wrong : {"", ".", "-", "-1", "1e3", "1,5", "1.2.3", "0x1", " 1", "--1", "+-1"}) {
    EXPECT_EQ(error(wrong, 2), DecimalError::kMalformed) << wrong;
  }
}

TEST(Decimal, IsWrittenAsItWasRead) {
  for (const char* text : {"0.00", "0.01", "0.10", "12.34", "1000000000000000.00"}) {
    EXPECT_EQ(format_decimal(*parse_decimal(text, 2), 2), text);
  }
  EXPECT_EQ(format_decimal(*parse_decimal("7", 0), 0), "7");
  EXPECT_EQ(format_decimal(*parse_decimal("0.0001", 4), 4), "0.0001");
}

TEST(Date, FollowsTheCalendar) {
  for (const char* right : {"2026-01-01", "2024-02-29", "2000-02-29Z", "2026-12-31+08:00"}) {
    EXPECT_TRUE(is_date(right)) << right;
  }
  for (const char* wrong : {"2026-02-29", "1900-02-29", "2026-13-01", "2026-00-01", "2026-04-31",
                            "2026-1-1", "26-01-01", "0000-01-01", "2026-01-01+15:00", "20260101"}) {
    EXPECT_FALSE(is_date(wrong)) << wrong;
  }
}

TEST(DateTime, HasSecondsAndMayHaveAnOffset) {
  for (const char* right : {"2026-01-01T00:00:00", "2026-01-01T23:59:59.999Z",
                            "2026-01-01T24:00:00", "2026-01-01T08:00:00-14:00"}) {
    EXPECT_TRUE(is_date_time(right)) << right;
  }
  for (const char* wrong :
       {"2026-01-01", "2026-01-01T10:00", "2026-01-01T25:00:00", "2026-01-01T24:00:01",
        "2026-01-01T10:60:00", "2026-01-01T10:00:60", "2026-01-01T10:00:00.", "2026-01-01 10:00:00",
        "2026-01-01T10:00:00z"}) {
    EXPECT_FALSE(is_date_time(wrong)) << wrong;
  }
}

TEST(CodePoints, AreCountedAndNeverCut) {
  EXPECT_EQ(count_code_points("上海 SH"), 5U);
  EXPECT_EQ(first_code_points("上海 SH", 1), "上");
  EXPECT_EQ(first_code_points("上海 SH", 2), "上海");
  EXPECT_EQ(first_code_points("上海", 9), "上海");
  EXPECT_EQ(first_code_points("a\xF0\x9F\x92\xB0z", 2), "a\xF0\x9F\x92\xB0");
}

}  // namespace
}  // namespace hugang::iso20022
