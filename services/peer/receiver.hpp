// The receiving side of one direction of a channel: what an envelope is worth, when it may enter
// the journal, and what the sender is told. Pure: no thread, clock or network of its own, so that
// the real link and the simulation run the same code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <optional>
#include <string_view>
#include <vector>

#include "clearing/base/bytes.hpp"
#include "clearing/base/strong_id.hpp"
#include "clearing/machine/codes.hpp"
#include "clearing/machine/state.hpp"
#include "clearing/wire/message.hpp"
#include "clearing/wire/outcome.hpp"
#include "crypto/envelope.hpp"
#include "services/node/ports.hpp"
#include "services/peer/sender.hpp"
#include "services/peer/signing_keys.hpp"

namespace hugang::peer {

/// Why bytes are not even evidence: nobody can be held to them, so they are counted, the stream is
/// closed, and nothing is journaled.
enum class Unverifiable : std::uint8_t {
  kTooLarge,      ///< more than the core takes in one envelope
  kMalformed,     ///< no envelope
  kKeyUnknown,    ///< the key id is none of this peer's
  kBadSignature,  ///< or of another suite than the key
};

/// One sentence for the log.
[[nodiscard]] std::string_view to_text(Unverifiable reason);

/// An envelope whose signature was checked, and what its payload says about its place in the
/// channel. Only verify_incoming makes one.
class Incoming {
 public:
  [[nodiscard]] const crypto::VerifiedEnvelope& evidence() const { return evidence_; }
  /// False: the peer signed a payload that is none. The core is shown it all the same.
  [[nodiscard]] bool has_place() const { return has_place_; }
  [[nodiscard]] std::uint64_t first() const { return first_; }  ///< with has_place
  [[nodiscard]] std::uint64_t last() const { return last_; }    ///< included; with has_place
  /// The peer's claim about the other direction; with has_place.
  [[nodiscard]] base::ChannelSeqno acknowledged() const { return acknowledged_; }
  /// The chain hash after message `seqno`, folded from the payload's own beginning. Requires
  /// has_place() and first() <= seqno <= last().
  [[nodiscard]] const base::Digest& chain_after(std::uint64_t seqno) const;

 private:
  explicit Incoming(crypto::VerifiedEnvelope evidence);
  friend std::expected<Incoming, Unverifiable> verify_incoming(base::ByteSpan bytes,
                                                               const KeyDirectory& keys);

  crypto::VerifiedEnvelope evidence_;
  bool has_place_ = false;
  std::uint64_t first_ = 0;
  std::uint64_t last_ = 0;
  base::ChannelSeqno acknowledged_;
  std::vector<base::Digest> chains_;  ///< after each message
};

/// Checks size, form, key and signature, in this order, and only then looks into the payload. Any
/// thread; costs a signature check and a hash per message.
[[nodiscard]] std::expected<Incoming, Unverifiable> verify_incoming(base::ByteSpan bytes,
                                                                    const KeyDirectory& keys);

/// What the transport below promises about envelopes on one stream.
enum class Transport : std::uint8_t {
  kOrderedStream,  ///< arrive in the order sent, without a hole, until the stream ends (gRPC)
  kDatagrams,      ///< may be lost, repeated and overtaken (simulation)
};

/// At most one envelope of the peer is with the core at a time: an envelope that the core does not
/// apply (a key whose validity begins a moment later, say) must not make the next one look like a
/// gap, which would halt the direction. Throughput does not suffer, because what waits meanwhile
/// comes in larger envelopes. Not thread-safe.
class PeerReceiver {
 public:
  /// Verified envelopes that may wait for the one with the core; callers stop reading when
  /// !can_take().
  static constexpr std::size_t kWaitingMax = 4;

  PeerReceiver(base::NodeId peer, Transport transport) : peer_{peer}, transport_{transport} {}

  /// Starts from the cursor in the state, forgetting what was known before. No stream is open and
  /// nothing is with the core.
  void load(const machine::Peer& peer);

  /// What the caller must do now, in the order of the fields.
  struct Step {
    std::optional<node::Submission> submission;  ///< then call answered or not_submitted, once
    std::optional<Report> report;                ///< send it on the open stream
    bool is_misuse = false;  ///< the peer does not follow the protocol: close the stream
  };

  /// A new stream takes the place of the one before, if any.
  [[nodiscard]] Step open_stream();
  void close_stream();

  [[nodiscard]] Step accept(Incoming incoming);
  [[nodiscard]] bool can_take() const { return waiting_.size() < kWaitingMax; }

  /// The durable answer to the submission.
  [[nodiscard]] Step answered(const wire::Outcome& outcome);
  /// The submission never became a command; the sender is asked to send it again.
  [[nodiscard]] Step not_submitted();

  /// From the events: the direction was halted, or the operator resumed it.
  [[nodiscard]] Step halted(machine::Code code);
  [[nodiscard]] Step resumed();

  [[nodiscard]] base::ChannelSeqno applied() const { return base::ChannelSeqno{applied_}; }
  [[nodiscard]] machine::Code halt_code() const { return halted_; }
  [[nodiscard]] bool is_open() const { return is_open_; }
  [[nodiscard]] bool is_with_core() const { return with_core_.has_value(); }
  /// The highest acknowledgement that the core took from an applied envelope.
  [[nodiscard]] base::ChannelSeqno peer_acknowledged() const { return peer_acknowledged_; }
  /// Envelopes that were wholly repetition, and that came behind a gap.
  [[nodiscard]] std::uint64_t repetitions() const { return repetitions_; }
  [[nodiscard]] std::uint64_t gaps() const { return gaps_; }

 private:
  enum class Worth : std::uint8_t { kCore, kRepetition, kGap };
  [[nodiscard]] base::Digest chain() const;
  [[nodiscard]] Worth worth_of(const Incoming& incoming) const;
  void take_next(Step& step);
  void ask_again(Step& step);
  void tell(Step& step, bool resend);

  base::NodeId peer_;
  Transport transport_;

  std::uint64_t applied_ = 0;  ///< durable
  machine::ChainHistory history_;
  machine::Code halted_ = machine::Code::kOk;
  base::ChannelSeqno peer_acknowledged_;

  bool is_open_ = false;
  bool is_told_ = false;      ///< the sender knows the cursor on this stream
  bool is_fresh_ = false;     ///< nothing was judged on this stream since it was told
  bool asked_again_ = false;  ///< until something fits, do not ask twice
  std::optional<Incoming> with_core_;
  std::deque<Incoming> waiting_;
  std::uint64_t repetitions_ = 0;
  std::uint64_t gaps_ = 0;
};

}  // namespace hugang::peer
