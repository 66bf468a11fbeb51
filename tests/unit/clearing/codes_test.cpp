// The codes as numbers, names and words: against a golden list, because they are journaled and
// sent, and against docs/REJECTIONS.md, so that the page cannot rot.
#include "clearing/machine/codes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace hugang::machine {
namespace {

std::vector<Code> known_codes() {
  std::vector<Code> codes;
  for (std::uint32_t number = 0; number <= UINT16_MAX; ++number) {
    const auto code = static_cast<Code>(number);
    if (code_name(code) != "UNKNOWN") codes.push_back(code);
  }
  return codes;
}

std::string number_of(Code code) { return std::to_string(static_cast<unsigned>(code)); }

std::string read_file(const std::string& name) {
  std::ifstream file{std::string{HUGANG_SOURCE_DIR} + "/" + name};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Codes, NamesAreUniqueAndFitForScripts) {
  std::set<std::string_view> names;
  for (const Code code : known_codes()) {
    const std::string_view name = code_name(code);
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_TRUE(std::ranges::all_of(name, [](char c) {
      return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    })) << name;
  }
  EXPECT_GE(names.size(), 90U);
}

TEST(Codes, EachHasASentence) {
  for (const Code code : known_codes()) {
    if (code == Code::kOk) continue;
    EXPECT_GT(code_sentence(code).size(), 15U) << code_name(code);
    EXPECT_TRUE(code_sentence(code).ends_with('.')) << code_name(code);
  }
  EXPECT_FALSE(code_sentence(static_cast<Code>(9999)).empty());
}

TEST(Codes, NumbersAndNamesStandAsTheyWereOnceGiven) {
  std::string now;
  for (const Code code : known_codes()) {
    now += number_of(code) + " " + std::string{code_name(code)} + "\n";
  }
  const std::string file = "tests/golden/messages/codes.golden";
  if (const char* update = std::getenv("HG_UPDATE_GOLDEN");
      update != nullptr && std::string{update} == "1") {
    std::ofstream{std::string{HUGANG_SOURCE_DIR} + "/" + file} << now;
  }
  EXPECT_EQ(now, read_file(file));
}

TEST(Codes, OnlyTheLastBlockHaltsAndAnOldKeyDoesNot) {
  for (const Code code : known_codes()) {
    const bool is_last_block = static_cast<unsigned>(code) >= 150;
    EXPECT_EQ(is_protocol_breach(code), is_last_block && code != Code::kKeyNotValid)
        << code_name(code);
  }
}

struct Row {
  std::string name;
  std::string sentence;
};

/// The rows `| number | NAME | sentence |` of the page, in the order of the page.
std::vector<std::pair<unsigned, Row>> page_rows() {
  std::vector<std::pair<unsigned, Row>> rows;
  std::istringstream page{read_file("docs/REJECTIONS.md")};
  for (std::string line; std::getline(page, line);) {
    if (line.size() < 3 || line[0] != '|' || line[2] < '0' || line[2] > '9') continue;
    const std::size_t name = line.find(" | `");
    const std::size_t sentence = line.find("` | ");
    if (name == std::string::npos || sentence == std::string::npos) continue;
    Row row;
    row.name = line.substr(name + 4, sentence - name - 4);
    row.sentence =
        line.substr(sentence + 4, line.size() - 2 - std::min(line.size() - 2, sentence + 4));
    rows.emplace_back(static_cast<unsigned>(std::stoul(line.substr(2))), row);
  }
  return rows;
}

TEST(RejectionsPage, ListsEveryCodeInOrderWithItsSentence) {
  const auto rows = page_rows();
  std::vector<Code> codes = known_codes();
  ASSERT_EQ(rows.size(), codes.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].first, static_cast<unsigned>(codes[i]));
    EXPECT_EQ(rows[i].second.name, code_name(codes[i]));
    EXPECT_EQ(rows[i].second.sentence, code_sentence(codes[i])) << code_name(codes[i]);
  }
}

TEST(RejectionsPage, NamesOnlyCodesThatExist) {
  std::set<std::string> names;
  for (const Code code : known_codes()) names.emplace(code_name(code));
  const std::string page = read_file("docs/REJECTIONS.md");
  std::size_t quoted = 0;
  for (std::size_t at = page.find('`'); at != std::string::npos; at = page.find('`', at + 1)) {
    const std::size_t end = page.find('`', at + 1);
    ASSERT_NE(end, std::string::npos);
    const std::string text = page.substr(at + 1, end - at - 1);
    const bool is_name =
        text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string::npos;
    if (is_name) {
      EXPECT_TRUE(names.contains(text)) << text;
      ++quoted;
    }
    at = end;
  }
  EXPECT_GT(quoted, names.size());
}

TEST(CodesHeader, EveryEnumeratorHasItsName) {
  const std::string header = read_file("clearing/machine/codes.hpp");
  const std::string mark = "\n  k";
  std::size_t count = 0;
  for (std::size_t at = header.find(mark); at != std::string::npos;
       at = header.find(mark, at + 1)) {
    const std::size_t equals = header.find(" =", at);
    ASSERT_NE(equals, std::string::npos);
    std::string expected;
    for (const char c : header.substr(at + mark.size(), equals - at - mark.size())) {
      if (c >= 'A' && c <= 'Z' && !expected.empty()) expected += '_';
      expected += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    const auto number = static_cast<std::uint16_t>(std::stoul(header.substr(equals + 2)));
    EXPECT_EQ(code_name(static_cast<Code>(number)), expected);
    ++count;
  }
  EXPECT_EQ(count, known_codes().size());
}

}  // namespace
}  // namespace hugang::machine
