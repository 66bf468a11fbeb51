// The one non-cryptographic hash of the core, for retries and the id fold: XXH3, whose output is
// specified and equal on every machine. Header-only.
#pragma once

#include <cstdint>

#include "clearing/base/bytes.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace hugang::machine {

[[nodiscard]] inline std::uint64_t fingerprint_bytes(base::ByteSpan bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

}  // namespace hugang::machine
