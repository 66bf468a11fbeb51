// What a lying peer may do, and what the protocol says an honest node makes of it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "clearing/base/bytes.hpp"
#include "clearing/base/strong_id.hpp"
#include "clearing/machine/codes.hpp"

namespace hugang::simulation {

enum class LieKind : std::uint8_t {
  // A whole envelope that says something wrong about its place or addressee.
  kEquivocationOnNewest,
  kEquivocationOnOlder,
  kGap,
  kWrongChain,
  kWrongAddressee,
  kEnvelopeForAnother,
  kAckAhead,
  kPayloadTruncated,
  kPayloadTrailing,
  kPayloadReserved,
  kPayloadVersion,
  kPayloadCount,
  kPayloadSeqnoZero,
  kPayloadPadding,
  kPayloadEmpty,
  // Bytes that nobody can be held to.
  kForeignSignature,
  kDamagedSignature,
  kNoEnvelope,
  kTooLarge,
  // A key at a time when it says nothing.
  kKeyNotYetValid,
  kKeyExpired,
  // A message in its place in the chain that breaks the protocol.
  kUnknownMessage,
  kBodyTruncated,
  kBodyReserved,
  kDecisionOfNothing,
  kDecisionOfAnotherPair,
  kDecisionOfOwn,
  kDecisionTwice,
  kAcceptsAfterRecall,
  kRecallAnswerToNothing,
  kRecallOfNothing,
  kReconcileAnswerToNothing,
  kReconcileSeenAhead,
  kReconcileBeyondRange,
  kInstructTwice,
  kInstructTooManyLegs,
  kInstructNoLegs,
  kInstructForAnother,
  kInstructReservedId,
  kPaysMoreThanItHolds,
  kKeyGarbage,
  kKeyReversed,
  // An instruction that is in order as a message, and that no ledger may settle.
  kAmountZero,
  kAmountNegative,
  kAmountOverflow,
  kAccountUnknown,
  kAccountMalformed,
  kAccountIsCorridor,
  kAccountOfOtherAsset,
  kAssetUnknown,
  kAssetOfAnotherPair,
  kDirectionUnknown,
  kKindUnknown,
  kLegsThatDoNotFit,
  kTakesWithoutGiving,
  kDecideByPassed,
  kDecideByTooFar,
  kIdOfOtherDirection,
  kIdOfAnotherPair,
  kIdOfLocalCommand,
  kReturnTooLarge,
  kReturnOfNothing,
  kReturnOfAnotherPair,
  // Contradictions and nuisances that the protocol has no word for: no harm may come of them.
  kDecisionNonsense,
  kRecallAnswerContradicts,
  kFalseFigures,
  kFiguresExplainedAway,
  kForeignKeyAnnounced,
  kAckBackwards,
  kReportAhead,
  kReportForgets,
  kReportOtherChain,
  kFlood,
  kManyConnections,
  kTalksBeforeAsked,
  kCount,
};

inline constexpr std::size_t kLieKinds = static_cast<std::size_t>(LieKind::kCount);

/// How an honest node must answer.
enum class Answer : std::uint8_t {
  kHaltsAtEnvelope,  ///< nothing of the envelope is applied; the code is the envelope's outcome
  kHaltsAtMessage,   ///< the messages before it are applied, it and those behind it are not
  kRefusesEnvelope,  ///< the code is the outcome, nothing is applied and nothing halts
  kRefusesMoney,     ///< applied; its decision refuses with one of the codes
  kDiffers,          ///< applied; the reconciliation ends with a difference
  kNeverJournaled,   ///< no evidence: nothing of it gets into the journal
  kUnharmed,         ///< the laws of money alone judge
};

struct LieRule {
  LieKind kind;
  std::string_view name;
  Answer answer;
  std::vector<machine::Code> codes;  ///< any of them
};

[[nodiscard]] const LieRule& rule_of(LieKind kind);
[[nodiscard]] std::span<const LieRule> lie_rules();

/// One lie that was told. `subject` is SHA-256 of the envelope's bytes, or of the message's where
/// the answer is about a message.
struct Lie {
  LieKind kind = LieKind::kCount;
  base::NodeId victim;
  base::Digest subject{};
  base::CommandId id{};  ///< of the settlement or reconciliation that it speaks of; may be none
};

/// How far back an equivocation is told. An honest node remembers at least so many messages of each
/// direction, so that one that gets to its core is found.
inline constexpr std::uint64_t kEquivocationReach = 64;

}  // namespace hugang::simulation
