// Durations, calendar days and points in time as people read them. Always UTC: what a ledger says
// does not depend on where it is read. For exact instants see time_text.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "clearing/base/timestamp.hpp"

namespace hugang::format {

/// For tables: "2026-01-05 09:30:00.000" (UTC, cut to milliseconds).
[[nodiscard]] std::string short_time_text(base::Timestamp at);

/// "90s", "10m", "2h", "1d", "250ms": whole numbers, above zero, at most 366 days. Nothing else.
[[nodiscard]] std::optional<base::Duration> parse_duration(std::string_view text);

/// For people, three digits: "1.20 ms", "250 µs", "3.50 s", "2 h 05 min". Any Duration.
[[nodiscard]] std::string duration_text(base::Duration duration);

/// yyyymmdd from "20260105" or "2026-01-05"; nothing when it is no date of the calendar.
[[nodiscard]] std::optional<std::uint32_t> parse_business_date(std::string_view text);
/// "2026-01-05" from 20260105.
[[nodiscard]] std::string business_date_text(std::uint32_t yyyymmdd);
/// The UTC date of an instant, yyyymmdd.
[[nodiscard]] std::uint32_t business_date_of(base::Timestamp at);

}  // namespace hugang::format
