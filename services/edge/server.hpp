// The gRPC edge of a node: mutual TLS 1.3, identity from the certificate, access by table, messages
// to typed commands and durable answers back. This is all that the wiring of a node sees of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "clearing/base/bytes.hpp"
#include "clearing/base/strong_id.hpp"
#include "clearing/base/timestamp.hpp"
#include "clearing/wire/suite.hpp"
#include "services/history/port.hpp"
#include "services/node/ports.hpp"
#include "services/tls/tls_files.hpp"

namespace grpc {
class Service;
}

namespace hugang::edge {

/// What GetNodeStatus tells beyond the state of the ledger.
struct NodeFacts {
  std::string version;
  base::Seqno durable_seqno;
  base::Seqno checkpoint_seqno;  ///< none: no checkpoint yet
  base::Digest checkpoint_digest;
  std::uint32_t queue_depth = 0;
  std::uint32_t queue_capacity = 0;
  std::vector<base::NodeId> connected_peers;
};

/// What the edge needs and may not do itself. Every function is called from any thread, must not
/// block, and must be set.
struct ServerHooks {
  /// The id of a well-formed public key in DER, or a sentence why it is none
  /// (crypto::PublicKey::from_der).
  std::function<std::expected<base::KeyId, std::string>(wire::Suite, base::ByteSpan der)> read_key;
  /// True when the private half of that key lies in the node's key folder: RotateKey needs it.
  std::function<bool(base::KeyId)> can_sign_with;
  std::function<NodeFacts()> node_facts;
  /// Wall clock: certificates are checked against it.
  std::function<base::Timestamp()> now;
};

struct ServerOptions {
  std::string listen_address;  ///< host:port; port 0 takes a free one, see Server::port()
  std::string node_code;       ///< this node's own, e.g. "shanghai"
  tls::TlsFiles tls;
  /// Registered beside the edge's own, e.g. peer::PeerLinks::service(). Each of their methods needs
  /// a row in access_table.hpp, or it is refused as unknown.
  std::vector<grpc::Service*> extra_services;
  ServerHooks hooks;
  /// Answers questions about the past; must outlive the server. nullptr: they are refused.
  history::HistoryPort* history = nullptr;
  std::uint32_t batches_in_flight_max = 16;   ///< per SubmitStream; then its reading pauses
  std::uint32_t waits_max = 10'000;           ///< calls with wait_ms that are under way
  std::size_t memory_bytes_max = 512u << 20;  ///< what gRPC may hold for all calls together
};

/// Counted since start; for metrics.
struct ServerCounters {
  std::uint64_t calls = 0;       ///< admitted calls, streams count as one
  std::uint64_t batches = 0;     ///< of streams
  std::uint64_t transfers = 0;   ///< handed to the command port
  std::uint64_t refused = 0;     ///< answered with a gRPC error before they became a command
  std::uint64_t overloaded = 0;  ///< of these: the queue was full
  std::uint32_t waits = 0;       ///< calls with wait_ms that are under way now
  std::uint32_t in_flight = 0;   ///< submissions under way now
};

/// The server. Thread-safe. The ports must outlive it.
///
///   tls::allow_only_tls13();                       // first in main
///   auto edge = Server::create(options, commands, reads);
///   node.add_listener((*edge)->listener());        // before entries flow; before answers go out
///   ... sequencer running ...
///   (*edge)->start();
///   ... (*edge)->stop(5s);                         // before the sequencer stops
class Server {
 public:
  /// Reads the TLS files. The error is a sentence that says what to do.
  [[nodiscard]] static std::expected<std::unique_ptr<Server>, std::string> create(
      ServerOptions options, node::CommandPort& commands, node::ReadPort& reads);
  ~Server();  ///< stops at once if stop() was not called

  /// Sees what became durable: new participants, suspensions, peers, and ends of settlements that
  /// calls wait for. For an entry, call it before the answers to the entry's commands, so that who
  /// was just registered is known when its registrar hears of it.
  [[nodiscard]] node::DurableListener& listener();

  /// Reads the participants from the state (waits for that read), then listens and serves.
  /// The error is a sentence: the address is taken or malformed, the state cannot be read.
  [[nodiscard]] std::expected<void, std::string> start();

  /// The port that is listened on; 0 before start().
  [[nodiscard]] int port() const;

  /// Health turns to NOT_SERVING, calls with wait_ms are answered with what is known, new calls are
  /// refused, calls under way have `drain` to finish, then they are cancelled. Returns when the
  /// last one is done: the sequencer must still answer. Idempotent.
  void stop(std::chrono::milliseconds drain);

  [[nodiscard]] ServerCounters counters() const;

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hugang::edge
