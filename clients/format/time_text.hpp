// Points in time as text: RFC 3339 with nanoseconds, always in UTC.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clearing/base/timestamp.hpp"

namespace hugang::format {

/// "2026-11-22T05:18:43.000000001Z". Any Timestamp.
[[nodiscard]] std::string time_text(base::Timestamp at);

/// RFC 3339 date and time with 0 to 9 decimals of a second and "Z" or an offset such as "+08:00";
/// nothing when the text is anything else, the day does not exist or lies, by its own offset or in
/// UTC, outside of 1970..2261.
/// A leap second (":60") is refused: the ledger's time has none.
[[nodiscard]] std::optional<base::Timestamp> parse_time(std::string_view text);

}  // namespace hugang::format
