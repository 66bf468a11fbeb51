// The stable outcome codes. They are journaled and sent: a number is never reused or renumbered.
#pragma once

#include <cstdint>
#include <string_view>

namespace hugang::machine {

/// Why a command was refused, or kOk. Of several reasons one is told: for a transfer the first in
/// the order of this file (identity, chain, form, accounts, holds, rules, money), for the other
/// commands as docs/REJECTIONS.md lists it. The last block are breaches of the protocol by a peer:
/// those halt the direction they came from.
enum class Code : std::uint16_t {
  kOk = 0,

  // Identity of the command.
  kIdReserved = 1,             ///< id is 0 or 2^128-1
  kIdUsedForOtherContent = 2,  ///< the id was seen before with other content or from another caller

  // Linked chains.
  kLinkedChainOpen = 3,    ///< the batch ends inside a chain
  kLinkedOtherFailed = 4,  ///< another member of the chain was refused
  kLinkedIdUsed = 5,       ///< a later member of a new chain carries a known id

  // Form.
  kFlagsUnknown = 10,
  kFlagsExclusive = 11,   ///< flags that exclude each other
  kReservedNotZero = 12,  ///< a reserved field carries something
  kAmountZero = 13,
  kAmountOutOfRange = 14,  ///< negative, or above 10^17 minor units
  kExpiryWithoutHold = 15,
  kExpiryPassed = 16,      ///< the hold would expire before it begins
  kPendingIdMissing = 17,  ///< post or void without the id of a hold
  kPendingIdNotAllowed = 18,
  kTextMalformed = 19,  ///< a text field is no UTF-8 or holds control characters

  // Who and what.
  kNotPermitted = 20,  ///< the caller's role does not allow the command
  kParticipantUnknown = 21,
  kParticipantSuspended = 22,
  kParticipantExists = 23,  ///< the participant's code is taken
  kAssetUnknown = 24,
  kAssetExists = 25,
  kDebitAccountMalformed = 30,  ///< wrong check digits, or a number of another node
  kDebitAccountUnknown = 31,
  kCreditAccountMalformed = 32,
  kCreditAccountUnknown = 33,
  kSameAccount = 34,
  kAssetMismatch = 35,
  kNotOwner = 36,               ///< the caller does not own the account to be debited
  kAccountNotAddressable = 37,  ///< corridor accounts move by settlement only
  kDebitAccountClosed = 38,
  kCreditAccountClosed = 39,
  kDebitAccountFrozen = 40,
  kCreditAccountFrozen = 41,
  kAccountExists = 42,    ///< the corridor or reserve account of this asset is there already
  kAccountNotEmpty = 43,  ///< closing needs zero balance and nothing pending
  kAccountUnknown = 44,
  kAccountClosed = 45,

  // Holds.
  kHoldUnknown = 50,
  kHoldPosted = 51,
  kHoldVoided = 52,
  kHoldExpired = 53,
  kHoldMismatch = 54,  ///< accounts or asset named in the post or void differ from the hold's
  kHoldExceeded = 55,  ///< more is posted than is held

  // Rules of the day (dated rule packs).
  kSingleLimit = 60,  ///< above the largest single amount
  kCorridorCap = 61,  ///< the claim on the issuer would pass its cap
  kRulesMalformed = 62,
  kRulesNotNewer = 63,  ///< version not above the last, or effective date before now

  // Money.
  kInsufficientFunds = 70,  ///< debits would exceed credits
  kExceedsDebits = 71,      ///< credits would exceed debits (reserve, claim)
  kBalanceOverflow = 72,    ///< 128 bits would wrap
  kBalancingZero = 73,      ///< nothing is left to move
  kCapacity = 74,  ///< a maximum of machine/limits.hpp is reached: retry with a new id later

  // Settlement between nodes.
  kPeerUnknown = 80,
  kPeerHalted = 81,  ///< the direction is halted until the operator resumes it
  kPeerExists = 82,
  kLegsMissing = 83,
  kTooManyLegs = 84,
  kLegMalformed = 85,
  kAssetNotSettledWithPeer = 86,  ///< neither node issues it, or no corridor account is open
  kDecideByPassed = 87,
  kDecideByTooFar = 88,
  kDetailsTooLarge = 89,
  kSettlementUnknown = 90,
  kOriginalUnknown = 91,
  kReturnExceedsOriginal = 92,
  kCorridorReserved = 93,  ///< the corridor balance is there but reserved by settlements under way
  kAwaitingAffirmation = 94,  ///< not a refusal: the answer so far
  kNotAffirmed = 95,          ///< decide_by came before every debited owner affirmed
  kDeclined = 96,
  kRecalled = 97,        ///< recalled before the decision
  kAlreadySettled = 98,  ///< recall after finality: only a return moves money now
  kAlreadyRefused = 99,
  kAffirmationNotNeeded = 100,
  kOutboxFull = 101,
  kKindNotAllowed = 102,  ///< leg directions do not fit the kind of settlement
  kReconciliationUnknown = 103,
  kReconciliationDiffers = 104,
  kKeyExists = 105,
  kKeyValidity = 106,  ///< validity is empty, or leaves a gap without overlap

  // Breaches of the protocol: the direction halts and the evidence is kept.
  kChannelGap = 150,
  kChannelHash = 151,  ///< the chain hash is not ours: equivocation or corruption
  kPayloadMalformed = 152,
  kWrongAddressee = 153,
  kKeyUnknown = 154,
  kKeyNotValid = 155,          ///< outside the validity of the key; refused, does not halt
  kInstructionRepeated = 156,  ///< a known settlement id in a new message
  kDecisionUnknown = 157,      ///< a decision for nothing of ours
  kDecisionRepeated = 158,
  kCorridorExceeded = 159,  ///< the peer pays more than its mirror account holds
  kAckAhead = 160,          ///< the peer acknowledges what was never sent
  kMessageUnknown = 161,
};

/// The code's stable name, e.g. "INSUFFICIENT_FUNDS": google.rpc.ErrorInfo.reason and scripts use
/// it.
[[nodiscard]] std::string_view code_name(Code code);

/// One sentence for a person: what is wrong and what to do next.
[[nodiscard]] std::string_view code_sentence(Code code);

/// True for the last block: the direction must halt.
[[nodiscard]] bool is_protocol_breach(Code code);

}  // namespace hugang::machine
