// A run's seconds, put together until a chart can show them: a day has more seconds than a screen
// has columns.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "clients/load/report/run_record.hpp"

namespace hugang::report {

/// Neighbouring seconds as one column. Rates are per second.
struct Column {
  std::uint32_t from_s = 0;
  std::uint32_t seconds = 1;
  double intended = 0;
  double offered = 0;
  double completed = 0;
  double transfers = 0;
  CodeCounts refused;  ///< sums, not rates
  CodeCounts errors;   ///< sums, not rates
  /// As measured when the column is one second, else from the merged outlines (1/64); max is exact.
  Latency latency;
};

inline constexpr std::size_t kColumnsMax = 480;

/// All columns but the last are equally long.
[[nodiscard]] std::vector<Column> columns_of(const std::vector<Second>& seconds);

/// "second 12", "10 min to 10 min 02 s": where a column lies.
[[nodiscard]] std::string place_text(const Column& column);
/// "45 s", "10 min", "2 h 05 min".
[[nodiscard]] std::string elapsed_text(std::uint32_t seconds);

}  // namespace hugang::report
