// One operator's node in a simulation: the production sequencer, core, journal logic and peer
// protocol, with the threads replaced by events. A crash throws away everything but the journal.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "crypto/keys.hpp"
#include "ledger/memory_journal.hpp"
#include "services/node/ports.hpp"
#include "services/node/sequencer.hpp"
#include "services/peer/feed.hpp"
#include "services/peer/receiver.hpp"
#include "services/peer/sender.hpp"
#include "services/peer/signing_keys.hpp"
#include "tests/simulation/engine/network.hpp"

namespace hugang::simulation {

/// What all cities share. `fail` takes a broken law and ends the run. With an honest node nobody
/// may ever come to a halt or a divergence.
struct Surroundings {
  Scheduler& scheduler;
  Random& random;
  Trace& trace;
  const Faults& faults;
  Network& network;
  std::function<void(std::string law)> fail;
  std::function<bool(base::NodeId node)> is_honest = [](base::NodeId) { return true; };
};

class City final : public node::CommandPort, private node::DurableListener, private peer::FeedSink {
 public:
  City(base::NodeId id, Surroundings world);
  ~City() override;

  [[nodiscard]] base::NodeId id() const { return id_; }

  /// Before anything runs: applies and writes at once, without faults.
  std::vector<wire::Outcome> do_at_once(node::Submission submission);

  /// Recovers from the journal and begins to serve. Requires !is_up().
  void start(const std::vector<base::NodeId>& peers);
  /// Everything that is not durable is forgotten, and answers under way are never given.
  void crash(std::string_view why);
  [[nodiscard]] bool is_up() const { return process_ != nullptr; }

  /// As the port says. While the city is down nobody answers.
  void submit(node::Submission submission, node::AnswerCallback done) override;

  /// What has come over the network.
  void receive(base::NodeId from, const Packet& packet);

  /// This city's clock.
  [[nodiscard]] base::Timestamp wall_clock() const;
  void set_clock_offset(VirtualTime offset) { clock_offset_ = offset; }
  [[nodiscard]] VirtualTime clock_offset() const { return clock_offset_; }

  /// The state in memory. Requires is_up().
  [[nodiscard]] const machine::State& state() const;
  /// Nothing applied waits for the disk and nothing sent to an honest node for an acknowledgement.
  [[nodiscard]] bool is_quiet() const;

  /// The public record of its n-th key; both halves follow from node and n.
  [[nodiscard]] wire::KeyRecord key_record(std::uint32_t n, base::Timestamp from,
                                           base::Timestamp to) const;
  static constexpr std::uint32_t kKeys = 4;

  [[nodiscard]] const ledger::MemoryJournal& journal() const { return journal_; }
  [[nodiscard]] std::uint64_t crashes() const { return crashes_; }
  [[nodiscard]] std::uint64_t unverifiable() const { return unverifiable_; }

 private:
  struct Link;
  struct Process;

  void on_durable(const node::DurableEntry& entry) override;
  void on_message(base::NodeId peer, machine::OutboxMessage message) override;
  void on_key(base::NodeId node, const wire::KeyRecord& key) override;
  void on_halted(base::NodeId peer, machine::Code code) override;
  void on_resumed(base::NodeId peer) override;

  /// Runs `action` after `delay` unless the process crashed meanwhile.
  void later(VirtualTime delay, Scheduler::Action action);
  void plan_cut();
  void cut();
  void plan_write();
  void write();
  [[nodiscard]] bool append(std::span<const base::ByteSpan> entries);
  void consider_checkpoint();
  void beat();

  void dial(Link& link);
  void pump(Link& link);
  void follow(Link& link, peer::PeerReceiver::Step step);
  void receive_envelope(Link& link, const Packet& packet);
  void close_incoming(Link& link);
  void journal_ack(Link& link);
  [[nodiscard]] Link* find(base::NodeId peer);

  const base::NodeId id_;
  Surroundings world_;
  ledger::MemoryJournal journal_;
  std::unique_ptr<Process> process_;
  std::uint64_t epoch_ = 0;  ///< counts starts and crashes
  VirtualTime clock_offset_ = 0;
  std::uint64_t next_connection_ = 0;
  std::uint64_t crashes_ = 0;
  std::uint64_t unverifiable_ = 0;
};

}  // namespace hugang::simulation
