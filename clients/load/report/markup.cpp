#include "clients/load/report/markup.hpp"

#include "clients/hugang/text_width.hpp"

namespace hugang::report {
namespace {

void append_line(std::string& html, std::string_view line) {
  for (const char c : program::printable(line)) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\'':
        html += "&#39;";
        break;
      default:
        html += c;
    }
  }
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string html;
  // `printable` would replace line ends and tabs, which a scenario's text may well have.
  while (!text.empty()) {
    const std::size_t end = text.find_first_of("\n\t");
    append_line(html, text.substr(0, end));
    if (end == std::string_view::npos) break;
    html += text[end];
    text.remove_prefix(end + 1);
  }
  return html;
}

std::string script_json(std::string_view json) {
  std::string safe;
  for (const char c : json) {
    switch (c) {
      case '<':
        safe += "\\u003c";
        break;
      case '>':
        safe += "\\u003e";
        break;
      case '&':
        safe += "\\u0026";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

}  // namespace hugang::report
