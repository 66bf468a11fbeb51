// What a code of the ledger is in the language of ISO 20022: the status of a payment, and the
// reason that a bank's software knows. Stable: banks act on these codes. Any thread.
#pragma once

#include <string_view>
#include <vector>

#include "clearing/machine/codes.hpp"
#include "clients/iso20022/writer.hpp"

namespace hugang::iso20022 {

/// ExternalStatusReason1Code for pacs.002, e.g. "AM04" for kInsufficientFunds. Where ISO 20022 has
/// no code for it: "NARR", to be written with the ledger's name and sentence as text. Empty for kOk
/// and kAwaitingAffirmation, which are no refusals.
[[nodiscard]] std::string_view iso_reason(machine::Code code);

/// ACSC, PDNG, CANC or RJCT.
[[nodiscard]] PaymentStatus payment_status(machine::Code code);

/// ExternalPaymentCancellationRejection1Code for camt.029 when a recall is refused; empty for kOk.
[[nodiscard]] std::string_view recall_rejection_reason(machine::Code code);

/// The reason block for a status message: the ISO code with the ledger's stable name and sentence
/// as text, so that nothing is lost where several codes share one. Nothing for kOk and
/// kAwaitingAffirmation. The caller passes code_name(code) and code_sentence(code).
[[nodiscard]] std::vector<StatusReason> status_reasons(machine::Code code, std::string_view name,
                                                       std::string_view sentence);

}  // namespace hugang::iso20022
