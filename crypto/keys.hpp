// Signature keys of both suites: how they are read, checked, named and kept secret.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "clearing/base/bytes.hpp"
#include "clearing/base/strong_id.hpp"
#include "crypto/suite.hpp"

namespace hugang::crypto {

/// No key in PEM form comes near this; longer texts and files are refused unread.
inline constexpr std::size_t kPemBytesMax = std::size_t{64} * 1024;

/// Why a key was refused: a code for programs, a sentence (no secret in it) that tells a person
/// what to do.
struct KeyError {
  enum class Code : std::uint8_t {
    kMalformed,        ///< Not a key, or not in the one accepted form.
    kWrongSuite,       ///< A key, but of another algorithm or curve than asked for.
    kWeak,             ///< A point for which anybody could forge signatures.
    kFileUnreadable,   ///< The file cannot be opened, read or written.
    kFilePermissions,  ///< Others than the owner may open the file.
  };
  Code code{};
  std::string sentence;
};

/// Hidden: OpenSSL's key object.
struct KeyState;

/// A public key that was checked when it was made. Copies share one immutable key, so copying is
/// cheap and any number of threads may verify with it at once.
class PublicKey {
 public:
  /// The key in `der`, a SubjectPublicKeyInfo (RFC 5280) in exactly the form that to_der() gives:
  /// 44 bytes for Ed25519; 91 for SM2, the point uncompressed. One form, so that one key has one
  /// id. Refuses keys of another suite, points off the curve (SM2), and Ed25519 points of small
  /// order.
  [[nodiscard]] static std::expected<PublicKey, KeyError> from_der(Suite suite, base::ByteSpan der);

  /// The key in a "-----BEGIN PUBLIC KEY-----" text; the suite follows from the key.
  [[nodiscard]] static std::expected<PublicKey, KeyError> from_pem(std::string_view pem);

  [[nodiscard]] Suite suite() const noexcept { return suite_; }
  [[nodiscard]] base::KeyId id() const noexcept { return id_; }
  [[nodiscard]] const base::Bytes& to_der() const& noexcept { return der_; }
  [[nodiscard]] base::Bytes to_der() && noexcept { return std::move(der_); }
  [[nodiscard]] std::string to_pem() const;

  friend bool operator==(const PublicKey& a, const PublicKey& b) {
    return a.suite_ == b.suite_ && a.der_ == b.der_;
  }

  /// For the .cpp files of this folder.
  [[nodiscard]] const KeyState& state() const noexcept { return *state_; }

 private:
  PublicKey(Suite suite, base::Bytes der, std::shared_ptr<const KeyState> state);

  Suite suite_;
  base::KeyId id_;
  base::Bytes der_;
  std::shared_ptr<const KeyState> state_;
};

/// First 8 bytes, big-endian, of SHA-256(suite byte ‖ der). Does not look at what `der` is.
[[nodiscard]] base::KeyId key_id_of(Suite suite, base::ByteSpan der);

/// A signing key. Moves, never copies; wiped when it goes. Any number of threads may sign with it
/// at once. A moved-from key may only be assigned to or destroyed.
class PrivateKey {
 public:
  /// A new key from the system's randomness.
  [[nodiscard]] static PrivateKey generate(Suite suite);

  /// The key in a PEM text: PKCS #8 ("PRIVATE KEY") or, for SM2, also "EC PRIVATE KEY", with or
  /// without a block of "EC PARAMETERS" before it. Refuses keys under a passphrase: a node must
  /// start unattended, so the file's protection is its permissions. Refuses an SM2 key whose secret
  /// and public half do not belong together.
  [[nodiscard]] static std::expected<PrivateKey, KeyError> from_pem(std::string_view pem);

  /// The key in a file of at most kPemBytesMax bytes, which only its owner may read, write or run
  /// (mode 0600 or stricter); the sentence of a refusal says how to make it so.
  [[nodiscard]] static std::expected<PrivateKey, KeyError> load_pem_file(
      const std::filesystem::path& path);

  /// Writes a new file of mode 0600, synced. Refuses to replace a file that exists.
  [[nodiscard]] std::expected<void, KeyError> save_pem_file(
      const std::filesystem::path& path) const;

  /// PKCS #8, not encrypted: secret. Whoever takes it wipes it; prefer save_pem_file.
  [[nodiscard]] std::string to_pem() const;

  [[nodiscard]] const PublicKey& public_key() const& noexcept { return public_key_; }
  [[nodiscard]] PublicKey public_key() && noexcept { return std::move(public_key_); }
  [[nodiscard]] Suite suite() const noexcept { return public_key_.suite(); }

  /// For the .cpp files of this folder.
  [[nodiscard]] const KeyState& state() const noexcept { return *state_; }

 private:
  struct StateDeleter {
    void operator()(KeyState* state) const noexcept;
  };
  using StatePtr = std::unique_ptr<KeyState, StateDeleter>;

  PrivateKey(StatePtr state, PublicKey public_key);

  StatePtr state_;
  PublicKey public_key_;
};

}  // namespace hugang::crypto
