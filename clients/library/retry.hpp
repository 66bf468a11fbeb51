// When the same request is sent again, and how long to wait before. Every request of the contract
// may be repeated: reads change nothing, and writes carry an id that the ledger answers as the
// first time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace hugang::client {

struct RetryPolicy {
  std::uint32_t attempts_max = 5;  ///< at least 1
  std::chrono::milliseconds first_pause{50};
  std::chrono::milliseconds pause_max{2'000};
  /// One attempt waits this long at most, so that a lost connection leaves time for another.
  std::chrono::milliseconds attempt_timeout{5'000};
};

/// How long to wait after `attempts` failures: doubles from first_pause up to pause_max, then a
/// part between half and all of it by `random`, so that many clients do not come back in step.
/// Nothing when no attempt is left. Requires attempts >= 1.
[[nodiscard]] std::optional<std::chrono::milliseconds> pause_before_next(const RetryPolicy& policy,
                                                                         std::uint32_t attempts,
                                                                         std::uint32_t random);

}  // namespace hugang::client
