// Sends what an ISO 20022 message asks for, transaction by transaction, and says what became of
// each.
#pragma once

#include <string>
#include <vector>

#include "clearing/machine/codes.hpp"
#include "clients/hugang/context.hpp"
#include "clients/iso20022/message.hpp"
#include "clients/iso20022/writer.hpp"

namespace hugang::program {

/// What became of one transaction.
struct TransactionResult {
  std::string id;  ///< settlement or transfer id; empty where nothing was sent
  iso20022::PaymentStatus status = iso20022::PaymentStatus::kInProcess;
  machine::Code code = machine::Code::kOk;
  std::string code_name;  ///< the ledger's, or the ISO reason of an objection
  std::string sentence;
  std::vector<iso20022::StatusReason> reasons;
};

/// Of pacs.008, pacs.009 and pacs.004, in the message's order. A failure where the node cannot be
/// asked: then some may have been sent; the same message again never pays twice.
[[nodiscard]] Attempt<std::vector<TransactionResult>> send_payments(
    Context& context, const iso20022::Message& message, bool wait);

/// Of camt.056. kCancelled: nothing moved. kRejected: too late. kInProcess: no answer yet.
[[nodiscard]] Attempt<std::vector<TransactionResult>> send_recalls(
    Context& context, const iso20022::CancellationRequest& request, bool wait);

}  // namespace hugang::program
