// The tables of the HTML report.
#pragma once

#include <string>

#include "clients/load/report/figures.hpp"
#include "clients/load/report/run_record.hpp"

namespace hugang::report {

/// Each kind's latency and service time by percentile.
[[nodiscard]] std::string percentile_table(const RunRecord& record, const Figures& figures);

/// Each kind's counts and rates, and the codes of what failed or was refused.
[[nodiscard]] std::string outcome_tables(const RunRecord& record, const Figures& figures);

/// The scenario, the client's honesty, the machine, the nodes.
[[nodiscard]] std::string run_tables(const RunRecord& record);

/// The values of the charts over time, folded away.
[[nodiscard]] std::string seconds_table(const RunRecord& record);

}  // namespace hugang::report
