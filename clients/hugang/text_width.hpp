// How wide text is on a terminal, and text made safe to show: names come from other people.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hugang::program {

/// Columns that UTF-8 text takes: Chinese, Japanese and Korean characters take two, combining marks
/// none. A byte that is no UTF-8 counts as one.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// The text with control characters and bytes that are no UTF-8 replaced by U+FFFD, so that a
/// name can neither move the cursor nor start an escape sequence.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace hugang::program
