// The frame of a commands section and the variable-length records in it.
#include "clearing/wire/batch.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "clearing/machine/limits.hpp"

namespace hugang::wire {
namespace {

constexpr ParticipantId kCaller{7};

base::Bytes with_head(GroupHead head, std::size_t record_bytes) {
  base::Bytes section(sizeof(head) + record_bytes);
  std::memcpy(section.data(), &head, sizeof(head));
  return section;
}

GroupHead transfer_head(std::uint32_t count) {
  GroupHead head;
  head.kind = CommandKind::kTransfer;
  head.count = count;
  head.caller = kCaller;
  head.record_bytes = sizeof(Transfer);
  return head;
}

BatchError error_of(base::ByteSpan section) {
  const auto groups = read_batch(section);
  EXPECT_FALSE(groups.has_value());
  return groups.has_value() ? BatchError{255} : groups.error();
}

TEST(BatchFrame, GivesBackWhatTheBuilderWrote) {
  BatchBuilder builder;
  EXPECT_TRUE(builder.is_empty());
  const std::vector<Transfer> transfers(3);
  builder.add_group(CommandKind::kTransfer, kCaller, 3, std::as_bytes(std::span{transfers}));
  builder.add(CommandKind::kTick, ParticipantId{}, Tick{});
  builder.add_group(CommandKind::kInstruct, kCaller, 1, encode_instruct({}, {}, {}));
  EXPECT_EQ(builder.command_count(), 5U);
  EXPECT_EQ(builder.group_count(), 3U);
  const auto groups = read_batch(builder.section());
  ASSERT_TRUE(groups.has_value());
  ASSERT_EQ(groups->size(), 3U);
  EXPECT_EQ((*groups)[0].count, 3U);
  EXPECT_EQ((*groups)[0].caller, kCaller);
  EXPECT_EQ((*groups)[0].record(2).size(), sizeof(Transfer));
  EXPECT_EQ((*groups)[2].kind, CommandKind::kInstruct);
  builder.clear();
  EXPECT_TRUE(read_batch(builder.section())->empty()) << "an empty section is an empty batch";
}

TEST(BatchFrame, RefusesATruncationAtEveryByte) {
  BatchBuilder builder;
  builder.add(CommandKind::kTick, ParticipantId{}, Tick{});
  for (std::size_t bytes = 1; bytes < builder.section().size(); ++bytes) {
    EXPECT_EQ(error_of(builder.section().first(bytes)), BatchError::kTruncated) << bytes;
  }
}

TEST(BatchFrame, RefusesUnknownKinds) {
  for (const int kind : {0, 19, 255, 65'535}) {
    GroupHead head = transfer_head(1);
    head.kind = static_cast<CommandKind>(kind);
    EXPECT_EQ(error_of(with_head(head, sizeof(Transfer))), BatchError::kKindUnknown);
  }
}

TEST(BatchFrame, RefusesReservedFields) {
  GroupHead head = transfer_head(1);
  head.reserved0 = 1;
  EXPECT_EQ(error_of(with_head(head, sizeof(Transfer))), BatchError::kReservedNotZero);
  head = transfer_head(1);
  head.reserved1 = 1;
  EXPECT_EQ(error_of(with_head(head, sizeof(Transfer))), BatchError::kReservedNotZero);
  head = transfer_head(1);
  head.reserved2 = 1;
  EXPECT_EQ(error_of(with_head(head, sizeof(Transfer))), BatchError::kReservedNotZero);
}

TEST(BatchFrame, RefusesWrongSizesAndCounts) {
  GroupHead head = transfer_head(1);
  head.record_bytes = sizeof(Transfer) - 8;
  EXPECT_EQ(error_of(with_head(head, sizeof(Transfer))), BatchError::kWrongRecordSize);
  EXPECT_EQ(error_of(with_head(transfer_head(0), 0)), BatchError::kWrongRecordSize);
  head = transfer_head(2);
  head.kind = CommandKind::kPeerEnvelope;
  EXPECT_EQ(error_of(with_head(head, 2 * sizeof(Transfer))), BatchError::kWrongRecordSize);
  head = transfer_head(1);
  head.kind = CommandKind::kInstruct;
  head.record_bytes = 90;
  EXPECT_EQ(error_of(with_head(head, 90)), BatchError::kWrongRecordSize);
  head.record_bytes = 0;
  EXPECT_EQ(error_of(with_head(head, 0)), BatchError::kWrongRecordSize);
}

TEST(BatchFrame, RefusesARecordWithoutRoomForItsId) {
  for (const auto kind :
       {CommandKind::kInstruct, CommandKind::kPeerEnvelope, CommandKind::kSetRules}) {
    GroupHead head = transfer_head(1);
    head.kind = kind;
    head.record_bytes = 8;
    EXPECT_EQ(error_of(with_head(head, 8)), BatchError::kWrongRecordSize);
  }
}

TEST(BatchFrame, CountsCommandsOverAllGroupsWithoutWrapping) {
  EXPECT_EQ(error_of(with_head(transfer_head(machine::kCommandsPerEntryMax + 1), 0)),
            BatchError::kTooManyCommands);
  EXPECT_EQ(error_of(with_head(transfer_head(0xFFFF'FFFF), 96)), BatchError::kTooManyCommands);
  BatchBuilder builder;
  for (std::uint32_t i = 0; i <= machine::kCommandsPerEntryMax; ++i) {
    builder.add(CommandKind::kTick, ParticipantId{}, Tick{});
  }
  EXPECT_EQ(error_of(builder.section()), BatchError::kTooManyCommands);
}

/// An instruction with that many legs and bytes of details.
base::Bytes instruct(std::uint64_t id, std::size_t legs, std::size_t details = 0) {
  InstructHead head;
  head.id = CommandId{id};
  return encode_instruct(head, std::vector<Leg>(legs), base::Bytes(details, std::byte{'d'}));
}

base::Bytes joined(std::initializer_list<base::Bytes> parts) {
  base::Bytes all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

TEST(BatchFrame, PutsInstructionsOfOneSizeThatFollowOneAnotherIntoOneGroup) {
  const auto records = joined({instruct(1, 1), instruct(2, 1), instruct(3, 2), instruct(4, 1, 5),
                               instruct(5, 1, 8), instruct(6, 1)});
  BatchBuilder builder;
  builder.add_instructs(kCaller, records);
  EXPECT_EQ(builder.command_count(), 6u);
  const auto groups = read_batch(builder.section());
  ASSERT_TRUE(groups.has_value());
  std::vector<std::uint32_t> counts;
  std::uint64_t id = 0;
  for (const GroupView& group : *groups) {
    EXPECT_EQ(group.kind, CommandKind::kInstruct);
    EXPECT_EQ(group.caller, kCaller);
    counts.push_back(group.count);
    for (std::uint32_t i = 0; i < group.count; ++i) {
      EXPECT_EQ(decode_instruct(group.record(i))->head.id, CommandId{++id});
    }
  }
  EXPECT_EQ(counts, (std::vector<std::uint32_t>{2, 1, 2, 1}));
}

TEST(InstructRecord, IsCountedOnlyWhereAllOfItIsThere) {
  const auto records = joined({instruct(1, 1), instruct(2, 16, 4'096), instruct(3, 0)});
  EXPECT_EQ(count_instructs(records), 3u);
  EXPECT_EQ(count_instructs({}), 0u);
  EXPECT_EQ(instruct_bytes(records), sizeof(InstructHead) + sizeof(Leg));
  for (std::size_t bytes = 1; bytes < records.size(); ++bytes) {
    const auto cut = count_instructs(base::ByteSpan{records}.first(bytes));
    const bool is_whole = bytes == instruct(1, 1).size() ||
                          bytes == joined({instruct(1, 1), instruct(2, 16, 4'096)}).size();
    EXPECT_EQ(cut.has_value(), is_whole) << bytes;
  }
}

TEST(InstructRecord, GivesBackLegsAndDetails) {
  InstructHead head;
  head.id = CommandId{5};
  std::vector<Leg> legs(2);
  legs[1].amount_minor = 77;
  const auto record = encode_instruct(head, legs, base::as_bytes("invoice"));
  EXPECT_EQ(record.size() % 8, 0U);
  const auto view = decode_instruct(record);
  ASSERT_TRUE(view.has_value());
  EXPECT_EQ(view->legs[1].amount_minor, 77);
  EXPECT_EQ(base::as_text(view->details), "invoice");
  for (std::size_t bytes = 0; bytes < record.size(); ++bytes) {
    EXPECT_FALSE(decode_instruct(base::ByteSpan{record}.first(bytes)).has_value()) << bytes;
  }
}

TEST(InstructRecord, RefusesReservedFieldsPaddingAndLyingLengths) {
  const auto record = encode_instruct({}, std::vector<Leg>(1), base::as_bytes("x"));
  const auto spoiled = [&](std::size_t at, int value) {
    base::Bytes bytes = record;
    bytes[at] = static_cast<std::byte>(value);
    return decode_instruct(bytes);
  };
  EXPECT_EQ(spoiled(64, 1).error(), BatchError::kReservedNotZero) << "reserved0";
  EXPECT_EQ(spoiled(72, 1).error(), BatchError::kReservedNotZero) << "reserved1";
  EXPECT_EQ(spoiled(80 + 32, 1).error(), BatchError::kReservedNotZero) << "the leg's reserved";
  EXPECT_EQ(spoiled(record.size() - 1, 1).error(), BatchError::kReservedNotZero) << "padding";
  EXPECT_EQ(spoiled(42, 2).error(), BatchError::kTruncated) << "leg count";
  EXPECT_EQ(spoiled(47, 255).error(), BatchError::kTruncated) << "details length";
}

TEST(PeerEnvelopeRecord, RefusesWhatItsEncoderWouldNotWrite) {
  const auto record = encode_peer_envelope(NodeId{2}, base::as_bytes("envelope!"));
  const auto view = decode_peer_envelope(record);
  ASSERT_TRUE(view.has_value());
  EXPECT_EQ(view->head.peer, NodeId{2});
  EXPECT_EQ(base::as_text(view->envelope), "envelope!");
  for (const std::size_t at : {std::size_t{0}, std::size_t{24}, record.size() - 1}) {
    base::Bytes spoiled = record;
    spoiled[at] ^= std::byte{1};
    EXPECT_EQ(decode_peer_envelope(spoiled).error(), BatchError::kReservedNotZero) << at;
  }
  for (std::size_t bytes = 0; bytes < record.size(); ++bytes) {
    EXPECT_FALSE(decode_peer_envelope(base::ByteSpan{record}.first(bytes)).has_value());
  }
}

TEST(SetRulesRecord, RefusesWhatItsEncoderWouldNotWrite) {
  const auto record = encode_set_rules({}, std::vector<Rule>(2));
  ASSERT_TRUE(decode_set_rules(record).has_value());
  EXPECT_EQ(decode_set_rules(record)->rules.size(), 2U);
  for (const std::size_t at : {32U, 40U, 48U + 12U, 48U + 32U + 24U}) {
    base::Bytes spoiled = record;
    spoiled[at] = std::byte{1};
    EXPECT_EQ(decode_set_rules(spoiled).error(), BatchError::kReservedNotZero) << at;
  }
  base::Bytes spoiled = record;
  spoiled[21] = std::byte{255};
  EXPECT_EQ(decode_set_rules(spoiled).error(), BatchError::kTooManyCommands);
  for (std::size_t bytes = 0; bytes < record.size(); ++bytes) {
    EXPECT_FALSE(decode_set_rules(base::ByteSpan{record}.first(bytes)).has_value());
  }
}

}  // namespace
}  // namespace hugang::wire
