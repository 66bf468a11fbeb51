#include "services/peer/feed.hpp"

#include <gtest/gtest.h>

#include "tests/unit/services/peer/channel_fixture.hpp"

namespace hugang::peer::test {
namespace {

void append_event(base::Bytes& out, wire::EventKind kind, base::ByteSpan body,
                  base::ByteSpan tail = {}) {
  wire::EventHead head;
  head.kind = kind;
  head.bytes = static_cast<std::uint32_t>(body.size() + tail.size());
  const auto raw = std::as_bytes(std::span{&head, 1});
  out.insert(out.end(), raw.begin(), raw.end());
  out.insert(out.end(), body.begin(), body.end());
  out.insert(out.end(), tail.begin(), tail.end());
  out.resize((out.size() + 7) & ~std::size_t{7});
}

template <class Record>
base::ByteSpan bytes_of(const Record& record) {
  return std::as_bytes(std::span{&record, 1});
}

struct Recorder final : FeedSink {
  void on_messages(base::NodeId peer, std::vector<machine::OutboxMessage> messages) override {
    for (auto& message : messages) {
      told.push_back("message " + std::to_string(message.seqno.value()) + " for " +
                     std::to_string(peer.value()));
      last = std::move(message);
    }
  }
  void on_key(base::NodeId node, const wire::KeyRecord&) override {
    told.push_back("key of " + std::to_string(node.value()));
  }
  void on_halted(base::NodeId peer, machine::Code code) override {
    told.push_back("halted " + std::to_string(peer.value()) + " " +
                   std::string{machine::code_name(code)});
  }
  void on_resumed(base::NodeId peer) override {
    told.push_back("resumed " + std::to_string(peer.value()));
  }
  std::vector<std::string> told;
  machine::OutboxMessage last;
};

TEST(ReadFeed, TellsWhatTheLinksNeedInOrderAndSkipsTheRest) {
  const machine::OutboxMessage message = Outbox{}.next();
  wire::MessageQueued queued;
  queued.peer = kHongKong;
  queued.message_bytes = static_cast<std::uint32_t>(message.bytes.size());
  queued.seqno = message.seqno;
  queued.chain_after = message.chain_after;
  wire::KeyAdded key;
  key.node = kShanghai;
  wire::PeerHalted halted;
  halted.peer = kHongKong;
  halted.code = machine::Code::kChannelGap;

  base::Bytes events;
  append_event(events, wire::EventKind::kHoldExpired, bytes_of(wire::HoldExpired{}));
  append_event(events, wire::EventKind::kMessageQueued, bytes_of(queued), message.bytes);
  append_event(events, wire::EventKind::kKeyAdded, bytes_of(key));
  append_event(events, wire::EventKind::kPeerHalted, bytes_of(halted));
  append_event(events, wire::EventKind::kPeerResumed, bytes_of(halted));

  Recorder recorder;
  read_feed(events, recorder);
  const std::vector<std::string> expected{"message 1 for 2", "key of 1", "halted 2 CHANNEL_GAP",
                                          "resumed 2"};
  EXPECT_EQ(recorder.told, expected);
  EXPECT_EQ(recorder.last.bytes, message.bytes);
  EXPECT_EQ(recorder.last.chain_after, message.chain_after);
}

}  // namespace
}  // namespace hugang::peer::test
