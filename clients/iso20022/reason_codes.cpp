#include "clients/iso20022/reason_codes.hpp"

namespace hugang::iso20022 {

using machine::Code;

// No default: a new code of the ledger must be given its meaning here. The meanings in the comments
// are those of the external code sets that ISO 20022 publishes (ExternalStatusReason1Code).
// A table in the form of a switch, for the compiler to see that it is whole.
// NOLINTNEXTLINE(readability-function-size)
std::string_view iso_reason(Code code) {
  switch (code) {
    case Code::kOk:
    case Code::kAwaitingAffirmation:
      return "";
    case Code::kIdReserved:
    case Code::kLinkedChainOpen:
    case Code::kFlagsUnknown:
    case Code::kFlagsExclusive:
    case Code::kReservedNotZero:
    case Code::kExpiryWithoutHold:
    case Code::kPendingIdMissing:
    case Code::kPendingIdNotAllowed:
    case Code::kTextMalformed:
    case Code::kRulesMalformed:
    case Code::kLegsMissing:
    case Code::kTooManyLegs:
    case Code::kLegMalformed:
    case Code::kDetailsTooLarge:
      return "FF01";  // invalid file format: the request itself is malformed
    case Code::kIdUsedForOtherContent:
    case Code::kLinkedIdUsed:
    case Code::kParticipantExists:
    case Code::kAssetExists:
    case Code::kAccountExists:
    case Code::kPeerExists:
    case Code::kInstructionRepeated:
      return "AM05";  // duplication
    case Code::kLinkedOtherFailed:
    case Code::kAccountNotEmpty:
    case Code::kHoldUnknown:
    case Code::kHoldPosted:
    case Code::kHoldVoided:
    case Code::kHoldMismatch:
    case Code::kRulesNotNewer:
    case Code::kCapacity:
    case Code::kSettlementUnknown:
    case Code::kOriginalUnknown:
    case Code::kNotAffirmed:
    case Code::kDeclined:
    case Code::kAlreadySettled:
    case Code::kAlreadyRefused:
    case Code::kAffirmationNotNeeded:
    case Code::kReconciliationUnknown:
    case Code::kReconciliationDiffers:
    case Code::kKeyExists:
    case Code::kKeyValidity:
      return "NARR";  // narrative: the text says it
    case Code::kAmountZero:
      return "AM01";  // zero amount
    case Code::kAmountOutOfRange:
    case Code::kBalanceOverflow:
      return "AM12";  // invalid amount
    case Code::kExpiryPassed:
    case Code::kHoldExpired:
    case Code::kDecideByPassed:
      return "TM01";  // after the cut-off time
    case Code::kNotPermitted:
    case Code::kNotOwner:
    case Code::kAccountNotAddressable:
      return "AG01";  // transaction forbidden
    case Code::kParticipantUnknown:
    case Code::kPeerUnknown:
      return "RC01";  // bank identifier incorrect
    case Code::kParticipantSuspended:
      return "AG10";  // agent suspended
    case Code::kAssetUnknown:
    case Code::kAssetNotSettledWithPeer:
      return "AM03";  // not allowed currency
    case Code::kDebitAccountMalformed:
    case Code::kDebitAccountUnknown:
      return "AC02";  // debtor's account invalid
    case Code::kCreditAccountMalformed:
    case Code::kCreditAccountUnknown:
      return "AC03";  // creditor's account invalid
    case Code::kSameAccount:
    case Code::kAccountUnknown:
      return "AC01";  // incorrect account number
    case Code::kAssetMismatch:
      return "AC09";  // invalid account currency
    case Code::kDebitAccountClosed:
    case Code::kAccountClosed:
      return "AC04";  // closed account
    case Code::kCreditAccountClosed:
      return "AC07";  // creditor's account closed
    case Code::kDebitAccountFrozen:
    case Code::kCreditAccountFrozen:
      return "AC06";  // blocked account
    case Code::kHoldExceeded:
    case Code::kReturnExceedsOriginal:
      return "AM09";  // wrong amount
    case Code::kSingleLimit:
      return "AM02";  // not allowed amount
    case Code::kCorridorCap:
      return "AM13";  // exceeds the limit of the clearing system
    case Code::kInsufficientFunds:
    case Code::kBalancingZero:
    case Code::kCorridorReserved:
      return "AM04";  // insufficient funds
    case Code::kExceedsDebits:
      return "AM14";  // exceeds the limit agreed
    case Code::kPeerHalted:
    case Code::kOutboxFull:
    case Code::kChannelGap:
    case Code::kChannelHash:
    case Code::kPayloadMalformed:
    case Code::kWrongAddressee:
    case Code::kKeyUnknown:
    case Code::kKeyNotValid:
    case Code::kDecisionUnknown:
    case Code::kDecisionRepeated:
    case Code::kCorridorExceeded:
    case Code::kAckAhead:
    case Code::kMessageUnknown:
      return "ED05";  // settlement failed
    case Code::kDecideByTooFar:
      return "DT04";  // future date not supported
    case Code::kRecalled:
      return "CUST";  // requested by the customer
    case Code::kKindNotAllowed:
      return "AG03";  // transaction not supported
  }
  return "NARR";
}

PaymentStatus payment_status(Code code) {
  if (code == Code::kOk) return PaymentStatus::kSettled;
  if (code == Code::kAwaitingAffirmation) return PaymentStatus::kPending;
  if (code == Code::kRecalled) return PaymentStatus::kCancelled;
  return PaymentStatus::kRejected;
}

std::string_view recall_rejection_reason(Code code) {
  if (code == Code::kOk) return "";
  // No original transaction received.
  if (code == Code::kSettlementUnknown || code == Code::kOriginalUnknown) return "NOOR";
  return "NARR";
}

std::vector<StatusReason> status_reasons(Code code, std::string_view name,
                                         std::string_view sentence) {
  const std::string_view reason = iso_reason(code);
  if (reason.empty()) return {};
  StatusReason block;
  block.code = reason;
  if (!name.empty()) block.text.emplace_back(name);
  if (!sentence.empty()) block.text.emplace_back(sentence);
  return {std::move(block)};
}

}  // namespace hugang::iso20022
