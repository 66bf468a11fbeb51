// Signatures over bytes exactly as given. Messages between nodes go through crypto/envelope.hpp,
// which puts a context before them; this is for formats that define their own signed bytes (C2SP
// signed notes, published test vectors).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

#include "clearing/base/bytes.hpp"
#include "crypto/keys.hpp"

namespace hugang::crypto {

/// Distinguishing identifier that SM2 mixes into what it signs, where the parties agreed on no
/// other (GM/T 0009).
inline constexpr std::string_view kSm2DefaultId = "1234567812345678";

inline constexpr std::size_t kEd25519SignatureBytes = 64;

enum class SignatureError : std::uint8_t {
  kMalformed,  ///< Not of the suite's form: 64 bytes, or DER of two integers.
  kBad,        ///< Of the right form, but not this key's signature of this message.
};

/// Ed25519: 64 bytes, the same each time. SM2: DER SEQUENCE of r and s, 8 to 72 bytes, different
/// each time. Any thread.
[[nodiscard]] base::Bytes sign_raw(const PrivateKey& key, base::ByteSpan message);

/// Succeeds if `signature` is the key's signature of `message`. Any thread.
[[nodiscard]] std::expected<void, SignatureError> verify_raw(const PublicKey& key,
                                                             base::ByteSpan message,
                                                             base::ByteSpan signature);

}  // namespace hugang::crypto
