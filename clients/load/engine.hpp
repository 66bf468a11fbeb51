// A run from its start to its record: workers, what they measured, and whether the client could do
// what was asked of it.
#pragma once

#include <memory>
#include <vector>

#include "clients/library/error.hpp"
#include "clients/library/profile.hpp"
#include "clients/load/worker.hpp"

namespace hugang::load {

class Engine {
 public:
  /// Connects `scenario.connections` times; does not wait for the node. Error kConfiguration.
  [[nodiscard]] static client::Result<std::unique_ptr<Engine>> open(Scenario scenario,
                                                                    AccountFile accounts,
                                                                    const client::Profile& profile);

  void start();
  /// Ends early: nothing more is sent, what is under way is waited for. Any thread.
  void stop();
  [[nodiscard]] bool is_over() const;
  [[nodiscard]] std::optional<Glance> glance() { return collector_.glance(); }
  /// Seconds since start().
  [[nodiscard]] double elapsed_s() const;
  /// Which phase is due `elapsed_s` after the start.
  [[nodiscard]] const PhasePlan& phase_at(double elapsed_s) const;

  /// Waits until it is over, and fills in what was measured: phases, seconds, kinds, honesty,
  /// measured_s, and the ending where it was stopped.
  void finish(report::RunRecord& record);

 private:
  Engine(RunPlan plan);
  void fill_kinds(report::RunRecord& record, std::vector<Kind>& kinds) const;
  void fill_times(report::RunRecord& record) const;
  void fill_honesty(report::RunRecord& record) const;

  RunPlan plan_;
  Collector collector_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::chrono::steady_clock::time_point epoch_;
  double cpu_seconds_before_ = 0;
  bool is_stopped_ = false;
};

/// What is known of how late the client was.
struct Punctuality {
  Loop loop = Loop::kOpen;
  double lag_max_s = 0;
  std::uint64_t intended = 0;
  std::uint64_t offered = 0;
  double busiest_thread = 0;  ///< 0 to 1
  double cores_busy = 0;
};

/// The verdict. A run is the client's own limit, and its rate no figure of the node's, when the
/// client was late by more than lag_max for one request in a hundred, or when one of its threads
/// computed all the time while requests stayed behind.
[[nodiscard]] report::Honesty judge(const Punctuality& punctuality, const report::Histogram& lag);

}  // namespace hugang::load
