#include "clearing/wire/batch.hpp"

#include <cstring>

#include "clearing/machine/limits.hpp"
#include "clearing/wire/padding.hpp"

namespace hugang::wire {
namespace {

bool is_zero(base::ByteSpan bytes) {
  for (const std::byte b : bytes) {
    if (b != std::byte{0}) return false;
  }
  return true;
}

void append(base::Bytes& out, const void* data, std::size_t size) {
  const auto* begin = static_cast<const std::byte*>(data);
  out.insert(out.end(), begin, begin + size);
}

}  // namespace

std::expected<std::uint32_t, BatchError> record_size(CommandKind kind) {
  switch (kind) {  // No default: a new kind must fail to compile here.
    case CommandKind::kGenesis:
      return sizeof(Genesis);
    case CommandKind::kRegisterAsset:
      return sizeof(RegisterAsset);
    case CommandKind::kRegisterParticipant:
      return sizeof(RegisterParticipant);
    case CommandKind::kOpenAccount:
      return sizeof(OpenAccount);
    case CommandKind::kUpdateAccount:
      return sizeof(UpdateAccount);
    case CommandKind::kTransfer:
      return sizeof(Transfer);
    case CommandKind::kInstruct:
      return 0;
    case CommandKind::kAffirm:
      return sizeof(Affirm);
    case CommandKind::kRecall:
      return sizeof(Recall);
    case CommandKind::kPeerEnvelope:
      return 0;
    case CommandKind::kTick:
      return sizeof(Tick);
    case CommandKind::kRegisterPeer:
      return sizeof(RegisterPeer);
    case CommandKind::kRotateKey:
      return sizeof(RotateKey);
    case CommandKind::kReconcile:
      return sizeof(Reconcile);
    case CommandKind::kSetRules:
      return 0;
    case CommandKind::kUpdateParticipant:
      return sizeof(UpdateParticipant);
    case CommandKind::kPeerAck:
      return sizeof(PeerAck);
    case CommandKind::kResumePeer:
      return sizeof(ResumePeer);
  }
  return std::unexpected{BatchError::kKindUnknown};
}

std::expected<std::vector<GroupView>, BatchError> read_batch(base::ByteSpan section) {
  std::vector<GroupView> groups;
  std::uint64_t commands = 0;
  while (!section.empty()) {
    if (section.size() < sizeof(GroupHead)) return std::unexpected{BatchError::kTruncated};
    const auto head = read_record<GroupHead>(section.first(sizeof(GroupHead)));
    section = section.subspan(sizeof(GroupHead));
    if (head.reserved0 != 0 || head.reserved1 != 0 || head.reserved2 != 0) {
      return std::unexpected{BatchError::kReservedNotZero};
    }
    const auto size = record_size(head.kind);
    if (!size) return std::unexpected{size.error()};
    const bool is_variable = *size == 0;
    if (head.count == 0 || head.record_bytes == 0)
      return std::unexpected{BatchError::kWrongRecordSize};
    const bool may_share = head.count == 1 || head.kind == CommandKind::kInstruct;
    if (is_variable
            ? (!may_share || head.record_bytes % 8 != 0 || head.record_bytes < sizeof(CommandId))
            : head.record_bytes != *size) {
      return std::unexpected{BatchError::kWrongRecordSize};
    }
    commands += head.count;
    if (commands > machine::kCommandsPerEntryMax)
      return std::unexpected{BatchError::kTooManyCommands};
    const std::uint64_t bytes = static_cast<std::uint64_t>(head.count) * head.record_bytes;
    if (bytes > section.size()) return std::unexpected{BatchError::kTruncated};
    groups.push_back({head.kind, head.caller, head.count, head.record_bytes,
                      section.first(static_cast<std::size_t>(bytes))});
    section = section.subspan(static_cast<std::size_t>(bytes));
  }
  return groups;
}

void BatchBuilder::add_group(CommandKind kind, ParticipantId caller, std::uint32_t count,
                             base::ByteSpan records) {
  const auto size = record_size(kind);
  HG_CHECK(size.has_value());
  HG_CHECK(count > 0);
  HG_CHECK(records.size() % count == 0);
  const auto record_bytes = static_cast<std::uint32_t>(records.size() / count);
  const bool may_share = count == 1 || kind == CommandKind::kInstruct;
  HG_CHECK(*size == 0 ? (may_share && record_bytes % 8 == 0) : record_bytes == *size);

  GroupHead head;
  head.kind = kind;
  head.count = count;
  head.caller = caller;
  head.record_bytes = record_bytes;
  append(bytes_, &head, sizeof(head));
  append(bytes_, records.data(), records.size());
  command_count_ += count;
  group_count_ += 1;
}

void BatchBuilder::add_instructs(ParticipantId caller, base::ByteSpan records) {
  while (!records.empty()) {
    const std::size_t bytes = instruct_bytes(records).value();
    std::size_t run = bytes;
    while (instruct_bytes(records.subspan(run)) == bytes) run += bytes;
    add_group(CommandKind::kInstruct, caller, static_cast<std::uint32_t>(run / bytes),
              records.first(run));
    records = records.subspan(run);
  }
}

void BatchBuilder::clear() {
  bytes_.clear();
  command_count_ = 0;
  group_count_ = 0;
}

std::optional<std::size_t> instruct_bytes(base::ByteSpan records) {
  if (records.size() < sizeof(InstructHead)) return std::nullopt;
  const auto head = read_record<InstructHead>(records.first(sizeof(InstructHead)));
  const std::size_t bytes =
      sizeof(head) + head.leg_count * sizeof(Leg) + padded8(std::size_t{head.details_bytes});
  if (bytes > records.size()) return std::nullopt;
  return bytes;
}

std::optional<std::uint32_t> count_instructs(base::ByteSpan records) {
  std::uint32_t count = 0;
  for (; !records.empty(); ++count) {
    const auto bytes = instruct_bytes(records);
    if (!bytes) return std::nullopt;
    records = records.subspan(*bytes);
  }
  return count;
}

void append_instruct(base::Bytes& out, InstructHead head, std::span<const Leg> legs,
                     base::ByteSpan details) {
  HG_CHECK(legs.size() <= UINT16_MAX);
  HG_CHECK(details.size() <= UINT32_MAX);
  head.leg_count = static_cast<std::uint16_t>(legs.size());
  head.details_bytes = static_cast<std::uint32_t>(details.size());
  const std::size_t end = out.size() + sizeof(head) + legs.size_bytes() + padded8(details.size());
  append(out, &head, sizeof(head));
  append(out, legs.data(), legs.size_bytes());
  append(out, details.data(), details.size());
  out.resize(end);
}

base::Bytes encode_instruct(InstructHead head, std::span<const Leg> legs, base::ByteSpan details) {
  base::Bytes out;
  out.reserve(sizeof(head) + legs.size_bytes() + padded8(details.size()));
  append_instruct(out, head, legs, details);
  return out;
}

std::expected<InstructView, BatchError> decode_instruct(base::ByteSpan record) {
  if (record.size() < sizeof(InstructHead)) return std::unexpected{BatchError::kTruncated};
  InstructView view;
  view.head = read_record<InstructHead>(record.first(sizeof(InstructHead)));
  record = record.subspan(sizeof(InstructHead));
  if (view.head.reserved0 != 0 || view.head.reserved1 != 0) {
    return std::unexpected{BatchError::kReservedNotZero};
  }
  const std::size_t leg_bytes = view.head.leg_count * sizeof(Leg);
  const std::size_t details_bytes = view.head.details_bytes;
  if (record.size() != leg_bytes + padded8(details_bytes)) {
    return std::unexpected{BatchError::kTruncated};
  }
  for (std::size_t i = 0; i < view.head.leg_count; ++i) {
    view.legs.push_back(read_record<Leg>(record.subspan(i * sizeof(Leg), sizeof(Leg))));
    if (view.legs.back().reserved != 0) return std::unexpected{BatchError::kReservedNotZero};
  }
  view.details = record.subspan(leg_bytes, details_bytes);
  if (!is_zero(record.subspan(leg_bytes + details_bytes))) {
    return std::unexpected{BatchError::kReservedNotZero};
  }
  return view;
}

base::Bytes encode_peer_envelope(NodeId peer, base::ByteSpan envelope) {
  HG_CHECK(envelope.size() <= UINT32_MAX);
  PeerEnvelopeHead head;
  head.peer = peer;
  head.envelope_bytes = static_cast<std::uint32_t>(envelope.size());
  base::Bytes out;
  out.reserve(sizeof(head) + padded8(envelope.size()));
  append(out, &head, sizeof(head));
  append(out, envelope.data(), envelope.size());
  out.resize(padded8(out.size()));
  return out;
}

std::expected<PeerEnvelopeView, BatchError> decode_peer_envelope(base::ByteSpan record) {
  if (record.size() < sizeof(PeerEnvelopeHead)) return std::unexpected{BatchError::kTruncated};
  PeerEnvelopeView view;
  view.head = read_record<PeerEnvelopeHead>(record.first(sizeof(PeerEnvelopeHead)));
  record = record.subspan(sizeof(PeerEnvelopeHead));
  if (view.head.reserved != 0 || !view.head.id.is_none()) {
    return std::unexpected{BatchError::kReservedNotZero};
  }
  if (record.size() != padded8(view.head.envelope_bytes))
    return std::unexpected{BatchError::kTruncated};
  view.envelope = record.first(view.head.envelope_bytes);
  if (!is_zero(record.subspan(view.head.envelope_bytes))) {
    return std::unexpected{BatchError::kReservedNotZero};
  }
  return view;
}

base::Bytes encode_set_rules(SetRulesHead head, std::span<const Rule> rules) {
  HG_CHECK(rules.size() <= machine::kRulesPerPackMax);
  head.rule_count = static_cast<std::uint32_t>(rules.size());
  base::Bytes out;
  append(out, &head, sizeof(head));
  append(out, rules.data(), rules.size_bytes());
  return out;
}

std::expected<SetRulesView, BatchError> decode_set_rules(base::ByteSpan record) {
  if (record.size() < sizeof(SetRulesHead)) return std::unexpected{BatchError::kTruncated};
  SetRulesView view;
  view.head = read_record<SetRulesHead>(record.first(sizeof(SetRulesHead)));
  record = record.subspan(sizeof(SetRulesHead));
  if (view.head.reserved0 != 0 || view.head.reserved1 != 0) {
    return std::unexpected{BatchError::kReservedNotZero};
  }
  if (view.head.rule_count > machine::kRulesPerPackMax) {
    return std::unexpected{BatchError::kTooManyCommands};
  }
  if (record.size() != view.head.rule_count * sizeof(Rule)) {
    return std::unexpected{BatchError::kTruncated};
  }
  for (std::size_t i = 0; i < view.head.rule_count; ++i) {
    view.rules.push_back(read_record<Rule>(record.subspan(i * sizeof(Rule), sizeof(Rule))));
    if (view.rules.back().reserved != 0 || view.rules.back().reserved1 != 0) {
      return std::unexpected{BatchError::kReservedNotZero};
    }
  }
  return view;
}

}  // namespace hugang::wire
