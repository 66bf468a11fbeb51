#include "services/peer/feed.hpp"

#include <utility>

#include "clearing/base/check.hpp"
#include "clearing/wire/batch.hpp"

namespace hugang::peer {
namespace {

machine::OutboxMessage message_of(const wire::MessageQueued& queued, base::ByteSpan bytes) {
  HG_CHECK(bytes.size() == queued.message_bytes);
  return {.seqno = queued.seqno,
          .chain_before = queued.chain_before,
          .chain_after = queued.chain_after,
          .bytes = {bytes.begin(), bytes.end()}};
}

/// Collects messages until one for another peer comes, or something that is not a message.
class MessageRun {
 public:
  explicit MessageRun(FeedSink& sink) : sink_{sink} {}
  void add(base::NodeId peer, machine::OutboxMessage message) {
    if (peer != peer_) flush();
    peer_ = peer;
    messages_.push_back(std::move(message));
  }
  void flush() {
    if (!messages_.empty()) sink_.on_messages(peer_, std::exchange(messages_, {}));
  }

 private:
  FeedSink& sink_;
  base::NodeId peer_;
  std::vector<machine::OutboxMessage> messages_;
};

}  // namespace

void read_feed(base::ByteSpan events, FeedSink& sink) {
  MessageRun run{sink};
  wire::EventReader reader{events};
  wire::EventHead head;
  base::ByteSpan body;
  while (reader.next(head, body)) {
    switch (head.kind) {
      case wire::EventKind::kMessageQueued: {
        HG_CHECK(body.size() >= sizeof(wire::MessageQueued));
        const auto queued =
            wire::read_record<wire::MessageQueued>(body.first(sizeof(wire::MessageQueued)));
        run.add(queued.peer, message_of(queued, body.subspan(sizeof(wire::MessageQueued))));
        break;
      }
      case wire::EventKind::kKeyAdded: {
        run.flush();
        const auto added = wire::read_record<wire::KeyAdded>(body);
        sink.on_key(added.node, added.key);
        break;
      }
      case wire::EventKind::kPeerHalted: {
        run.flush();
        const auto halted = wire::read_record<wire::PeerHalted>(body);
        sink.on_halted(halted.peer, halted.code);
        break;
      }
      case wire::EventKind::kPeerResumed:
        run.flush();
        sink.on_resumed(wire::read_record<wire::PeerHalted>(body).peer);
        break;
      case wire::EventKind::kHoldExpired:
      case wire::EventKind::kSettlementChanged:
      case wire::EventKind::kRulesActivated:
      case wire::EventKind::kReconciled:
        break;
    }
  }
  HG_CHECK(!reader.is_malformed());
  run.flush();
}

}  // namespace hugang::peer
