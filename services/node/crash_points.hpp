// Named points at which a test can have the process killed, as by a power failure. They do nothing
// unless the program was started for tests (hugangd --test-hooks) and HUGANG_CRASH_AT names one.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "clearing/base/bytes.hpp"
#include "clearing/wire/message.hpp"

namespace hugang::node {

/// Every point there is. A new one is added here and called where it lies.
enum class CrashPoint : std::uint8_t {
  kCoreBeforeApply,      ///< the entry's commands are chosen, nothing has happened
  kCoreAfterApply,       ///< in memory it has happened, nothing is written
  kJournalBeforeAppend,  ///< encoded, not written
  kJournalAfterAppend,   ///< durable, nobody knows
  kReleaseBefore,        ///< on the release thread, before listeners and answers
  kReleaseAfter,         ///< answers and messages were handed out
  kPeerBeforeSend,       ///< an envelope is signed and about to leave
  kPeerAfterSend,        ///< it was given to the stream
  kPeerAfterReceive,     ///< an envelope came in, nothing was checked
  kPeerAfterVerify,      ///< its signature is good, it was not submitted
  kPeerBeforeAck,        ///< what came in is durable, the sender was not told
};

/// Names in the order of the enumerators.
inline constexpr std::array<std::string_view, 11> kCrashPointNames = {
    "core.before-apply",  "core.after-apply",  "journal.before-append", "journal.after-append",
    "release.before",     "release.after",     "peer.before-send",      "peer.after-send",
    "peer.after-receive", "peer.after-verify", "peer.before-ack",
};

/// What passes a point: which kinds of commands and of messages between nodes.
class CrashTags {
 public:
  constexpr CrashTags() = default;
  constexpr void add(wire::CommandKind kind) { bits_ |= 1ULL << static_cast<unsigned>(kind); }
  constexpr void add(wire::MessageKind kind) {
    bits_ |= 1ULL << (32U + static_cast<unsigned>(kind));
  }
  [[nodiscard]] constexpr bool meets(CrashTags other) const { return (bits_ & other.bits_) != 0; }
  [[nodiscard]] constexpr bool is_empty() const { return bits_ == 0; }

 private:
  std::uint64_t bits_ = 0;
};

/// The kinds of the commands in an entry, of the messages in its peer envelopes, and of the
/// messages that it queues. Only to be asked when are_crash_points_armed().
[[nodiscard]] CrashTags crash_tags_of(base::ByteSpan commands, base::ByteSpan events);

/// The kinds of the messages in an envelope's payload.
[[nodiscard]] CrashTags crash_tags_of_payload(base::ByteSpan payload);

/// Arms one point for the life of the process. `wish` is POINT[@KIND][:N]: the Nth time (from 1;
/// 1 where left out) that POINT is passed by something that holds a command or message of KIND,
/// the process is killed with SIGKILL. KIND is a command (`instruct`, `peer-envelope`, `tick`, ...)
/// or a message, incoming or outgoing (`decision`, `recall-answer`, ...; as `instruct` and `recall`
/// are both, they mean either). The error is a sentence. To be called before threads start.
[[nodiscard]] std::expected<void, std::string> arm_crash_point(std::string_view wish);

[[nodiscard]] bool are_crash_points_armed();

/// Kills the process if this is what was armed. Any thread.
void crash_point(CrashPoint point, CrashTags tags);

}  // namespace hugang::node
