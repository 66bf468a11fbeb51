#include "clients/hugang/to_json.hpp"

#include "clearing/base/bytes.hpp"
#include "clients/format/duration_text.hpp"
#include "clients/format/id_text.hpp"
#include "clients/format/minor_text.hpp"
#include "clients/format/time_text.hpp"
#include "clients/library/id.hpp"

namespace hugang::program {
namespace {

Json amount_json(const AssetBook& assets, std::uint32_t asset, const std::string& minor) {
  if (minor.empty()) return nullptr;
  const auto value = format::parse_minor(minor);
  return value ? Json(assets.plain_text(asset, *value)) : Json(nullptr);
}

Json party_json(const v1::Party& party) {
  return {{"name", party.name()}, {"local_name", party.local_name()}, {"lei", party.lei()},
          {"bic", party.bic()},   {"account", party.account()},       {"country", party.country()}};
}

Json details_json(const v1::PaymentDetails& details) {
  Json json{{"instruction_id", details.instruction_id()},
            {"end_to_end_id", details.end_to_end_id()},
            {"purpose_code", details.purpose_code()}};
  if (details.has_debtor()) json["debtor"] = party_json(details.debtor());
  if (details.has_creditor()) json["creditor"] = party_json(details.creditor());
  json["remittance"] = Json::array();
  for (const auto& line : details.remittance()) json["remittance"].push_back(line);
  return json;
}

Json leg_json(const v1::Settlement& settlement, int index, const AssetBook& assets) {
  const v1::Leg& leg = settlement.legs(index);
  const bool goes_out = leg.direction() == v1::LEG_DIRECTION_OUT;
  const std::int64_t returned =
      index < settlement.returned_minor_size() ? settlement.returned_minor(index) : 0;
  return {{"debit_account",
           std::to_string(goes_out ? leg.initiator_account() : leg.responder_account())},
          {"credit_account",
           std::to_string(goes_out ? leg.responder_account() : leg.initiator_account())},
          {"direction", goes_out ? "out" : "in"},
          {"asset", assets.code(leg.asset())},
          {"amount", assets.plain_text(leg.asset(), leg.amount_minor())},
          {"amount_minor", std::to_string(leg.amount_minor())},
          {"returned_minor", std::to_string(returned)}};
}

}  // namespace

std::string id_text(const v1::Id& id) {
  const auto value = client::from_proto(id);
  return value ? format::uuid_text(*value) : "";
}

Json time_json(std::int64_t at_ns) {
  return at_ns == 0 ? Json(nullptr) : Json(format::time_text(base::Timestamp{at_ns}));
}

Json to_json(const v1::Outcome& outcome) {
  return {{"accepted", outcome.code() == 0},
          {"code", outcome.code()},
          {"code_name", outcome.code_name()},
          {"message", outcome.message()},
          {"value", std::to_string(outcome.value())},
          {"decided_at", time_json(outcome.decided_at_ns())},
          {"seqno", outcome.seqno()},
          {"repeated", outcome.repeated()}};
}

Json to_json(const v1::Account& account, const AssetBook& assets) {
  return {{"number", std::to_string(account.number())},
          {"owner", account.owner()},
          {"owner_code", account.owner_code()},
          {"asset", assets.code(account.asset())},
          {"kind", word_of(account.kind())},
          {"alias", account.alias()},
          {"frozen", account.frozen()},
          {"closed", account.closed()},
          {"review_incoming", account.review_incoming()},
          {"no_debit_balance", account.no_debit_balance()},
          {"no_credit_balance", account.no_credit_balance()},
          {"peer_node", account.peer_node()},
          {"balance", amount_json(assets, account.asset(), account.balance_minor())},
          {"available", amount_json(assets, account.asset(), account.available_minor())},
          {"balance_minor", account.balance_minor()},
          {"available_minor", account.available_minor()},
          {"debits_posted_minor", account.debits_posted_minor()},
          {"credits_posted_minor", account.credits_posted_minor()},
          {"debits_pending_minor", account.debits_pending_minor()},
          {"credits_pending_minor", account.credits_pending_minor()},
          {"opened_at", time_json(account.opened_at_ns())}};
}

Json to_json(const v1::Asset& asset, const AssetBook& assets) {
  return {
      {"id", asset.id()},
      {"code", asset.code()},
      {"issuer_node", asset.issuer_node()},
      {"scale", asset.scale()},
      {"issued", amount_json(assets, asset.id(), asset.issued_minor())},
      {"issued_minor", asset.issued_minor().empty() ? Json(nullptr) : Json(asset.issued_minor())}};
}

Json to_json(const v1::Settlement& settlement, const AssetBook& assets) {
  Json json{{"id", id_text(settlement.id())},
            {"kind", word_of(settlement.kind())},
            {"status", word_of(settlement.status())},
            {"code", settlement.code()},
            {"code_name", settlement.code_name()},
            {"side", settlement.is_initiator() ? "initiator" : "responder"},
            {"peer_node", settlement.peer_node()},
            {"awaits_affirmation", settlement.awaits_affirmation()},
            {"decide_by", time_json(settlement.decide_by_ns())},
            {"value_date", time_json(settlement.value_date_ns())}};
  const std::string original = id_text(settlement.original_id());
  const bool has_original = !original.empty() && settlement.kind() == v1::SETTLEMENT_KIND_RETURN;
  json["original_id"] = has_original ? Json(original) : Json(nullptr);
  json["recall_code_name"] =
      settlement.recall_code_name().empty() ? Json(nullptr) : Json(settlement.recall_code_name());
  json["legs"] = Json::array();
  for (int i = 0; i < settlement.legs_size(); ++i) {
    json["legs"].push_back(leg_json(settlement, i, assets));
  }
  json["steps"] = Json::array();
  for (const auto& step : settlement.steps()) {
    json["steps"].push_back({{"step", step.step()},
                             {"at", time_json(step.at_ns())},
                             {"seqno", step.seqno()},
                             {"code_name", step.code_name()}});
  }
  if (settlement.has_details()) json["details"] = details_json(settlement.details());
  return json;
}

Json to_json(const v1::Participant& participant) {
  Json roles = Json::array();
  for (const int role : participant.roles()) roles.push_back(word_of(static_cast<v1::Role>(role)));
  return {{"id", participant.id()},
          {"code", participant.code()},
          {"roles", roles},
          {"bic", participant.bic()},
          {"lei", participant.lei()},
          {"name", participant.name()},
          {"local_name", participant.local_name()},
          {"suspended", participant.suspended()}};
}

Json to_json(const v1::SigningKey& key) {
  return {{"key_id", key.key_id()},
          {"suite", key.suite()},
          {"public_key_der", base::to_hex(base::as_bytes(key.public_key_der()))},
          {"valid_from", time_json(key.valid_from_ns())},
          {"valid_to", time_json(key.valid_to_ns())}};
}

Json to_json(const v1::GetReconciliationResponse& reconciliation, const AssetBook& assets) {
  Json json{{"id", id_text(reconciliation.id())},
            {"peer_node", reconciliation.peer_node()},
            {"business_date", format::business_date_text(reconciliation.business_date())},
            {"status", word_of(reconciliation.status())},
            {"opened_at", time_json(reconciliation.opened_at_ns())},
            {"closed_at", time_json(reconciliation.closed_at_ns())},
            {"lines", Json::array()},
            {"in_flight", Json::array()}};
  for (const auto& line : reconciliation.lines()) {
    json["lines"].push_back(
        {{"asset", assets.code(line.asset())},
         {"own", amount_json(assets, line.asset(), line.own_minor())},
         {"peer", amount_json(assets, line.asset(), line.peer_minor())},
         {"in_flight", amount_json(assets, line.asset(), line.in_flight_minor())},
         {"own_minor", line.own_minor()},
         {"peer_minor", line.peer_minor()},
         {"in_flight_minor", line.in_flight_minor()}});
  }
  for (const auto& id : reconciliation.in_flight()) json["in_flight"].push_back(id_text(id));
  return json;
}

}  // namespace hugang::program
