// The one table printer: aligned columns, colour only where asked for.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace hugang::program {

enum class Tone { kPlain, kTitle, kGood, kBad, kWarning, kDim };

/// Whether to colour: on a terminal without NO_COLOR.
struct Style {
  bool has_colour = false;
  /// The text, wrapped in the tone's escape sequence where there is colour.
  [[nodiscard]] std::string paint(Tone tone, std::string_view text) const;
};

enum class Align { kLeft, kRight };

struct Column {
  std::string title;
  Align align = Align::kLeft;
};

struct Cell {
  // NOLINTNEXTLINE(google-explicit-constructor): a row reads as a list of texts.
  Cell(std::string text_in, Tone tone_in = Tone::kPlain)
      : text{std::move(text_in)}, tone{tone_in} {}
  Cell(const char* text_in, Tone tone_in = Tone::kPlain) : text{text_in}, tone{tone_in} {}
  std::string text;
  Tone tone;
};

/// Cells are made printable (text_width.hpp). Lines carry no blanks at their end.
class Table {
 public:
  explicit Table(std::vector<Column> columns);
  /// Requires as many cells as columns.
  void add_row(std::vector<Cell> cells);
  /// A line between rows, above totals.
  void add_rule();
  [[nodiscard]] bool is_empty() const { return rows_.empty(); }
  void print(std::ostream& out, const Style& style) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;  ///< an empty row is a rule
};

}  // namespace hugang::program
