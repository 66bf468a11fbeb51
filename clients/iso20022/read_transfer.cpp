// pacs.008.001.08 and pacs.009.001.08.
#include <array>

#include "clients/iso20022/extract.hpp"

namespace hugang::iso20022 {
namespace {

PaymentIds read_ids(const xmlNode* transaction) {
  const xmlNode* ids = child(transaction, "PmtId");
  return {.instruction_id = text_at(ids, "InstrId"),
          .end_to_end_id = text_at(ids, "EndToEndId"),
          .transaction_id = text_at(ids, "TxId"),
          .uetr = text_at(ids, "UETR"),
          .clearing_reference = text_at(ids, "ClrSysRef")};
}

/// The agents of this numbered family that are there, in order.
std::vector<Agent> agents_at(const xmlNode* transaction, const std::array<const char*, 3>& names,
                             Extraction& state) {
  std::vector<Agent> agents;
  for (const char* name : names) {
    if (child(transaction, name) != nullptr) agents.push_back(agent_at(transaction, name, state));
  }
  return agents;
}

/// The agent of the transaction, or else that of the group.
Agent agent_or(const xmlNode* transaction, std::string_view name, const Agent& of_group,
               Extraction& state) {
  return child(transaction, name) == nullptr ? of_group : agent_at(transaction, name, state);
}

std::vector<std::string> instructions_for_next_agent(const xmlNode* transaction) {
  std::vector<std::string> instructions;
  for (const xmlNode* node = child(transaction, "InstrForNxtAgt"); node != nullptr;
       node = next_element(node)) {
    if (name_of(node) != "InstrForNxtAgt") continue;
    std::string text = text_at(node, "Cd");
    const std::string free_text = text_at(node, "InstrInf");
    if (!text.empty() && !free_text.empty()) text += ' ';
    instructions.push_back(text + free_text);
  }
  return instructions;
}

TransferTerms read_terms(const xmlNode* transaction, const GroupHeader& group, Extraction& state) {
  TransferTerms terms;
  terms.ids = read_ids(transaction);
  const bool has_type = child(transaction, "PmtTpInf") != nullptr;
  terms.type = has_type ? payment_type_at(transaction, "PmtTpInf") : group.type;
  terms.settlement = required_money_at(transaction, "IntrBkSttlmAmt", state);
  terms.settlement_date = date_at(transaction, "IntrBkSttlmDt", state);
  if (terms.settlement_date.empty()) terms.settlement_date = group.settlement_date;
  terms.settlement_priority = text_at(transaction, "SttlmPrty");
  terms.previous_agents =
      agents_at(transaction, {"PrvsInstgAgt1", "PrvsInstgAgt2", "PrvsInstgAgt3"}, state);
  terms.instructing_agent = agent_or(transaction, "InstgAgt", group.instructing_agent, state);
  terms.instructed_agent = agent_or(transaction, "InstdAgt", group.instructed_agent, state);
  terms.intermediary_agents =
      agents_at(transaction, {"IntrmyAgt1", "IntrmyAgt2", "IntrmyAgt3"}, state);
  terms.debtor_account = account_at(transaction, "DbtrAcct", state);
  terms.debtor_agent = agent_at(transaction, "DbtrAgt", state);
  terms.debtor_agent_account = account_at(transaction, "DbtrAgtAcct", state);
  terms.creditor_agent = agent_at(transaction, "CdtrAgt", state);
  terms.creditor_agent_account = account_at(transaction, "CdtrAgtAcct", state);
  terms.creditor_account = account_at(transaction, "CdtrAcct", state);
  terms.instructions_for_next_agent = instructions_for_next_agent(transaction);
  terms.purpose = code_at(transaction, "Purp");
  terms.remittance = texts_at(child(transaction, "RmtInf"), "Ustrd");
  read_supplementary(transaction, terms.supplementary, terms.gold, state);
  return terms;
}

UnderlyingTransfer read_underlying(const xmlNode* node, Extraction& state) {
  UnderlyingTransfer underlying;
  underlying.ultimate_debtor = optional_party_at(node, "UltmtDbtr", state);
  underlying.initiating_party = optional_party_at(node, "InitgPty", state);
  underlying.debtor = party_at(node, "Dbtr", state);
  underlying.debtor_account = account_at(node, "DbtrAcct", state);
  underlying.debtor_agent = agent_at(node, "DbtrAgt", state);
  underlying.creditor_agent = agent_at(node, "CdtrAgt", state);
  underlying.creditor = party_at(node, "Cdtr", state);
  underlying.creditor_account = account_at(node, "CdtrAcct", state);
  underlying.ultimate_creditor = optional_party_at(node, "UltmtCdtr", state);
  underlying.remittance = texts_at(child(node, "RmtInf"), "Ustrd");
  underlying.instructed = money_at(node, "InstdAmt", Zero::kAllowed, state);
  return underlying;
}

/// Calls `read` for each transaction of the body.
template <class Read>
void for_each_transaction(const xmlNode* body, Read read) {
  for (const xmlNode* node = child(body, "CdtTrfTxInf"); node != nullptr;
       node = next_element(node)) {
    if (name_of(node) == "CdtTrfTxInf") read(node);
  }
}

template <class Transfers>
void check_group(const xmlNode* group, const Transfers& transfers, Extraction& state) {
  std::vector<const Money*> amounts;
  for (const auto& transfer : transfers) amounts.push_back(&transfer.terms.settlement);
  check_totals(group, {"TtlIntrBkSttlmAmt", amounts}, state);
}

}  // namespace

CustomerCreditTransfer read_customer_transfer(const xmlNode* body, Extraction& state) {
  CustomerCreditTransfer message;
  const xmlNode* group = child(body, "GrpHdr");
  message.group = read_group_header(group, state);
  for_each_transaction(body, [&](const xmlNode* node) {
    CustomerTransfer transfer;
    transfer.terms = read_terms(node, message.group, state);
    transfer.instructed = money_at(node, "InstdAmt", Zero::kAllowed, state);
    transfer.charge_bearer = text_at(node, "ChrgBr");
    transfer.ultimate_debtor = optional_party_at(node, "UltmtDbtr", state);
    transfer.initiating_party = optional_party_at(node, "InitgPty", state);
    transfer.debtor = party_at(node, "Dbtr", state);
    transfer.creditor = party_at(node, "Cdtr", state);
    transfer.ultimate_creditor = optional_party_at(node, "UltmtCdtr", state);
    message.transactions.push_back(std::move(transfer));
  });
  message.group.transactions = message.transactions.size();
  check_group(group, message.transactions, state);
  return message;
}

InstitutionCreditTransfer read_institution_transfer(const xmlNode* body, Extraction& state) {
  InstitutionCreditTransfer message;
  const xmlNode* group = child(body, "GrpHdr");
  message.group = read_group_header(group, state);
  for_each_transaction(body, [&](const xmlNode* node) {
    InstitutionTransfer transfer;
    transfer.terms = read_terms(node, message.group, state);
    transfer.debtor = agent_at(node, "Dbtr", state);
    transfer.creditor = agent_at(node, "Cdtr", state);
    if (child(node, "UltmtDbtr") != nullptr) {
      transfer.ultimate_debtor = agent_at(node, "UltmtDbtr", state);
    }
    if (child(node, "UltmtCdtr") != nullptr) {
      transfer.ultimate_creditor = agent_at(node, "UltmtCdtr", state);
    }
    if (const xmlNode* underlying = child(node, "UndrlygCstmrCdtTrf")) {
      transfer.underlying = read_underlying(underlying, state);
    }
    message.transactions.push_back(std::move(transfer));
  });
  message.group.transactions = message.transactions.size();
  check_group(group, message.transactions, state);
  return message;
}

}  // namespace hugang::iso20022
