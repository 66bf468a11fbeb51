#include "services/peer/link_set.hpp"

#include <grpc/grpc_security_constants.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>

#include "clearing/wire/batch.hpp"
#include "services/peer/incoming_stream.hpp"
#include "services/peer/outgoing_link.hpp"

namespace hugang::peer {

/// What is copied out of the state on the core thread.
struct LinkSet::Snapshot {
  std::vector<machine::PeerKey> own_keys;
  std::vector<machine::Peer> peers;  ///< of the configured ones, without what no link needs
};

bool is_node_certificate(const grpc::AuthContext& context, std::string_view code) {
  if (!context.IsPeerAuthenticated()) return false;
  const std::string wanted = "hugang://" + std::string{code} + "/node";
  bool is_named = false;
  for (const grpc::string_ref& uri : context.FindPropertyValues(GRPC_PEER_URI_PROPERTY_NAME)) {
    const std::string_view text{uri.data(), uri.size()};
    if (!text.starts_with("hugang://")) continue;
    if (text != wanted) return false;
    is_named = true;
  }
  return is_named;
}

LinkSet::LinkSet(PeerLinksConfig config, SigningKeys keys, node::CommandPort& commands,
                 node::ReadPort& reads, const node::Clock& clock)
    : config_{std::move(config)},
      commands_{commands},
      reads_{reads},
      clock_{clock},
      service_{make_peer_service(*this)},
      signing_keys_{std::move(keys)} {
  for (const PeerEndpoint& endpoint : config_.peers) {
    channels_.push_back(std::make_shared<Channel>(config_.self, endpoint));
  }
}

LinkSet::~LinkSet() { HG_CHECK(threads_.empty()); }

std::shared_ptr<Channel> LinkSet::find(base::NodeId peer) const {
  for (const auto& channel : channels_) {
    if (channel->endpoint.node == peer) return channel;
  }
  return nullptr;
}

std::shared_ptr<Channel> LinkSet::channel_of(const grpc::AuthContext& context) const {
  for (const auto& channel : channels_) {
    if (is_node_certificate(context, channel->endpoint.code)) return channel;
  }
  return nullptr;
}

void LinkSet::start() {
  HG_CHECK(threads_.empty() && !is_stopping());
  for (const auto& channel : channels_) {
    threads_.emplace_back([this, channel] { OutgoingLink{*this, channel}.run(); });
  }
}

void LinkSet::stop() {
  {
    const std::unique_lock gate{submit_gate_};
    is_stopping_.store(true);
  }
  for (const auto& channel : channels_) {
    // The lock orders the flag before the wake-up: a waiting thread cannot miss both.
    const std::lock_guard lock{channel->mutex};
    if (channel->stream != nullptr) {
      channel->stream->finish({grpc::StatusCode::UNAVAILABLE, "the node is stopping"});
    }
    if (channel->outgoing != nullptr) channel->outgoing->TryCancel();
    channel->changed.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void LinkSet::request_state() {
  if (is_state_requested_.exchange(true)) return;
  std::weak_ptr<LinkSet> weak = weak_from_this();
  reads_.read(
      [weak](const machine::State& state) -> std::move_only_function<void(base::Seqno)> {
        Snapshot snapshot;
        const auto set = weak.lock();
        if (!set) return [](base::Seqno) {};
        snapshot.own_keys = state.own_keys;
        for (const auto& [node, peer] : state.peers) {
          if (!set->find(node)) continue;
          machine::Peer copy;
          copy.node = peer.node;
          copy.keys = peer.keys;
          copy.sent = peer.sent;
          copy.acknowledged = peer.acknowledged;
          copy.sent_chain = peer.sent_chain;
          copy.outbox = peer.outbox;
          copy.applied = peer.applied;
          copy.recent_chains = peer.recent_chains;
          copy.halted = peer.halted;
          snapshot.peers.push_back(std::move(copy));
        }
        return [weak, snapshot = std::move(snapshot)](base::Seqno seqno) {
          if (const auto alive = weak.lock()) alive->load(seqno, snapshot);
        };
      },
      [weak](node::SubmitError) {
        if (const auto alive = weak.lock()) alive->is_state_requested_.store(false);
      });
}

void LinkSet::load(base::Seqno seqno, const Snapshot& snapshot) {
  {
    const std::lock_guard lock{keys_mutex_};
    for (const auto& key : snapshot.own_keys) signing_keys_.announce(key.record);
  }
  for (const machine::Peer& peer : snapshot.peers) {
    const auto channel = find(peer.node);
    for (const auto& key : peer.keys) on_key(peer.node, key.record);
    const std::lock_guard lock{channel->mutex};
    channel->sender.load(peer);
    channel->receiver.load(peer);
  }
  std::vector<std::pair<base::Seqno, base::Bytes>> early;
  {
    const std::lock_guard lock{early_mutex_};
    early = std::move(early_);
    early_.clear();
    loaded_seqno_ = seqno;
    // From here on entries are followed at once; this runs on the thread that brings them.
    is_loaded_.store(true);
  }
  for (const auto& [at, events] : early) {
    if (at > seqno) read_feed(events, *this);
  }
  for (const auto& channel : channels_) {
    const std::lock_guard lock{channel->mutex};
    channel->changed.notify_all();
  }
}

void LinkSet::on_durable(const node::DurableEntry& entry) {
  latest_at_ns_.store(entry.at.ns());
  if (entry.events.empty()) return;
  {
    const std::lock_guard lock{early_mutex_};
    if (!is_loaded()) {
      early_.emplace_back(entry.seqno, base::Bytes{entry.events.begin(), entry.events.end()});
      return;
    }
    if (entry.seqno <= loaded_seqno_) return;
  }
  read_feed(entry.events, *this);
}

void LinkSet::on_messages(base::NodeId peer, std::vector<machine::OutboxMessage> messages) {
  const auto channel = find(peer);
  if (!channel) return;
  const std::lock_guard lock{channel->mutex};
  for (machine::OutboxMessage& message : messages) channel->sender.queue(std::move(message));
  channel->changed.notify_all();
}

void LinkSet::on_key(base::NodeId node, const wire::KeyRecord& key) {
  if (node == config_.self) {
    const std::lock_guard lock{keys_mutex_};
    signing_keys_.announce(key);
    return;
  }
  const auto channel = find(node);
  if (!channel) return;
  const std::lock_guard lock{channel->mutex};
  auto keys = std::make_shared<KeyDirectory>(*channel->keys);
  keys->add(key);
  channel->keys = std::move(keys);
}

void LinkSet::on_halted(base::NodeId peer, machine::Code code) {
  const auto channel = find(peer);
  if (!channel) return;
  spdlog::error("peer {}: its direction is halted: {} ({})", channel->endpoint.code,
                machine::code_name(code), machine::code_sentence(code));
  std::unique_lock lock{channel->mutex};
  auto step = channel->receiver.halted(code);
  follow(channel, std::move(lock), std::move(step));
}

void LinkSet::on_resumed(base::NodeId peer) {
  const auto channel = find(peer);
  if (!channel) return;
  spdlog::info("peer {}: its direction was resumed", channel->endpoint.code);
  std::unique_lock lock{channel->mutex};
  auto step = channel->receiver.resumed();
  follow(channel, std::move(lock), std::move(step));
}

void LinkSet::follow(const std::shared_ptr<Channel>& channel, std::unique_lock<std::mutex> lock,
                     PeerReceiver::Step step) {
  if (step.report && channel->stream != nullptr) channel->stream->report(*step.report);
  lock.unlock();
  if (!step.submission) return;
  // Without the lock: the port may answer at once that it is overloaded.
  const bool is_submitted = submit(
      *std::move(step.submission),
      [set = shared_from_this(), channel](std::expected<node::Answer, node::SubmitError> answer) {
        set->on_answer(channel, std::move(answer));
      });
  if (!is_submitted) on_answer(channel, std::unexpected{node::SubmitError::kStopping});
}

bool LinkSet::submit(node::Submission submission, node::AnswerCallback done) {
  const std::shared_lock gate{submit_gate_};
  if (is_stopping()) return false;
  commands_.submit(std::move(submission), std::move(done));
  return true;
}

void LinkSet::on_answer(const std::shared_ptr<Channel>& channel,
                        std::expected<node::Answer, node::SubmitError> answer) {
  std::unique_lock lock{channel->mutex};
  PeerReceiver::Step step;
  if (answer) {
    HG_CHECK(answer->outcomes.size() == 1);
    const wire::Outcome& outcome = answer->outcomes.front();
    step = channel->receiver.answered(outcome);
    if (outcome.code != machine::Code::kOk) {
      spdlog::warn("peer {}: an envelope was refused: {}", channel->endpoint.code,
                   machine::code_name(outcome.code));
    }
    channel->sender.note_journaled(channel->receiver.peer_acknowledged());
  } else {
    step = channel->receiver.not_submitted();
  }
  if (channel->stream != nullptr) channel->stream->resume_reading();
  follow(channel, std::move(lock), std::move(step));
}

void LinkSet::submit_ack(const std::shared_ptr<Channel>& channel, base::ChannelSeqno before,
                         base::ChannelSeqno acknowledged) {
  wire::PeerAck ack;
  ack.peer = channel->endpoint.node;
  ack.acknowledged = acknowledged;
  const auto bytes = std::as_bytes(std::span{&ack, 1});
  node::Submission submission{.kind = wire::CommandKind::kPeerAck,
                              .caller = {},
                              .count = 1,
                              .records = {bytes.begin(), bytes.end()}};
  (void)submit(std::move(submission),
               [channel, before](const std::expected<node::Answer, node::SubmitError>& answer) {
                 if (answer) return;
                 const std::lock_guard lock{channel->mutex};
                 channel->sender.undo_ack(before);
               });
}

SigningKeys::Choice LinkSet::choose_key(base::Timestamp now,
                                        std::span<const base::KeyId> unknown_to_peer) const {
  // The ledger's time never runs back; a clock that was set back must not wake up an old key.
  now = std::max(now, base::Timestamp{latest_at_ns_.load()});
  const std::lock_guard lock{keys_mutex_};
  return signing_keys_.choose(now, unknown_to_peer);
}

bool LinkSet::can_sign_with(base::KeyId key) const {
  const std::lock_guard lock{keys_mutex_};
  return signing_keys_.holds(key);
}

std::vector<LinkStatus> LinkSet::status() const {
  std::vector<LinkStatus> all;
  for (const auto& channel : channels_) {
    const std::lock_guard lock{channel->mutex};
    LinkStatus status = channel->counters;
    status.peer = channel->endpoint.node;
    status.code = channel->endpoint.code;
    status.address = channel->endpoint.address;
    status.is_connected_in = channel->stream != nullptr;
    status.queued = channel->sender.queued();
    status.acknowledged = channel->sender.acknowledged();
    status.applied = channel->receiver.applied();
    status.resends = channel->sender.resends();
    if (channel->receiver.halt_code() != machine::Code::kOk) {
      status.trouble = "the peer's direction is halted: " +
                       std::string{machine::code_name(channel->receiver.halt_code())} +
                       "; look at the evidence, then resume it";
    } else if (channel->sender.divergence() != Divergence::kNone) {
      status.trouble = sentence_of(channel->sender.divergence());
    } else if (!channel->sender.halted().empty()) {
      status.trouble = "the peer halted our direction: " + channel->sender.halted();
    } else if (!channel->key_trouble.empty()) {
      status.trouble = channel->key_trouble;
    } else {
      status.trouble = channel->refused;
    }
    all.push_back(std::move(status));
  }
  return all;
}

}  // namespace hugang::peer
