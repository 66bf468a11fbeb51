// Runs to show and to compare, made from a seed: what a server with these habits would have left.
#pragma once

#include <cstdint>
#include <string>

#include "clients/load/report/run_record.hpp"

namespace hugang::report {

struct Habits {
  std::uint64_t seed = 1;
  std::uint32_t seconds = 60;
  std::uint32_t rate = 200;  ///< requests a second
  double median_ms = 2.0;
  double speed = 1.0;              ///< latencies are divided by this, the rate is multiplied
  std::uint32_t stall_second = 0;  ///< 0: none; else nothing is answered for stall_length
  std::uint32_t stall_length = 0;
  double error_share = 0;
  double refused_share = 0.01;
  std::uint32_t batch = 1;
  bool has_second_kind = false;
  /// How much seconds differ from one another, slowly: the standard deviation of the logarithm of
  /// a second's median.
  double wander = 0.1;
};

[[nodiscard]] RunRecord sample_run(const Habits& habits);

}  // namespace hugang::report
