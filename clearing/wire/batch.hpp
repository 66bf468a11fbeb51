// The commands section of a journal entry: groups of records from one caller each. The sequencer
// writes it with BatchBuilder, apply and audit read it with read_batch.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <vector>

#include "clearing/base/bytes.hpp"
#include "clearing/base/check.hpp"
#include "clearing/base/inline_vector.hpp"
#include "clearing/wire/records.hpp"

namespace hugang::wire {

/// Head of a group. 32 bytes; `count` records of `record_bytes` each follow. The record of a
/// variable-length command is padded with zeros to a multiple of 8. Instructions of one size from
/// one caller may share a group; every other variable-length command is a group of its own.
struct GroupHead {
  CommandKind kind = CommandKind::kTick;
  std::uint16_t reserved0 = 0;
  std::uint32_t count = 0;
  ParticipantId caller;  ///< who is answerable: from the certificate, never from the request
  std::uint32_t record_bytes = 0;
  std::uint64_t reserved1 = 0;
  std::uint64_t reserved2 = 0;
};
static_assert(sizeof(GroupHead) == 32);

/// One group, pointing into the section's bytes (which need not be aligned).
struct GroupView {
  CommandKind kind;
  ParticipantId caller;
  std::uint32_t count;
  std::uint32_t record_bytes;
  base::ByteSpan records;  ///< count * record_bytes bytes

  [[nodiscard]] base::ByteSpan record(std::uint32_t index) const {
    HG_CHECK(index < count);
    return records.subspan(static_cast<std::size_t>(index) * record_bytes, record_bytes);
  }
};

enum class BatchError : std::uint8_t {
  kTruncated,  ///< a group or record ends behind the section
  kKindUnknown,
  kWrongRecordSize,  ///< record_bytes is not the size that the kind has
  kReservedNotZero,
  kTooManyCommands,
};

/// The size of a record of a fixed-width kind, or 0 for a variable-length kind; nothing for an
/// unknown kind.
[[nodiscard]] std::expected<std::uint32_t, BatchError> record_size(CommandKind kind);

/// Checks the frame of all groups (not what the records say) and lists them. Every record of it has
/// at least the 16 bytes of an id.
[[nodiscard]] std::expected<std::vector<GroupView>, BatchError> read_batch(base::ByteSpan section);

/// Collects groups into one section. Not thread-safe.
class BatchBuilder {
 public:
  /// Adds `count` records that lie one after another in `records` as one group.
  /// Requires records.size() to be count * record_size(kind), or a variable kind with count 1, or
  /// instructions of one size.
  void add_group(CommandKind kind, ParticipantId caller, std::uint32_t count,
                 base::ByteSpan records);

  template <IsRecord Record>
  void add(CommandKind kind, ParticipantId caller, const Record& record) {
    add_group(kind, caller, 1, std::as_bytes(std::span{&record, 1}));
  }

  /// Adds the instructions that lie one after another in `records`, those of one size that follow
  /// one another as one group. Requires count_instructs(records) to be something.
  void add_instructs(ParticipantId caller, base::ByteSpan records);

  [[nodiscard]] std::uint32_t command_count() const { return command_count_; }
  [[nodiscard]] std::uint32_t group_count() const { return group_count_; }
  [[nodiscard]] base::ByteSpan section() const { return bytes_; }
  [[nodiscard]] bool is_empty() const { return command_count_ == 0; }
  void clear();

 private:
  base::Bytes bytes_;
  std::uint32_t command_count_ = 0;
  std::uint32_t group_count_ = 0;
};

/// The bytes of the instruction at the beginning of `records`, padding included, as its head tells
/// them; nothing when the record is not all there.
[[nodiscard]] std::optional<std::size_t> instruct_bytes(base::ByteSpan records);

/// How many instructions lie one after another in `records`; nothing where they do not fill it.
[[nodiscard]] std::optional<std::uint32_t> count_instructs(base::ByteSpan records);

/// Builds the variable-length record of an instruction: head, legs, details padded to 8.
/// Sets leg_count and details_bytes of the head.
[[nodiscard]] base::Bytes encode_instruct(InstructHead head, std::span<const Leg> legs,
                                          base::ByteSpan details);

/// The same at the end of `out`.
void append_instruct(base::Bytes& out, InstructHead head, std::span<const Leg> legs,
                     base::ByteSpan details);

struct InstructView {
  InstructHead head;
  base::InlineVector<Leg, 1> legs;
  base::ByteSpan details;  ///< points into the record
};
/// The parts, or nothing when lengths, padding or reserved fields are wrong.
[[nodiscard]] std::expected<InstructView, BatchError> decode_instruct(base::ByteSpan record);

/// Head, envelope bytes, padding to 8.
[[nodiscard]] base::Bytes encode_peer_envelope(NodeId peer, base::ByteSpan envelope);
struct PeerEnvelopeView {
  PeerEnvelopeHead head;
  base::ByteSpan envelope;
};
[[nodiscard]] std::expected<PeerEnvelopeView, BatchError> decode_peer_envelope(
    base::ByteSpan record);

[[nodiscard]] base::Bytes encode_set_rules(SetRulesHead head, std::span<const Rule> rules);
struct SetRulesView {
  SetRulesHead head;
  std::vector<Rule> rules;
};
[[nodiscard]] std::expected<SetRulesView, BatchError> decode_set_rules(base::ByteSpan record);

/// Copies a fixed-width record out of unaligned bytes. Requires bytes.size() == sizeof(Record).
template <IsRecord Record>
[[nodiscard]] Record read_record(base::ByteSpan bytes) {
  HG_CHECK(bytes.size() == sizeof(Record));
  Record record;
  __builtin_memcpy(&record, bytes.data(), sizeof(Record));
  return record;
}

}  // namespace hugang::wire
