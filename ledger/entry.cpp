#include "ledger/entry.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstring>

#include "clearing/base/check.hpp"
#include "clearing/machine/limits.hpp"

namespace hugang::ledger {
namespace {

constexpr std::size_t kHeadBytes = sizeof(EntryHead);
constexpr std::size_t kHeadChecksumOffset = offsetof(EntryHead, head_checksum);

Checksum head_checksum_of(const EntryHead& head) {
  return checksum_of(std::as_bytes(std::span{&head, 1}).first(kHeadChecksumOffset));
}

bool has_reserved_zero(const EntryHead& head) {
  return head.reserved0 == 0 && head.reserved1 == 0 &&
         std::ranges::all_of(head.reserved, [](std::byte b) { return b == std::byte{0}; });
}

void append_bytes(base::Bytes& out, ByteSpan bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

std::uint32_t checked_bytes(std::size_t size) {
  HG_CHECK(size <= machine::kEntryBytesMax);
  return static_cast<std::uint32_t>(size);
}

}  // namespace

Checksum checksum_of(ByteSpan bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {.low = hash.low64, .high = hash.high64};
}

base::Bytes encode_entry(const EntryParts& parts) {
  const ByteSpan outcomes = std::as_bytes(parts.outcomes);
  HG_CHECK(parts.outcomes.size() == parts.command_count);
  HG_CHECK(!parts.context.seqno.is_none());
  HG_CHECK(!parts.node.is_none());

  EntryHead head;
  head.node = parts.node;
  head.seqno = parts.context.seqno;
  head.at = parts.context.at;
  head.previous = parts.previous;
  head.command_count = parts.command_count;
  head.group_count = parts.group_count;
  head.commands_bytes = checked_bytes(parts.commands.size());
  head.outcomes_bytes = checked_bytes(outcomes.size());
  head.events_bytes = checked_bytes(parts.events.size());

  base::Bytes bytes;
  bytes.reserve(kHeadBytes + parts.commands.size() + outcomes.size() + parts.events.size());
  append_bytes(bytes, std::as_bytes(std::span{&head, 1}));
  append_bytes(bytes, parts.commands);
  append_bytes(bytes, outcomes);
  append_bytes(bytes, parts.events);

  head.body = checksum_of(ByteSpan{bytes}.subspan(kHeadBytes));
  head.head_checksum = head_checksum_of(head);
  std::memcpy(bytes.data(), &head, kHeadBytes);
  return bytes;
}

base::Bytes encode_entry(machine::EntryContext context, NodeId node, Checksum previous,
                         const wire::BatchBuilder& batch, const machine::Effects& effects) {
  return encode_entry({.context = context,
                       .node = node,
                       .previous = previous,
                       .command_count = batch.command_count(),
                       .group_count = batch.group_count(),
                       .commands = batch.section(),
                       .outcomes = effects.outcomes,
                       .events = effects.events});
}

std::string_view to_text(EntryError error) {
  switch (error) {
    case EntryError::kTooShort:
      return "it is shorter than an entry's head";
    case EntryError::kMagic:
      return "it does not begin as an entry does";
    case EntryError::kHeadChecksum:
      return "its head does not match its checksum";
    case EntryError::kFormatNewer:
      return "it was written by a newer program";
    case EntryError::kFormatUnknown:
      return "its format number is 0, which nothing writes";
    case EntryError::kReservedNotZero:
      return "a reserved field of its head is not zero";
    case EntryError::kSeqnoZero:
      return "its number or its node is 0";
    case EntryError::kOutcomesLength:
      return "it has not one outcome for each command";
    case EntryError::kTruncated:
      return "its body is shorter than its head says";
    case EntryError::kTrailingBytes:
      return "its body is longer than its head says";
    case EntryError::kBodyChecksum:
      return "its body does not match its checksum";
  }
  return "unknown";
}

std::optional<EntryHead> read_entry_head(ByteSpan bytes) {
  if (bytes.size() < kHeadBytes) return std::nullopt;
  EntryHead head;
  std::memcpy(&head, bytes.data(), kHeadBytes);
  if (head.magic != kEntryMagic) return std::nullopt;
  if (head.head_checksum != head_checksum_of(head)) return std::nullopt;
  return head;
}

std::expected<EntryView, EntryError> decode_entry(ByteSpan bytes) {
  if (bytes.size() < kHeadBytes) return std::unexpected{EntryError::kTooShort};
  EntryView view;
  EntryHead& head = view.head;
  std::memcpy(&head, bytes.data(), kHeadBytes);
  if (head.magic != kEntryMagic) return std::unexpected{EntryError::kMagic};
  if (head.head_checksum != head_checksum_of(head)) {
    return std::unexpected{EntryError::kHeadChecksum};
  }
  if (head.format > kEntryFormat) return std::unexpected{EntryError::kFormatNewer};
  if (head.format == 0) return std::unexpected{EntryError::kFormatUnknown};
  if (!has_reserved_zero(head)) return std::unexpected{EntryError::kReservedNotZero};
  if (head.seqno.is_none() || head.node.is_none()) return std::unexpected{EntryError::kSeqnoZero};
  if (head.outcomes_bytes != std::uint64_t{head.command_count} * sizeof(wire::Outcome)) {
    return std::unexpected{EntryError::kOutcomesLength};
  }
  const ByteSpan body = bytes.subspan(kHeadBytes);
  const std::uint64_t body_bytes =
      std::uint64_t{head.commands_bytes} + head.outcomes_bytes + head.events_bytes;
  if (body.size() < body_bytes) return std::unexpected{EntryError::kTruncated};
  if (body.size() > body_bytes) return std::unexpected{EntryError::kTrailingBytes};
  if (head.body != checksum_of(body)) return std::unexpected{EntryError::kBodyChecksum};
  view.commands = body.first(head.commands_bytes);
  view.outcomes = body.subspan(head.commands_bytes, head.outcomes_bytes);
  view.events = body.last(head.events_bytes);
  return view;
}

}  // namespace hugang::ledger
