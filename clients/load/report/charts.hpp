// The charts of the HTML report, each a <figure> of its own.
#pragma once

#include <string>
#include <vector>

#include "clients/load/report/figures.hpp"
#include "clients/load/report/run_record.hpp"
#include "clients/load/report/timeline.hpp"

namespace hugang::report {

/// p50, p99, p99.9 and the largest over time on a logarithmic scale, before the density of all.
/// Requires a column.
[[nodiscard]] std::string latency_chart(const std::vector<Column>& columns);

/// Requests intended, offered and completed. Requires a column.
[[nodiscard]] std::string throughput_chart(const std::vector<Column>& columns, bool is_closed_loop);

/// Transfers accepted; for runs whose requests carry many. Requires a column.
[[nodiscard]] std::string transfers_chart(const std::vector<Column>& columns);

/// Failed requests and refused transfers by code; empty when there are none.
[[nodiscard]] std::string errors_chart(const std::vector<Column>& columns);
[[nodiscard]] std::string refusals_chart(const std::vector<Column>& columns);

/// Latency and service time by percentile, an axis that stretches towards 100 %. Requires a
/// request.
[[nodiscard]] std::string percentile_chart(const RunRecord& record);

/// How many requests took how long. Requires a request.
[[nodiscard]] std::string distribution_chart(const RunRecord& record);

}  // namespace hugang::report
