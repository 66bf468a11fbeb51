// pacs.004.001.09 and camt.056.001.08: what happens after a payment.
#include "clients/iso20022/extract.hpp"

namespace hugang::iso20022 {
namespace {

/// Reason code and lines of the first information block that has a code (or of the first block).
void read_reason(const xmlNode* parent, std::string_view name, std::string& reason,
                 std::vector<std::string>& text) {
  for (const xmlNode* node = child(parent, name); node != nullptr; node = next_element(node)) {
    if (name_of(node) != name) continue;
    if (reason.empty()) reason = code_at(node, "Rsn");
    for (std::string& line : texts_at(node, "AddtlInf")) text.push_back(std::move(line));
  }
}

ReturnedPayment read_returned(const xmlNode* node, const PaymentReturn& message,
                              const xmlNode* original_group, Extraction& state) {
  ReturnedPayment payment;
  payment.return_id = text_at(node, "RtrId");
  read_original_group(original_group, payment.original);
  read_original_group(child(node, "OrgnlGrpInf"), payment.original);
  payment.original.ids = original_ids(node);
  payment.original_amount = money_at(node, "OrgnlIntrBkSttlmAmt", Zero::kAllowed, state);
  payment.returned = required_money_at(node, "RtrdIntrBkSttlmAmt", state);
  payment.settlement_date = date_at(node, "IntrBkSttlmDt", state);
  if (payment.settlement_date.empty()) payment.settlement_date = message.group.settlement_date;
  payment.clearing_reference = text_at(node, "ClrSysRef");
  payment.charge_bearer = text_at(node, "ChrgBr");
  payment.instructing_agent = child(node, "InstgAgt") == nullptr
                                  ? message.group.instructing_agent
                                  : agent_at(node, "InstgAgt", state);
  payment.instructed_agent = child(node, "InstdAgt") == nullptr ? message.group.instructed_agent
                                                                : agent_at(node, "InstdAgt", state);
  read_reason(node, "RtrRsnInf", payment.reason, payment.reason_text);
  if (payment.reason.empty()) {
    read_reason(original_group, "RtrRsnInf", payment.reason, payment.reason_text);
  }
  read_supplementary(node, payment.supplementary, payment.gold, state);
  return payment;
}

Cancellation read_one_cancellation(const xmlNode* node, const xmlNode* original_group,
                                   Extraction& state) {
  Cancellation cancellation;
  cancellation.cancellation_id = text_at(node, "CxlId");
  cancellation.case_id = text_at(child(node, "Case"), "Id");
  read_original_group(original_group, cancellation.original);
  read_original_group(child(node, "OrgnlGrpInf"), cancellation.original);
  cancellation.original.ids = original_ids(node);
  cancellation.original_amount = money_at(node, "OrgnlIntrBkSttlmAmt", Zero::kAllowed, state);
  cancellation.original_settlement_date = date_at(node, "OrgnlIntrBkSttlmDt", state);
  read_reason(node, "CxlRsnInf", cancellation.reason, cancellation.reason_text);
  const xmlNode* information = child(node, "CxlRsnInf");
  if (cancellation.reason.empty()) {
    read_reason(original_group, "CxlRsnInf", cancellation.reason, cancellation.reason_text);
    if (information == nullptr) information = child(original_group, "CxlRsnInf");
  }
  cancellation.originator = text_at(child(information, "Orgtr"), "Nm");
  return cancellation;
}

}  // namespace

PaymentReturn read_return(const xmlNode* body, Extraction& state) {
  PaymentReturn message;
  const xmlNode* group = child(body, "GrpHdr");
  message.group = read_group_header(group, state);
  const xmlNode* original_group = child(body, "OrgnlGrpInf");
  for (const xmlNode* node = child(body, "TxInf"); node != nullptr; node = next_element(node)) {
    if (name_of(node) != "TxInf") continue;
    message.transactions.push_back(read_returned(node, message, original_group, state));
  }
  if (message.transactions.empty()) {
    state.refuse(body, ReadErrorCode::kUnsupportedContent, "AG03",
                 "a return of a whole group is not offered: name each payment in a TxInf");
    return message;
  }
  message.group.transactions = message.transactions.size();
  std::vector<const Money*> amounts;
  for (const ReturnedPayment& payment : message.transactions) amounts.push_back(&payment.returned);
  check_totals(group, {"TtlRtrdIntrBkSttlmAmt", amounts}, state);
  return message;
}

CancellationRequest read_cancellation(const xmlNode* body, Extraction& state) {
  CancellationRequest message;
  const xmlNode* assignment = child(body, "Assgnmt");
  message.assignment_id = text_at(assignment, "Id");
  message.created = trimmed(text_at(assignment, "CreDtTm"));
  message.assigner = party_or_agent_at(assignment, "Assgnr", state);
  message.assignee = party_or_agent_at(assignment, "Assgne", state);
  message.case_id = text_at(child(body, "Case"), "Id");
  for (const xmlNode* part = child(body, "Undrlyg"); part != nullptr; part = next_element(part)) {
    if (name_of(part) != "Undrlyg") continue;
    const xmlNode* group = child(part, "OrgnlGrpInfAndCxl");
    const xmlNode* node = child(part, "TxInf");
    if (node == nullptr) {
      state.refuse(part, ReadErrorCode::kUnsupportedContent, "AG03",
                   "a recall of a whole group is not offered: name each payment in a TxInf");
    }
    for (; node != nullptr; node = next_element(node)) {
      message.transactions.push_back(read_one_cancellation(node, group, state));
      if (message.transactions.back().case_id.empty()) {
        message.transactions.back().case_id = message.case_id;
      }
    }
  }
  if (const xmlNode* control = child(body, "CtrlData")) {
    check_count(control, message.transactions.size(), state);
  }
  return message;
}

}  // namespace hugang::iso20022
