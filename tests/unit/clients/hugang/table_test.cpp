#include "clients/hugang/table.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "clients/hugang/text_width.hpp"

namespace hugang::program {
namespace {

std::string printed(const Table& table, Style style = {}) {
  std::ostringstream out;
  table.print(out, style);
  return out.str();
}

TEST(TextWidth, CountsColumnsOfATerminal) {
  EXPECT_EQ(display_width(""), 0u);
  EXPECT_EQ(display_width("bank"), 4u);
  EXPECT_EQ(display_width("外滩银行"), 8u);
  EXPECT_EQ(display_width("a外b"), 4u);
  EXPECT_EQ(display_width("ｆ"), 2u);
  EXPECT_EQ(display_width("é"), 1u);
  EXPECT_EQ(display_width("e\u0301"), 1u);  // a combining mark
  EXPECT_EQ(display_width("한글"), 4u);
  EXPECT_EQ(display_width("→●│"), 3u);
  EXPECT_EQ(display_width("\xff\xfe"), 2u);
}

TEST(Printable, TakesTheTeethOutOfForeignText) {
  EXPECT_EQ(printable("外滩 Bank"), "外滩 Bank");
  EXPECT_EQ(printable("\x1b[31mred"), "\uFFFD[31mred");
  EXPECT_EQ(printable("two\nlines"), "two\uFFFDlines");
  EXPECT_EQ(printable("\u202Egnp"), "\uFFFDgnp");  // writes from right to left from here on
  EXPECT_EQ(printable("\xc3"), "\uFFFD");
  EXPECT_EQ(printable("\xc0\x80"), "\uFFFD\uFFFD");            // overlong
  EXPECT_EQ(printable("\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD");  // a surrogate
}

TEST(Table, AlignsAmountsAndChineseNames) {
  Table table{{{"NAME"}, {"AMOUNT", Align::kRight}, {"NOTE"}}};
  table.add_row({"外滩银行", "1,234.56", ""});
  table.add_row({"Bund", "0.05", "small"});
  table.add_rule();
  table.add_row({"total", "1,234.61", ""});
  EXPECT_EQ(printed(table),
            "NAME        AMOUNT  NOTE\n"
            "外滩银行  1,234.56\n"
            "Bund          0.05  small\n"
            "--------  --------  -----\n"
            "total     1,234.61\n");
}

TEST(Table, ColoursOnlyWhereItIsAskedTo) {
  Table table{{{"A"}}};
  table.add_row({Cell{"bad", Tone::kBad}});
  EXPECT_EQ(printed(table), "A\nbad\n");
  EXPECT_EQ(printed(table, {.has_colour = true}), "\x1b[1mA\x1b[0m\n\x1b[31mbad\x1b[0m\n");
}

TEST(Table, AForeignNameCannotDrawOnTheTerminal) {
  Table table{{{"NAME"}}};
  table.add_row({"\x1b[2Jgone"});
  EXPECT_EQ(printed(table).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace hugang::program
