// What a ledger on a failing disk is compared with: the entries that the production machine made,
// and the digest of the state after each.
#pragma once

#include <vector>

#include "clearing/machine/machine.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/entry.hpp"
#include "tests/simulation/engine/random.hpp"

namespace hugang::simulation {

inline constexpr base::NodeId kDiskNode{7};

[[nodiscard]] machine::Hashing disk_hashing();

/// Makes entry after entry, and forgets those at the end that a crash may lose: what is made in
/// their place differs from them.
class History {
 public:
  explicit History(std::uint64_t seed);

  /// The next entry's bytes: payments, a part of them refused; now and then a large batch.
  /// `commands` >= 1.
  const base::Bytes& make(std::uint32_t commands);

  [[nodiscard]] std::uint64_t size() const { return entries_.size(); }
  /// 1..size()
  [[nodiscard]] const base::Bytes& entry(std::uint64_t seqno) const {
    return entries_.at(seqno - 1);
  }
  /// After entry `seqno`; 0: before the first.
  [[nodiscard]] const base::Digest& digest(std::uint64_t seqno) const { return digests_.at(seqno); }
  [[nodiscard]] ledger::Checksum checksum(std::uint64_t seqno) const;

  /// Goes on from what recovery gave: `machine` after entry `seqno`, and nothing behind it.
  void go_on_from(std::uint64_t seqno, machine::Machine machine);

  /// Of the state after the last entry. Every line of the id log is handed out once.
  [[nodiscard]] ledger::Checkpoint checkpoint();

 private:
  void add_founding();
  void add_payment();

  Random random_;
  machine::Machine machine_;
  std::vector<base::Bytes> entries_;
  std::vector<base::Digest> digests_;
  wire::BatchBuilder batch_;
  machine::Effects effects_;
};

}  // namespace hugang::simulation
