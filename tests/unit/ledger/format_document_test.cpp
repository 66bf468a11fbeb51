#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>

#include "tests/unit/ledger/layouts.hpp"

namespace hugang::ledger {
namespace {

using test::Layout;
using test::layouts;

struct Row {
  std::size_t offset;
  std::size_t bytes;
  std::string field;
  friend bool operator==(const Row&, const Row&) = default;
};

struct Table {
  std::size_t bytes = 0;
  std::vector<Row> rows;
};

/// The tables under headings like "### Transfer (96 bytes)".
std::map<std::string, Table> read_document() {
  std::ifstream file{std::string{HUGANG_SOURCE_DIR} + "/docs/FORMAT.md"};
  EXPECT_TRUE(file);
  const std::regex heading{R"(### (\w+) \((\d+) bytes\))"};
  const std::regex row{R"(\| (\d+) \| (\d+) \| (\w+) \| .+ \|)"};
  std::map<std::string, Table> tables;
  Table* current = nullptr;
  std::smatch match;
  for (std::string line; std::getline(file, line);) {
    if (std::regex_match(line, match, heading)) {
      current = &tables[match[1]];
      current->bytes = std::stoul(match[2]);
    } else if (line.starts_with("#") || (line.starts_with("| kind"))) {
      current = nullptr;
    } else if (current != nullptr && std::regex_match(line, match, row)) {
      current->rows.push_back({std::stoul(match[1]), std::stoul(match[2]), match[3]});
    }
  }
  return tables;
}

TEST(FormatDocument, ShowsEveryByteOfEveryRecord) {
  const auto tables = read_document();
  for (const Layout& layout : layouts()) {
    SCOPED_TRACE(layout.name);
    const auto found = tables.find(std::string{layout.name});
    ASSERT_NE(found, tables.end());
    EXPECT_EQ(found->second.bytes, layout.bytes);
    ASSERT_EQ(found->second.rows.size(), layout.fields.size());
    for (std::size_t i = 0; i < layout.fields.size(); ++i) {
      const auto& field = layout.fields[i];
      EXPECT_EQ(found->second.rows[i], (Row{field.offset, field.bytes, std::string{field.name}}))
          << field.name;
    }
  }
  EXPECT_EQ(tables.size(), layouts().size());
}

TEST(FormatDocument, RecordsHaveNoHiddenPadding) {
  for (const Layout& layout : layouts()) {
    std::size_t end = 0;
    for (const auto& field : layout.fields) {
      EXPECT_EQ(field.offset, end) << layout.name << " " << field.name;
      end = field.offset + field.bytes;
    }
    EXPECT_EQ(end, layout.bytes) << layout.name;
    EXPECT_EQ(layout.bytes % 8, 0u) << layout.name;
  }
}

}  // namespace
}  // namespace hugang::ledger
