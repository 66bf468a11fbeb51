#include "services/peer/receiver.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "clearing/base/check.hpp"
#include "clearing/machine/limits.hpp"
#include "clearing/wire/batch.hpp"
#include "clearing/wire/envelope.hpp"
#include "crypto/digest.hpp"

namespace hugang::peer {

std::string_view to_text(Unverifiable reason) {
  switch (reason) {
    case Unverifiable::kTooLarge:
      return "larger than an envelope may be";
    case Unverifiable::kMalformed:
      return "not an envelope";
    case Unverifiable::kKeyUnknown:
      return "signed with a key that this peer never announced";
    case Unverifiable::kBadSignature:
      return "its signature is not the key's";
  }
  return "";
}

Incoming::Incoming(crypto::VerifiedEnvelope evidence) : evidence_{std::move(evidence)} {
  const auto payload = wire::decode_payload(evidence_.payload());
  if (!payload || payload->messages.empty() || payload->head.first_seqno.is_none()) return;
  first_ = payload->head.first_seqno.value();
  const std::uint64_t further = payload->messages.size() - 1;
  if (first_ > std::numeric_limits<std::uint64_t>::max() - further) return;
  last_ = first_ + further;
  acknowledged_ = payload->head.acknowledged;
  base::Digest chain = payload->head.chain_before;
  chains_.reserve(payload->messages.size());
  for (const auto& message : payload->messages) {
    chain = crypto::chain_next(chain, message.whole);
    chains_.push_back(chain);
  }
  has_place_ = true;
}

const base::Digest& Incoming::chain_after(std::uint64_t seqno) const {
  HG_CHECK(has_place_ && seqno >= first_ && seqno <= last_);
  return chains_[static_cast<std::size_t>(seqno - first_)];
}

std::expected<Incoming, Unverifiable> verify_incoming(base::ByteSpan bytes,
                                                      const KeyDirectory& keys) {
  if (bytes.size() > machine::kEnvelopeBytesMax) return std::unexpected{Unverifiable::kTooLarge};
  auto envelope = wire::decode_envelope(bytes);
  if (!envelope) return std::unexpected{Unverifiable::kMalformed};
  const crypto::PublicKey* key = keys.find(envelope->key_id);
  if (key == nullptr) return std::unexpected{Unverifiable::kKeyUnknown};
  auto verified = crypto::verify(*key, *std::move(envelope));
  if (!verified) return std::unexpected{Unverifiable::kBadSignature};
  return Incoming{*std::move(verified)};
}

void PeerReceiver::load(const machine::Peer& peer) {
  HG_CHECK(peer.node == peer_);
  applied_ = peer.applied.value();
  history_ = peer.recent_chains;
  halted_ = peer.halted;
  with_core_.reset();
  close_stream();
}

void PeerReceiver::close_stream() {
  is_open_ = false;
  is_told_ = false;
  is_fresh_ = false;
  asked_again_ = false;
  waiting_.clear();
}

PeerReceiver::Step PeerReceiver::open_stream() {
  close_stream();
  is_open_ = true;
  Step step;
  // While an envelope of the stream before is with the core the cursor is about to move: the
  // sender is told where it stands afterwards.
  if (!with_core_) tell(step, false);
  return step;
}

base::Digest PeerReceiver::chain() const { return *history_.find(applied(), applied()); }

void PeerReceiver::tell(Step& step, bool resend) {
  if (!is_open_) return;
  if (!is_told_) is_fresh_ = true;
  is_told_ = true;
  Report report{.applied = applied(), .chain = chain(), .resend = resend, .halted = {}};
  if (halted_ != machine::Code::kOk) report.halted = machine::code_name(halted_);
  step.report = std::move(report);
}

void PeerReceiver::ask_again(Step& step) {
  waiting_.clear();
  if (asked_again_) return;
  asked_again_ = true;
  tell(step, true);
}

PeerReceiver::Step PeerReceiver::accept(Incoming incoming) {
  Step step;
  if (!is_open_) return step;
  if (!is_told_) {
    step.is_misuse = true;  // nobody can know where to begin before being told
    return step;
  }
  if (halted_ != machine::Code::kOk) return step;
  if (!can_take()) {
    ask_again(step);
    return step;
  }
  waiting_.push_back(std::move(incoming));
  if (!with_core_) take_next(step);
  return step;
}

PeerReceiver::Worth PeerReceiver::worth_of(const Incoming& incoming) const {
  if (!incoming.has_place()) return Worth::kCore;
  if (incoming.last() <= applied_) {
    // A repetition must be the same message: else it is equivocation, and the core keeps it as
    // evidence. What is older than the history is passed over.
    const base::Digest* known = history_.find(base::ChannelSeqno{incoming.last()}, applied());
    const bool is_fork = known != nullptr && incoming.chain_after(incoming.last()) != *known;
    return is_fork ? Worth::kCore : Worth::kRepetition;
  }
  if (incoming.first() <= applied_ + 1) return Worth::kCore;
  // The sender was told where to begin, the transport loses nothing: this is its own doing.
  const bool is_breach = is_fresh_ && transport_ == Transport::kOrderedStream;
  return is_breach ? Worth::kCore : Worth::kGap;
}

void PeerReceiver::take_next(Step& step) {
  while (!with_core_ && !waiting_.empty()) {
    Incoming incoming = std::move(waiting_.front());
    waiting_.pop_front();
    switch (worth_of(incoming)) {
      case Worth::kRepetition:
        ++repetitions_;
        // The report that said so may have been lost.
        tell(step, false);
        break;
      case Worth::kGap:
        ++gaps_;
        is_fresh_ = false;
        ask_again(step);
        return;
      case Worth::kCore:
        is_fresh_ = false;
        asked_again_ = false;
        with_core_ = std::move(incoming);
        step.submission =
            node::Submission{.kind = wire::CommandKind::kPeerEnvelope,
                             .caller = {},
                             .count = 1,
                             .records = wire::encode_peer_envelope(
                                 peer_, wire::encode_envelope(with_core_->evidence().envelope()))};
        return;
    }
  }
}

PeerReceiver::Step PeerReceiver::answered(const wire::Outcome& outcome) {
  HG_CHECK(with_core_.has_value());
  const Incoming incoming = *std::exchange(with_core_, std::nullopt);
  const std::uint64_t before = applied_;
  if (outcome.value != applied_) {
    HG_CHECK(incoming.has_place() && outcome.value > applied_ && outcome.value <= incoming.last());
    while (applied_ < outcome.value) history_.push(incoming.chain_after(++applied_));
    peer_acknowledged_ = std::max(peer_acknowledged_, incoming.acknowledged());
  }
  if (machine::is_protocol_breach(outcome.code)) halted_ = outcome.code;

  Step step;
  if (halted_ != machine::Code::kOk) {
    waiting_.clear();
    tell(step, false);
    return step;
  }
  const bool is_used = outcome.code == machine::Code::kOk;
  if (!is_told_ || (is_used && applied_ > before)) tell(step, false);
  // The core may leave a part of what came for another entry.
  const bool is_whole = !incoming.has_place() || applied_ >= incoming.last();
  if (!is_used || !is_whole) ask_again(step);
  take_next(step);
  return step;
}

PeerReceiver::Step PeerReceiver::not_submitted() {
  HG_CHECK(with_core_.has_value());
  with_core_.reset();
  Step step;
  ask_again(step);
  return step;
}

PeerReceiver::Step PeerReceiver::halted(machine::Code code) {
  Step step;
  if (code == halted_ || code == machine::Code::kOk) return step;
  halted_ = code;
  waiting_.clear();
  if (is_told_) tell(step, false);
  return step;
}

PeerReceiver::Step PeerReceiver::resumed() {
  Step step;
  if (halted_ == machine::Code::kOk) return step;
  halted_ = machine::Code::kOk;
  if (is_told_) tell(step, true);
  return step;
}

}  // namespace hugang::peer
