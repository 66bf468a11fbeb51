#include "clearing/wire/message.hpp"

#include "clearing/base/check.hpp"
#include "clearing/machine/limits.hpp"
#include "clearing/wire/batch.hpp"
#include "clearing/wire/padding.hpp"

namespace hugang::wire {

base::Bytes encode_message(MessageKind kind, base::ByteSpan body) {
  HG_CHECK(body.size() <= UINT32_MAX);
  MessageHead head;
  head.bytes = static_cast<std::uint32_t>(body.size());
  head.kind = kind;
  base::Bytes out(sizeof(head) + padded8(body.size()));
  __builtin_memcpy(out.data(), &head, sizeof(head));
  if (!body.empty()) __builtin_memcpy(out.data() + sizeof(head), body.data(), body.size());
  return out;
}

base::Bytes encode_payload(PayloadHead head, std::span<const base::ByteSpan> messages) {
  head.magic = PayloadHead::kMagic;
  head.version = PayloadHead::kVersion;
  head.message_count = static_cast<std::uint32_t>(messages.size());
  std::size_t bytes = 0;
  for (const auto& message : messages) bytes += message.size();
  HG_CHECK(bytes <= UINT32_MAX);
  head.messages_bytes = static_cast<std::uint32_t>(bytes);
  base::Bytes out;
  out.reserve(sizeof(head) + bytes);
  const auto* raw = reinterpret_cast<const std::byte*>(&head);
  out.insert(out.end(), raw, raw + sizeof(head));
  for (const auto& message : messages) out.insert(out.end(), message.begin(), message.end());
  return out;
}

std::expected<PayloadView, PayloadError> decode_payload(base::ByteSpan payload) {
  if (payload.size() < sizeof(PayloadHead)) return std::unexpected{PayloadError::kTruncated};
  PayloadView view;
  view.head = read_record<PayloadHead>(payload.first(sizeof(PayloadHead)));
  payload = payload.subspan(sizeof(PayloadHead));
  if (view.head.magic != PayloadHead::kMagic) return std::unexpected{PayloadError::kMagic};
  if (view.head.version != PayloadHead::kVersion) return std::unexpected{PayloadError::kVersion};
  if (view.head.reserved0 != 0 || view.head.reserved != decltype(view.head.reserved){}) {
    return std::unexpected{PayloadError::kReservedNotZero};
  }
  if (view.head.message_count > machine::kMessagesPerEnvelopeMax) {
    return std::unexpected{PayloadError::kCount};
  }
  if (view.head.messages_bytes != payload.size())
    return std::unexpected{PayloadError::kTrailingBytes};
  view.messages.reserve(view.head.message_count);
  for (std::uint32_t i = 0; i < view.head.message_count; ++i) {
    if (payload.size() < sizeof(MessageHead)) return std::unexpected{PayloadError::kTruncated};
    MessageView message;
    message.head = read_record<MessageHead>(payload.first(sizeof(MessageHead)));
    if (message.head.reserved != 0) return std::unexpected{PayloadError::kReservedNotZero};
    const std::size_t whole = sizeof(MessageHead) + padded8(message.head.bytes);
    if (payload.size() < whole) return std::unexpected{PayloadError::kTruncated};
    message.whole = payload.first(whole);
    message.body = payload.subspan(sizeof(MessageHead), message.head.bytes);
    for (const std::byte b : message.whole.subspan(sizeof(MessageHead) + message.head.bytes)) {
      if (b != std::byte{0}) return std::unexpected{PayloadError::kPadding};
    }
    view.messages.push_back(message);
    payload = payload.subspan(whole);
  }
  if (!payload.empty()) return std::unexpected{PayloadError::kTrailingBytes};
  return view;
}

}  // namespace hugang::wire
