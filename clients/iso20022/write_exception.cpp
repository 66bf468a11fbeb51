// camt.029.001.09 and pacs.004.001.09.
#include "clients/iso20022/xml_writer.hpp"

namespace hugang::iso20022 {
namespace {

std::string_view confirmation_code(RecallStatus status) {
  switch (status) {
    case RecallStatus::kAccepted:
      return "CNCL";
    case RecallStatus::kRejected:
      return "RJCR";
    case RecallStatus::kPending:
      return "PDCR";
  }
  return "PDCR";
}

std::string_view transaction_code(RecallStatus status) {
  switch (status) {
    case RecallStatus::kAccepted:
      return "ACCR";
    case RecallStatus::kRejected:
      return "RJCR";
    case RecallStatus::kPending:
      return "PDCR";
  }
  return "PDCR";
}

/// A case that the assignee of the answer opened.
void write_case(XmlWriter& xml, const std::string& case_id, const Agent& creator) {
  if (case_id.empty()) return;
  const auto block = xml.in("RslvdCase");
  xml.id("Id", case_id);
  xml.assignee("Cretr", creator);
}

void write_answer(XmlWriter& xml, const RecallAnswer& answer, const Agent& creator) {
  const auto block = xml.in("TxInfAndSts");
  xml.optional_id("CxlStsId", answer.status_id);
  write_case(xml, answer.case_id, creator);
  xml.optional_original_group(answer.original);
  const PaymentIds& ids = answer.original.ids;
  xml.optional_id("OrgnlInstrId", ids.instruction_id);
  xml.optional_id("OrgnlEndToEndId", ids.end_to_end_id);
  xml.optional_id("OrgnlTxId", ids.transaction_id);
  xml.optional_id("OrgnlClrSysRef", ids.clearing_reference);
  xml.optional_uetr("OrgnlUETR", ids.uetr);
  xml.plain("TxCxlSts", transaction_code(answer.status));
  for (const StatusReason& reason : answer.reasons) xml.reason("CxlStsRsnInf", reason);
  if (answer.original_amount) xml.money("OrgnlIntrBkSttlmAmt", *answer.original_amount);
  xml.optional_date("OrgnlIntrBkSttlmDt", answer.original_settlement_date);
}

/// Present when all transactions are of one currency and the sum is in range.
std::optional<Money> total_of(const std::vector<ReturnedPayment>& payments) {
  Money total = payments.front().returned;
  for (std::size_t i = 1; i < payments.size(); ++i) {
    if (payments[i].returned.currency != total.currency) return std::nullopt;
    const auto sum = add(total.amount, payments[i].returned.amount);
    if (!sum) return std::nullopt;
    total.amount = *sum;
  }
  return total;
}

void write_returned(XmlWriter& xml, const ReturnedPayment& payment) {
  const auto block = xml.in("TxInf");
  xml.optional_id("RtrId", payment.return_id);
  xml.optional_original_group(payment.original);
  const PaymentIds& ids = payment.original.ids;
  xml.optional_id("OrgnlInstrId", ids.instruction_id);
  xml.optional_id("OrgnlEndToEndId", ids.end_to_end_id);
  xml.optional_id("OrgnlTxId", ids.transaction_id);
  xml.optional_uetr("OrgnlUETR", ids.uetr);
  xml.optional_id("OrgnlClrSysRef", ids.clearing_reference);
  if (payment.original_amount) xml.money("OrgnlIntrBkSttlmAmt", *payment.original_amount);
  xml.money("RtrdIntrBkSttlmAmt", payment.returned);
  xml.optional_date("IntrBkSttlmDt", payment.settlement_date);
  if (!payment.charge_bearer.empty()) {
    xml.code("ChrgBr", payment.charge_bearer, {"DEBT", "CRED", "SHAR", "SLEV"});
  }
  xml.optional_id("ClrSysRef", payment.clearing_reference);
  xml.optional_agent("InstgAgt", payment.instructing_agent.bic);
  xml.optional_agent("InstdAgt", payment.instructed_agent.bic);
  if (!payment.reason.empty() || !payment.reason_text.empty()) {
    xml.reason("RtrRsnInf", {.code = payment.reason, .text = payment.reason_text});
  }
}

}  // namespace

RecallResolution start_resolution(const CancellationRequest& request,
                                  const AnswerIdentity& identity) {
  RecallResolution resolution;
  resolution.assignment_id = identity.message_id;
  resolution.created = identity.created;
  resolution.assigner.bic = identity.own_bic;
  resolution.assignee = request.assigner;
  resolution.case_id = request.case_id;
  resolution.status = RecallStatus::kPending;
  for (const Cancellation& cancellation : request.transactions) {
    RecallAnswer answer;
    answer.status_id = cancellation.cancellation_id;
    if (cancellation.case_id != request.case_id) answer.case_id = cancellation.case_id;
    answer.original = cancellation.original;
    answer.status = RecallStatus::kPending;
    answer.original_amount = cancellation.original_amount;
    answer.original_settlement_date = cancellation.original_settlement_date;
    resolution.transactions.push_back(std::move(answer));
  }
  return resolution;
}

std::expected<std::string, WriteError> write_resolution(const RecallResolution& resolution) {
  XmlWriter xml{"Document", "urn:iso:std:iso:20022:tech:xsd:" + std::string{kResolutionName}};
  {
    const auto body = xml.in("RsltnOfInvstgtn");
    {
      const auto assignment = xml.in("Assgnmt");
      xml.id("Id", resolution.assignment_id);
      xml.assignee("Assgnr", resolution.assigner);
      xml.assignee("Assgne", resolution.assignee);
      xml.date_time("CreDtTm", format_timestamp(resolution.created));
    }
    write_case(xml, resolution.case_id, resolution.assignee);
    {
      const auto status = xml.in("Sts");
      xml.plain("Conf", confirmation_code(resolution.status));
    }
    if (!resolution.transactions.empty()) {
      const auto details = xml.in("CxlDtls");
      for (const RecallAnswer& answer : resolution.transactions) {
        write_answer(xml, answer, resolution.assignee);
      }
    }
  }
  return xml.finish();
}

std::expected<std::string, WriteError> write_return(const PaymentReturn& message) {
  if (message.transactions.empty()) {
    return std::unexpected{WriteError{"a return must name at least one payment"}};
  }
  XmlWriter xml{"Document", "urn:iso:std:iso:20022:tech:xsd:" + std::string{kPaymentReturnName}};
  {
    const auto body = xml.in("PmtRtr");
    {
      const GroupHeader& group = message.group;
      const auto header = xml.in("GrpHdr");
      xml.id("MsgId", group.message_id);
      xml.date_time("CreDtTm", group.created);
      xml.plain("NbOfTxs", std::to_string(message.transactions.size()));
      if (const auto total = total_of(message.transactions)) {
        xml.money("TtlRtrdIntrBkSttlmAmt", *total);
      }
      xml.optional_date("IntrBkSttlmDt", group.settlement_date);
      {
        const auto settlement = xml.in("SttlmInf");
        xml.code("SttlmMtd", group.settlement_method.empty() ? "CLRG" : group.settlement_method,
                 {"INDA", "INGA", "COVE", "CLRG"});
      }
      xml.optional_agent("InstgAgt", group.instructing_agent.bic);
      xml.optional_agent("InstdAgt", group.instructed_agent.bic);
    }
    for (const ReturnedPayment& payment : message.transactions) write_returned(xml, payment);
  }
  return xml.finish();
}

}  // namespace hugang::iso20022
