// Whole numbers of 128 bits as the contract sends sums: decimal text of minor units.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clearing/base/int128.hpp"

namespace hugang::format {

/// An optional "-", then digits without leading zeros. Nothing when it is something else or is no
/// number between -(2^127-1) and 2^127-1.
[[nodiscard]] std::optional<base::i128> parse_minor(std::string_view text);

/// "-1234". Any value.
[[nodiscard]] std::string minor_text(base::i128 minor);

}  // namespace hugang::format
