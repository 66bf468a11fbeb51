// Gathers what threads measured: seconds and totals for the record, and what is shown while the run
// goes on.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "clients/load/kind.hpp"
#include "clients/load/pacing.hpp"
#include "clients/load/report/run_record.hpp"

namespace hugang::load {

inline constexpr Nanos kSecond = 1'000'000'000;

/// What became of one request.
struct Answer {
  std::uint64_t accepted = 0;  ///< transfers
  std::uint64_t repeated = 0;  ///< transfers that were answered as before
  report::CodeCounts refused;  ///< transfers by reason; empty costs nothing
  std::string error;           ///< the status's name where there is no valid answer

  friend bool operator==(const Answer&, const Answer&) = default;
};

/// Moments of one request, since the start of the run. intended <= sent <= answered.
struct Moments {
  Nanos intended = 0;
  Nanos sent = 0;
  Nanos answered = 0;
};

/// Counts of one kind, over a second or over all.
struct KindCounts {
  std::uint64_t completed = 0;
  std::uint64_t accepted = 0;
  std::uint64_t repeated = 0;
  report::CodeCounts refused;
  report::CodeCounts errors;
  report::Histogram latency;

  void add(const Answer& answer, std::uint64_t latency_ns);
  void merge(const KindCounts& other);
  void reset();
};

/// One second of one thread. Kinds that did not occur are absent.
struct Window {
  std::array<std::unique_ptr<KindCounts>, kKinds> kinds;
  std::uint64_t intended = 0;
  std::uint64_t offered = 0;
};

/// What happened since somebody looked last.
struct Glance {
  double seconds = 0;
  std::uint64_t intended = 0;
  std::uint64_t offered = 0;
  std::uint64_t completed = 0;
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  std::uint64_t errors = 0;
  report::Histogram latency;
};

/// Any thread, at once.
class Collector {
 public:
  /// `threads` windows make a second; seconds before `first_measured` are shown and forgotten.
  Collector(std::uint32_t threads, std::uint32_t first_measured);

  /// A thread's window of a second. A thread hands its seconds over in order and without gaps.
  void add(std::uint32_t second, const Window& window);

  /// The seconds that are complete and were not looked at yet; nothing where there are none.
  [[nodiscard]] std::optional<Glance> glance();

  /// Ends the last seconds, whichever threads did not reach them, and gives the seconds to the
  /// record, with those of each kind that `record.kinds` names in the order of `kinds`.
  void finish(const std::vector<Kind>& kinds, report::RunRecord& record);

 private:
  struct Open {
    std::uint32_t second = 0;
    std::uint32_t reported = 0;
    Window sum;
  };
  struct Closed {
    report::Second all;
    std::array<report::KindSecond, kKinds> kinds;
  };
  void close(Open& open);

  const std::uint32_t threads_;
  const std::uint32_t first_measured_;
  std::mutex mutex_;
  std::deque<Open> open_;  ///< ascending seconds without gaps
  std::vector<Closed> closed_;
  Glance glance_;
};

}  // namespace hugang::load
