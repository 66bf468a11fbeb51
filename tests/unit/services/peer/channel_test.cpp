// Both ends of a channel over a network that loses, repeats and reorders, with restarts of either
// side: what was queued is applied, once and in order.
#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "tests/unit/services/peer/channel_fixture.hpp"

namespace hugang::peer::test {
namespace {

class World {
 public:
  World(std::uint64_t seed, Transport transport) : random_{seed}, transport_{transport} {
    receiver_.emplace(kShanghai, transport_);
    receiver_->load(core_.as_state());
  }

  void step(bool has_faults) {
    if (chance(20)) queue_one();
    if (has_faults && chance(2)) restart_sender();
    if (has_faults && chance(2)) restart_receiver();
    if (!is_connected_ || stalled_ > 40) connect();
    if (const auto payload = sender_.next_payload({}, {})) {
      send(up_, seal_bytes(shanghai_key(), *payload), has_faults);
    }
    deliver_up(has_faults);
    deliver_down(has_faults);
    if (submission_ && chance(50)) answer();
    stalled_ = sender_.is_under_way() ? stalled_ + 1 : 0;
  }

  void queue_one() {
    queued_.push_back(outbox_.next());
    sender_.queue(queued_.back());
  }

  [[nodiscard]] bool is_complete() const { return core_.applied().size() == queued_.size(); }
  [[nodiscard]] const ModelCore& core() const { return core_; }
  [[nodiscard]] const std::vector<machine::OutboxMessage>& queued() const { return queued_; }

 private:
  bool chance(unsigned percent) { return random_() % 100 < percent; }

  template <class Item>
  void send(std::deque<Item>& line, Item item, bool has_faults) {
    if (has_faults && chance(10)) {
      if (transport_ == Transport::kOrderedStream) disconnect();
      return;  // lost; on an ordered stream that ends it
    }
    const bool is_reordered = transport_ == Transport::kDatagrams && has_faults && chance(20);
    const auto at = is_reordered ? random_() % (line.size() + 1) : line.size();
    if (transport_ == Transport::kDatagrams && has_faults && chance(10)) line.push_back(item);
    line.insert(line.begin() + static_cast<std::ptrdiff_t>(at), std::move(item));
  }

  void disconnect() {
    is_connected_ = false;
    up_.clear();
    down_.clear();
    sender_.close_stream();
    receiver_->close_stream();
  }

  void connect() {
    disconnect();
    is_connected_ = true;
    stalled_ = 0;
    sender_.open_stream();
    follow(receiver_->open_stream(), false);
  }

  void follow(PeerReceiver::Step step, bool has_faults) {
    if (step.report) send(down_, *std::move(step.report), has_faults);
    if (step.submission) submission_ = std::move(step.submission);
  }

  void deliver_up(bool has_faults) {
    if (up_.empty() || !receiver_->can_take() || !chance(70)) return;
    const base::Bytes bytes = std::move(up_.front());
    up_.pop_front();
    auto incoming = verify_incoming(bytes, shanghai_directory());
    ASSERT_TRUE(incoming.has_value());
    follow(receiver_->accept(*std::move(incoming)), has_faults);
  }

  void deliver_down(bool has_faults) {
    if (down_.empty() || !chance(70)) return;
    const Report report = std::move(down_.front());
    down_.pop_front();
    sender_.take(report);
    ASSERT_EQ(sender_.divergence(), Divergence::kNone);
    (void)has_faults;
  }

  void answer() {
    const auto submission = *std::exchange(submission_, std::nullopt);
    if (chance(10)) {
      follow(receiver_->not_submitted(), false);
      return;
    }
    follow(receiver_->answered(core_.apply(submission)), false);
  }

  void restart_sender() {
    const auto journaled = sender_.acknowledged();
    disconnect();
    machine::Peer state;
    state.node = kHongKong;
    state.acknowledged = journaled;
    for (const auto& message : queued_) {
      state.sent = message.seqno;
      state.sent_chain = message.chain_after;
      if (message.seqno > journaled) state.outbox.push_back(message);
    }
    sender_.load(state);
  }

  void restart_receiver() {
    disconnect();
    submission_.reset();  // it was not durable
    receiver_.emplace(kShanghai, transport_);
    receiver_->load(core_.as_state());
  }

  std::mt19937_64 random_;
  Transport transport_;
  Outbox outbox_;
  std::vector<machine::OutboxMessage> queued_;
  PeerSender sender_{
      kShanghai,
      kHongKong,
      {.messages_per_envelope = 3, .messages_under_way = 12, .envelopes_under_way = 4}};
  std::optional<PeerReceiver> receiver_;
  ModelCore core_;
  std::deque<base::Bytes> up_;
  std::deque<Report> down_;
  std::optional<node::Submission> submission_;
  bool is_connected_ = false;
  int stalled_ = 0;
};

class ChannelTest : public ::testing::TestWithParam<Transport> {};

TEST_P(ChannelTest, AppliesEverythingOnceAndInOrderWhateverHappensOnTheWay) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    World world{seed, GetParam()};
    for (int i = 0; i < 600 && !HasFatalFailure(); ++i) world.step(true);
    for (int i = 0; i < 3000 && !world.is_complete() && !HasFatalFailure(); ++i) {
      world.step(false);
    }
    ASSERT_EQ(world.core().halted(), machine::Code::kOk);
    ASSERT_TRUE(world.is_complete());
    ASSERT_GT(world.queued().size(), 50u);
    for (std::size_t i = 0; i < world.queued().size(); ++i) {
      ASSERT_EQ(world.core().applied()[i], world.queued()[i].bytes) << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EveryTransport, ChannelTest,
                         ::testing::Values(Transport::kOrderedStream, Transport::kDatagrams));

}  // namespace
}  // namespace hugang::peer::test
