// SHA-256 (FIPS 180-4), SM3 (GB/T 32905), and the hash chain that ties one message to the next.
// All functions may be called from any thread; none can fail for reasons outside of the process.
#pragma once

#include <cstddef>
#include <memory>

#include "clearing/base/bytes.hpp"

namespace hugang::crypto {

/// Each thread keeps one hashing context, so a call costs the hashing and no allocation.
[[nodiscard]] base::Digest sha256(base::ByteSpan bytes);
[[nodiscard]] base::Digest sm3(base::ByteSpan bytes);

/// First byte of what chain_next hashes. 0x00 and 0x01 are the leaf and node prefixes of RFC 6962,
/// so that a chain value can never be passed off as a tree value or the other way round.
inline constexpr std::byte kChainPrefix{0x02};

/// The chain value after `message`: SHA-256(0x02 ‖ before ‖ message). A chain begins with 32 zero
/// bytes (Digest{}). Equal values mean equal messages in equal order from the beginning on.
[[nodiscard]] base::Digest chain_next(const base::Digest& before, base::ByteSpan message);

/// SHA-256 of bytes that come in pieces. One object serves one thread at a time and is worth
/// keeping: making it allocates, update and finish do not.
class Sha256 {
 public:
  Sha256();

  /// Adds bytes; any number of calls in any division gives the same digest.
  Sha256& update(base::ByteSpan bytes);

  /// The digest of all bytes since construction or since the last finish, and begins anew.
  [[nodiscard]] base::Digest finish();

 private:
  struct State;
  struct StateDeleter {
    void operator()(State* state) const noexcept;
  };
  std::unique_ptr<State, StateDeleter> state_;
};

}  // namespace hugang::crypto
