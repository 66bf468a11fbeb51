// What the links need of a durable entry: messages to send, keys, halts and resumptions.
#pragma once

#include <vector>

#include "clearing/base/bytes.hpp"
#include "clearing/machine/state.hpp"
#include "clearing/wire/outcome.hpp"

namespace hugang::peer {

/// Told of each in the order of the events.
class FeedSink {
 public:
  virtual ~FeedSink() = default;
  /// Messages for one peer, in order: as many at once as stand together.
  virtual void on_messages(base::NodeId peer, std::vector<machine::OutboxMessage> messages) = 0;
  /// A key of this node (node == self) or of a peer.
  virtual void on_key(base::NodeId node, const wire::KeyRecord& key) = 0;
  virtual void on_halted(base::NodeId peer, machine::Code code) = 0;
  virtual void on_resumed(base::NodeId peer) = 0;
};

/// Walks the events section of a durable entry. The section is our own: a malformed one is a bug
/// and stops the process.
void read_feed(base::ByteSpan events, FeedSink& sink);

}  // namespace hugang::peer
