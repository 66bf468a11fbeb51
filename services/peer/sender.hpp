// The sending side of one direction of a channel: what is queued for a peer, what of it is under
// way, and where to go on after a loss. Pure: no thread, clock, network or key of its own, so that
// the real link and the simulation run the same code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clearing/base/bytes.hpp"
#include "clearing/base/strong_id.hpp"
#include "clearing/base/timestamp.hpp"
#include "clearing/machine/limits.hpp"
#include "clearing/machine/state.hpp"

namespace hugang::peer {

/// Where a receiver stands: the first thing it says on a stream, and again whenever it moved.
struct Report {
  base::ChannelSeqno applied;  ///< the last message that it holds durably
  base::Digest chain;          ///< the chain hash after it
  bool resend = false;         ///< what came could not be used: go back to applied + 1
  std::string halted;          ///< name of the code that halted the direction; empty: not halted
};

/// What one envelope and all envelopes under way may hold.
struct SendLimits {
  std::uint32_t messages_per_envelope = machine::kMessagesPerEnvelopeMax;
  /// Of messages in one payload. Room for the heads and the signature is left below the limit that
  /// the core puts on an envelope.
  std::size_t payload_bytes = machine::kEnvelopeBytesMax - 4096;
  std::uint32_t messages_under_way = 4 * machine::kMessagesPerEnvelopeMax;
  /// Few: while they are under way, what is queued gathers into a large one with one signature.
  std::uint32_t envelopes_under_way = 4;
};

/// The receiver's claim and our own record contradict each other. Nothing more is sent until a
/// report that fits: an operator has to find out which ledger lost or changed its past.
enum class Divergence : std::uint8_t {
  kNone,
  kPeerAhead,   ///< it claims to hold messages that we never sent
  kPeerForgot,  ///< it stands before messages that it had acknowledged
  kChain,       ///< it holds other bytes than ours under the same number
};

/// One sentence for the operator; empty for kNone.
[[nodiscard]] std::string_view sentence_of(Divergence divergence);

/// Go-back-N over the outbox. Not thread-safe.
class PeerSender {
 public:
  PeerSender(base::NodeId self, base::NodeId peer, SendLimits limits = {});

  /// Starts from the outbox in the state, forgetting what was known before. No stream is open.
  void load(const machine::Peer& peer);

  /// Adds a durable message. One that is known already is passed over; its number must otherwise
  /// be the next one.
  void queue(machine::OutboxMessage message);

  /// A stream begins or ends. On a new one nothing is sent before the receiver's first report.
  void open_stream();
  void close_stream();

  /// What the receiver says on the open stream.
  void take(const Report& report);

  /// The payload of the next envelope, counted as sent; nothing when all is sent, the window is
  /// full, or the stream may not be used. `acknowledged` is the last message of the other
  /// direction that this node holds durably. Sealing it is the caller's (signing_keys.hpp).
  [[nodiscard]] std::optional<base::Bytes> next_payload(base::Timestamp now,
                                                        base::ChannelSeqno acknowledged);
  /// Whether next_payload would give one.
  [[nodiscard]] bool has_work() const;

  /// The acknowledged number to journal, so that the outbox in the state shrinks: once more than
  /// `pending_max` messages wait for it (0: any). Counted as journaled until undo_ack.
  [[nodiscard]] std::optional<base::ChannelSeqno> take_ack(std::uint64_t pending_max);
  /// The command was not admitted.
  void undo_ack(base::ChannelSeqno before) { journaled_ = before; }
  /// The core took the peer's acknowledgement from an envelope: no need to journal it again.
  void note_journaled(base::ChannelSeqno acknowledged);

  /// Keys of this node that the peer cannot know yet: their announcements wait here. What is sent
  /// meanwhile, and the announcement itself, must be signed with a key before them.
  [[nodiscard]] std::vector<base::KeyId> keys_unknown_to_peer() const;

  [[nodiscard]] base::NodeId peer() const { return peer_; }
  [[nodiscard]] base::ChannelSeqno queued() const { return base::ChannelSeqno{base_ + count()}; }
  [[nodiscard]] base::ChannelSeqno acknowledged() const { return base::ChannelSeqno{base_}; }
  [[nodiscard]] base::ChannelSeqno journaled() const { return journaled_; }
  [[nodiscard]] base::ChannelSeqno sent() const { return base::ChannelSeqno{sent_}; }
  [[nodiscard]] bool is_under_way() const { return sent_ > base_; }
  [[nodiscard]] bool knows_cursor() const { return knows_cursor_; }
  [[nodiscard]] Divergence divergence() const { return divergence_; }
  [[nodiscard]] const std::string& halted() const { return halted_; }
  /// Times it went back to the receiver's cursor with messages under way.
  [[nodiscard]] std::uint64_t resends() const { return resends_; }

 private:
  [[nodiscard]] std::uint64_t count() const { return messages_.size(); }
  /// The chain hash after message `seqno`; requires base_ <= seqno <= base_ + count().
  [[nodiscard]] const base::Digest& chain_after(std::uint64_t seqno) const;
  [[nodiscard]] Divergence judge(const Report& report, bool is_first) const;
  void note_announcement(const machine::OutboxMessage& message);
  void trim_to(std::uint64_t applied);
  void forget_under_way();

  base::NodeId self_;
  base::NodeId peer_;
  SendLimits limits_;

  std::uint64_t base_ = 0;  ///< acknowledged; messages_[0] is base_ + 1
  base::Digest base_chain_;
  std::deque<machine::OutboxMessage> messages_;
  std::uint64_t sent_ = 0;  ///< base_ <= sent_ <= base_ + count()
  std::deque<std::pair<std::uint64_t, base::KeyId>> announcements_;  ///< among messages_
  std::deque<std::uint64_t> envelope_ends_;  ///< last message of each envelope under way
  base::ChannelSeqno journaled_;

  bool is_open_ = false;
  bool knows_cursor_ = false;
  Divergence divergence_ = Divergence::kNone;
  std::string halted_;
  std::uint64_t resends_ = 0;
};

}  // namespace hugang::peer
