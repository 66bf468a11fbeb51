#include "crypto/envelope.hpp"

#include "clearing/base/check.hpp"
#include "crypto/signature.hpp"

namespace hugang::crypto {
namespace {

base::Bytes in_context(base::ByteSpan payload) {
  const base::ByteSpan context = base::as_bytes(kEnvelopeContext);
  base::Bytes message;
  message.reserve(context.size() + payload.size());
  message.insert(message.end(), context.begin(), context.end());
  message.insert(message.end(), payload.begin(), payload.end());
  return message;
}

}  // namespace

std::string_view to_text(VerifyError error) {
  switch (error) {
    case VerifyError::kWrongKey:
      return "the message names another key than the one it was checked with; compare the key ids "
             "that both operators configured";
    case VerifyError::kPayloadTooLarge:
      return "the message is larger than 4 MiB; the sender must split it";
    case VerifyError::kMalformedSignature:
      return "the signature does not have the form of its suite";
    case VerifyError::kBadSignature:
      return "the signature does not match: the message was changed or signed with another key";
  }
  return "unknown verification error";
}

base::Bytes sign(const PrivateKey& key, base::ByteSpan payload) {
  HG_CHECK(payload.size() <= wire::kEnvelopePayloadBytesMax);
  return sign_raw(key, in_context(payload));
}

SignedEnvelope seal(const PrivateKey& key, base::Bytes payload) {
  base::Bytes signature = sign(key, payload);
  return {.suite = key.suite(),
          .key_id = key.public_key().id(),
          .payload = std::move(payload),
          .signature = std::move(signature)};
}

std::expected<void, VerifyError> check(const PublicKey& key, const wire::EnvelopeView& envelope) {
  if (envelope.suite != key.suite()) return std::unexpected{VerifyError::kWrongKey};
  if (envelope.key_id != key.id()) return std::unexpected{VerifyError::kWrongKey};
  if (envelope.payload.size() > wire::kEnvelopePayloadBytesMax) {
    return std::unexpected{VerifyError::kPayloadTooLarge};
  }
  const auto verdict = verify_raw(key, in_context(envelope.payload), envelope.signature);
  if (!verdict) {
    switch (verdict.error()) {
      case SignatureError::kMalformed:
        return std::unexpected{VerifyError::kMalformedSignature};
      case SignatureError::kBad:
        return std::unexpected{VerifyError::kBadSignature};
    }
  }
  HG_CHECK(wire::is_encodable(envelope));
  return {};
}

std::expected<VerifiedEnvelope, VerifyError> verify(const PublicKey& key, SignedEnvelope envelope) {
  const auto verdict = check(key, wire::view_of(envelope));
  if (!verdict) return std::unexpected{verdict.error()};
  return VerifiedEnvelope{std::move(envelope)};
}

}  // namespace hugang::crypto
