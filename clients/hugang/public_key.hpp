// Public keys from PEM files, as the contract carries them. No cryptography here: the node checks
// the key.
#pragma once

#include <string>
#include <string_view>

#include "clients/hugang/failure.hpp"

namespace hugang::program {

struct PublicKey {
  std::string suite;  ///< "ed25519" or "sm2-sm3"
  std::string der;    ///< SubjectPublicKeyInfo
};

/// The key of a "BEGIN PUBLIC KEY" file. A private key is refused by name, so that nobody sends
/// one.
[[nodiscard]] Attempt<PublicKey> read_public_key(const std::string& path);
[[nodiscard]] Attempt<PublicKey> parse_public_key(std::string_view pem, const std::string& path);

}  // namespace hugang::program
