// Text made safe for the page that it stands in.
#pragma once

#include <string>
#include <string_view>

namespace hugang::report {

/// For HTML text and quoted attributes: & < > " ' are written as references, control characters
/// that HTML does not allow and bytes that are no UTF-8 as U+FFFD.
[[nodiscard]] std::string html_text(std::string_view text);

/// A JSON text for a <script> element: what could end the element or start a comment in it is
/// written as \u003c and so on.
[[nodiscard]] std::string script_json(std::string_view json);

}  // namespace hugang::report
