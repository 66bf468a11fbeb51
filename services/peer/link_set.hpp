// What the streams of all links share: the channels, the signing keys, the way to the core, and the
// gRPC service. Internal to services/peer; the wiring sees peer_links.hpp.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/security/auth_context.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "hugang/v1/peer_service.grpc.pb.h"
#include "services/peer/feed.hpp"
#include "services/peer/peer_links.hpp"
#include "services/peer/receiver.hpp"
#include "services/peer/sender.hpp"
#include "services/peer/signing_keys.hpp"

namespace hugang::peer {

class IncomingStream;

/// Both directions with one peer. Everything but `endpoint` is guarded by `mutex`.
struct Channel {
  Channel(base::NodeId self, PeerEndpoint peer)
      : endpoint{std::move(peer)},
        sender{self, endpoint.node},
        receiver{endpoint.node, Transport::kOrderedStream} {}

  const PeerEndpoint endpoint;
  mutable std::mutex mutex;
  std::condition_variable changed;  ///< for the outgoing thread
  PeerSender sender;
  PeerReceiver receiver;
  std::shared_ptr<const KeyDirectory> keys = std::make_shared<KeyDirectory>();
  IncomingStream* stream = nullptr;         ///< the newest one; it leaves before it is destroyed
  grpc::ClientContext* outgoing = nullptr;  ///< of the stream to the peer, while there is one
  LinkStatus counters;
  std::string key_trouble;
  std::string refused;  ///< why the last stream ended, when it was the peer who refused
};

/// True when the connection's verified certificate names the node `code` and nothing else.
[[nodiscard]] bool is_node_certificate(const grpc::AuthContext& context, std::string_view code);

class LinkSet final : public FeedSink, public std::enable_shared_from_this<LinkSet> {
 public:
  LinkSet(PeerLinksConfig config, SigningKeys keys, node::CommandPort& commands,
          node::ReadPort& reads, const node::Clock& clock);
  ~LinkSet() override;

  void start();
  void stop();
  void on_durable(const node::DurableEntry& entry);
  [[nodiscard]] std::vector<LinkStatus> status() const;

  [[nodiscard]] const PeerLinksConfig& config() const { return config_; }
  [[nodiscard]] const node::Clock& clock() const { return clock_; }
  [[nodiscard]] grpc::Service& service() { return *service_; }
  [[nodiscard]] bool is_stopping() const { return is_stopping_.load(); }
  /// The state was read, streams may open.
  [[nodiscard]] bool is_loaded() const { return is_loaded_.load(); }
  /// nullptr when the certificate is none of a configured peer.
  [[nodiscard]] std::shared_ptr<Channel> channel_of(const grpc::AuthContext& context) const;

  /// Asks for the state if nobody has asked yet.
  void request_state();

  /// Does what a step says. `lock` holds channel.mutex and is released when it returns.
  void follow(const std::shared_ptr<Channel>& channel, std::unique_lock<std::mutex> lock,
              PeerReceiver::Step step);

  /// Hands the acknowledgement to the core.
  void submit_ack(const std::shared_ptr<Channel>& channel, base::ChannelSeqno before,
                  base::ChannelSeqno acknowledged);

  [[nodiscard]] SigningKeys::Choice choose_key(base::Timestamp now,
                                               std::span<const base::KeyId> unknown_to_peer) const;
  [[nodiscard]] bool can_sign_with(base::KeyId key) const;

 private:
  struct Snapshot;

  void on_messages(base::NodeId peer, std::vector<machine::OutboxMessage> messages) override;
  void on_key(base::NodeId node, const wire::KeyRecord& key) override;
  void on_halted(base::NodeId peer, machine::Code code) override;
  void on_resumed(base::NodeId peer) override;

  void load(base::Seqno seqno, const Snapshot& snapshot);
  [[nodiscard]] std::shared_ptr<Channel> find(base::NodeId peer) const;
  [[nodiscard]] bool submit(node::Submission submission, node::AnswerCallback done);
  void on_answer(const std::shared_ptr<Channel>& channel,
                 std::expected<node::Answer, node::SubmitError> answer);

  const PeerLinksConfig config_;
  node::CommandPort& commands_;
  node::ReadPort& reads_;
  const node::Clock& clock_;
  std::unique_ptr<grpc::Service> service_;
  std::vector<std::shared_ptr<Channel>> channels_;  ///< never changes

  mutable std::mutex keys_mutex_;
  SigningKeys signing_keys_;

  /// What became durable before the state was read.
  std::mutex early_mutex_;
  std::vector<std::pair<base::Seqno, base::Bytes>> early_;
  base::Seqno loaded_seqno_;

  std::atomic<bool> is_loaded_{false};
  std::atomic<bool> is_state_requested_{false};
  std::atomic<bool> is_stopping_{false};
  std::atomic<std::int64_t> latest_at_ns_{0};  ///< of the newest durable entry
  std::shared_mutex submit_gate_;              ///< held alone to stop, shared to submit
  std::vector<std::thread> threads_;
};

}  // namespace hugang::peer
