// Signed messages: the only way to make an envelope, and the only way to come to trust one.
//
// To check an envelope without this program, with its bytes (layout in clearing/wire/envelope.hpp)
// in message.hgev and the signer's public key in signer.pem:
//
//   set -- $(od -An -tu4 --endian=little -j16 -N8 message.hgev)     # payload and signature size
//   { printf 'hugang/envelope/v1\n'; tail -c +25 message.hgev | head -c "$1"; } > signed.bin
//   tail -c +"$((25 + $1))" message.hgev | head -c "$2" > signature.bin
//   openssl pkeyutl -verify -rawin -pubin -inkey signer.pem -in signed.bin -sigfile signature.bin
//
// for Ed25519; the last line for SM2 (suite 2 in the seventh byte) ends with
//
//   -digest sm3 -pkeyopt distid:1234567812345678
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>
#include <utility>

#include "clearing/base/bytes.hpp"
#include "clearing/wire/envelope.hpp"
#include "crypto/keys.hpp"

namespace hugang::crypto {

using wire::SignedEnvelope;

/// What is signed is this text and then the payload, so that a signature made for another purpose
/// with the same key (a note, a certificate, a checkpoint) never passes for a message.
inline constexpr std::string_view kEnvelopeContext = "hugang/envelope/v1\n";

enum class VerifyError : std::uint8_t {
  kWrongKey,            ///< The envelope names another key, or another suite, than the given one.
  kPayloadTooLarge,     ///< More than wire::kEnvelopePayloadBytesMax.
  kMalformedSignature,  ///< Not of the suite's form.
  kBadSignature,        ///< Right form, but the payload was not signed with this key.
};

/// One sentence for a person, without a full stop.
[[nodiscard]] std::string_view to_text(VerifyError error);

/// Evidence: that one exists means that its signature was checked, because only verify makes one.
/// It keeps the whole envelope, so that what convinced us can convince a third party. Its envelope
/// is always encodable.
class VerifiedEnvelope {
 public:
  [[nodiscard]] const SignedEnvelope& envelope() const& noexcept { return envelope_; }
  [[nodiscard]] SignedEnvelope envelope() && noexcept { return std::move(envelope_); }
  [[nodiscard]] base::ByteSpan payload() const& noexcept { return envelope_.payload; }
  base::ByteSpan payload() && = delete;
  [[nodiscard]] Suite suite() const noexcept { return envelope_.suite; }
  [[nodiscard]] base::KeyId key_id() const noexcept { return envelope_.key_id; }

 private:
  explicit VerifiedEnvelope(SignedEnvelope&& envelope) noexcept : envelope_{std::move(envelope)} {}
  friend std::expected<VerifiedEnvelope, VerifyError> verify(const PublicKey& key,
                                                             SignedEnvelope envelope);

  SignedEnvelope envelope_;
};

/// The signature of `payload` in its context. Requires at most wire::kEnvelopePayloadBytesMax
/// bytes.
[[nodiscard]] base::Bytes sign(const PrivateKey& key, base::ByteSpan payload);

/// The payload in an envelope signed with `key`. The same requirement.
[[nodiscard]] SignedEnvelope seal(const PrivateKey& key, base::Bytes payload);

/// The envelope as evidence that `key` signed its payload, or the first reason why it is none.
/// Any thread; nothing is parsed but the signature.
[[nodiscard]] std::expected<VerifiedEnvelope, VerifyError> verify(const PublicKey& key,
                                                                  SignedEnvelope envelope);

/// The same check for bytes that stay where they are (audit of a journal): no copy, no evidence
/// kept.
[[nodiscard]] std::expected<void, VerifyError> check(const PublicKey& key,
                                                     const wire::EnvelopeView& envelope);

}  // namespace hugang::crypto
