// Numbers as people read them, the same in every face of a report. For tools only: no money here.
#pragma once

#include <cstdint>
#include <string>

namespace hugang::report {

/// "1,234,567".
[[nodiscard]] std::string count_text(std::uint64_t count);

/// "12,345/s"; below 100 three digits: "4.25/s". Not finite or negative: "0/s".
[[nodiscard]] std::string rate_text(double per_second);

/// Without "/s", for columns that say so.
[[nodiscard]] std::string number_text(double value);

/// Four digits: "2", "59.98", "600.1"; from 10,000 on whole.
[[nodiscard]] std::string seconds_text(double seconds);

/// A share as "0 %", "12.3 %", "0.012 %", "< 0.001 %"; never "0 %" for what is not nothing and
/// never "100 %" for what is not all.
[[nodiscard]] std::string share_text(double share);

/// "1.20 ms".
[[nodiscard]] std::string latency_text(std::uint64_t ns);

/// "p99.9".
[[nodiscard]] std::string percentile_name(double percent);

/// "8.0 GiB".
[[nodiscard]] std::string memory_text(std::uint64_t bytes);

}  // namespace hugang::report
