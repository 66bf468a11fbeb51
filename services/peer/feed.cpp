#include "services/peer/feed.hpp"

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

}  // namespace

void read_feed(base::ByteSpan events, FeedSink& sink) {
  wire::EventReader reader{events};
  wire::EventHead head;
  base::ByteSpan body;
  while (reader.next(head, body)) {
    switch (head.kind) {
      case wire::EventKind::kMessageQueued: {
        HG_CHECK(body.size() >= sizeof(wire::MessageQueued));
        const auto queued =
            wire::read_record<wire::MessageQueued>(body.first(sizeof(wire::MessageQueued)));
        sink.on_message(queued.peer, message_of(queued, body.subspan(sizeof(wire::MessageQueued))));
        break;
      }
      case wire::EventKind::kKeyAdded: {
        const auto added = wire::read_record<wire::KeyAdded>(body);
        sink.on_key(added.node, added.key);
        break;
      }
      case wire::EventKind::kPeerHalted: {
        const auto halted = wire::read_record<wire::PeerHalted>(body);
        sink.on_halted(halted.peer, halted.code);
        break;
      }
      case wire::EventKind::kPeerResumed:
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
}

}  // namespace hugang::peer
