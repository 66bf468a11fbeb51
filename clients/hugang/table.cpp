#include "clients/hugang/table.hpp"

#include <algorithm>
#include <ostream>

#include "clearing/base/check.hpp"
#include "clients/hugang/text_width.hpp"

namespace hugang::program {
namespace {

constexpr std::string_view kGap = "  ";

const char* escape_of(Tone tone) {
  switch (tone) {
    case Tone::kPlain:
      return "";
    case Tone::kTitle:
      return "\x1b[1m";
    case Tone::kGood:
      return "\x1b[32m";
    case Tone::kBad:
      return "\x1b[31m";
    case Tone::kWarning:
      return "\x1b[33m";
    case Tone::kDim:
      return "\x1b[2m";
  }
  return "";
}

}  // namespace

std::string Style::paint(Tone tone, std::string_view text) const {
  if (!has_colour || tone == Tone::kPlain || text.empty()) return std::string{text};
  return std::string{escape_of(tone)} + std::string{text} + "\x1b[0m";
}

Table::Table(std::vector<Column> columns) : columns_{std::move(columns)} {
  HG_CHECK(!columns_.empty());
}

void Table::add_row(std::vector<Cell> cells) {
  HG_CHECK(cells.size() == columns_.size());
  for (Cell& cell : cells) cell.text = printable(cell.text);
  rows_.push_back(std::move(cells));
}

void Table::add_rule() { rows_.emplace_back(); }

void Table::print(std::ostream& out, const Style& style) const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = display_width(columns_[i].title);
    for (const auto& row : rows_) {
      if (!row.empty()) width = std::max(width, display_width(row[i].text));
    }
    widths.push_back(width);
  }
  const auto print_line = [&](const std::vector<Cell>& cells) {
    std::string line;
    std::string owed;  // blanks that are only written when something follows
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string blanks(widths[i] - display_width(cells[i].text), ' ');
      if (columns_[i].align == Align::kRight) owed += blanks;
      if (!cells[i].text.empty()) {
        line += owed + style.paint(cells[i].tone, cells[i].text);
        owed.clear();
      }
      if (columns_[i].align == Align::kLeft) owed += blanks;
      owed += kGap;
    }
    out << line << '\n';
  };

  std::vector<Cell> titles;
  for (const Column& column : columns_) titles.emplace_back(column.title, Tone::kTitle);
  print_line(titles);
  for (const auto& row : rows_) {
    if (!row.empty()) {
      print_line(row);
      continue;
    }
    std::vector<Cell> rule;
    for (const std::size_t width : widths) rule.emplace_back(std::string(width, '-'), Tone::kDim);
    print_line(rule);
  }
}

}  // namespace hugang::program
