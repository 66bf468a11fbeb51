// A core with accounts and money to spend, and batches of transfers for it: what the benchmarks of
// codec, core, journal and node have in common. The same calls give the same bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "clearing/machine/machine.hpp"
#include "clearing/wire/batch.hpp"
#include "clearing/wire/records.hpp"

namespace hugang::bench {

/// The largest batch of transfers.
inline constexpr std::uint32_t kBatch = 8'190;

/// The first account that transfers go between is number 1.
enum class Ids : std::uint8_t { kInOrder, kRandom };

/// Whether benchmarks shall only show that they run: then sizes are small.
[[nodiscard]] inline bool is_smoke() { return std::getenv("HUGANG_BENCH_SMOKE") != nullptr; }
/// `full`, or in a smoke test `small`.
[[nodiscard]] inline std::int64_t sized(std::int64_t full, std::int64_t small) {
  return is_smoke() ? small : full;
}

/// Transfers of random pairs of accounts 1..accounts, no account to itself.
class Transfers {
 public:
  /// Requires accounts >= 2.
  Transfers(std::uint32_t accounts, Ids ids) : accounts_{accounts}, ids_{ids} {}
  /// Overwrites all of `records`; no id comes twice.
  void fill(std::vector<wire::Transfer>& records);

 private:
  std::uint32_t accounts_;
  Ids ids_;
  std::uint64_t last_id_ = std::uint64_t{1} << 40;  ///< far from the ids of the founding
  std::mt19937_64 random_{42};
};

/// A machine whose first `accounts` accounts may go below zero without bound.
class BenchLedger {
 public:
  explicit BenchLedger(std::uint32_t accounts);

  /// Applies the section as the next entry. Every outcome must be good.
  void apply(base::ByteSpan section);
  [[nodiscard]] bool all_accepted() const;
  [[nodiscard]] const machine::Effects& effects() const { return effects_; }
  [[nodiscard]] const machine::State& state() const { return machine_.state(); }
  /// Where the next entry stands.
  [[nodiscard]] machine::EntryContext next() const;

 private:
  machine::Machine machine_;
  machine::Effects effects_;
};

/// One group of transfers as a commands section.
[[nodiscard]] wire::BatchBuilder section_of(const std::vector<wire::Transfer>& records);

}  // namespace hugang::bench
