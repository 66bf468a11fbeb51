#include "services/peer/receiver.hpp"

#include <gtest/gtest.h>

#include "tests/unit/services/peer/channel_fixture.hpp"

namespace hugang::peer::test {
namespace {

using Messages = std::vector<machine::OutboxMessage>;

Messages run(const Messages& all, std::size_t first, std::size_t last) {
  return {all.begin() + static_cast<std::ptrdiff_t>(first - 1),
          all.begin() + static_cast<std::ptrdiff_t>(last)};
}

class ReceiverTest : public ::testing::Test {
 protected:
  PeerReceiver make(Transport transport = Transport::kOrderedStream) {
    PeerReceiver receiver{kShanghai, transport};
    receiver.load(core.as_state());
    const auto step = receiver.open_stream();
    EXPECT_TRUE(step.report.has_value());
    return receiver;
  }

  /// Accepts, and lets the core answer until nothing is with it. The last step.
  PeerReceiver::Step feed(PeerReceiver& receiver, Incoming incoming) {
    auto step = receiver.accept(std::move(incoming));
    while (step.submission) step = receiver.answered(core.apply(*step.submission));
    return step;
  }

  Messages all = Outbox{}.take(20);
  ModelCore core;
};

TEST(VerifyIncoming, RefusesWhatNobodyCanBeHeldTo) {
  const Messages messages = Outbox{}.take(2);
  const base::Bytes good = seal_bytes(shanghai_key(), payload_of(messages));
  EXPECT_TRUE(verify_incoming(good, shanghai_directory()).has_value());

  base::Bytes flipped = good;
  flipped[wire::kEnvelopeHeaderBytes + 20] ^= std::byte{1};
  EXPECT_EQ(verify_incoming(flipped, shanghai_directory()).error(), Unverifiable::kBadSignature);

  const auto stranger = crypto::PrivateKey::generate(crypto::Suite::kSm2Sm3);
  EXPECT_EQ(
      verify_incoming(seal_bytes(stranger, payload_of(messages)), shanghai_directory()).error(),
      Unverifiable::kKeyUnknown);

  base::Bytes renamed = seal_bytes(stranger, payload_of(messages));
  std::copy_n(good.begin() + 8, 8, renamed.begin() + 8);  // claims the known key's id
  EXPECT_EQ(verify_incoming(renamed, shanghai_directory()).error(), Unverifiable::kBadSignature);

  EXPECT_EQ(
      verify_incoming(base::ByteSpan{good}.first(good.size() - 1), shanghai_directory()).error(),
      Unverifiable::kMalformed);
  EXPECT_EQ(
      verify_incoming(base::Bytes(machine::kEnvelopeBytesMax + 8), shanghai_directory()).error(),
      Unverifiable::kTooLarge);
}

TEST(VerifyIncoming, KnowsThePlaceAndTheChainOfWhatItCarries) {
  const Messages messages = Outbox{}.take(7);
  const Incoming incoming = incoming_of(run(messages, 3, 6));
  ASSERT_TRUE(incoming.has_place());
  EXPECT_EQ(incoming.first(), 3u);
  EXPECT_EQ(incoming.last(), 6u);
  for (std::uint64_t seqno = 3; seqno <= 6; ++seqno) {
    EXPECT_EQ(incoming.chain_after(seqno), messages[seqno - 1].chain_after);
  }
}

TEST_F(ReceiverTest, GivesTheCoreWhatFollowsAndReportsWhenItIsDurable) {
  PeerReceiver receiver = make();
  auto step = receiver.accept(incoming_of(run(all, 1, 3)));
  ASSERT_TRUE(step.submission.has_value());
  EXPECT_FALSE(step.report.has_value()) << "nothing is durable yet";
  EXPECT_EQ(receiver.applied(), base::ChannelSeqno{0});
  step = receiver.answered(core.apply(*step.submission));
  ASSERT_TRUE(step.report.has_value());
  EXPECT_EQ(step.report->applied, base::ChannelSeqno{3});
  EXPECT_EQ(step.report->chain, all[2].chain_after);
  EXPECT_FALSE(step.report->resend);
}

TEST_F(ReceiverTest, AsksAgainForWhatTheCoreLeftForAnotherEntry) {
  PeerReceiver receiver = make();
  auto step = receiver.accept(incoming_of(run(all, 1, 6)));
  ASSERT_TRUE(step.submission.has_value());
  wire::Outcome partly;
  partly.value = 4;
  step = receiver.answered(partly);
  ASSERT_TRUE(step.report.has_value());
  EXPECT_EQ(step.report->applied, base::ChannelSeqno{4});
  EXPECT_EQ(step.report->chain, all[3].chain_after);
  EXPECT_TRUE(step.report->resend);
}

TEST_F(ReceiverTest, JournalsTheVeryBytesThatCame) {
  PeerReceiver receiver = make();
  const base::Bytes bytes = seal_bytes(shanghai_key(), payload_of(run(all, 1, 2)));
  auto incoming = verify_incoming(bytes, shanghai_directory());
  ASSERT_TRUE(incoming.has_value());
  const auto step = receiver.accept(*std::move(incoming));
  ASSERT_TRUE(step.submission.has_value());
  const auto record = wire::decode_peer_envelope(step.submission->records);
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->head.peer, kShanghai);
  EXPECT_TRUE(std::ranges::equal(record->envelope, bytes));
}

TEST_F(ReceiverTest, DropsWhatIsWhollyOldAndSaysAgainWhereItStands) {
  PeerReceiver receiver = make();
  (void)feed(receiver, incoming_of(run(all, 1, 4)));
  for (const auto& [first, last] : {std::pair{1, 2}, {2, 4}, {1, 4}}) {
    const auto step = receiver.accept(
        incoming_of(run(all, static_cast<std::size_t>(first), static_cast<std::size_t>(last))));
    EXPECT_FALSE(step.submission.has_value()) << first << ".." << last;
    ASSERT_TRUE(step.report.has_value());
    EXPECT_EQ(step.report->applied, base::ChannelSeqno{4});
  }
  EXPECT_EQ(receiver.repetitions(), 3u);
}

TEST_F(ReceiverTest, ShowsTheCoreAForkOfAnOlderMessage) {
  PeerReceiver receiver = make();
  (void)feed(receiver, incoming_of(run(all, 1, 4)));
  Messages other = run(all, 1, 2);
  other.back().bytes.back() ^= std::byte{1};
  const auto step = feed(receiver, incoming_of(other));
  EXPECT_EQ(core.halted(), machine::Code::kChannelHash);
  ASSERT_TRUE(step.report.has_value());
  EXPECT_EQ(step.report->applied, base::ChannelSeqno{4});
}

TEST_F(ReceiverTest, PassesOverAForkThatIsOlderThanItRemembers) {
  const Messages many = Outbox{}.take(machine::kChainsRemembered + 4);
  PeerReceiver receiver = make();
  (void)feed(receiver, incoming_of(run(many, 1, many.size())));
  for (const std::size_t forked : {std::size_t{4}, std::size_t{5}}) {
    Messages other = run(many, 1, forked);
    other.back().bytes.back() ^= std::byte{1};
    const bool is_shown = receiver.accept(incoming_of(other)).submission.has_value();
    EXPECT_EQ(is_shown, forked == 5) << forked;
  }
}

TEST_F(ReceiverTest, ShowsTheCoreAnOverlapWithSomethingNew) {
  PeerReceiver receiver = make();
  (void)feed(receiver, incoming_of(run(all, 1, 4)));
  const auto step = feed(receiver, incoming_of(run(all, 3, 6)));
  EXPECT_EQ(core.applied().size(), 6u);
  ASSERT_TRUE(step.report.has_value());
  EXPECT_EQ(step.report->applied, base::ChannelSeqno{6});
  EXPECT_EQ(step.report->chain, all[5].chain_after);
}

TEST_F(ReceiverTest, AsksOnceForAResendOnAGapInTheMiddleOfAStream) {
  PeerReceiver receiver = make();
  (void)feed(receiver, incoming_of(run(all, 1, 1)));
  auto step = receiver.accept(incoming_of(run(all, 3, 3)));
  EXPECT_FALSE(step.submission.has_value());
  ASSERT_TRUE(step.report.has_value());
  EXPECT_TRUE(step.report->resend);
  EXPECT_EQ(step.report->applied, base::ChannelSeqno{1});
  step = receiver.accept(incoming_of(run(all, 4, 4)));
  EXPECT_FALSE(step.submission.has_value() || step.report.has_value());
  EXPECT_EQ(receiver.gaps(), 2u);
  (void)feed(receiver, incoming_of(run(all, 2, 4)));
  EXPECT_EQ(core.applied().size(), 4u);
  EXPECT_EQ(core.halted(), machine::Code::kOk);
}

TEST_F(ReceiverTest, ShowsTheCoreAGapOnAStreamThatWasToldWhereToBegin) {
  PeerReceiver receiver = make();
  const auto step = feed(receiver, incoming_of(run(all, 2, 3)));
  EXPECT_EQ(core.halted(), machine::Code::kChannelGap);
  ASSERT_TRUE(step.report.has_value());
  EXPECT_EQ(step.report->halted, machine::code_name(machine::Code::kChannelGap));
  EXPECT_FALSE(receiver.accept(incoming_of(run(all, 1, 3))).submission.has_value())
      << "a halted direction takes nothing";
  core.resume();
  const auto after = receiver.resumed();
  ASSERT_TRUE(after.report.has_value());
  EXPECT_TRUE(after.report->resend);
  EXPECT_TRUE(after.report->halted.empty());
  (void)feed(receiver, incoming_of(run(all, 1, 3)));
  EXPECT_EQ(core.applied().size(), 3u);
}

TEST_F(ReceiverTest, NeverTakesAGapForABreachWhereTheTransportMayLose) {
  PeerReceiver receiver = make(Transport::kDatagrams);
  const auto step = receiver.accept(incoming_of(run(all, 2, 3)));
  EXPECT_FALSE(step.submission.has_value());
  ASSERT_TRUE(step.report.has_value());
  EXPECT_TRUE(step.report->resend);
}

TEST_F(ReceiverTest, ShowsTheCoreAnotherNewestMessageUnderTheSameNumber) {
  PeerReceiver receiver = make();
  (void)feed(receiver, incoming_of(run(all, 1, 3)));
  const Messages other = Outbox{9}.take(3);
  (void)feed(receiver, incoming_of(run(other, 1, 3)));
  EXPECT_EQ(core.halted(), machine::Code::kChannelHash);
  EXPECT_EQ(core.applied().size(), 3u);
  EXPECT_EQ(core.applied()[2], all[2].bytes);
}

TEST_F(ReceiverTest, ShowsTheCoreAForkOfTheHistory) {
  PeerReceiver receiver = make();
  (void)feed(receiver, incoming_of(run(all, 1, 3)));
  const Messages other = Outbox{9}.take(5);
  const auto step = feed(receiver, incoming_of(run(other, 4, 5)));
  EXPECT_EQ(core.halted(), machine::Code::kChannelHash);
  EXPECT_EQ(core.applied().size(), 3u);
  ASSERT_TRUE(step.report.has_value());
  EXPECT_EQ(step.report->halted, machine::code_name(machine::Code::kChannelHash));
}

TEST_F(ReceiverTest, ShowsTheCoreASignedPayloadThatIsNone) {
  PeerReceiver receiver = make();
  const auto text = base::as_bytes("pay me a million");
  Incoming nonsense = incoming_of(base::Bytes{text.begin(), text.end()});
  EXPECT_FALSE(nonsense.has_place());
  const auto step = feed(receiver, std::move(nonsense));
  EXPECT_EQ(core.halted(), machine::Code::kPayloadMalformed);
  ASSERT_TRUE(step.report.has_value());
  EXPECT_EQ(step.report->applied, base::ChannelSeqno{0});
}

TEST_F(ReceiverTest, KeepsOneEnvelopeWithTheCoreAndTheOthersWaiting) {
  PeerReceiver receiver = make();
  auto first = receiver.accept(incoming_of(run(all, 1, 1)));
  ASSERT_TRUE(first.submission.has_value());
  for (std::size_t i = 2; i <= 1 + PeerReceiver::kWaitingMax; ++i) {
    EXPECT_TRUE(receiver.can_take());
    EXPECT_FALSE(receiver.accept(incoming_of(run(all, i, i))).submission.has_value());
  }
  EXPECT_FALSE(receiver.can_take());
  auto step = receiver.answered(core.apply(*first.submission));
  while (step.submission) step = receiver.answered(core.apply(*step.submission));
  EXPECT_EQ(core.applied().size(), 1 + PeerReceiver::kWaitingMax);
}

TEST_F(ReceiverTest, AsksAgainForWhatTheCoreDidNotApplyAndDropsWhatWaitedBehindIt) {
  PeerReceiver receiver = make();
  auto first = receiver.accept(incoming_of(run(all, 1, 1)));
  ASSERT_TRUE(first.submission.has_value());
  (void)receiver.accept(incoming_of(run(all, 2, 2)));
  wire::Outcome refused;
  refused.code = machine::Code::kKeyNotValid;
  refused.value = 0;
  const auto step = receiver.answered(refused);
  EXPECT_FALSE(step.submission.has_value()) << "message 2 must not look like a gap";
  ASSERT_TRUE(step.report.has_value());
  EXPECT_TRUE(step.report->resend);
  EXPECT_EQ(receiver.halt_code(), machine::Code::kOk);
  (void)feed(receiver, incoming_of(run(all, 1, 2)));
  EXPECT_EQ(core.applied().size(), 2u);
}

TEST_F(ReceiverTest, AsksAgainForWhatTheQueueHadNoRoomFor) {
  PeerReceiver receiver = make();
  ASSERT_TRUE(receiver.accept(incoming_of(run(all, 1, 1))).submission.has_value());
  const auto step = receiver.not_submitted();
  ASSERT_TRUE(step.report.has_value());
  EXPECT_TRUE(step.report->resend);
  (void)feed(receiver, incoming_of(run(all, 1, 1)));
  EXPECT_EQ(core.applied().size(), 1u);
}

TEST_F(ReceiverTest, TellsANewStreamWhereItStandsOnlyWhenThatIsDurable) {
  PeerReceiver receiver = make();
  auto under_way = receiver.accept(incoming_of(run(all, 1, 2)));
  ASSERT_TRUE(under_way.submission.has_value());
  EXPECT_FALSE(receiver.open_stream().report.has_value());
  const auto early = receiver.accept(incoming_of(run(all, 3, 3)));
  EXPECT_TRUE(early.is_misuse) << "nobody was told where to begin";
  const auto step = receiver.answered(core.apply(*under_way.submission));
  ASSERT_TRUE(step.report.has_value());
  EXPECT_EQ(step.report->applied, base::ChannelSeqno{2});
}

TEST_F(ReceiverTest, GoesOnAfterARestartFromAnyCursor) {
  for (std::size_t cursor = 1; cursor < 10; ++cursor) {
    ModelCore fresh;
    core = fresh;
    PeerReceiver before = make();
    (void)feed(before, incoming_of(run(all, 1, cursor)));
    PeerReceiver after = make();
    const auto step = feed(after, incoming_of(run(all, cursor + 1, 10)));
    ASSERT_TRUE(step.report.has_value());
    EXPECT_EQ(step.report->applied, base::ChannelSeqno{10});
    EXPECT_EQ(core.applied().size(), 10u);
  }
}

TEST_F(ReceiverTest, StaysHaltedAcrossARestart) {
  PeerReceiver receiver = make();
  (void)feed(receiver, incoming_of(run(all, 5, 6)));
  PeerReceiver after{kShanghai, Transport::kOrderedStream};
  after.load(core.as_state());
  const auto step = after.open_stream();
  ASSERT_TRUE(step.report.has_value());
  EXPECT_FALSE(step.report->halted.empty());
}

TEST_F(ReceiverTest, ANumberThatWouldWrapHasNoPlace) {
  Messages messages = run(all, 1, 2);
  messages[0].seqno = base::ChannelSeqno{UINT64_MAX};
  EXPECT_FALSE(incoming_of(messages).has_place());
  messages[0].seqno = base::ChannelSeqno{0};
  EXPECT_FALSE(incoming_of(messages).has_place());
}

}  // namespace
}  // namespace hugang::peer::test
