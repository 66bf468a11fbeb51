// A signed message as it is carried between nodes and kept in the journal, and its byte layout.
// Nothing here checks a signature: crypto/envelope.hpp does, and this codec needs no cryptography.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

#include "clearing/base/bytes.hpp"
#include "clearing/base/strong_id.hpp"
#include "clearing/wire/suite.hpp"

namespace hugang::wire {

// Layout, integers little-endian:
//
//   offset  bytes  field
//        0      4  magic            "HGEV"
//        4      2  version          1
//        6      1  suite            1 Ed25519, 2 SM2 with SM3
//        7      1  reserved         0
//        8      8  key_id           see base::KeyId
//       16      4  payload_bytes    0..4,194,304
//       20      4  signature_bytes  1..128
//       24      p  payload
//     24+p      s  signature        Ed25519: 64 bytes. SM2: DER SEQUENCE of r and s.
//   24+p+s   0..7  padding          zeros, up to a multiple of 8
//
// The encoding is canonical: an envelope has one encoding, and what decodes encodes to the same
// bytes.

/// The ASCII bytes "HGEV" read as a little-endian number.
inline constexpr std::uint32_t kEnvelopeMagic = 0x5645'4748;
inline constexpr std::uint16_t kEnvelopeVersion = 1;
inline constexpr std::size_t kEnvelopeHeaderBytes = 24;
inline constexpr std::size_t kEnvelopeAlignment = 8;

/// 4 MiB: room for one batch message between nodes, and far below what a journal record may hold.
inline constexpr std::size_t kEnvelopePayloadBytesMax = std::size_t{4} * 1024 * 1024;

/// Ed25519 needs 64; SM2 in DER at most 72. The rest is room for a later suite of this size class.
inline constexpr std::size_t kEnvelopeSignatureBytesMax = 128;

inline constexpr std::size_t kEnvelopeBytesMax =
    kEnvelopeHeaderBytes + kEnvelopePayloadBytesMax + kEnvelopeSignatureBytesMax;

static_assert(kEnvelopePayloadBytesMax <= UINT32_MAX);
static_assert(kEnvelopeBytesMax % kEnvelopeAlignment == 0);

/// An envelope that owns its bytes. Says nothing about whether the signature is good.
struct SignedEnvelope {
  Suite suite{Suite::kEd25519};
  base::KeyId key_id;
  base::Bytes payload;
  base::Bytes signature;

  friend bool operator==(const SignedEnvelope&, const SignedEnvelope&) = default;
};

/// The same over somebody else's bytes; valid as long as they are.
struct EnvelopeView {
  Suite suite{Suite::kEd25519};
  base::KeyId key_id;
  base::ByteSpan payload;
  base::ByteSpan signature;
};

[[nodiscard]] inline EnvelopeView view_of(const SignedEnvelope& envelope) {
  return {.suite = envelope.suite,
          .key_id = envelope.key_id,
          .payload = envelope.payload,
          .signature = envelope.signature};
}

/// Why bytes are no envelope, in the order in which they are looked at.
enum class EnvelopeError : std::uint8_t {
  kTooShort,         ///< Ends before the end that its header announces.
  kWrongMagic,       ///< Is something else.
  kUnknownVersion,   ///< Written by a newer program.
  kUnknownSuite,     ///< A suite this program does not know.
  kReservedNotZero,  ///< Or padding that is not zero: two encodings of one envelope.
  kPayloadTooLarge,  ///< More than kEnvelopePayloadBytesMax.
  kSignatureSize,    ///< None, or more than kEnvelopeSignatureBytesMax.
  kTrailingBytes,    ///< Goes on after the end that its header announces.
};

/// One sentence for a person, without a full stop.
[[nodiscard]] std::string_view to_text(EnvelopeError error);

/// Whether the sizes and the suite are within the limits above, so that the envelope can be
/// encoded. Ask it of envelopes that came from outside in another form than these bytes.
[[nodiscard]] bool is_encodable(const EnvelopeView& envelope);

/// The size of the encoding, padding included: a multiple of 8, at most kEnvelopeBytesMax.
/// Requires is_encodable(envelope).
[[nodiscard]] std::size_t encoded_bytes(const EnvelopeView& envelope);

/// Appends the encoding to `out`; `out` must not be the storage behind `envelope`.
/// Requires is_encodable(envelope).
void append_envelope(base::Bytes& out, const EnvelopeView& envelope);

/// The encoding alone. Requires is_encodable(view_of(envelope)).
[[nodiscard]] base::Bytes encode_envelope(const SignedEnvelope& envelope);

/// The envelope that `bytes` are, from the first to the last byte; the spans in it point into
/// `bytes`, nothing is copied. Reads nothing outside of `bytes`, whatever they say.
[[nodiscard]] std::expected<EnvelopeView, EnvelopeError> decode_envelope_view(base::ByteSpan bytes);

/// As decode_envelope_view, with the payload and the signature copied.
[[nodiscard]] std::expected<SignedEnvelope, EnvelopeError> decode_envelope(base::ByteSpan bytes);

}  // namespace hugang::wire
