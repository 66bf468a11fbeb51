#include "clients/load/report/plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "clearing/base/check.hpp"
#include "clients/load/report/markup.hpp"

namespace hugang::report {
namespace {

/// Tenths of a pixel are finer than anything that is seen.
std::string px(double value) {
  std::string text = fmt::format("{:.1f}", value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

std::string path_of(const std::vector<Point>& points, std::optional<double> base_px) {
  std::string path;
  bool is_open = false;
  double first_x = 0;
  double last_x = 0;
  const auto close = [&] {
    if (is_open && base_px) {
      path += fmt::format("L{} {}L{} {}Z", px(last_x), px(*base_px), px(first_x), px(*base_px));
    } else if (is_open && first_x == last_x) {
      path += "h0.1";  // a lone point between gaps is seen as a dot, thanks to round line ends
    }
    is_open = false;
  };
  for (const Point& point : points) {
    if (!point.y_px) {
      close();
      continue;
    }
    if (!is_open) first_x = point.x_px;
    path += fmt::format("{}{} {}", is_open ? "L" : "M", px(point.x_px), px(*point.y_px));
    last_x = point.x_px;
    is_open = true;
  }
  close();
  return path;
}

}  // namespace

Axis Axis::linear(double from, double to, double from_px, double to_px) {
  HG_CHECK(from < to);
  Axis axis;
  axis.from_ = from;
  axis.to_ = to;
  axis.from_px_ = from_px;
  axis.to_px_ = to_px;
  return axis;
}

Axis Axis::logarithmic(double from, double to, double from_px, double to_px) {
  HG_CHECK(from > 0);
  Axis axis = linear(std::log(from), std::log(to), from_px, to_px);
  axis.is_logarithmic_ = true;
  return axis;
}

double Axis::at(double value) const {
  const double place = is_logarithmic_ ? std::log(std::max(value, 1e-300)) : value;
  const double share = std::clamp((place - from_) / (to_ - from_), 0.0, 1.0);
  return from_px_ + (share * (to_px_ - from_px_));
}

std::vector<double> round_steps(double from, double to, int count) {
  HG_CHECK(from < to);
  const double raw = (to - from) / std::max(count, 1);
  const double power = std::pow(10, std::floor(std::log10(raw)));
  double step = 10 * power;
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= raw * 0.999) {
      step = factor * power;
      break;
    }
  }
  std::vector<double> steps;
  for (double i = std::ceil((from / step) - 1e-9); (i * step) <= to * (1 + 1e-9); ++i) {
    steps.push_back(i * step);
  }
  return steps;
}

Plot::Plot(std::string id, double height, std::string title)
    : id_{std::move(id)}, height_{height}, title_{std::move(title)} {}

void Plot::add_x_ticks(const Axis& x, const std::vector<Tick>& ticks, const std::string& caption) {
  const double bottom = height_ - kBottom;
  for (const Tick& tick : ticks) {
    const std::string at = px(x.at(tick.value));
    body_ += fmt::format("<path class=\"grid\" d=\"M{0} {1}V{2}\"/>", at, px(kTop), px(bottom));
    body_ +=
        fmt::format("<text class=\"tick\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", at,
                    px(bottom + 16), html_text(tick.label));
  }
  body_ += fmt::format("<text class=\"tick cap\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n",
                       px(kWidth - kRight), px(height_ - 4), html_text(caption));
}

void Plot::add_y_ticks(const Axis& y, const std::vector<Tick>& ticks) {
  for (const Tick& tick : ticks) {
    const double at = y.at(tick.value);
    body_ += fmt::format("<path class=\"grid\" d=\"M{} {}H{}\"/>", px(kLeft), px(at),
                         px(kWidth - kRight));
    body_ += fmt::format("<text class=\"tick\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n",
                         px(kLeft - 8), px(at + 4), html_text(tick.label));
  }
}

void Plot::add_line(const std::string& css_class, const std::vector<Point>& points) {
  body_ +=
      fmt::format("<path class=\"line {}\" d=\"{}\"/>\n", css_class, path_of(points, std::nullopt));
}

void Plot::add_area(const std::string& css_class, const std::vector<Point>& points) {
  body_ += fmt::format("<path class=\"area {}\" d=\"{}\"/>\n", css_class,
                       path_of(points, height_ - kBottom));
}

void Plot::add_boxes(const std::string& css_class, const std::vector<Box>& boxes) {
  if (boxes.empty()) return;
  std::string path;
  for (const Box& box : boxes) {
    path += fmt::format("M{} {}h{}v{}h{}z", px(box.x), px(box.y), px(box.width), px(box.height),
                        px(-box.width));
  }
  body_ += fmt::format("<path class=\"{}\" d=\"{}\"/>\n", css_class, path);
}

std::string Plot::html() const {
  std::string html = fmt::format(
      "<svg id=\"{0}\" class=\"plot\" viewBox=\"0 0 {1} {2}\" role=\"img\" tabindex=\"0\" "
      "aria-label=\"{3}\">\n",
      id_, kWidth, px(height_), html_text(title_));
  html += body_;
  html += fmt::format(
      "<g class=\"cross\" visibility=\"hidden\"><path class=\"hair\" d=\"M0 "
      "{}V{}\"/></g>\n</svg>\n",
      px(kTop), px(height_ - kBottom));
  nlohmann::ordered_json data{{"x", nlohmann::ordered_json::array()}, {"t", hover_.titles}};
  for (const double x : hover_.x_px) data["x"].push_back(std::round(x * 10) / 10);
  data["s"] = nlohmann::ordered_json::array();
  for (const HoverSeries& series : hover_.series) {
    nlohmann::ordered_json entry{{"n", series.name}, {"c", series.css_class}, {"v", series.texts}};
    entry["y"] = nlohmann::ordered_json::array();
    for (const auto& y : series.y_px) {
      entry["y"].push_back(y ? nlohmann::ordered_json(std::round(*y * 10) / 10) : nullptr);
    }
    data["s"].push_back(std::move(entry));
  }
  html += fmt::format(
      "<script type=\"application/json\" data-for=\"{}\">{}</script>\n", id_,
      script_json(data.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)));
  return html;
}

}  // namespace hugang::report
