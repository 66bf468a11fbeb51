// The links to the other nodes: one outgoing stream that this node dials and one incoming stream
// that it serves, per peer. This is all that the wiring of a node (services/runtime) sees of them.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "clearing/base/strong_id.hpp"
#include "services/node/clock.hpp"
#include "services/node/ports.hpp"
#include "services/peer/course.hpp"
#include "services/tls/tls_files.hpp"

namespace grpc {
class Service;
}

namespace hugang::peer {

class LinkSet;

/// Another operator's node, as this node's configuration names it.
struct PeerEndpoint {
  base::NodeId node;
  std::string code;     ///< what its certificate must say: hugang://CODE/node
  std::string address;  ///< host:port; the host must stand in its certificate
};

struct PeerLinksConfig {
  base::NodeId self;
  std::string self_code;
  std::vector<PeerEndpoint> peers;
  tls::TlsMaterial tls;
  /// PEM files of mode 0600, at least one; they may hold keys that are not announced yet. A file
  /// that is added later is read at the next start.
  std::vector<std::filesystem::path> signing_key_files;

  LinkPace pace{};
};

/// How one peer's link stands, for `status`, metrics and logs.
struct LinkStatus {
  base::NodeId peer;
  std::string code;
  std::string address;
  bool is_connected_out = false;    ///< our stream to the peer is open and its cursor is known
  bool is_connected_in = false;     ///< the peer's stream to us is open
  base::ChannelSeqno queued;        ///< last message for the peer
  base::ChannelSeqno acknowledged;  ///< last one that the peer holds durably
  base::ChannelSeqno applied;       ///< last message of the peer that we hold durably
  std::uint64_t dials = 0;
  std::uint64_t envelopes_sent = 0;
  std::uint64_t envelopes_received = 0;
  std::uint64_t envelopes_unverifiable = 0;  ///< unknown key or bad signature: never journaled
  std::uint64_t resends = 0;                 ///< times we went back to the peer's cursor
  std::string trouble;  ///< a sentence for the operator: halted, diverged, no key; empty: all well
};

/// Owns the links. Register `service()` with the node's server and this object as a listener of
/// what becomes durable, then start(). Ports and clock must outlive it. It passes the crash points
/// of services/node/crash_points.hpp that begin with kPeer.
///
///   auto links = PeerLinks::create(config, node, node, clock);
///   node.add_listener(**links);         // before entries flow
///   server_builder.RegisterService(&(*links)->service());
///   ... server and sequencer running ...
///   (*links)->start();
///   ... (*links)->stop();               // before the server and the sequencer stop
class PeerLinks final : public node::DurableListener {
 public:
  /// Loads the signing keys. The error is a sentence that says what to do.
  [[nodiscard]] static std::expected<std::unique_ptr<PeerLinks>, std::string> create(
      PeerLinksConfig config, node::CommandPort& commands, node::ReadPort& reads,
      const node::Clock& clock);
  ~PeerLinks() override;

  /// hugang.v1.PeerService: lets in only the node certificates of configured peers. Refuses with
  /// UNAVAILABLE before start() has read the state and after stop(). The server must allow pings
  /// every 10 s without data (GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS <= 5,000).
  [[nodiscard]] grpc::Service& service();

  /// Reads outbox, cursors and keys from the state and begins to dial; returns at once. Once.
  void start();
  /// Ends all streams and joins the threads; nothing is submitted after it returns. Idempotent.
  void stop();

  /// Whether the private half of that key is among the signing key files. Any thread.
  [[nodiscard]] bool can_sign_with(base::KeyId key) const;

  /// In the order of the configuration. Any thread.
  [[nodiscard]] std::vector<LinkStatus> status() const;

  /// Release thread, as the port says; does not sign, verify or wait for the network.
  void on_durable(const node::DurableEntry& entry) override;

 private:
  explicit PeerLinks(std::shared_ptr<LinkSet> set);
  std::shared_ptr<LinkSet> set_;  ///< shared with answers that are still to come
};

}  // namespace hugang::peer
