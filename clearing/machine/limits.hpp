// The maximum of everything. A figure here is a bound against exhaustion, not a rule of the market:
// those are dated data in rule packs.
#pragma once

#include <cstddef>
#include <cstdint>

#include "clearing/base/timestamp.hpp"

namespace hugang::machine {

/// Transfers in one request and one journal entry: 8,190 records of 96 bytes stay under 1 MiB.
inline constexpr std::uint32_t kTransfersPerBatchMax = 8'190;
inline constexpr std::uint32_t kCommandsPerEntryMax = 16'384;
/// Instructions in one request; in bytes of records at most kEnvelopeBytesMax.
inline constexpr std::uint32_t kInstructsPerBatchMax = kTransfersPerBatchMax;
inline constexpr std::uint32_t kLinkedChainMax = kTransfersPerBatchMax;

inline constexpr std::uint32_t kEnvelopeBytesMax = 3u << 20;
inline constexpr std::uint32_t kEntryBytesMax = 16u << 20;
inline constexpr std::uint32_t kMessagesPerEnvelopeMax = 4'096;

inline constexpr std::uint32_t kLegsMax = 16;
/// Deadlines that one tick carries out: their events must fit an entry (at most 200 bytes each).
inline constexpr std::uint32_t kDuePerTickMax = 16'384;
inline constexpr std::uint32_t kDetailsBytesMax = 4'096;

inline constexpr std::uint32_t kAccountsMax = 100'000'000;
inline constexpr std::uint32_t kParticipantsMax = 65'536;
inline constexpr std::uint32_t kAssetsMax = 1'024;
inline constexpr std::uint32_t kPeersMax = 64;
inline constexpr std::uint32_t kKeysPerPeerMax = 64;
inline constexpr std::uint32_t kOpenHoldsMax = 4'000'000;
inline constexpr std::uint32_t kOpenSettlementsMax = 1'000'000;
/// Messages sent and not yet acknowledged, per peer: then new instructions are refused.
inline constexpr std::uint32_t kOutboxMessagesMax = 1'000'000;
inline constexpr std::uint32_t kRulesPerPackMax = 1'024;
inline constexpr std::uint32_t kRulePacksPendingMax = 16;
inline constexpr std::uint32_t kInFlightNamedMax = 256;
/// Newest messages of each incoming direction whose hashes are kept: 32 KiB a peer.
inline constexpr std::uint32_t kChainsRemembered = 1'024;

/// Where the initiator's participant names no time, the responder has this long to decide.
inline constexpr base::Duration kDecideWithinDefault = base::Duration::seconds(24 * 3600);
/// A responder may be asked to decide within this long and no later.
inline constexpr base::Duration kDecideWithinMax = base::Duration::seconds(7 * 24 * 3600);

}  // namespace hugang::machine
