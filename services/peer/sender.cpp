#include "services/peer/sender.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "clearing/base/check.hpp"
#include "clearing/wire/batch.hpp"
#include "clearing/wire/message.hpp"

namespace hugang::peer {

std::string_view sentence_of(Divergence divergence) {
  switch (divergence) {
    case Divergence::kNone:
      return "";
    case Divergence::kPeerAhead:
      return "the peer says that it holds messages which this ledger never sent: one of the two "
             "ledgers was replaced or set back; compare them with hugang-audit before going on";
    case Divergence::kPeerForgot:
      return "the peer stands before messages that it had acknowledged: its ledger was set back; "
             "it must be restored to its newest state before going on";
    case Divergence::kChain:
      return "the peer holds other messages than this ledger sent under the same numbers: compare "
             "the two ledgers with hugang-audit before going on";
  }
  return "";
}

PeerSender::PeerSender(base::NodeId self, base::NodeId peer, SendLimits limits)
    : self_{self}, peer_{peer}, limits_{limits} {
  HG_CHECK(limits_.messages_per_envelope >= 1);
  HG_CHECK(limits_.messages_per_envelope <= machine::kMessagesPerEnvelopeMax);
  HG_CHECK(limits_.messages_under_way >= limits_.messages_per_envelope);
  HG_CHECK(limits_.envelopes_under_way >= 1);
}

void PeerSender::load(const machine::Peer& peer) {
  HG_CHECK(peer.node == peer_);
  base_ = peer.acknowledged.value();
  base_chain_ = peer.outbox.empty() ? peer.sent_chain : peer.outbox.front().chain_before;
  messages_ = peer.outbox;
  announcements_.clear();
  for (const auto& message : messages_) note_announcement(message);
  HG_CHECK(base_ + messages_.size() == peer.sent.value());
  journaled_ = peer.acknowledged;
  close_stream();
  divergence_ = Divergence::kNone;
}

void PeerSender::queue(machine::OutboxMessage message) {
  if (message.seqno <= queued()) return;
  HG_CHECK(message.seqno.value() == base_ + count() + 1);
  HG_CHECK(message.chain_before == chain_after(base_ + count()));
  note_announcement(message);
  messages_.push_back(std::move(message));
}

void PeerSender::note_announcement(const machine::OutboxMessage& message) {
  constexpr std::size_t kBytes = sizeof(wire::MessageHead) + sizeof(wire::KeyAnnouncement);
  if (message.bytes.size() < kBytes) return;
  const base::ByteSpan bytes = message.bytes;
  const auto head = wire::read_record<wire::MessageHead>(bytes.first(sizeof(wire::MessageHead)));
  if (head.kind != wire::MessageKind::kKeyAnnouncement) return;
  const auto body = bytes.subspan(sizeof(wire::MessageHead), sizeof(wire::KeyAnnouncement));
  announcements_.emplace_back(message.seqno.value(),
                              wire::read_record<wire::KeyAnnouncement>(body).key.key_id);
}

std::vector<base::KeyId> PeerSender::keys_unknown_to_peer() const {
  std::vector<base::KeyId> keys;
  for (const auto& [seqno, key] : announcements_) keys.push_back(key);
  return keys;
}

void PeerSender::open_stream() {
  close_stream();
  is_open_ = true;
}

void PeerSender::close_stream() {
  is_open_ = false;
  knows_cursor_ = false;
  halted_.clear();
  forget_under_way();
}

const base::Digest& PeerSender::chain_after(std::uint64_t seqno) const {
  HG_CHECK(seqno >= base_ && seqno <= base_ + count());
  return seqno == base_ ? base_chain_
                        : messages_[static_cast<std::size_t>(seqno - base_ - 1)].chain_after;
}

Divergence PeerSender::judge(const Report& report, bool is_first) const {
  const std::uint64_t applied = report.applied.value();
  if (applied > base_ + count()) return Divergence::kPeerAhead;
  // Later on the stream an older number is a report that was overtaken, on a transport that may
  // reorder; the first one says where the receiver begins.
  if (applied < base_) return is_first ? Divergence::kPeerForgot : Divergence::kNone;
  return report.chain == chain_after(applied) ? Divergence::kNone : Divergence::kChain;
}

void PeerSender::take(const Report& report) {
  if (!is_open_) return;
  const bool is_first = !knows_cursor_;
  const Divergence found = judge(report, is_first);
  if (found != Divergence::kNone || is_first) divergence_ = found;
  knows_cursor_ = true;
  if (divergence_ != Divergence::kNone) {
    forget_under_way();
    return;
  }
  if (report.applied.value() < base_) return;

  halted_ = report.halted;
  trim_to(report.applied.value());
  if (report.resend && is_under_way()) ++resends_;
  // A halted receiver drops what is under way.
  if (report.resend || is_first || !halted_.empty()) forget_under_way();
}

void PeerSender::forget_under_way() {
  sent_ = base_;
  envelope_ends_.clear();
}

void PeerSender::trim_to(std::uint64_t applied) {
  base_chain_ = chain_after(applied);
  messages_.erase(messages_.begin(),
                  messages_.begin() + static_cast<std::ptrdiff_t>(applied - base_));
  base_ = applied;
  while (!announcements_.empty() && announcements_.front().first <= base_) {
    announcements_.pop_front();
  }
  sent_ = std::max(sent_, base_);
  while (!envelope_ends_.empty() && envelope_ends_.front() <= base_) envelope_ends_.pop_front();
}

bool PeerSender::has_work() const {
  return is_open_ && knows_cursor_ && divergence_ == Divergence::kNone && halted_.empty() &&
         sent_ < base_ + count() && envelope_ends_.size() < limits_.envelopes_under_way &&
         sent_ - base_ < limits_.messages_under_way;
}

std::optional<base::Bytes> PeerSender::next_payload(base::Timestamp now,
                                                    base::ChannelSeqno acknowledged) {
  if (!has_work()) return std::nullopt;
  const std::uint64_t room = limits_.messages_under_way - (sent_ - base_);
  const std::uint64_t count_max =
      std::min({base_ + count() - sent_, room, std::uint64_t{limits_.messages_per_envelope}});
  const auto first = static_cast<std::size_t>(sent_ - base_);
  std::vector<base::ByteSpan> messages;
  std::size_t bytes = sizeof(wire::PayloadHead);
  for (std::size_t i = first; i < first + count_max; ++i) {
    bytes += messages_[i].bytes.size();
    if (!messages.empty() && bytes > limits_.payload_bytes) break;
    messages.emplace_back(messages_[i].bytes);
  }
  wire::PayloadHead head;
  head.from = self_;
  head.to = peer_;
  head.first_seqno = messages_[first].seqno;
  head.acknowledged = acknowledged;
  head.sent_at = now;
  head.chain_before = messages_[first].chain_before;
  sent_ += messages.size();
  envelope_ends_.push_back(sent_);
  return wire::encode_payload(head, messages);
}

std::optional<base::ChannelSeqno> PeerSender::take_ack(std::uint64_t pending_max) {
  if (base_ <= journaled_.value() || base_ - journaled_.value() <= pending_max) {
    return std::nullopt;
  }
  journaled_ = base::ChannelSeqno{base_};
  return journaled_;
}

void PeerSender::note_journaled(base::ChannelSeqno acknowledged) {
  journaled_ = std::max(journaled_, acknowledged);
}

}  // namespace hugang::peer
