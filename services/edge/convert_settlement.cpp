#include "services/edge/convert_settlement.hpp"

#include <optional>
#include <string>
#include <string_view>

#include "clearing/machine/limits.hpp"
#include "clearing/wire/batch.hpp"
#include "services/edge/convert_outcome.hpp"
#include "services/edge/field_reader.hpp"

namespace hugang::edge {
namespace {

wire::SettlementKind kind_of(v1::SettlementKind kind, FieldReader& fields) {
  switch (kind) {
    case v1::SETTLEMENT_KIND_PAYMENT:
      return wire::SettlementKind::kPayment;
    case v1::SETTLEMENT_KIND_PVP:
      return wire::SettlementKind::kPvp;
    case v1::SETTLEMENT_KIND_DVP:
      return wire::SettlementKind::kDvp;
    case v1::SETTLEMENT_KIND_RETURN:
      return wire::SettlementKind::kReturn;
    case v1::SETTLEMENT_KIND_UNSPECIFIED:
      fields.fail(Failure{EdgeError::kFieldMissing, "kind"});
      return wire::SettlementKind::kPayment;
    default:
      fields.fail(
          Failure{EdgeError::kChoiceUnknown, "kind"}.with("got", std::to_string(int{kind})));
      return wire::SettlementKind::kPayment;
  }
}

wire::Direction direction_of(v1::LegDirection direction, FieldReader& fields) {
  switch (direction) {
    case v1::LEG_DIRECTION_OUT:
      return wire::Direction::kOut;
    case v1::LEG_DIRECTION_IN:
      return wire::Direction::kIn;
    case v1::LEG_DIRECTION_UNSPECIFIED:
      fields.fail(Failure{EdgeError::kFieldMissing, "direction"});
      return wire::Direction::kOut;
    default:
      fields.fail(Failure{EdgeError::kChoiceUnknown, "direction"}.with(
          "got", std::to_string(int{direction})));
      return wire::Direction::kOut;
  }
}

wire::Leg to_record(const v1::Leg& message, FieldReader& fields) {
  wire::Leg record;
  record.initiator_account =
      fields.needed<base::AccountNumber>("initiator_account", message.initiator_account());
  record.responder_account =
      fields.needed<base::AccountNumber>("responder_account", message.responder_account());
  record.amount_minor = fields.amount("amount_minor", message.amount_minor());
  record.asset = fields.needed<base::AssetId>("asset", message.asset());
  record.direction = direction_of(message.direction(), fields);
  record.purpose =
      static_cast<std::uint16_t>(fields.number("purpose", message.purpose(), 0, UINT16_MAX));
  return record;
}

using Legs = base::InlineVector<wire::Leg, 1>;

Legs legs_of(const v1::InstructRequest& request, FieldReader& fields) {
  Legs legs;
  if (request.legs().empty()) fields.fail(Failure{EdgeError::kFieldMissing, "legs"});
  if (static_cast<std::uint32_t>(request.legs_size()) > machine::kLegsMax) {
    fields.fail(Failure{EdgeError::kTooMany, "legs"}
                    .with("limit", std::to_string(machine::kLegsMax))
                    .with("got", std::to_string(request.legs_size())));
    return legs;
  }
  for (int i = 0; i < request.legs_size(); ++i) {
    FieldReader of_leg;
    legs.push_back(to_record(request.legs(i), of_leg));
    if (of_leg.has_failed()) fields.fail(inside(of_leg.failure(), element_name("legs", i)));
  }
  return legs;
}

/// What people will read on a terminal holds no controls.
void check_party(std::string_view name, const v1::Party& party, FieldReader& fields) {
  const std::string prefix = "details." + std::string{name} + ".";
  const auto check = [&](std::string_view field, const std::string& value) {
    (void)fields.check_text(prefix + std::string{field}, value, machine::kDetailsBytesMax);
  };
  check("name", party.name());
  check("local_name", party.local_name());
  check("lei", party.lei());
  check("bic", party.bic());
  check("account", party.account());
  for (int i = 0; i < party.address_size(); ++i)
    check(element_name("address", i), party.address(i));
  check("country", party.country());
}

void check_texts(const v1::PaymentDetails& details, FieldReader& fields) {
  constexpr std::size_t kMax = machine::kDetailsBytesMax;
  (void)fields.check_text("details.instruction_id", details.instruction_id(), kMax);
  (void)fields.check_text("details.end_to_end_id", details.end_to_end_id(), kMax);
  (void)fields.check_text("details.purpose_code", details.purpose_code(), kMax);
  for (int i = 0; i < details.remittance_size(); ++i) {
    (void)fields.check_text(element_name("details.remittance", i), details.remittance(i), kMax);
  }
  if (details.has_debtor()) check_party("debtor", details.debtor(), fields);
  if (details.has_creditor()) check_party("creditor", details.creditor(), fields);
}

std::string details_of(const v1::PaymentDetails& details, FieldReader& fields) {
  constexpr std::size_t kMax = machine::kDetailsBytesMax;
  // Bytes of unknown fields go along: they are evidence of what the client sent.
  if (details.ByteSizeLong() > kMax) {
    fields.fail(Failure{EdgeError::kTextTooLong, "details"}
                    .with("limit", std::to_string(kMax))
                    .with("got", std::to_string(details.ByteSizeLong())));
    return {};
  }
  check_texts(details, fields);
  return details.SerializeAsString();
}

/// The record at the end of `records`, or the first field that is wrong.
std::optional<Failure> append_record(const v1::InstructRequest& request, base::NodeId self,
                                     base::Bytes& records) {
  FieldReader fields;
  wire::InstructHead head;
  head.id = fields.id("id", request.id());
  head.initiator = self;
  head.responder = fields.needed<base::NodeId>("responder_node", request.responder_node());
  head.kind = kind_of(request.kind(), fields);
  if (head.kind == wire::SettlementKind::kReturn) {
    head.original_id = fields.id("original_id", request.original_id());
  } else if (!request.original_id().value().empty()) {
    fields.fail(Failure{EdgeError::kFieldNotAllowed, "original_id"}.with("limit", "returns only"));
  }
  head.decide_by = fields.time("decide_by_ns", request.decide_by_ns());
  head.value_date = fields.time("value_date_ns", request.value_date_ns());
  const Legs legs = legs_of(request, fields);
  const std::string details =
      request.has_details() ? details_of(request.details(), fields) : std::string{};
  if (fields.has_failed()) return fields.failure();
  wire::append_instruct(records, head, legs, base::as_bytes(details));
  return std::nullopt;
}

Failure too_many(std::string_view field, std::size_t got) {
  return Failure{EdgeError::kTooMany, field}
      .with("limit", std::to_string(machine::kInstructsPerBatchMax))
      .with("got", std::to_string(got));
}

Failure too_large(std::string_view field, std::size_t got) {
  return Failure{EdgeError::kLengthWrong, field}
      .with("limit", "at most " + std::to_string(machine::kEnvelopeBytesMax) + " bytes of records")
      .with("got", std::to_string(got));
}

CommandOrFailure typed_command(const v1::InstructBatchRequest& request, base::NodeId self) {
  const int count = request.instructions_size();
  if (static_cast<std::uint32_t>(count) > machine::kInstructsPerBatchMax) {
    return std::unexpected{too_many("instructions", static_cast<std::size_t>(count))};
  }
  Command command{.kind = wire::CommandKind::kInstruct,
                  .count = static_cast<std::uint32_t>(count),
                  .records = {}};
  command.records.reserve(static_cast<std::size_t>(count) *
                          (sizeof(wire::InstructHead) + sizeof(wire::Leg)));
  for (int i = 0; i < count; ++i) {
    const auto failure = append_record(request.instructions(i), self, command.records);
    if (failure) return std::unexpected{inside(*failure, element_name("instructions", i))};
  }
  if (command.records.size() > machine::kEnvelopeBytesMax) {
    return std::unexpected{too_large("instructions", command.records.size())};
  }
  return command;
}

/// The details of a packed instruction hold texts like those of a typed one.
std::optional<Failure> packed_details_failure(base::ByteSpan record) {
  const auto head = wire::read_record<wire::InstructHead>(record.first(sizeof(wire::InstructHead)));
  if (head.details_bytes == 0) return std::nullopt;
  const base::ByteSpan bytes =
      record.subspan(sizeof(head) + head.leg_count * sizeof(wire::Leg), head.details_bytes);
  v1::PaymentDetails details;
  if (!details.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Failure{EdgeError::kTextMalformed, "details"};
  }
  FieldReader fields;
  check_texts(details, fields);
  if (fields.has_failed()) return fields.failure();
  return std::nullopt;
}

CommandOrFailure packed_command(const std::string& packed) {
  constexpr std::string_view kField = "packed_instructions";
  if (packed.size() > machine::kEnvelopeBytesMax) {
    return std::unexpected{too_large(kField, packed.size())};
  }
  const auto bytes = base::as_bytes(packed);
  int count = 0;
  for (base::ByteSpan rest = bytes; !rest.empty(); ++count) {
    const auto size = wire::instruct_bytes(rest);
    if (!size) {
      return std::unexpected{Failure{EdgeError::kLengthWrong, element_name(kField, count)}.with(
          "limit", "whole instruct records")};
    }
    if (auto failure = packed_details_failure(rest.first(*size))) {
      return std::unexpected{inside(*std::move(failure), element_name(kField, count))};
    }
    rest = rest.subspan(*size);
  }
  if (static_cast<std::uint32_t>(count) > machine::kInstructsPerBatchMax) {
    return std::unexpected{too_many(kField, static_cast<std::size_t>(count))};
  }
  return Command{.kind = wire::CommandKind::kInstruct,
                 .count = static_cast<std::uint32_t>(count),
                 .records = base::Bytes{bytes.begin(), bytes.end()}};
}

}  // namespace

CommandOrFailure to_command(const v1::InstructRequest& request, base::NodeId self) {
  Command command{.kind = wire::CommandKind::kInstruct, .count = 1, .records = {}};
  if (auto failure = append_record(request, self, command.records)) {
    return std::unexpected{*std::move(failure)};
  }
  return command;
}

CommandOrFailure to_command(const v1::InstructBatchRequest& request, base::NodeId self) {
  const bool is_typed = request.instructions_size() > 0;
  const bool is_packed = !request.packed_instructions().empty();
  if (is_typed && is_packed) {
    return std::unexpected{Failure{EdgeError::kFieldNotAllowed, "packed_instructions"}.with(
        "limit", "either instructions or packed_instructions")};
  }
  if (is_packed) return packed_command(request.packed_instructions());
  if (is_typed) return typed_command(request, self);
  return std::unexpected{Failure{EdgeError::kFieldMissing, "instructions"}};
}

CommandOrFailure to_command(const v1::AffirmRequest& request) {
  FieldReader fields;
  wire::Affirm record;
  record.id = fields.id("id", request.id());
  record.settlement = fields.id("settlement_id", request.settlement_id());
  record.decline = request.decline() ? 1 : 0;
  if (fields.has_failed()) return std::unexpected{fields.failure()};
  return one_command(wire::CommandKind::kAffirm, record);
}

CommandOrFailure to_command(const v1::RecallRequest& request) {
  FieldReader fields;
  wire::Recall record;
  record.id = fields.id("id", request.id());
  record.settlement = fields.id("settlement_id", request.settlement_id());
  if (request.reason().empty()) fields.fail(Failure{EdgeError::kFieldMissing, "reason"});
  record.reason = fields.identifier<4>("reason", request.reason(), {4});
  if (fields.has_failed()) return std::unexpected{fields.failure()};
  return one_command(wire::CommandKind::kRecall, record);
}

void fill(const node::Answer& answer, v1::InstructBatchResponse& message) {
  std::uint32_t accepted = 0;
  for (std::size_t i = 0; i < answer.outcomes.size(); ++i) {
    const wire::Outcome& outcome = answer.outcomes[i];
    const bool is_accepted = outcome.code == machine::Code::kOk;
    accepted += is_accepted ? 1 : 0;
    if (is_accepted && outcome.flags == 0) continue;
    v1::BatchException& exception = *message.add_exceptions();
    exception.set_index(static_cast<std::uint32_t>(i));
    fill(outcome, answer.seqno, *exception.mutable_outcome());
  }
  message.set_seqno(answer.seqno.value());
  message.set_decided_at_ns(answer.first_at.ns());
  message.set_instruction_count(static_cast<std::uint32_t>(answer.outcomes.size()));
  message.set_accepted_count(accepted);
}

}  // namespace hugang::edge
