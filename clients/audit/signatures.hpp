// The signatures of the peers' envelopes that a journal keeps as evidence, checked again.
#pragma once

#include <cstdint>
#include <expected>
#include <unordered_map>

#include "clearing/machine/state.hpp"
#include "clients/audit/ledger_walk.hpp"
#include "crypto/keys.hpp"

namespace hugang::audit {

/// Keys come from the journal itself: from the state after the entry that holds the envelope.
/// Whether the key was valid at that time is the replay's to find: the machine decided it.
class SignatureChecker {
 public:
  /// Checks every peer envelope of the entry. kDamaged names the entry. Envelopes that the machine
  /// refused for being malformed or signed with a key that it does not know are counted as
  /// `unverifiable`: they moved nothing.
  [[nodiscard]] std::expected<void, LedgerError> check(const EntryView& entry,
                                                       const machine::State& state);

  [[nodiscard]] std::uint64_t good() const { return good_; }
  [[nodiscard]] std::uint64_t unverifiable() const { return unverifiable_; }

 private:
  [[nodiscard]] std::expected<void, std::string> check_record(base::ByteSpan record,
                                                              machine::Code outcome,
                                                              const machine::State& state);
  [[nodiscard]] const crypto::PublicKey* key_of(const wire::KeyRecord& record);

  std::unordered_map<base::KeyId, crypto::PublicKey> keys_;
  std::uint64_t good_ = 0;
  std::uint64_t unverifiable_ = 0;
};

}  // namespace hugang::audit
