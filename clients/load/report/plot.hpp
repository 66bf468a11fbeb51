// One chart as an inline SVG: axes, lines, areas, bars and cells, with the values that the page's
// script shows at the pointer. Knows coordinates and nothing of load runs.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace hugang::report {

struct Tick {
  double value = 0;
  std::string label;
};

/// Maps values to pixels from `from_px` to `to_px`; values outside are cut to the ends.
class Axis {
 public:
  static Axis linear(double from, double to, double from_px, double to_px);
  /// Requires 0 < from < to.
  static Axis logarithmic(double from, double to, double from_px, double to_px);
  [[nodiscard]] double at(double value) const;
  [[nodiscard]] double from_px() const { return from_px_; }
  [[nodiscard]] double to_px() const { return to_px_; }

 private:
  bool is_logarithmic_ = false;
  double from_ = 0;
  double to_ = 1;
  double from_px_ = 0;
  double to_px_ = 1;
};

/// About `count` round values in from..to, for linear axes. Requires from < to.
[[nodiscard]] std::vector<double> round_steps(double from, double to, int count);

/// Where the pointer can rest: a place along x, and what is said there.
struct HoverSeries {
  std::string name;
  std::string css_class;                    ///< of the line that it belongs to; may be empty
  std::vector<std::string> texts;           ///< one a place; empty: nothing is said
  std::vector<std::optional<double>> y_px;  ///< one a place where there is a point; may be empty
};
struct Hover {
  std::vector<double> x_px;
  std::vector<std::string> titles;
  std::vector<HoverSeries> series;
};

struct Point {
  double x_px = 0;
  std::optional<double> y_px;  ///< nothing: the line is interrupted
};

class Plot {
 public:
  static constexpr double kWidth = 960;
  static constexpr double kLeft = 64;
  static constexpr double kRight = 28;
  static constexpr double kTop = 12;
  static constexpr double kBottom = 34;

  /// `id` is a name of ours, unique in the page; `title` says what is seen, for those who do not.
  Plot(std::string id, double height, std::string title);

  [[nodiscard]] double height() const { return height_; }
  void add_x_ticks(const Axis& x, const std::vector<Tick>& ticks, const std::string& caption);
  void add_y_ticks(const Axis& y, const std::vector<Tick>& ticks);
  void add_line(const std::string& css_class, const std::vector<Point>& points);
  /// Between the line and the lower edge.
  void add_area(const std::string& css_class, const std::vector<Point>& points);
  /// Rectangles of one class: left, top, width, height.
  struct Box {
    double x, y, width, height;
  };
  void add_boxes(const std::string& css_class, const std::vector<Box>& boxes);
  void set_hover(Hover hover) { hover_ = std::move(hover); }

  /// The <svg> element and the <script> element with its hover values.
  [[nodiscard]] std::string html() const;

 private:
  std::string id_;
  double height_;
  std::string title_;
  std::string body_;
  Hover hover_;
};

}  // namespace hugang::report
