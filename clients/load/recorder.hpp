// One thread's measurements: totals by kind for the whole run, and a window for each second that it
// hands to the collector.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>

#include "clients/load/collector.hpp"

namespace hugang::load {

/// What was sent. Written by the thread that sends, read by the thread that receives.
class SentCounts {
 public:
  void add(Kind kind, bool is_measured) {
    all_.fetch_add(1, std::memory_order_relaxed);
    if (is_measured) by_kind_[index_of(kind)].fetch_add(1, std::memory_order_relaxed);
  }
  /// A request that follows from an answer: intended when that came, not by the schedule.
  void add_follow_up(Kind kind, bool is_measured) {
    follow_ups_.fetch_add(1, std::memory_order_relaxed);
    add(kind, is_measured);
  }
  void add_retry(Kind kind, std::uint64_t count = 1) {
    retries_[index_of(kind)].fetch_add(count, std::memory_order_relaxed);
  }
  /// Measured ones.
  [[nodiscard]] std::uint64_t of(Kind kind) const { return by_kind_[index_of(kind)].load(); }
  [[nodiscard]] std::uint64_t retries_of(Kind kind) const {
    return retries_[index_of(kind)].load();
  }
  // Since the start of the run:
  [[nodiscard]] std::uint64_t follow_ups() const {
    return follow_ups_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t all() const { return all_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> all_{0};
  std::atomic<std::uint64_t> follow_ups_{0};
  std::array<std::atomic<std::uint64_t>, kKinds> by_kind_{};
  std::array<std::atomic<std::uint64_t>, kKinds> retries_{};
};

/// How late the client itself was: from the moment at which it could have sent a request to the
/// moment at which it did.
struct Lag {
  report::Histogram late;

  /// A request that was intended at `intended` and had a place to go from `place_since` on. What
  /// lies between the two is the server's doing, what comes after both is the client's.
  void record(Nanos intended, Nanos place_since, Nanos sent) {
    const Nanos could = intended > place_since ? intended : place_since;
    late.record(sent > could ? static_cast<std::uint64_t>(sent - could) : 0);
  }
};

struct KindTotals {
  std::uint64_t completed = 0;
  std::uint64_t accepted = 0;
  std::uint64_t repeated = 0;
  report::CodeCounts refused;
  report::CodeCounts errors;
  report::Histogram latency;
  report::Histogram service_time;
};

/// Belongs to the thread that receives, but for `sent`.
class Recorder {
 public:
  struct Plan {
    Nanos measure_from = 0;  ///< whole seconds
    /// Of the scenario; 0: unknown. Answers that come within half a second after it belong to its
    /// last second: a second of their own would look like a second in which little was done.
    Nanos end = 0;
    std::optional<Schedule> arrivals;  ///< of an open loop: this thread's share of what is intended
    std::uint32_t share_index = 0;
    std::uint32_t share_count = 1;
  };
  /// Keeps the references.
  Recorder(Plan plan, Collector& collector, const SentCounts& sent);

  /// A request came to its end. Requests intended before `measure_from` are shown while they are
  /// answered before it, and count nowhere.
  void ended(Kind kind, const Moments& moments, const Answer& answer);

  /// Requests that were intended and never went out, since no answer freed a place for them.
  void not_sent(Kind kind, std::uint64_t count);

  /// Nothing is intended any more from `at` on.
  void stop_arrivals(Nanos at) { arrivals_end_ = at; }

  /// Closes the seconds that are over. To be called at least a few times a second.
  void pass(Nanos now);
  /// Closes the second under way. The last call.
  void finish(Nanos now);

  [[nodiscard]] const KindTotals* totals(Kind kind) const { return totals_[index_of(kind)].get(); }
  /// Of what was measured: 0 where nothing was.
  [[nodiscard]] Nanos last_answer() const { return last_answer_; }
  [[nodiscard]] std::uint64_t intended_measured() const { return intended_measured_; }

 private:
  KindTotals& totals_of(Kind kind);
  KindCounts& counts_of(Kind kind);
  void close_second();
  [[nodiscard]] std::uint64_t count_intended(Nanos until);

  Plan plan_;
  std::optional<SharedSchedule> arrivals_;
  std::optional<Nanos> next_arrival_;
  Nanos arrivals_end_ = std::numeric_limits<Nanos>::max();
  Collector& collector_;
  const SentCounts& sent_;
  std::uint32_t second_ = 0;
  std::uint64_t sent_before_ = 0;
  std::uint64_t follow_ups_before_ = 0;
  std::uint64_t intended_measured_ = 0;
  Nanos last_answer_ = 0;
  Window window_;
  std::array<std::unique_ptr<KindTotals>, kKinds> totals_;
};

}  // namespace hugang::load
