#include "services/peer/sender.hpp"

#include <gtest/gtest.h>

#include "tests/unit/services/peer/channel_fixture.hpp"

namespace hugang::peer::test {
namespace {

constexpr base::Timestamp kNow{1'000};

base::Digest chain_at(std::uint64_t seqno) {
  Outbox outbox;
  base::Digest chain;
  for (std::uint64_t i = 0; i < seqno; ++i) chain = outbox.next().chain_after;
  return chain;
}

Report report_at(std::uint64_t applied) {
  return {.applied = base::ChannelSeqno{applied},
          .chain = chain_at(applied),
          .resend = false,
          .halted = {}};
}

PeerSender sender_with(std::size_t messages, SendLimits limits = {}) {
  PeerSender sender{kShanghai, kHongKong, limits};
  Outbox outbox;
  for (auto& message : outbox.take(messages)) sender.queue(std::move(message));
  return sender;
}

/// First and last number in the next envelope, or {0, 0}.
std::pair<std::uint64_t, std::uint64_t> next_range(PeerSender& sender) {
  const auto payload = sender.next_payload(kNow, base::ChannelSeqno{7});
  if (!payload) return {0, 0};
  const auto view = wire::decode_payload(*payload);
  HG_CHECK(view.has_value());
  HG_CHECK(view->head.from == kShanghai && view->head.to == kHongKong);
  HG_CHECK(view->head.acknowledged == base::ChannelSeqno{7} && view->head.sent_at == kNow);
  HG_CHECK(view->head.chain_before == chain_at(view->head.first_seqno.value() - 1));
  const std::uint64_t first = view->head.first_seqno.value();
  return {first, first + view->messages.size() - 1};
}

using Range = std::pair<std::uint64_t, std::uint64_t>;

TEST(PeerSender, SaysNothingBeforeTheReceiverSaidWhereItStands) {
  PeerSender sender = sender_with(3);
  EXPECT_EQ(next_range(sender), Range(0, 0));
  sender.open_stream();
  EXPECT_EQ(next_range(sender), Range(0, 0));
  sender.take(report_at(0));
  EXPECT_EQ(next_range(sender), Range(1, 3));
  EXPECT_EQ(next_range(sender), Range(0, 0));
}

TEST(PeerSender, BeginsAtAnyCursorThatIsItsOwn) {
  for (std::uint64_t cursor = 0; cursor <= 5; ++cursor) {
    PeerSender sender = sender_with(5);
    sender.open_stream();
    sender.take(report_at(cursor));
    EXPECT_EQ(sender.divergence(), Divergence::kNone);
    EXPECT_EQ(sender.acknowledged(), base::ChannelSeqno{cursor});
    EXPECT_EQ(next_range(sender), cursor == 5 ? Range(0, 0) : Range(cursor + 1, 5));
  }
}

TEST(PeerSender, BeginsAgainFromAStateWhoseOutboxWasTrimmed) {
  machine::Peer state;
  state.node = kHongKong;
  Outbox outbox;
  for (auto& message : outbox.take(6)) {
    state.sent = message.seqno;
    state.sent_chain = message.chain_after;
    state.outbox.push_back(std::move(message));
  }
  while (state.acknowledged.value() < 4) {
    state.acknowledged = state.outbox.front().seqno;
    state.outbox.pop_front();
  }
  PeerSender sender{kShanghai, kHongKong};
  sender.load(state);
  sender.open_stream();
  sender.take(report_at(4));
  EXPECT_EQ(next_range(sender), Range(5, 6));

  state.outbox.clear();
  state.acknowledged = state.sent;
  sender.load(state);
  sender.open_stream();
  sender.take(report_at(6));
  EXPECT_EQ(sender.divergence(), Divergence::kNone);
  sender.queue(outbox.next());
  EXPECT_EQ(next_range(sender), Range(7, 7));
}

TEST(PeerSender, GoesBackToTheCursorOnAResendAndOnANewStream) {
  PeerSender sender = sender_with(4, {.messages_per_envelope = 1});
  sender.open_stream();
  sender.take(report_at(0));
  EXPECT_EQ(next_range(sender), Range(1, 1));
  EXPECT_EQ(next_range(sender), Range(2, 2));
  EXPECT_EQ(next_range(sender), Range(3, 3));
  Report resend = report_at(1);
  resend.resend = true;
  sender.take(resend);
  EXPECT_EQ(next_range(sender), Range(2, 2));
  EXPECT_EQ(sender.resends(), 1u);
  sender.close_stream();
  EXPECT_EQ(next_range(sender), Range(0, 0));
  sender.open_stream();
  EXPECT_EQ(next_range(sender), Range(0, 0));
  sender.take(report_at(2));
  EXPECT_EQ(next_range(sender), Range(3, 3));
}

TEST(PeerSender, KeepsToItsWindowsAndGathersMeanwhile) {
  PeerSender sender = sender_with(
      9, {.messages_per_envelope = 3, .messages_under_way = 8, .envelopes_under_way = 2});
  sender.open_stream();
  sender.take(report_at(0));
  EXPECT_EQ(next_range(sender), Range(1, 3));
  EXPECT_EQ(next_range(sender), Range(4, 6));
  EXPECT_FALSE(sender.has_work());
  sender.take(report_at(3));
  EXPECT_EQ(next_range(sender), Range(7, 9));

  PeerSender narrow = sender_with(
      9, {.messages_per_envelope = 3, .messages_under_way = 4, .envelopes_under_way = 9});
  narrow.open_stream();
  narrow.take(report_at(0));
  EXPECT_EQ(next_range(narrow), Range(1, 3));
  EXPECT_EQ(next_range(narrow), Range(4, 4));
  EXPECT_FALSE(narrow.has_work());
}

TEST(PeerSender, KeepsAnEnvelopeUnderItsBytes) {
  Outbox outbox;
  const std::size_t message_bytes = outbox.next().bytes.size();
  PeerSender sender =
      sender_with(5, {.payload_bytes = sizeof(wire::PayloadHead) + 2 * message_bytes});
  sender.open_stream();
  sender.take(report_at(0));
  EXPECT_EQ(next_range(sender), Range(1, 2));
  EXPECT_EQ(next_range(sender), Range(3, 4));

  PeerSender tight = sender_with(2, {.payload_bytes = 1});
  tight.open_stream();
  tight.take(report_at(0));
  EXPECT_EQ(next_range(tight), Range(1, 1)) << "one message always goes";
}

TEST(PeerSender, PassesOverAMessageThatItKnows) {
  PeerSender sender = sender_with(3);
  Outbox again;
  for (auto& message : again.take(4)) sender.queue(std::move(message));
  EXPECT_EQ(sender.queued(), base::ChannelSeqno{4});
}

TEST(PeerSender, StopsWhenTheReceiverHoldsWhatWasNeverSent) {
  PeerSender sender = sender_with(3);
  sender.open_stream();
  sender.take(report_at(4));
  EXPECT_EQ(sender.divergence(), Divergence::kPeerAhead);
  EXPECT_FALSE(sender.has_work());
}

TEST(PeerSender, StopsWhenTheReceiversChainIsNotOurs) {
  PeerSender sender = sender_with(3);
  sender.open_stream();
  Report report = report_at(2);
  report.chain.bytes[5] ^= std::byte{1};
  sender.take(report);
  EXPECT_EQ(sender.divergence(), Divergence::kChain);
  EXPECT_FALSE(sender.has_work());
  EXPECT_EQ(sender.acknowledged(), base::ChannelSeqno{0}) << "nothing was trimmed";
  sender.take(report_at(2));
  EXPECT_FALSE(sender.has_work()) << "the same stream cannot mend it";
  sender.open_stream();
  sender.take(report_at(2));
  EXPECT_EQ(next_range(sender), Range(3, 3)) << "a peer that was restored can";
}

TEST(PeerSender, StopsWhenTheReceiverForgotWhatItAcknowledged) {
  PeerSender sender = sender_with(3);
  sender.open_stream();
  sender.take(report_at(2));
  sender.take(report_at(1));
  EXPECT_EQ(sender.divergence(), Divergence::kNone) << "an overtaken report is no claim";
  sender.open_stream();
  sender.take(report_at(1));
  EXPECT_EQ(sender.divergence(), Divergence::kPeerForgot);
  EXPECT_FALSE(sender.has_work());
}

TEST(PeerSender, WaitsWhileTheReceiverIsHaltedAndGoesOnAfterwards) {
  PeerSender sender = sender_with(3, {.messages_per_envelope = 1});
  sender.open_stream();
  sender.take(report_at(0));
  EXPECT_EQ(next_range(sender), Range(1, 1));
  Report halted = report_at(0);
  halted.halted = "CHANNEL_HASH";
  sender.take(halted);
  EXPECT_FALSE(sender.has_work());
  EXPECT_EQ(sender.halted(), "CHANNEL_HASH");
  Report resumed = report_at(0);
  resumed.resend = true;
  sender.take(resumed);
  EXPECT_EQ(next_range(sender), Range(1, 1));
}

TEST(PeerSender, NamesTheKeysWhoseAnnouncementsThePeerHasNotApplied) {
  Outbox outbox;
  machine::OutboxMessage first = outbox.next();
  wire::KeyAnnouncement announcement;
  announcement.key.key_id = base::KeyId{77};
  machine::OutboxMessage second{
      .seqno = base::ChannelSeqno{2},
      .chain_before = first.chain_after,
      .chain_after = {},
      .bytes = wire::encode_message(wire::MessageKind::kKeyAnnouncement, announcement)};
  second.chain_after = crypto::chain_next(second.chain_before, second.bytes);

  PeerSender sender{kShanghai, kHongKong};
  sender.queue(first);
  sender.queue(second);
  const std::vector<base::KeyId> expected{base::KeyId{77}};
  EXPECT_EQ(sender.keys_unknown_to_peer(), expected);
  sender.open_stream();
  sender.take(report_at(1));
  EXPECT_EQ(sender.keys_unknown_to_peer(), expected);
  machine::Peer state;
  state.node = kHongKong;
  state.acknowledged = base::ChannelSeqno{1};
  state.sent = second.seqno;
  state.sent_chain = second.chain_after;
  state.outbox.push_back(second);
  sender.load(state);
  EXPECT_EQ(sender.keys_unknown_to_peer(), expected) << "also after a restart";
  sender.open_stream();
  sender.take(
      {.applied = second.seqno, .chain = second.chain_after, .resend = false, .halted = {}});
  EXPECT_TRUE(sender.keys_unknown_to_peer().empty());
}

TEST(PeerSender, JournalsAcknowledgementsRarely) {
  PeerSender sender = sender_with(10);
  sender.open_stream();
  sender.take(report_at(3));
  EXPECT_EQ(sender.take_ack(4), std::nullopt);
  sender.take(report_at(5));
  EXPECT_EQ(sender.take_ack(4), base::ChannelSeqno{5});
  EXPECT_EQ(sender.take_ack(0), std::nullopt) << "once is enough";
  sender.undo_ack(base::ChannelSeqno{0});
  EXPECT_EQ(sender.take_ack(0), base::ChannelSeqno{5});
  sender.take(report_at(8));
  sender.note_journaled(base::ChannelSeqno{8});
  EXPECT_EQ(sender.take_ack(0), std::nullopt);
}

}  // namespace
}  // namespace hugang::peer::test
