#include "clients/hugang/iso_answer.hpp"

#include "clients/format/id_text.hpp"
#include "clients/hugang/iso_payment.hpp"
#include "clients/hugang/return_legs.hpp"
#include "clients/hugang/to_json.hpp"
#include "clients/iso20022/reason_codes.hpp"
#include "clients/library/id.hpp"

namespace hugang::program {
namespace {

using iso20022::PaymentStatus;

TransactionResult rejected(const Objection& objection) {
  TransactionResult result;
  result.status = PaymentStatus::kRejected;
  result.code_name = objection.reason;
  result.sentence = objection.sentence;
  result.reasons = {{.code = objection.reason, .text = {objection.sentence}}};
  return result;
}

TransactionResult refused(machine::Code code, const std::string& name,
                          const std::string& sentence) {
  TransactionResult result;
  result.code = code;
  result.code_name = name;
  result.sentence = sentence.empty() ? "refused; nothing moved" : sentence;
  const bool was_recalled = code == machine::Code::kRecalled;
  result.status = was_recalled ? PaymentStatus::kCancelled : PaymentStatus::kRejected;
  result.reasons = iso20022::status_reasons(code, name, result.sentence);
  return result;
}

TransactionResult refused(const v1::Outcome& outcome) {
  return refused(static_cast<machine::Code>(outcome.code()), outcome.code_name(),
                 outcome.message());
}

TransactionResult result_of(const v1::Settlement& settlement) {
  if (settlement.status() == v1::SETTLEMENT_STATUS_REFUSED) {
    return refused(static_cast<machine::Code>(settlement.code()), settlement.code_name(), "");
  }
  TransactionResult result;
  const bool is_settled = settlement.status() == v1::SETTLEMENT_STATUS_SETTLED;
  result.status = is_settled ? PaymentStatus::kCredited : PaymentStatus::kInProcess;
  return result;
}

/// A request that the node cannot use is a rejected transaction; anything else stops the message.
Attempt<TransactionResult> from_failure(Failure failure) {
  if (failure.exit_code != ExitCode::kRefused) return std::unexpected{std::move(failure)};
  TransactionResult result = rejected({.reason = "NARR", .sentence = failure.sentence});
  result.code_name = failure.code;
  return result;
}

Attempt<TransactionResult> send(Context& context, const v1::InstructRequest& request, bool wait) {
  HG_TRY(node, context.node());
  auto response = attempt(node.instruct(request));
  if (!response) return from_failure(std::move(response.error()));
  TransactionResult result;
  if (response->outcome().code() != 0) {
    result = refused(response->outcome());
  } else {
    const auto patience = wait ? context.patience() : std::chrono::milliseconds{0};
    const auto seen = node.await_settlement(request.id(), patience);
    // It was accepted: where its end cannot be seen, it is in process.
    if (seen) result = result_of(seen->settlement());
  }
  result.id = id_text(request.id());
  return result;
}

Attempt<TransactionResult> send(Context& context, const v1::SubmitRequest& request, bool /*wait*/) {
  HG_TRY(node, context.node());
  auto response = attempt(node.submit(request));
  if (!response) return from_failure(std::move(response.error()));
  TransactionResult result;
  result.status = PaymentStatus::kCredited;
  if (response->outcome().code() != 0) result = refused(response->outcome());
  result.id = id_text(request.transfer().id());
  return result;
}

template <class Transfer>
Attempt<TransactionResult> pay(Context& context, const Transfer& transfer,
                               const std::string& message_id, bool wait) {
  HG_TRY(assets, context.assets());
  const auto id = payment_id(transfer.terms.ids, message_id);
  const auto request = request_of(transfer.terms, details_of(transfer), id, assets);
  if (!request) return rejected(request.error());
  return std::visit([&](const auto& each) { return send(context, each, wait); }, *request);
}

/// What to give back of each leg; objections where the original has no such leg.
std::expected<std::vector<PartialReturn>, Objection> parts_of(
    const iso20022::ReturnedPayment& returned, const v1::Settlement& original,
    const AssetBook& assets) {
  std::vector<AssetAmount> amounts;
  const auto money = settle_in(returned.returned, assets);
  if (!money) return std::unexpected{money.error()};
  amounts.push_back(*money);
  if (returned.gold) {
    const auto gold = gold_of(*returned.gold, assets);
    if (!gold) return std::unexpected{gold.error()};
    amounts.push_back(*gold);
  }
  std::vector<PartialReturn> parts;
  for (const AssetAmount& each : amounts) {
    int index = 0;
    while (index < original.legs_size() && original.legs(index).asset() != each.asset) ++index;
    if (index == original.legs_size()) {
      return std::unexpected{
          Objection{"AM03", "the original payment moved nothing of " + assets.code(each.asset)}};
    }
    parts.push_back({.leg_index = index, .amount = each.amount});
  }
  return parts;
}

Attempt<TransactionResult> give_back(Context& context, const iso20022::ReturnedPayment& returned,
                                     const std::string& message_id, bool wait) {
  HG_TRY(node, context.node());
  HG_TRY(assets, context.assets());
  const auto original_id = format::parse_uuid(returned.original.ids.uetr);
  if (!original_id) {
    return rejected({.reason = "NARR", .sentence = "name the payment to return by its OrgnlUETR"});
  }
  v1::GetSettlementRequest ask;
  *ask.mutable_id() = client::to_proto(*original_id);
  const auto found = node.get_settlement(ask);
  if (!found && found.error().kind == client::ErrorKind::kNotFound) {
    return refused(machine::Code::kOriginalUnknown, "ORIGINAL_UNKNOWN",
                   "this node knows no settlement with this OrgnlUETR");
  }
  if (!found) return from_failure(to_failure(found.error()));
  const auto parts = parts_of(returned, found->settlement(), assets);
  if (!parts) return rejected(parts.error());
  auto request = return_of(found->settlement(), *parts);
  if (!request) return rejected({.reason = "NARR", .sentence = request.error().sentence});
  *request->mutable_id() = client::to_proto(
      derived_id(message_id + "\n" + returned.return_id + "\n" + returned.original.ids.uetr));
  if (!returned.reason.empty()) request->mutable_details()->add_remittance(returned.reason);
  for (const auto& line : returned.reason_text) request->mutable_details()->add_remittance(line);
  return send(context, *request, wait);
}

/// What the ledger calls its answers to a recall; everything else came too late as well.
machine::Code recall_code(const std::string& name) {
  if (name == "ALREADY_REFUSED") return machine::Code::kAlreadyRefused;
  if (name == "SETTLEMENT_UNKNOWN") return machine::Code::kSettlementUnknown;
  return machine::Code::kAlreadySettled;
}

Attempt<TransactionResult> recall(Context& context, const iso20022::Cancellation& cancellation,
                                  const std::string& assignment_id, bool wait) {
  HG_TRY(node, context.node());
  const auto original_id = format::parse_uuid(cancellation.original.ids.uetr);
  if (!original_id) {
    return rejected({.reason = "NARR", .sentence = "name the payment to recall by its OrgnlUETR"});
  }
  v1::RecallRequest request;
  *request.mutable_id() = client::to_proto(derived_id(
      assignment_id + "\n" + cancellation.cancellation_id + "\n" + cancellation.original.ids.uetr));
  *request.mutable_settlement_id() = client::to_proto(*original_id);
  // ISO's codes have four letters; a proprietary text is told as a wish of the customer.
  request.set_reason(cancellation.reason.size() == 4 ? cancellation.reason : "CUST");
  auto response = attempt(node.recall(request));
  if (!response) return from_failure(std::move(response.error()));
  TransactionResult result;
  if (response->outcome().code() != 0) {
    result = refused(response->outcome());
  } else {
    const auto patience = wait ? context.patience() : std::chrono::milliseconds{0};
    const auto seen = node.await_recall(request.settlement_id(), patience);
    const v1::Settlement settlement = seen ? seen->settlement() : v1::Settlement{};
    const std::string& name = settlement.recall_code_name();
    if (name == "RECALLED" || settlement.code_name() == "RECALLED") {
      result.status = PaymentStatus::kCancelled;
    } else if (!name.empty()) {
      result = refused(recall_code(name), name, "the recall came too late");
    }
  }
  result.id = cancellation.original.ids.uetr;
  return result;
}

}  // namespace

Attempt<std::vector<TransactionResult>> send_recalls(Context& context,
                                                     const iso20022::CancellationRequest& request,
                                                     bool wait) {
  std::vector<TransactionResult> results;
  for (const auto& each : request.transactions) {
    HG_TRY(result, recall(context, each, request.assignment_id, wait));
    results.push_back(result);
  }
  return results;
}

Attempt<std::vector<TransactionResult>> send_payments(Context& context,
                                                      const iso20022::Message& message, bool wait) {
  std::vector<TransactionResult> results;
  const auto send_all = [&](const auto& transactions,
                            const auto& send_one) -> Attempt<std::vector<TransactionResult>> {
    for (const auto& each : transactions) {
      HG_TRY(result, send_one(each));
      results.push_back(result);
    }
    return results;
  };
  const std::string& message_id = message.message_id();
  if (const auto* body = std::get_if<iso20022::CustomerCreditTransfer>(&message.body)) {
    return send_all(body->transactions,
                    [&](const auto& each) { return pay(context, each, message_id, wait); });
  }
  if (const auto* body = std::get_if<iso20022::InstitutionCreditTransfer>(&message.body)) {
    return send_all(body->transactions,
                    [&](const auto& each) { return pay(context, each, message_id, wait); });
  }
  if (const auto* body = std::get_if<iso20022::PaymentReturn>(&message.body)) {
    return send_all(body->transactions,
                    [&](const auto& each) { return give_back(context, each, message_id, wait); });
  }
  HG_CHECK(std::holds_alternative<iso20022::CancellationRequest>(message.body));
  return results;
}

}  // namespace hugang::program
