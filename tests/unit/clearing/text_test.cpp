#include "clearing/machine/text.hpp"

#include <gtest/gtest.h>

namespace hugang::machine {
namespace {

using namespace std::string_view_literals;

TEST(CleanUtf8, TakesTextOfEveryLength) {
  for (const auto text : {""sv, "Bank"sv, "中国银行 滙豐"sv, "\xC3\xA9"sv, "\xF0\x9F\xAA\x99"sv,
                          "\xEF\xBF\xBD"sv, "\xF4\x8F\xBF\xBF"sv, "\xC2\xA0"sv}) {
    EXPECT_TRUE(is_clean_utf8(text)) << text;
  }
}

TEST(CleanUtf8, RefusesWhatIsNoUtf8) {
  for (const auto text : {"\x80"sv,
                          "\xBF"sv,
                          "\xC3"sv,
                          "\xE4\xB8"sv,
                          "\xF0\x9F\xAA"sv,
                          "\xC3\x28"sv,
                          "\xE4\x28\xAD"sv,
                          "\xFE"sv,
                          "\xFF"sv,
                          "a\xC3"sv,
                          "\xC0\x80"sv,
                          "\xC1\xBF"sv,
                          "\xE0\x80\x80"sv,
                          "\xE0\x9F\xBF"sv,
                          "\xF0\x80\x80\x80"sv,
                          "\xF0\x8F\xBF\xBF"sv,
                          "\xED\xA0\x80"sv,
                          "\xED\xBF\xBF"sv,
                          "\xF4\x90\x80\x80"sv,
                          "\xF8\x88\x80\x80\x80"sv}) {
    EXPECT_FALSE(is_clean_utf8(text)) << base::to_hex(base::as_bytes(text));
  }
}

TEST(CleanUtf8, RefusesControlCharacters) {
  for (const auto text :
       {"\0"sv, "a\0b"sv, "\x1F"sv, "\n"sv, "\t"sv, "\x7F"sv, "\xC2\x80"sv, "\xC2\x9F"sv}) {
    EXPECT_FALSE(is_clean_utf8(text)) << base::to_hex(base::as_bytes(text));
  }
}

TEST(CodeText, IsLettersDigitsAndThreeSigns) {
  EXPECT_TRUE(is_code_text("CNY.D"));
  EXPECT_TRUE(is_code_text("a_b-C.9"));
  for (const auto text : {""sv, "a b"sv, "a/b"sv, "..\\"sv, "沪"sv, "a\0"sv}) {
    EXPECT_FALSE(is_code_text(text)) << text;
  }
}

TEST(FixedText, NothingMayHideBehindItsEnd) {
  wire::FixedText<8> text;
  ASSERT_TRUE(text.assign("12345678"));
  EXPECT_EQ(text.view(), "12345678");
  EXPECT_TRUE(is_zero_padded(text));
  EXPECT_FALSE(text.assign("123456789"));
  EXPECT_EQ(text.view(), "12345678") << "what does not fit changes nothing";
  ASSERT_TRUE(text.assign("123"));
  text.chars[5] = 'x';
  EXPECT_EQ(text.view(), "123");
  EXPECT_FALSE(is_zero_padded(text));
  EXPECT_FALSE(is_clean_code(text));
  EXPECT_FALSE(is_clean_optional(text));
}

}  // namespace
}  // namespace hugang::machine
