// The codes as numbers, names and words: against a golden list, because they are journaled and
// sent, and against docs/REJECTIONS.md, so that the page cannot rot.
#include "clearing/machine/codes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
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
  const std::regex row{R"(^\| (\d+) \| `([A-Z0-9_]+)` \| (.*) \|$)"};
  for (std::string line; std::getline(page, line);) {
    std::smatch match;
    if (std::regex_match(line, match, row)) {
      rows.push_back({static_cast<unsigned>(std::stoul(match[1])), {match[2], match[3]}});
    }
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
  const std::regex quoted{"`([A-Z][A-Z0-9_]+)`"};
  for (auto it = std::sregex_iterator{page.begin(), page.end(), quoted};
       it != std::sregex_iterator{}; ++it) {
    EXPECT_TRUE(names.contains((*it)[1])) << (*it)[1];
  }
}

TEST(CodesHeader, EveryEnumeratorHasItsName) {
  const std::string header = read_file("clearing/machine/codes.hpp");
  const std::regex enumerator{R"(\n  k([A-Za-z0-9]+) =\s+(\d+|\n\s+\d+))"};
  std::size_t count = 0;
  for (auto it = std::sregex_iterator{header.begin(), header.end(), enumerator};
       it != std::sregex_iterator{}; ++it) {
    std::string expected;
    for (const char c : std::string{(*it)[1]}) {
      if (c >= 'A' && c <= 'Z' && !expected.empty()) expected += '_';
      expected += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    const auto number = static_cast<std::uint16_t>(std::stoul((*it)[2]));
    EXPECT_EQ(code_name(static_cast<Code>(number)), expected);
    ++count;
  }
  EXPECT_EQ(count, known_codes().size());
}

}  // namespace
}  // namespace hugang::machine
