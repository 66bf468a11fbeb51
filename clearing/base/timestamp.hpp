// Time as data: nanoseconds since 1970-01-01T00:00:00Z, given by the sequencer and journaled.
#pragma once

#include <compare>
#include <cstdint>

namespace hugang::base {

class Duration {
 public:
  constexpr Duration() noexcept = default;
  [[nodiscard]] static constexpr Duration nanoseconds(std::int64_t n) { return Duration{n}; }
  [[nodiscard]] static constexpr Duration milliseconds(std::int64_t n) {
    return Duration{n * 1'000'000};
  }
  [[nodiscard]] static constexpr Duration seconds(std::int64_t n) {
    return Duration{n * 1'000'000'000};
  }
  [[nodiscard]] constexpr std::int64_t count_ns() const { return ns_; }
  friend constexpr auto operator<=>(const Duration&, const Duration&) = default;

 private:
  constexpr explicit Duration(std::int64_t ns) noexcept : ns_{ns} {}
  std::int64_t ns_{0};
};

/// A point in time. 0 means "none" where a field is optional (a hold without expiry).
class Timestamp {
 public:
  constexpr Timestamp() noexcept = default;
  constexpr explicit Timestamp(std::int64_t ns) noexcept : ns_{ns} {}
  [[nodiscard]] constexpr std::int64_t ns() const noexcept { return ns_; }
  [[nodiscard]] constexpr bool is_none() const noexcept { return ns_ == 0; }
  friend constexpr auto operator<=>(const Timestamp&, const Timestamp&) = default;
  friend constexpr Timestamp operator+(Timestamp t, Duration d) {
    return Timestamp{t.ns_ + d.count_ns()};
  }
  friend constexpr Duration operator-(Timestamp a, Timestamp b) {
    return Duration::nanoseconds(a.ns_ - b.ns_);
  }

 private:
  std::int64_t ns_{0};
};

static_assert(sizeof(Timestamp) == 8);

}  // namespace hugang::base
