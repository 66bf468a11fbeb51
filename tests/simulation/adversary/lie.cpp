#include "tests/simulation/adversary/lie.hpp"

#include <utility>

#include "clearing/base/check.hpp"

namespace hugang::simulation {
namespace {

using Codes = std::vector<machine::Code>;
using C = machine::Code;
using L = LieKind;
using A = Answer;

/// Why an account that was in order when the lie was made up may be out of order when it arrives.
Codes or_account_reason(C code) {
  return {C::kDebitAccountClosed, C::kCreditAccountClosed, C::kDebitAccountFrozen,
          C::kCreditAccountFrozen, code};
}

std::vector<LieRule> envelope_rules() {
  const auto halts = A::kHaltsAtEnvelope;
  return {
      {L::kEquivocationOnNewest, "equivocation on the newest", halts, {C::kChannelHash}},
      {L::kEquivocationOnOlder, "equivocation on an older one", halts, {C::kChannelHash}},
      {L::kGap, "gap", halts, {C::kChannelGap, C::kChannelHash}},
      {L::kWrongChain, "wrong chain hash", halts, {C::kChannelHash, C::kChannelGap}},
      {L::kWrongAddressee, "wrong addressee", halts, {C::kWrongAddressee}},
      {L::kEnvelopeForAnother, "envelope for another node", halts, {C::kWrongAddressee}},
      {L::kAckAhead, "acknowledges what was not sent", halts, {C::kAckAhead}},
      {L::kPayloadTruncated, "truncated payload", halts, {C::kPayloadMalformed}},
      {L::kPayloadTrailing, "payload that goes on", halts, {C::kPayloadMalformed}},
      {L::kPayloadReserved, "reserved bits in a payload", halts, {C::kPayloadMalformed}},
      {L::kPayloadVersion, "unknown payload version", halts, {C::kPayloadMalformed}},
      {L::kPayloadCount, "wrong count of messages", halts, {C::kPayloadMalformed}},
      {L::kPayloadSeqnoZero, "sequence number zero", halts, {C::kPayloadMalformed}},
      {L::kPayloadPadding, "padding that is not zero", halts, {C::kPayloadMalformed}},
      {L::kPayloadEmpty, "payload without messages", A::kUnharmed, {}},
      // Only where the liar announced the other node's key as its own is it evidence at all.
      {L::kForeignSignature, "another node's envelope", halts, {C::kWrongAddressee}},
      {L::kDamagedSignature, "damaged signature", A::kNeverJournaled, {}},
      {L::kNoEnvelope, "bytes that are no envelope", A::kNeverJournaled, {}},
      {L::kTooLarge, "envelope that is too large", A::kNeverJournaled, {}},
      {L::kKeyNotYetValid, "key that is not valid yet", A::kRefusesEnvelope, {C::kKeyNotValid}},
      {L::kKeyExpired, "key that is no longer valid", A::kRefusesEnvelope, {C::kKeyNotValid}},
  };
}

std::vector<LieRule> message_rules() {
  const auto halts = A::kHaltsAtMessage;
  return {
      {L::kUnknownMessage, "unknown message", halts, {C::kMessageUnknown}},
      {L::kBodyTruncated, "truncated message", halts, {C::kPayloadMalformed}},
      {L::kBodyReserved, "reserved bits in a message", halts, {C::kPayloadMalformed}},
      {L::kDecisionOfNothing, "decision of nothing", halts, {C::kDecisionUnknown}},
      {L::kDecisionOfAnotherPair, "decision of another pair", halts, {C::kDecisionUnknown}},
      {L::kDecisionOfOwn, "decision of its own demand", halts, {C::kDecisionUnknown}},
      {L::kDecisionTwice, "second decision", halts, {C::kDecisionRepeated}},
      {L::kAcceptsAfterRecall, "acceptance after a recall", halts, {C::kDecisionRepeated}},
      {L::kRecallAnswerToNothing, "recall answer to nothing", halts, {C::kDecisionUnknown}},
      {L::kRecallOfNothing, "recall of nothing", halts, {C::kDecisionUnknown}},
      {L::kReconcileAnswerToNothing, "figures for nothing", halts, {C::kDecisionUnknown}},
      {L::kReconcileSeenAhead, "figures that saw the future", halts, {C::kAckAhead}},
      {L::kReconcileBeyondRange, "figures beyond range", halts, {C::kPayloadMalformed}},
      {L::kInstructTwice, "instruction repeated", halts, {C::kInstructionRepeated}},
      {L::kInstructTooManyLegs, "too many legs", halts, {C::kPayloadMalformed}},
      {L::kInstructNoLegs, "no legs", halts, {C::kPayloadMalformed}},
      {L::kInstructForAnother, "instruction for another", halts, {C::kPayloadMalformed}},
      {L::kInstructReservedId, "reserved id", halts, {C::kPayloadMalformed}},
      {L::kPaysMoreThanItHolds, "pays more than it holds", halts, {C::kCorridorExceeded}},
      {L::kKeyGarbage, "key that is none", halts, {C::kPayloadMalformed}},
      {L::kKeyReversed, "key that ends before it begins", halts, {C::kPayloadMalformed}},
  };
}

std::vector<LieRule> instruction_rules() {
  const auto refuses = A::kRefusesMoney;
  return {
      {L::kAmountZero, "amount zero", refuses, {C::kAmountZero}},
      {L::kAmountNegative, "negative amount", refuses, {C::kAmountOutOfRange}},
      {L::kAmountOverflow, "amount out of range", refuses, {C::kAmountOutOfRange}},
      {L::kAccountUnknown, "unknown account", refuses, {C::kCreditAccountUnknown}},
      {L::kAccountMalformed, "wrong check digits", refuses, {C::kCreditAccountMalformed}},
      {L::kAccountIsCorridor, "corridor account", refuses, {C::kAccountNotAddressable}},
      {L::kAccountOfOtherAsset, "account of another asset", refuses, {C::kAssetMismatch}},
      {L::kAssetUnknown, "unknown asset", refuses, {C::kAssetUnknown}},
      {L::kAssetOfAnotherPair, "asset of others", refuses, {C::kAssetNotSettledWithPeer}},
      {L::kDirectionUnknown, "unknown direction", refuses, {C::kLegMalformed}},
      {L::kKindUnknown, "unknown kind", refuses, {C::kKindNotAllowed}},
      {L::kLegsThatDoNotFit, "legs that do not fit", refuses, {C::kKindNotAllowed}},
      {L::kTakesWithoutGiving, "takes without giving", refuses, {C::kKindNotAllowed}},
      {L::kDecideByPassed, "decide_by is past", refuses, {C::kDecideByPassed}},
      {L::kDecideByTooFar, "decide_by is too far", refuses, {C::kDecideByTooFar}},
      {L::kIdOfOtherDirection, "id of the other way", refuses, {C::kIdUsedForOtherContent}},
      {L::kIdOfAnotherPair, "id of another pair", refuses, {C::kIdUsedForOtherContent}},
      {L::kIdOfLocalCommand, "id of a local command", refuses, {C::kIdUsedForOtherContent}},
      {L::kReturnTooLarge, "return larger than what came", refuses,
       or_account_reason(C::kReturnExceedsOriginal)},
      {L::kReturnOfNothing, "return of nothing", refuses, or_account_reason(C::kOriginalUnknown)},
      {L::kReturnOfAnotherPair, "return of another pair", refuses,
       or_account_reason(C::kOriginalUnknown)},
  };
}

std::vector<LieRule> other_rules() {
  return {
      {L::kDecisionNonsense, "decision with a nonsense code", A::kUnharmed, {}},
      {L::kRecallAnswerContradicts, "contradicting recall answer", A::kUnharmed, {}},
      {L::kFalseFigures, "false figures", A::kDiffers, {}},
      {L::kFiguresExplainedAway, "false figures explained away", A::kUnharmed, {}},
      {L::kForeignKeyAnnounced, "another node's key announced", A::kUnharmed, {}},
      {L::kAckBackwards, "acknowledges backwards", A::kUnharmed, {}},
      {L::kReportAhead, "report that is ahead", A::kUnharmed, {}},
      {L::kReportForgets, "report that forgets", A::kUnharmed, {}},
      {L::kReportOtherChain, "report of another chain", A::kUnharmed, {}},
      {L::kFlood, "flood of envelopes", A::kUnharmed, {}},
      {L::kManyConnections, "hundreds of connections", A::kUnharmed, {}},
      {L::kTalksBeforeAsked, "talks before it was asked", A::kUnharmed, {}},
  };
}

std::vector<LieRule> make_rules() {
  std::vector<LieRule> all;
  for (auto part : {envelope_rules(), message_rules(), instruction_rules(), other_rules()}) {
    for (auto& rule : part) all.push_back(std::move(rule));
  }
  HG_CHECK(all.size() == kLieKinds);
  for (std::size_t i = 0; i < all.size(); ++i) {
    HG_CHECK(static_cast<std::size_t>(all[i].kind) == i);
  }
  return all;
}

}  // namespace

std::span<const LieRule> lie_rules() {
  static const std::vector<LieRule> rules = make_rules();
  return rules;
}

const LieRule& rule_of(LieKind kind) { return lie_rules()[static_cast<std::size_t>(kind)]; }

}  // namespace hugang::simulation
