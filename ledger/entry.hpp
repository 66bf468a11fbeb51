// One journal entry: a head of 128 bytes, then the commands, their outcomes and the events.
// docs/FORMAT.md shows every byte; tests/golden/journal holds the bytes.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>

#include "clearing/base/bytes.hpp"
#include "clearing/base/strong_id.hpp"
#include "clearing/base/timestamp.hpp"
#include "clearing/machine/machine.hpp"
#include "clearing/wire/batch.hpp"
#include "clearing/wire/outcome.hpp"

namespace hugang::ledger {

using base::ByteSpan;
using base::NodeId;
using base::Seqno;
using base::Timestamp;

/// XXH3 with 128 bits and no seed. Finds accidents, not forgers: against those stand the replay,
/// the signatures and the audit log.
struct Checksum {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend bool operator==(const Checksum&, const Checksum&) = default;
};
static_assert(sizeof(Checksum) == 16);

[[nodiscard]] Checksum checksum_of(ByteSpan bytes);

/// The ASCII bytes "HGENTRY" and a zero, read as a little-endian number.
inline constexpr std::uint64_t kEntryMagic = 0x0059'5254'4E45'4748;
inline constexpr std::uint16_t kEntryFormat = 1;

/// Head of an entry. 128 bytes, little-endian, in every format: magic, format and head_checksum
/// stay where they are, so that an entry can be recognised in raw bytes by any later program.
struct EntryHead {
  std::uint64_t magic = kEntryMagic;
  std::uint16_t format = kEntryFormat;
  std::uint16_t reserved0 = 0;
  NodeId node;
  Seqno seqno;
  Timestamp at;       ///< of the first command
  Checksum previous;  ///< head_checksum of entry seqno - 1; zeros in entry 1
  Checksum body;      ///< of everything behind the head
  std::uint32_t command_count = 0;
  std::uint32_t group_count = 0;
  std::uint32_t commands_bytes = 0;
  std::uint32_t outcomes_bytes = 0;  ///< 24 * command_count
  std::uint32_t events_bytes = 0;
  std::uint32_t reserved1 = 0;
  std::array<std::byte, 24> reserved{};
  Checksum head_checksum;  ///< of the 112 bytes before it; stands for the whole entry
};
static_assert(sizeof(EntryHead) == 128);
static_assert(offsetof(EntryHead, head_checksum) == 112);

/// What an entry is made of. The sections are copied once.
struct EntryParts {
  machine::EntryContext context;
  NodeId node;
  Checksum previous;
  std::uint32_t command_count = 0;
  std::uint32_t group_count = 0;
  ByteSpan commands;
  std::span<const wire::Outcome> outcomes;
  ByteSpan events;
};

/// The entry's bytes, in one allocation. Requires one outcome per command and sections that fit
/// machine::kEntryBytesMax together.
[[nodiscard]] base::Bytes encode_entry(const EntryParts& parts);

/// The same from what the sequencer has at hand after apply.
[[nodiscard]] base::Bytes encode_entry(machine::EntryContext context, NodeId node,
                                       Checksum previous, const wire::BatchBuilder& batch,
                                       const machine::Effects& effects);

/// Why bytes are no entry, in the order in which they are looked at.
enum class EntryError : std::uint8_t {
  kTooShort,         ///< not even a head
  kMagic,            ///< is something else
  kHeadChecksum,     ///< the head was changed
  kFormatNewer,      ///< written by a newer program
  kFormatUnknown,    ///< format 0
  kReservedNotZero,  ///< carries something that this format has no room for
  kSeqnoZero,        ///< seqno or node is 0
  kOutcomesLength,   ///< outcomes_bytes is not 24 * command_count
  kTruncated,        ///< the body ends before the head says so
  kTrailingBytes,    ///< the body goes on after the head says it ends
  kBodyChecksum,     ///< the body was changed
};

/// One clause for a person, without a full stop.
[[nodiscard]] std::string_view to_text(EntryError error);

/// An entry over somebody else's bytes (which need not be aligned); valid as long as they are.
struct EntryView {
  EntryHead head;
  ByteSpan commands;
  ByteSpan outcomes;
  ByteSpan events;

  [[nodiscard]] wire::Outcome outcome(std::uint32_t index) const {
    return wire::read_record<wire::Outcome>(
        outcomes.subspan(std::size_t{index} * sizeof(wire::Outcome), sizeof(wire::Outcome)));
  }
};

/// Checks everything that EntryError names. Reads nothing outside of `bytes`.
[[nodiscard]] std::expected<EntryView, EntryError> decode_entry(ByteSpan bytes);

/// The head alone, with magic and head checksum checked; the body is not looked at. For scanning
/// raw bytes.
[[nodiscard]] std::optional<EntryHead> read_entry_head(ByteSpan bytes);

}  // namespace hugang::ledger
