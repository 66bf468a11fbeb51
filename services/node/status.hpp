// How the node is doing, for health checks, metrics and the operator's status call.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "clearing/base/bytes.hpp"
#include "clearing/base/strong_id.hpp"
#include "clearing/base/timestamp.hpp"

namespace hugang::node {

/// Upper bounds, in microseconds, of the buckets for how long an append took; one more bucket holds
/// what took longer.
inline constexpr std::array<std::uint32_t, 14> kAppendBucketsUs = {
    100,    200,    500,     1'000,   2'000,   5'000,     10'000,
    20'000, 50'000, 100'000, 200'000, 500'000, 1'000'000, 2'000'000,
};

struct AppendTimes {
  std::array<std::uint64_t, kAppendBucketsUs.size() + 1> counts{};  ///< per bucket, not cumulative
  std::uint64_t count = 0;
  std::uint64_t total_us = 0;
};

struct CheckpointStatus {
  base::Seqno seqno;
  base::Timestamp at;
  base::Digest digest;  ///< SHA-256 of the state
};

/// Totals count from the start of the process.
struct NodeStatus {
  bool is_stopping = false;
  bool has_failed = false;  ///< an append failed: the process is about to end
  base::Seqno durable_seqno;
  base::Timestamp durable_at;  ///< of the first command of that entry

  // Waiting for their turn; above the maximum a caller is told that the node is overloaded.
  std::uint32_t queued_commands = 0;
  std::uint32_t queued_commands_max = 0;
  std::uint64_t queued_bytes = 0;
  std::uint64_t queued_bytes_max = 0;
  std::uint32_t queued_reads = 0;
  std::uint32_t queued_reads_max = 0;

  // Applied, but not yet durable and handed out.
  std::uint32_t entries_in_flight = 0;
  std::uint64_t bytes_in_flight = 0;

  std::uint64_t entries_total = 0;
  std::uint64_t commands_accepted_total = 0;
  std::uint64_t commands_refused_total = 0;
  std::uint64_t submissions_overloaded_total = 0;
  std::uint64_t submissions_expired_total = 0;  ///< their give_up came before their turn
  std::uint64_t journal_bytes_total = 0;
  std::uint64_t checkpoints_total = 0;
  AppendTimes appends;
  std::optional<CheckpointStatus> checkpoint;  ///< the newest durable one
};

class StatusPort {
 public:
  virtual ~StatusPort() = default;
  /// Any thread.
  [[nodiscard]] virtual NodeStatus status() const = 0;
};

}  // namespace hugang::node
