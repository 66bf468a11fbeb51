#include "clearing/wire/envelope.hpp"

#include <algorithm>
#include <concepts>

#include "clearing/base/check.hpp"

namespace hugang::wire {
namespace {

template <std::unsigned_integral T>
void append_little_endian(base::Bytes& out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    out.push_back(static_cast<std::byte>((value >> (8 * i)) & 0xFF));
  }
}

/// Requires offset + sizeof(T) <= bytes.size().
template <std::unsigned_integral T>
T read_little_endian(base::ByteSpan bytes, std::size_t offset) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value |= std::to_integer<std::uint64_t>(bytes[offset + i]) << (8 * i);
  }
  return static_cast<T>(value);
}

constexpr std::size_t round_up(std::size_t bytes) {
  return (bytes + kEnvelopeAlignment - 1) / kEnvelopeAlignment * kEnvelopeAlignment;
}

}  // namespace

std::string_view to_text(EnvelopeError error) {
  switch (error) {
    case EnvelopeError::kTooShort:
      return "the envelope is cut short";
    case EnvelopeError::kWrongMagic:
      return "these bytes are no envelope: they do not begin with HGEV";
    case EnvelopeError::kUnknownVersion:
      return "the envelope has a format version that this program does not know; use a newer one";
    case EnvelopeError::kUnknownSuite:
      return "the envelope names a signature suite that this program does not know";
    case EnvelopeError::kReservedNotZero:
      return "a reserved or padding byte of the envelope is not zero";
    case EnvelopeError::kPayloadTooLarge:
      return "the payload is larger than 4 MiB; split the message";
    case EnvelopeError::kSignatureSize:
      return "the signature is empty or longer than 128 bytes";
    case EnvelopeError::kTrailingBytes:
      return "bytes follow the end of the envelope";
  }
  return "unknown envelope error";
}

bool is_encodable(const EnvelopeView& envelope) {
  return suite_from_number(static_cast<std::uint8_t>(envelope.suite)).has_value() &&
         envelope.payload.size() <= kEnvelopePayloadBytesMax && !envelope.signature.empty() &&
         envelope.signature.size() <= kEnvelopeSignatureBytesMax;
}

std::size_t encoded_bytes(const EnvelopeView& envelope) {
  HG_CHECK(is_encodable(envelope));
  return round_up(kEnvelopeHeaderBytes + envelope.payload.size() + envelope.signature.size());
}

void append_envelope(base::Bytes& out, const EnvelopeView& envelope) {
  const std::size_t start = out.size();
  const std::size_t end = start + encoded_bytes(envelope);
  out.reserve(end);
  append_little_endian(out, kEnvelopeMagic);
  append_little_endian(out, kEnvelopeVersion);
  append_little_endian(out, static_cast<std::uint8_t>(envelope.suite));
  append_little_endian(out, std::uint8_t{0});
  append_little_endian(out, envelope.key_id.value());
  append_little_endian(out, static_cast<std::uint32_t>(envelope.payload.size()));
  append_little_endian(out, static_cast<std::uint32_t>(envelope.signature.size()));
  HG_CHECK(out.size() == start + kEnvelopeHeaderBytes);
  out.insert(out.end(), envelope.payload.begin(), envelope.payload.end());
  out.insert(out.end(), envelope.signature.begin(), envelope.signature.end());
  out.resize(end, std::byte{0});
}

base::Bytes encode_envelope(const SignedEnvelope& envelope) {
  base::Bytes out;
  append_envelope(out, view_of(envelope));
  return out;
}

std::expected<EnvelopeView, EnvelopeError> decode_envelope_view(base::ByteSpan bytes) {
  if (bytes.size() < kEnvelopeHeaderBytes) return std::unexpected{EnvelopeError::kTooShort};
  if (read_little_endian<std::uint32_t>(bytes, 0) != kEnvelopeMagic) {
    return std::unexpected{EnvelopeError::kWrongMagic};
  }
  if (read_little_endian<std::uint16_t>(bytes, 4) != kEnvelopeVersion) {
    return std::unexpected{EnvelopeError::kUnknownVersion};
  }
  const auto suite = suite_from_number(read_little_endian<std::uint8_t>(bytes, 6));
  if (!suite) return std::unexpected{EnvelopeError::kUnknownSuite};
  if (bytes[7] != std::byte{0}) return std::unexpected{EnvelopeError::kReservedNotZero};

  const std::size_t payload_bytes = read_little_endian<std::uint32_t>(bytes, 16);
  const std::size_t signature_bytes = read_little_endian<std::uint32_t>(bytes, 20);
  if (payload_bytes > kEnvelopePayloadBytesMax) {
    return std::unexpected{EnvelopeError::kPayloadTooLarge};
  }
  if (signature_bytes == 0 || signature_bytes > kEnvelopeSignatureBytesMax) {
    return std::unexpected{EnvelopeError::kSignatureSize};
  }
  // Both sizes are now below their maxima, so these sums cannot wrap.
  const std::size_t content_end = kEnvelopeHeaderBytes + payload_bytes + signature_bytes;
  const std::size_t end = round_up(content_end);
  if (bytes.size() < end) return std::unexpected{EnvelopeError::kTooShort};
  if (bytes.size() > end) return std::unexpected{EnvelopeError::kTrailingBytes};
  const auto padding = bytes.subspan(content_end);
  if (!std::ranges::all_of(padding, [](std::byte b) { return b == std::byte{0}; })) {
    return std::unexpected{EnvelopeError::kReservedNotZero};
  }
  return EnvelopeView{
      .suite = *suite,
      .key_id = base::KeyId{read_little_endian<std::uint64_t>(bytes, 8)},
      .payload = bytes.subspan(kEnvelopeHeaderBytes, payload_bytes),
      .signature = bytes.subspan(kEnvelopeHeaderBytes + payload_bytes, signature_bytes),
  };
}

std::expected<SignedEnvelope, EnvelopeError> decode_envelope(base::ByteSpan bytes) {
  const auto view = decode_envelope_view(bytes);
  if (!view) return std::unexpected{view.error()};
  return SignedEnvelope{
      .suite = view->suite,
      .key_id = view->key_id,
      .payload = {view->payload.begin(), view->payload.end()},
      .signature = {view->signature.begin(), view->signature.end()},
  };
}

}  // namespace hugang::wire
