#include "services/edge/convert_settlement.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "clearing/machine/limits.hpp"
#include "clearing/wire/batch.hpp"
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

std::expected<wire::Leg, Failure> to_record(const v1::Leg& message) {
  FieldReader fields;
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
  if (fields.has_failed()) return std::unexpected{fields.failure()};
  return record;
}

std::vector<wire::Leg> legs_of(const v1::InstructRequest& request, FieldReader& fields) {
  std::vector<wire::Leg> legs;
  if (request.legs().empty()) fields.fail(Failure{EdgeError::kFieldMissing, "legs"});
  if (static_cast<std::uint32_t>(request.legs_size()) > machine::kLegsMax) {
    fields.fail(Failure{EdgeError::kTooMany, "legs"}
                    .with("limit", std::to_string(machine::kLegsMax))
                    .with("got", std::to_string(request.legs_size())));
    return legs;
  }
  for (int i = 0; i < request.legs_size(); ++i) {
    const auto leg = to_record(request.legs(i));
    if (leg) {
      legs.push_back(*leg);
    } else {
      fields.fail(inside(leg.error(), element_name("legs", i)));
    }
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

std::string details_of(const v1::PaymentDetails& details, FieldReader& fields) {
  constexpr std::size_t kMax = machine::kDetailsBytesMax;
  std::string bytes;
  // Bytes of unknown fields go along: they are evidence of what the client sent.
  if (details.ByteSizeLong() > kMax) {
    fields.fail(Failure{EdgeError::kTextTooLong, "details"}
                    .with("limit", std::to_string(kMax))
                    .with("got", std::to_string(details.ByteSizeLong())));
    return bytes;
  }
  (void)fields.check_text("details.instruction_id", details.instruction_id(), kMax);
  (void)fields.check_text("details.end_to_end_id", details.end_to_end_id(), kMax);
  (void)fields.check_text("details.purpose_code", details.purpose_code(), kMax);
  for (int i = 0; i < details.remittance_size(); ++i) {
    (void)fields.check_text(element_name("details.remittance", i), details.remittance(i), kMax);
  }
  check_party("debtor", details.debtor(), fields);
  check_party("creditor", details.creditor(), fields);
  bytes = details.SerializeAsString();
  return bytes;
}

}  // namespace

CommandOrFailure to_command(const v1::InstructRequest& request, base::NodeId self) {
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
  const auto legs = legs_of(request, fields);
  const std::string details = details_of(request.details(), fields);
  if (fields.has_failed()) return std::unexpected{fields.failure()};
  return Command{.kind = wire::CommandKind::kInstruct,
                 .count = 1,
                 .records = wire::encode_instruct(head, legs, base::as_bytes(details))};
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

}  // namespace hugang::edge
