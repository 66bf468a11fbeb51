#include "clients/library/retry.hpp"

#include <algorithm>

#include "clearing/base/check.hpp"

namespace hugang::client {

std::optional<std::chrono::milliseconds> pause_before_next(const RetryPolicy& policy,
                                                           std::uint32_t attempts,
                                                           std::uint32_t random) {
  HG_CHECK(attempts >= 1);
  if (attempts >= policy.attempts_max) return std::nullopt;
  std::int64_t pause_ms = std::max<std::int64_t>(policy.first_pause.count(), 1);
  for (std::uint32_t i = 1; i < attempts && pause_ms < policy.pause_max.count(); ++i) pause_ms *= 2;
  pause_ms = std::min<std::int64_t>(pause_ms, std::max<std::int64_t>(policy.pause_max.count(), 1));
  const std::int64_t half = pause_ms / 2;
  return std::chrono::milliseconds{half +
                                   static_cast<std::int64_t>(random) % (pause_ms - half + 1)};
}

}  // namespace hugang::client
