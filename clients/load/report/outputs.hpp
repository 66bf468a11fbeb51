// The faces of a run's record: a table for a terminal, two CSV files, one HTML page. JSON, the form
// that is read back, has a header of its own (record_json.hpp).
#pragma once

#include <iosfwd>

#include "clients/hugang/table.hpp"
#include "clients/load/report/run_record.hpp"

namespace hugang::report {

/// What a person wants to know after a run, on one screen. A rate that the client could not offer
/// is not printed as one.
void print_table(const RunRecord& record, std::ostream& out, const program::Style& style);

/// RFC 4180, a line per second: counts and percentiles in nanoseconds, empty where no request
/// ended.
void write_csv_seconds(const RunRecord& record, std::ostream& out);

/// RFC 4180, a line per kind, clock (latency, service_time) and percentile up to what the number of
/// requests can support, at most 99.999; the last line of each is the largest value (100).
void write_csv_percentiles(const RunRecord& record, std::ostream& out);

/// One page that needs nothing else: no address is fetched, it opens offline, light and dark, with
/// the data of its charts as a table for those who do not see them. Whatever came from outside is
/// escaped.
void write_html(const RunRecord& record, std::ostream& out);

}  // namespace hugang::report
