// One node of a scenario: a machine with its journal. After every command the conservation laws and
// the oracle are asked; at the end the whole journal is replayed.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "clearing/machine/machine.hpp"
#include "crypto/digest.hpp"
#include "crypto/envelope.hpp"
#include "tests/simulation/oracle/oracle.hpp"

namespace hugang::scenario {

[[nodiscard]] inline machine::Hashing real_hashing() {
  return {crypto::sha256, crypto::chain_next};
}

/// A fixed Ed25519 key: the same number gives the same key in every run.
[[nodiscard]] crypto::PrivateKey fixed_key(std::uint32_t number);
[[nodiscard]] wire::KeyRecord key_record(const crypto::PublicKey& key, base::Timestamp valid_from,
                                         base::Timestamp valid_to);

/// A message as it was queued, with the chain around it.
struct QueuedMessage {
  base::Bytes bytes;
  base::Digest chain_before;
};

/// The bytes of a state, as a checkpoint would hold them.
[[nodiscard]] base::Bytes snapshot_of(const machine::State& state);

class City {
 public:
  City(std::string name, base::NodeId node) : name_{std::move(name)}, node_{node} {}

  /// Applies one entry, not before `now` and after everything before it. Fails the test when a law
  /// is broken by it.
  void apply(base::ByteSpan section, base::Timestamp now);

  /// Applies the last section once more: outcomes must be the same and marked as repeated, and the
  /// state must not change.
  void apply_again(base::Timestamp now);

  /// The last section with one byte of its last record changed.
  void apply_changed(base::Timestamp now);

  /// Snapshot there and back, and a replay of the journal: bytes, outcomes and events are equal.
  void check_end() const;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] base::NodeId node() const { return node_; }
  [[nodiscard]] const machine::State& state() const { return machine_.state(); }
  [[nodiscard]] std::optional<base::Timestamp> next_due() const { return machine_.next_due(); }
  [[nodiscard]] const machine::Effects& effects() const { return journal_.back().effects; }
  /// The last group of the last entry.
  [[nodiscard]] wire::GroupView last_group() const;
  [[nodiscard]] const std::vector<QueuedMessage>& messages_to(base::NodeId peer) {
    return queued_[peer];
  }

 private:
  struct Entry {
    machine::EntryContext context;
    base::Bytes section;
    machine::Effects effects;
  };
  void collect_messages();
  /// Asks the oracle about the last entry, until it was once contradicted.
  void ask_oracle();

  std::string name_;
  base::NodeId node_;
  machine::Machine machine_{real_hashing()};
  std::vector<Entry> journal_;
  oracle::Oracle oracle_;
  bool is_contradicted_ = false;
  std::map<base::NodeId, std::vector<QueuedMessage>> queued_;
};

}  // namespace hugang::scenario
