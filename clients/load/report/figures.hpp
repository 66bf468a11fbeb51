// What a record amounts to: the sums and rates that every face of it shows, computed in one place.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "clients/load/report/run_record.hpp"

namespace hugang::report {

/// Of one kind, or of all kinds together.
struct KindFigures {
  std::string name;
  std::uint64_t requests = 0;   ///< completed
  std::uint64_t transfers = 0;  ///< accepted
  std::uint64_t refused = 0;    ///< transfers
  std::uint64_t errors = 0;     ///< requests
  std::uint64_t retries = 0;
  double requests_per_s = 0;
  double transfers_per_s = 0;
  double error_share = 0;    ///< of the requests that went out
  double refused_share = 0;  ///< of the transfers that were decided
};

struct Figures {
  KindFigures all;
  std::vector<KindFigures> kinds;
  Histogram latency;       ///< of all kinds
  Histogram service_time;  ///< of all kinds
  double intended_per_s = 0;
  double offered_per_s = 0;
  /// Whether the rate may be claimed: the client offered what was asked.
  bool is_rate_claimed = true;
  /// Transfers are counted apart from requests only where they differ.
  bool has_batches = false;
  /// Measured seconds in which no request ended although some were on their way, in a row: the
  /// longest such stretch, and where it began.
  std::uint32_t longest_silence_s = 0;
  std::uint32_t silence_from_s = 0;
};

[[nodiscard]] Figures figures_of(const RunRecord& record);

/// The percentiles that are shown, as far as `count` values support them: p is shown when at least
/// one value lies above it. Ascending, without 100.
[[nodiscard]] std::vector<double> supported_percentiles(std::uint64_t count);

/// The codes of all kinds together, the most frequent first.
[[nodiscard]] CodeCounts all_refused(const RunRecord& record);
[[nodiscard]] CodeCounts all_errors(const RunRecord& record);

/// How the run ended and whether its figures stand, worst news first, as sentences.
[[nodiscard]] std::vector<std::string> reservations(const RunRecord& record,
                                                    const Figures& figures);

}  // namespace hugang::report
