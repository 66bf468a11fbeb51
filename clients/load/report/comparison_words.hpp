// What a comparison says: its findings and its doubts, as sentences.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "clients/load/report/comparison.hpp"

namespace hugang::report {

/// "faster by 12 % (9..15 %)", "no difference beyond noise (±3 %)". Requires a judged measure.
[[nodiscard]] std::string finding_text(const Measure& measure);

/// What makes the sides less comparable. Requires a record a side.
[[nodiscard]] std::vector<std::string> doubts(std::span<const RunRecord> a,
                                              std::span<const RunRecord> b);

/// Stable words for the JSON.
[[nodiscard]] std::string_view word_of(Finding finding);
[[nodiscard]] std::string_view word_of(Unit unit);

}  // namespace hugang::report
