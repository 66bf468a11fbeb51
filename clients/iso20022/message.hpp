// Payment messages as values: what the reader gives and the writer takes. Text is UTF-8. A field
// that the sender left out is empty, or nothing for optionals.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "clearing/base/amount.hpp"

namespace hugang::iso20022 {

inline constexpr std::string_view kCustomerCreditTransferName = "pacs.008.001.08";
inline constexpr std::string_view kInstitutionCreditTransferName = "pacs.009.001.08";
inline constexpr std::string_view kPaymentReturnName = "pacs.004.001.09";
inline constexpr std::string_view kCancellationRequestName = "camt.056.001.08";
inline constexpr std::string_view kStatusReportName = "pacs.002.001.10";
inline constexpr std::string_view kResolutionName = "camt.029.001.09";
inline constexpr std::string_view kHeaderName = "head.001.001.02";

/// An amount in minor units of `currency` (ISO 4217), which has `decimals` decimals.
struct Money {
  base::Amount amount;
  std::string currency;
  std::uint32_t decimals{2};
  friend bool operator==(const Money&, const Money&) = default;
};

struct PostalAddress {
  std::string department, sub_department, street, building_number, building_name, floor, post_box,
      room, post_code, town, town_location, district, country_subdivision;
  std::string country;             ///< ISO 3166 two letters
  std::vector<std::string> lines;  ///< unstructured, at most 7
  friend bool operator==(const PostalAddress&, const PostalAddress&) = default;
};

/// A person or organisation.
struct Party {
  std::string name;
  PostalAddress address;
  std::string country_of_residence;
  std::string bic;  ///< AnyBIC of an organisation
  std::string lei;
  std::string birth_date, birth_city, birth_country;  ///< of a person
  std::vector<std::string> other_ids;                 ///< Othr/Id of either
  friend bool operator==(const Party&, const Party&) = default;
};

/// A financial institution. Everything may be empty: the schema allows a bare FinInstnId.
struct Agent {
  std::string bic;
  std::string lei;
  std::string name;
  PostalAddress address;
  std::string clearing_system, member_id;  ///< ClrSysMmbId
  std::string other_id;
  std::string branch_id;
  friend bool operator==(const Agent&, const Agent&) = default;
};

/// Exactly one of iban and other is set in an account that was read; both are empty when there was
/// none.
struct Account {
  std::string iban;
  std::string other;
  std::string currency, name, proxy;
  [[nodiscard]] bool is_present() const { return !iban.empty() || !other.empty(); }
  [[nodiscard]] const std::string& id() const { return iban.empty() ? other : iban; }
  friend bool operator==(const Account&, const Account&) = default;
};

/// The header head.001.001.02 that may travel with a document.
struct BusinessHeader {
  std::string from_bic, to_bic;  ///< empty when the sender is named in another way
  std::string message_id;        ///< BizMsgIdr
  std::string message_name;      ///< MsgDefIdr, e.g. "pacs.008.001.08"
  std::string service;           ///< BizSvc
  std::string created;           ///< CreDt as written
  std::string copy;              ///< CODU, COPY, DUPL
  bool is_possible_duplicate{false};
};

struct PaymentType {
  std::string priority;                     ///< HIGH, NORM
  std::vector<std::string> service_levels;  ///< code or proprietary text
  std::string local_instrument;
  std::string category_purpose;
};

/// Of pacs.008, pacs.009 and pacs.004.
struct GroupHeader {
  std::string message_id;
  std::string created;  ///< CreDtTm as written: without an offset it is the sender's time
  std::uint64_t transactions{0};
  std::string settlement_date;    ///< YYYY-MM-DD
  std::string settlement_method;  ///< INDA, INGA, COVE, CLRG
  std::string clearing_system;
  PaymentType type;
  Agent instructing_agent, instructed_agent;
};

/// How a payment is named. A UETR, where present, is well-formed.
struct PaymentIds {
  std::string instruction_id, end_to_end_id, transaction_id, uetr, clearing_reference;
  friend bool operator==(const PaymentIds&, const PaymentIds&) = default;
};

/// Our supplementary data urn:hugang:xml:gold:1, see docs/ISO20022.md: the metal that changes hands
/// against this payment. Unit: 0.1 mg of fine gold.
struct GoldLeg {
  base::Amount tenth_milligrams;
  std::string delivering_account, receiving_account;  ///< empty when not given
};

/// What pacs.008 and pacs.009 transactions share. Where the transaction says nothing, settlement
/// date, payment type and instructing and instructed agent are those of the group.
struct TransferTerms {
  PaymentIds ids;
  PaymentType type;
  Money settlement;                 ///< above zero
  std::string settlement_date;      ///< YYYY-MM-DD, or empty
  std::string settlement_priority;  ///< URGT, HIGH, NORM
  Agent instructing_agent, instructed_agent;
  std::vector<Agent> previous_agents, intermediary_agents;
  Agent debtor_agent, creditor_agent;
  Account debtor_account, creditor_account, debtor_agent_account, creditor_agent_account;
  std::vector<std::string> instructions_for_next_agent;  ///< "PHOA", "text", "PHOA text"
  std::string purpose;
  std::vector<std::string> remittance;     ///< unstructured lines
  std::vector<std::string> supplementary;  ///< each Envlp as XML text, opaque
  std::optional<GoldLeg> gold;
};

struct CustomerTransfer {
  TransferTerms terms;
  std::optional<Money> instructed;
  std::string charge_bearer;  ///< DEBT, CRED, SHAR, SLEV
  Party debtor, creditor;
  std::optional<Party> ultimate_debtor, initiating_party, ultimate_creditor;
};

/// The customer payment that a cover payment (pacs.009 COV) pays for.
struct UnderlyingTransfer {
  Party debtor, creditor;
  std::optional<Party> ultimate_debtor, initiating_party, ultimate_creditor;
  Agent debtor_agent, creditor_agent;
  Account debtor_account, creditor_account;
  std::vector<std::string> remittance;
  std::optional<Money> instructed;
};

struct InstitutionTransfer {
  TransferTerms terms;
  Agent debtor, creditor;
  std::optional<Agent> ultimate_debtor, ultimate_creditor;
  std::optional<UnderlyingTransfer> underlying;
};

/// The payment that a return, a recall or an answer speaks of.
struct OriginalPayment {
  std::string message_id, message_name, created;
  PaymentIds ids;
  friend bool operator==(const OriginalPayment&, const OriginalPayment&) = default;
};

struct ReturnedPayment {
  std::string return_id;
  OriginalPayment original;
  std::optional<Money> original_amount;
  Money returned;  ///< above zero
  std::string settlement_date;
  std::string clearing_reference;
  std::string charge_bearer;
  Agent instructing_agent, instructed_agent;
  std::string reason;  ///< ExternalReturnReason1Code or proprietary text; empty when not given
  std::vector<std::string> reason_text;
  std::vector<std::string> supplementary;
  std::optional<GoldLeg> gold;
};

struct Cancellation {
  std::string cancellation_id;
  std::string case_id;
  OriginalPayment original;
  std::optional<Money> original_amount;
  std::string original_settlement_date;
  std::string originator;  ///< name of who asks
  std::string reason;      ///< ExternalCancellationReason1Code or proprietary text
  std::vector<std::string> reason_text;
};

struct CustomerCreditTransfer {
  GroupHeader group;
  std::vector<CustomerTransfer> transactions;  ///< at least one
};

struct InstitutionCreditTransfer {
  GroupHeader group;
  std::vector<InstitutionTransfer> transactions;  ///< at least one
};

struct PaymentReturn {
  GroupHeader group;
  std::vector<ReturnedPayment> transactions;  ///< at least one
};

struct CancellationRequest {
  std::string assignment_id;
  std::string created;
  Agent assigner, assignee;  ///< a party's name and BIC are put here too
  std::string case_id;
  std::vector<Cancellation> transactions;  ///< at least one
};

struct Message {
  std::optional<BusinessHeader> header;
  std::variant<CustomerCreditTransfer, InstitutionCreditTransfer, PaymentReturn,
               CancellationRequest>
      body;

  /// "pacs.008.001.08" and so on.
  [[nodiscard]] std::string_view name() const;
  /// MsgId of the group, or the assignment's id.
  [[nodiscard]] const std::string& message_id() const;
  /// CreDtTm as written.
  [[nodiscard]] const std::string& created() const;
  [[nodiscard]] std::size_t transaction_count() const;
};

}  // namespace hugang::iso20022
