#include "clearing/machine/codes.hpp"

namespace hugang::machine {
namespace {

struct Text {
  std::string_view name;
  std::string_view sentence;
};

// One table, as long as the list of codes; a switch, so that none can go without its words.
// NOLINTNEXTLINE(readability-function-size)
constexpr Text text_of(Code code) {
  switch (code) {  // No default: a new code must be given its words here.
    case Code::kOk:
      return {"OK", ""};
    case Code::kIdReserved:
      return {"ID_RESERVED", "The id must not be 0 or all ones; choose a random UUID."};
    case Code::kIdUsedForOtherContent:
      return {"ID_USED_FOR_OTHER_CONTENT",
              "This id was used before for something else; a new command needs a new id."};
    case Code::kLinkedChainOpen:
      return {"LINKED_CHAIN_OPEN",
              "The last transfer of a batch must not be linked to a next one."};
    case Code::kLinkedOtherFailed:
      return {"LINKED_OTHER_FAILED",
              "Another transfer of the chain was refused, so none of it happened; see that one."};
    case Code::kLinkedIdUsed:
      return {"LINKED_ID_USED",
              "A transfer inside a new chain carries an id that is known already."};
    case Code::kFlagsUnknown:
      return {"FLAGS_UNKNOWN", "A flag is set that this version does not know."};
    case Code::kFlagsExclusive:
      return {"FLAGS_EXCLUSIVE", "Two of the flags exclude each other."};
    case Code::kReservedNotZero:
      return {"RESERVED_NOT_ZERO", "A reserved field must be zero."};
    case Code::kAmountZero:
      return {"AMOUNT_ZERO", "The amount must be above zero."};
    case Code::kAmountOutOfRange:
      return {"AMOUNT_OUT_OF_RANGE", "The amount is negative or above 10^17 minor units."};
    case Code::kExpiryWithoutHold:
      return {"EXPIRY_WITHOUT_HOLD", "Only a hold can expire; leave the expiry out."};
    case Code::kExpiryPassed:
      return {"EXPIRY_PASSED", "The expiry is not after the node's time; choose a later one."};
    case Code::kPendingIdMissing:
      return {"PENDING_ID_MISSING", "A post or void must name the hold by its id."};
    case Code::kPendingIdNotAllowed:
      return {"PENDING_ID_NOT_ALLOWED", "Only a post or void names a hold."};
    case Code::kTextMalformed:
      return {"TEXT_MALFORMED", "A text is missing, not UTF-8, or holds control characters."};
    case Code::kNotPermitted:
      return {"NOT_PERMITTED", "The caller's role does not allow this; ask the operator."};
    case Code::kParticipantUnknown:
      return {"PARTICIPANT_UNKNOWN", "No such participant; ask the operator to register it."};
    case Code::kParticipantSuspended:
      return {"PARTICIPANT_SUSPENDED", "The participant is suspended; ask the operator."};
    case Code::kParticipantExists:
      return {"PARTICIPANT_EXISTS", "A participant with this code is registered already."};
    case Code::kAssetUnknown:
      return {"ASSET_UNKNOWN", "No such asset on this node."};
    case Code::kAssetExists:
      return {"ASSET_EXISTS", "The asset id or code is registered already."};
    case Code::kDebitAccountMalformed:
      return {"DEBIT_ACCOUNT_MALFORMED",
              "The debit account's check digits are wrong, or it belongs to another node."};
    case Code::kDebitAccountUnknown:
      return {"DEBIT_ACCOUNT_UNKNOWN", "The debit account does not exist."};
    case Code::kCreditAccountMalformed:
      return {"CREDIT_ACCOUNT_MALFORMED",
              "The credit account's check digits are wrong, or it belongs to another node."};
    case Code::kCreditAccountUnknown:
      return {"CREDIT_ACCOUNT_UNKNOWN", "The credit account does not exist."};
    case Code::kSameAccount:
      return {"SAME_ACCOUNT", "Debit and credit account are the same."};
    case Code::kAssetMismatch:
      return {"ASSET_MISMATCH", "An account is held in another asset than the transfer's."};
    case Code::kNotOwner:
      return {"NOT_OWNER", "The caller may only debit its own accounts."};
    case Code::kAccountNotAddressable:
      return {"ACCOUNT_NOT_ADDRESSABLE",
              "Corridor accounts move by settlement between nodes only."};
    case Code::kDebitAccountClosed:
      return {"DEBIT_ACCOUNT_CLOSED", "The debit account is closed for good."};
    case Code::kCreditAccountClosed:
      return {"CREDIT_ACCOUNT_CLOSED", "The credit account is closed for good."};
    case Code::kDebitAccountFrozen:
      return {"DEBIT_ACCOUNT_FROZEN", "The debit account is frozen; ask its node's operator."};
    case Code::kCreditAccountFrozen:
      return {"CREDIT_ACCOUNT_FROZEN", "The credit account is frozen; ask its node's operator."};
    case Code::kAccountExists:
      return {"ACCOUNT_EXISTS", "There is one such account per asset, and it is open already."};
    case Code::kAccountNotEmpty:
      return {"ACCOUNT_NOT_EMPTY",
              "Only an account with no balance and nothing pending can close."};
    case Code::kAccountUnknown:
      return {"ACCOUNT_UNKNOWN", "No such account; check the number's last two digits."};
    case Code::kAccountClosed:
      return {"ACCOUNT_CLOSED", "The account is closed for good."};
    case Code::kHoldUnknown:
      return {"HOLD_UNKNOWN", "There is no hold with this id."};
    case Code::kHoldPosted:
      return {"HOLD_POSTED", "The hold has been posted already."};
    case Code::kHoldVoided:
      return {"HOLD_VOIDED", "The hold has been voided."};
    case Code::kHoldExpired:
      return {"HOLD_EXPIRED", "The hold has expired; its money is free again."};
    case Code::kHoldMismatch:
      return {"HOLD_MISMATCH", "Accounts, asset or amount named here differ from the hold's."};
    case Code::kHoldExceeded:
      return {"HOLD_EXCEEDED", "More would be posted than is held."};
    case Code::kSingleLimit:
      return {"SINGLE_LIMIT", "The amount is above the limit for one payment in this asset."};
    case Code::kCorridorCap:
      return {"CORRIDOR_CAP", "The balance between the two nodes would pass its cap; try later."};
    case Code::kRulesMalformed:
      return {"RULES_MALFORMED", "The rule pack is malformed."};
    case Code::kRulesNotNewer:
      return {"RULES_NOT_NEWER", "A rule pack needs a higher version and a date that is not past."};
    case Code::kInsufficientFunds:
      return {"INSUFFICIENT_FUNDS", "The debit account has too little that is not on hold."};
    case Code::kExceedsDebits:
      return {"EXCEEDS_DEBITS", "More would be credited to the account than it owes."};
    case Code::kBalanceOverflow:
      return {"BALANCE_OVERFLOW", "A sum would pass 128 bits."};
    case Code::kBalancingZero:
      return {"BALANCING_ZERO", "The balancing account leaves nothing to move."};
    case Code::kCapacity:
      return {"CAPACITY", "A maximum of the node is reached; try again later with a new id."};
    case Code::kPeerUnknown:
      return {"PEER_UNKNOWN", "This node has no channel with that node."};
    case Code::kPeerHalted:
      return {"PEER_HALTED", "The channel with that node is halted; its operators must resume it."};
    case Code::kPeerExists:
      return {"PEER_EXISTS", "The peer is registered already."};
    case Code::kLegsMissing:
      return {"LEGS_MISSING", "A settlement needs at least one leg."};
    case Code::kTooManyLegs:
      return {"TOO_MANY_LEGS", "A settlement has at most 16 legs."};
    case Code::kLegMalformed:
      return {"LEG_MALFORMED", "A leg's direction is neither out nor in."};
    case Code::kAssetNotSettledWithPeer:
      return {"ASSET_NOT_SETTLED_WITH_PEER",
              "The two nodes have no corridor account in this asset."};
    case Code::kDecideByPassed:
      return {"DECIDE_BY_PASSED", "The time to decide was over before the decision."};
    case Code::kDecideByTooFar:
      return {"DECIDE_BY_TOO_FAR", "The time to decide may be at most seven days away."};
    case Code::kDetailsTooLarge:
      return {"DETAILS_TOO_LARGE", "The details may take 4,096 bytes at most."};
    case Code::kSettlementUnknown:
      return {"SETTLEMENT_UNKNOWN", "No such settlement on this node."};
    case Code::kOriginalUnknown:
      return {"ORIGINAL_UNKNOWN",
              "The settlement to be given back is unknown, not settled, or has no such leg."};
    case Code::kReturnExceedsOriginal:
      return {"RETURN_EXCEEDS_ORIGINAL", "More would be given back than was received."};
    case Code::kCorridorReserved:
      return {"CORRIDOR_RESERVED",
              "The balance between the nodes is reserved by settlements under way; try later."};
    case Code::kAwaitingAffirmation:
      return {"AWAITING_AFFIRMATION", "Waits for the other side's owners to affirm."};
    case Code::kNotAffirmed:
      return {"NOT_AFFIRMED", "The time to decide was over before every owner had affirmed."};
    case Code::kDeclined:
      return {"DECLINED", "An owner on the responder's side declined."};
    case Code::kRecalled:
      return {"RECALLED", "Recalled by the initiator before the decision."};
    case Code::kAlreadySettled:
      return {"ALREADY_SETTLED", "Settled and final: only a return moves money now."};
    case Code::kAlreadyRefused:
      return {"ALREADY_REFUSED", "Refused already; nothing moved."};
    case Code::kAffirmationNotNeeded:
      return {"AFFIRMATION_NOT_NEEDED", "Nothing of the caller's waits for affirmation here."};
    case Code::kOutboxFull:
      return {"OUTBOX_FULL",
              "Too many messages wait for that node; try again later with a new id."};
    case Code::kKindNotAllowed:
      return {"KIND_NOT_ALLOWED", "The legs' directions do not fit the kind of settlement."};
    case Code::kReconciliationUnknown:
      return {"RECONCILIATION_UNKNOWN", "No such reconciliation on this node."};
    case Code::kReconciliationDiffers:
      return {"RECONCILIATION_DIFFERS",
              "The two ledgers differ by more than messages under way explain: compare them."};
    case Code::kKeyExists:
      return {"KEY_EXISTS", "The key is known already."};
    case Code::kKeyValidity:
      return {
          "KEY_VALIDITY",
          "The key's id, or its times: they must not be empty and must overlap the key before."};
    case Code::kChannelGap:
      return {"CHANNEL_GAP", "A message of the channel is missing."};
    case Code::kChannelHash:
      return {"CHANNEL_HASH", "The peer's history is not the one that this node has received."};
    case Code::kPayloadMalformed:
      return {"PAYLOAD_MALFORMED", "A validly signed payload is malformed."};
    case Code::kWrongAddressee:
      return {"WRONG_ADDRESSEE", "The payload is for or from another node."};
    case Code::kKeyUnknown:
      return {"KEY_UNKNOWN", "The signing key was never announced."};
    case Code::kKeyNotValid:
      return {"KEY_NOT_VALID", "The signing key is not valid at this time."};
    case Code::kInstructionRepeated:
      return {"INSTRUCTION_REPEATED", "The peer instructs a known settlement again."};
    case Code::kDecisionUnknown:
      return {"DECISION_UNKNOWN", "The peer answers something that this node never asked."};
    case Code::kDecisionRepeated:
      return {"DECISION_REPEATED", "The peer decides what is decided already."};
    case Code::kCorridorExceeded:
      return {"CORRIDOR_EXCEEDED", "The peer pays more than its mirror account holds."};
    case Code::kAckAhead:
      return {"ACK_AHEAD", "The peer acknowledges a message that was never sent."};
    case Code::kMessageUnknown:
      return {"MESSAGE_UNKNOWN", "The peer sent an unknown kind of message."};
  }
  return {"UNKNOWN", "A newer version wrote a code that this version does not know."};
}

}  // namespace

std::string_view code_name(Code code) { return text_of(code).name; }
std::string_view code_sentence(Code code) { return text_of(code).sentence; }

bool is_protocol_breach(Code code) {
  return code >= Code::kChannelGap && code != Code::kKeyNotValid && code <= Code::kMessageUnknown;
}

}  // namespace hugang::machine
