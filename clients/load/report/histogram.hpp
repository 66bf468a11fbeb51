// Latencies by the million in fixed memory: a histogram whose buckets grow with the value, so that
// a microsecond and an hour are both known to less than half a percent.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <vector>

namespace hugang::report {

/// One bucket that is not empty: `count` values in lower_ns <= value <= upper_ns.
struct Bucket {
  std::uint64_t lower_ns = 0;
  std::uint64_t upper_ns = 0;
  std::uint64_t count = 0;
  friend bool operator==(const Bucket&, const Bucket&) = default;
};

/// A bucket as it is stored: its lower end says which one it is.
struct Slot {
  std::uint64_t lower_ns = 0;
  std::uint64_t count = 0;
  friend bool operator==(const Slot&, const Slot&) = default;
};

/// Where a value belongs when each power of two is cut into 2^bits equal parts. A bucket's width is
/// at most 1/2^bits of its lower end; values below 2^bits have a bucket each.
template <unsigned bits>
struct LogLinear {
  /// Values above are counted in the last bucket: 2^45 ns are 9.7 hours.
  static constexpr unsigned kValueBits = 45;
  static constexpr std::uint64_t kValueMax = (std::uint64_t{1} << kValueBits) - 1;
  static constexpr std::size_t kParts = std::size_t{1} << bits;
  static constexpr std::size_t kBuckets = (kValueBits - bits + 1) * kParts;
  static_assert(bits >= 1 && bits < kValueBits);

  [[nodiscard]] static constexpr std::size_t index_of(std::uint64_t value) noexcept {
    if (value > kValueMax) value = kValueMax;
    if (value < kParts) return static_cast<std::size_t>(value);
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - (bits + 1);
    return (shift * kParts) + static_cast<std::size_t>(value >> shift);
  }
  /// Requires index < kBuckets.
  [[nodiscard]] static constexpr std::uint64_t lower_of(std::size_t index) noexcept {
    if (index < 2 * kParts) return index;
    const std::size_t shift = (index / kParts) - 1;
    return (index - (shift * kParts)) << shift;
  }
  [[nodiscard]] static constexpr std::uint64_t upper_of(std::size_t index) noexcept {
    return index + 1 == kBuckets ? kValueMax : lower_of(index + 1) - 1;
  }
};

/// Counts of values in nanoseconds. Buckets are at most 1/256 of their lower end wide; what a
/// percentile says is the upper end of its bucket, so it is never too small and at most 0.4 % too
/// large. The smallest, the largest and the sum are exact. 76 KiB on the heap, allocated once.
///
/// One thread at a time; `record` allocates nothing. For windows of a second either give each
/// window a histogram and `reset` it, or keep a copy and `subtract` it.
class Histogram {
 public:
  using Scale = LogLinear<8>;

  Histogram();
  Histogram(const Histogram& other);
  Histogram& operator=(const Histogram& other);
  /// The other may afterwards only be destroyed or assigned to.
  Histogram(Histogram&&) noexcept = default;
  Histogram& operator=(Histogram&&) noexcept = default;
  ~Histogram() = default;

  /// What a stored histogram holds beside its buckets. All 0 when it is empty.
  struct Extremes {
    std::uint64_t min_ns = 0;
    std::uint64_t max_ns = 0;
    std::uint64_t sum_ns = 0;
  };
  /// What was stored, believed only as far as it agrees with itself; else a sentence about what
  /// does not. Slots must be ascending, none empty, each count at most 10^15.
  [[nodiscard]] static std::expected<Histogram, const char*> restored(std::span<const Slot> slots,
                                                                      const Extremes& extremes);

  void record(std::uint64_t value_ns) noexcept { record(value_ns, 1); }
  /// The same value `times` times.
  void record(std::uint64_t value_ns, std::uint64_t times) noexcept {
    if (times == 0) return;
    (*counts_)[Scale::index_of(value_ns)] += times;
    count_ += times;
    sum_ns_ += value_ns * times;
    if (value_ns < min_ns_) min_ns_ = value_ns;
    if (value_ns > max_ns_) max_ns_ = value_ns;
  }

  void merge(const Histogram& other) noexcept;
  /// Takes away what `earlier` holds. Requires that `earlier` is an earlier copy of this one. The
  /// largest and smallest of what is left are then known to their bucket only.
  void subtract(const Histogram& earlier) noexcept;
  void reset() noexcept;

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] bool is_empty() const noexcept { return count_ == 0; }
  /// 0 when empty, as the next three.
  [[nodiscard]] std::uint64_t min_ns() const noexcept { return count_ == 0 ? 0 : min_ns_; }
  [[nodiscard]] std::uint64_t max_ns() const noexcept { return max_ns_; }
  [[nodiscard]] std::uint64_t sum_ns() const noexcept { return sum_ns_; }
  [[nodiscard]] double mean_ns() const noexcept;

  /// The smallest value that at least `percent` of all values do not exceed, to the bucket; never
  /// above max_ns(). `percent` is cut to 0..100; 100 gives the exact largest. 0 when empty.
  [[nodiscard]] std::uint64_t percentile_ns(double percent) const noexcept;

  /// How many values lie in the bucket of `value_ns` or below.
  [[nodiscard]] std::uint64_t count_up_to(std::uint64_t value_ns) const noexcept;

  /// What is not empty, ascending.
  [[nodiscard]] std::vector<Bucket> buckets() const;

  friend bool operator==(const Histogram& a, const Histogram& b) noexcept;

 private:
  using Counts = std::array<std::uint64_t, Scale::kBuckets>;
  std::unique_ptr<Counts> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t sum_ns_ = 0;  ///< wraps after 584 years of waiting, all waits added up
  std::uint64_t min_ns_ = ~std::uint64_t{0};
  std::uint64_t max_ns_ = 0;
};

}  // namespace hugang::report
