// From values to ISO 20022 text: pacs.002.001.10 answers, camt.029.001.09 answers to a recall,
// pacs.004.001.09 returns, and the head.001.001.02 header to send them under. Every text that is
// returned validates against its schema.
//
// Names and free text are cut to the schema's length, by code points, and what XML cannot carry
// (control characters, broken UTF-8) becomes "?". Identifiers and dates are never cut or repaired:
// a malformed one is an error, because a changed reference would name something else. Any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clearing/base/timestamp.hpp"
#include "clients/iso20022/message.hpp"
#include "clients/iso20022/read_error.hpp"

namespace hugang::iso20022 {

/// Which field cannot be written and why: "/Document/.../OrgnlUETR: \"x\" is not a UETR".
struct WriteError {
  std::string sentence;
};

/// ExternalPaymentTransactionStatus1Code and its group twin.
enum class PaymentStatus : std::uint8_t {
  kCredited,   ///< ACCC: settled and on the creditor's account
  kSettled,    ///< ACSC: settled on the debtor's side
  kInProcess,  ///< ACSP: accepted, settlement under way
  kPending,    ///< PDNG: waits for something, e.g. an affirmation
  kPartly,     ///< PART: some transactions of the group are accepted; for groups alone
  kCancelled,  ///< CANC: recalled before settlement
  kRejected,   ///< RJCT
};
[[nodiscard]] std::string_view status_code(PaymentStatus status);

/// A reason to tell. The code is written as Cd when it has 1 to 4 characters, else as Prtry.
struct StatusReason {
  std::string code;
  std::vector<std::string> text;  ///< each written as up to 8 lines of 105 characters
};

struct TransactionStatus {
  std::string status_id;     ///< may be empty
  OriginalPayment original;  ///< its group is written only where it has a message id and name
  PaymentStatus status{};
  std::vector<StatusReason> reasons;
  base::Timestamp accepted;     ///< none: left out
  std::string settlement_date;  ///< YYYY-MM-DD; empty: left out
  std::string clearing_reference;
};

struct OriginalGroupStatus {
  std::string message_id;    ///< empty is written NOTPROVIDED
  std::string message_name;  ///< empty is written NOTPROVIDED
  std::string created;       ///< as read; empty: left out
  std::optional<std::uint64_t> transactions;
  std::optional<PaymentStatus> status;
  std::vector<StatusReason> reasons;
};

struct StatusReport {
  std::string message_id;
  base::Timestamp created;
  std::string instructing_bic, instructed_bic;  ///< may be empty
  std::optional<OriginalGroupStatus> group;
  std::vector<TransactionStatus> transactions;
};

/// Who answers, and when.
struct AnswerIdentity {
  std::string message_id;
  base::Timestamp created;
  std::string own_bic;  ///< may be empty
};

/// The report on a message that was read: original references filled in for the group and for each
/// transaction in order, each kInProcess until the caller says otherwise. For a recall use
/// `start_resolution`.
[[nodiscard]] StatusReport start_report(const Message& message, const AnswerIdentity& identity);

/// Sets the group's status to what the transactions' statuses amount to.
void conclude(StatusReport& report);

/// The report on a message that was refused by the reader: group RJCT with the error's reason and
/// sentence.
[[nodiscard]] StatusReport refuse_message(const ReadError& error, const AnswerIdentity& identity);

[[nodiscard]] std::expected<std::string, WriteError> write_status_report(
    const StatusReport& report);

/// CNCL and ACCR, RJCR, PDCR of camt.029.
enum class RecallStatus : std::uint8_t { kAccepted, kRejected, kPending };

struct RecallAnswer {
  std::string status_id;
  std::string case_id;  ///< empty: left out
  OriginalPayment original;
  RecallStatus status{};
  std::vector<StatusReason> reasons;  ///< ExternalPaymentCancellationRejection1Code
  std::optional<Money> original_amount;
  std::string original_settlement_date;
};

struct RecallResolution {
  std::string assignment_id;
  base::Timestamp created;
  Agent assigner, assignee;  ///< BIC and name are written
  std::string case_id;       ///< of the whole request; empty: left out
  RecallStatus status{};     ///< of the whole request
  std::vector<RecallAnswer> transactions;
};

/// The answer to a recall, references filled in, everything kPending until the caller says
/// otherwise.
[[nodiscard]] RecallResolution start_resolution(const CancellationRequest& request,
                                                const AnswerIdentity& identity);

[[nodiscard]] std::expected<std::string, WriteError> write_resolution(
    const RecallResolution& resolution);

/// A pacs.004. Of the group: message id, created, settlement date and method (CLRG when empty),
/// agents' BIC; NbOfTxs and the total are computed. At least one transaction.
[[nodiscard]] std::expected<std::string, WriteError> write_return(const PaymentReturn& message);

/// An AppHdr alone. Both BICs and all ids are required.
[[nodiscard]] std::expected<std::string, WriteError> write_header(const BusinessHeader& header);

/// <BusMsg> with a header and a document that the functions above returned.
[[nodiscard]] std::string in_envelope(std::string_view header, std::string_view document);

/// "2026-11-20T01:30:00.123Z": UTC, whole milliseconds.
[[nodiscard]] std::string format_timestamp(base::Timestamp time);

}  // namespace hugang::iso20022
