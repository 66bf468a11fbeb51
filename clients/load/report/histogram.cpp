#include "clients/load/report/histogram.hpp"

#include <algorithm>
#include <cmath>

#include "clearing/base/check.hpp"

namespace hugang::report {

static_assert(Histogram::Scale::index_of(0) == 0);
static_assert(Histogram::Scale::index_of(255) == 255);
static_assert(Histogram::Scale::index_of(512) == 512);
static_assert(Histogram::Scale::index_of(513) == 512);
static_assert(Histogram::Scale::index_of(~std::uint64_t{0}) + 1 == Histogram::Scale::kBuckets);
static_assert(Histogram::Scale::lower_of(512) == 512 && Histogram::Scale::upper_of(512) == 513);
static_assert(Histogram::Scale::upper_of(Histogram::Scale::kBuckets - 1) ==
              Histogram::Scale::kValueMax);

Histogram::Histogram() : counts_{std::make_unique<Counts>()} {}

Histogram::Histogram(const Histogram& other)
    : counts_{std::make_unique<Counts>(*other.counts_)},
      count_{other.count_},
      sum_ns_{other.sum_ns_},
      min_ns_{other.min_ns_},
      max_ns_{other.max_ns_} {}

Histogram& Histogram::operator=(const Histogram& other) {
  if (this == &other) return *this;
  if (counts_ == nullptr) counts_ = std::make_unique<Counts>();
  *counts_ = *other.counts_;
  count_ = other.count_;
  sum_ns_ = other.sum_ns_;
  min_ns_ = other.min_ns_;
  max_ns_ = other.max_ns_;
  return *this;
}

std::expected<Histogram, const char*> Histogram::restored(std::span<const Slot> slots,
                                                          const Extremes& extremes) {
  constexpr std::uint64_t kCountMax = 1'000'000'000'000'000;
  Histogram histogram;
  if (slots.empty()) {
    if (extremes.min_ns != 0 || extremes.max_ns != 0 || extremes.sum_ns != 0) {
      return std::unexpected{"an empty histogram has no smallest, largest or sum"};
    }
    return histogram;
  }
  const Slot* before = nullptr;
  for (const Slot& slot : slots) {
    const std::size_t index = Scale::index_of(slot.lower_ns);
    if (Scale::lower_of(index) != slot.lower_ns) {
      return std::unexpected{"a bucket's lower end is not one of the scale's"};
    }
    if (before != nullptr && before->lower_ns >= slot.lower_ns) {
      return std::unexpected{"buckets are not ascending"};
    }
    if (slot.count == 0 || slot.count > kCountMax) {
      return std::unexpected{"a bucket's count is 0 or above 10^15"};
    }
    (*histogram.counts_)[index] = slot.count;
    histogram.count_ += slot.count;
    before = &slot;
  }
  if (Scale::lower_of(Scale::index_of(extremes.min_ns)) != slots.front().lower_ns ||
      Scale::lower_of(Scale::index_of(extremes.max_ns)) != slots.back().lower_ns ||
      extremes.min_ns > extremes.max_ns) {
    return std::unexpected{
        "the smallest or largest value is in another bucket than the counts say"};
  }
  histogram.min_ns_ = extremes.min_ns;
  histogram.max_ns_ = extremes.max_ns;
  histogram.sum_ns_ = extremes.sum_ns;
  return histogram;
}

void Histogram::merge(const Histogram& other) noexcept {
  for (std::size_t i = 0; i < Scale::kBuckets; ++i) (*counts_)[i] += (*other.counts_)[i];
  count_ += other.count_;
  sum_ns_ += other.sum_ns_;
  min_ns_ = std::min(min_ns_, other.min_ns_);
  max_ns_ = std::max(max_ns_, other.max_ns_);
}

void Histogram::subtract(const Histogram& earlier) noexcept {
  std::size_t first = Scale::kBuckets;
  std::size_t last = 0;
  for (std::size_t i = 0; i < Scale::kBuckets; ++i) {
    HG_CHECK((*counts_)[i] >= (*earlier.counts_)[i]);
    (*counts_)[i] -= (*earlier.counts_)[i];
    if ((*counts_)[i] == 0) continue;
    if (first == Scale::kBuckets) first = i;
    last = i;
  }
  count_ -= earlier.count_;
  sum_ns_ -= earlier.sum_ns_;
  if (count_ == 0) return reset();
  // A value that lies within the copy's range may have come before or after it.
  min_ns_ = std::max(min_ns_, Scale::lower_of(first));
  const bool is_capped = last + 1 == Scale::kBuckets;
  if (!is_capped) max_ns_ = std::min(max_ns_, Scale::upper_of(last));
}

void Histogram::reset() noexcept {
  counts_->fill(0);
  count_ = 0;
  sum_ns_ = 0;
  min_ns_ = ~std::uint64_t{0};
  max_ns_ = 0;
}

double Histogram::mean_ns() const noexcept {
  return count_ == 0 ? 0.0 : static_cast<double>(sum_ns_) / static_cast<double>(count_);
}

std::uint64_t Histogram::percentile_ns(double percent) const noexcept {
  if (count_ == 0) return 0;
  if (!(percent < 100.0)) return max_ns_;
  const double share = std::max(percent, 0.0) / 100.0;
  // 99.9 / 100 * 1000 is a hair above 999: without the allowance the rank would be one too high.
  const double rank = std::ceil((share * static_cast<double>(count_)) - 1e-6);
  const auto wanted =
      std::clamp(static_cast<std::uint64_t>(std::max(rank, 1.0)), std::uint64_t{1}, count_);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < Scale::kBuckets; ++i) {
    seen += (*counts_)[i];
    if (seen < wanted) continue;
    if (i + 1 == Scale::kBuckets) return max_ns_;
    return std::clamp(Scale::upper_of(i), min_ns_, max_ns_);
  }
  return max_ns_;
}

std::uint64_t Histogram::count_up_to(std::uint64_t value_ns) const noexcept {
  const std::size_t last = Scale::index_of(value_ns);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i <= last; ++i) seen += (*counts_)[i];
  return seen;
}

std::vector<Bucket> Histogram::buckets() const {
  std::vector<Bucket> found;
  for (std::size_t i = 0; i < Scale::kBuckets; ++i) {
    if ((*counts_)[i] == 0) continue;
    found.push_back({Scale::lower_of(i), Scale::upper_of(i), (*counts_)[i]});
  }
  return found;
}

bool operator==(const Histogram& a, const Histogram& b) noexcept {
  return a.count_ == b.count_ && a.sum_ns_ == b.sum_ns_ && a.min_ns_ == b.min_ns_ &&
         a.max_ns_ == b.max_ns_ && *a.counts_ == *b.counts_;
}

}  // namespace hugang::report
