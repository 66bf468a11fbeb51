// One operator's node in a simulation: the production node (sequencer, core, journal, release and
// checkpoint stages), recovery and peer protocol, with the threads replaced by events and the
// network by a simulated one. A crash throws away everything but what is on the simulated disk.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/keys.hpp"
#include "ledger/memory_journal.hpp"
#include "services/node/node.hpp"
#include "services/peer/feed.hpp"
#include "services/peer/receiver.hpp"
#include "services/peer/sender.hpp"
#include "services/peer/signing_keys.hpp"
#include "tests/simulation/engine/clock.hpp"
#include "tests/simulation/engine/network.hpp"
#include "tests/simulation/engine/settings.hpp"

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
  /// The settings of the next start.
  void configure(const CitySettings& settings) { settings_ = settings; }
  [[nodiscard]] const CitySettings& settings() const { return settings_; }
  /// Everything that is not durable is forgotten, and answers under way are never given.
  void crash(std::string_view why);
  [[nodiscard]] bool is_up() const { return process_ != nullptr; }
  /// Nothing of it runs until then; its connections stay.
  void pause(VirtualTime until) { paused_until_ = until; }
  /// Every write fails until then.
  void fill_disk(VirtualTime until) { disk_full_until_ = until; }

  /// As the port says. While the city is down nobody answers.
  void submit(node::Submission submission, node::AnswerCallback done) override;

  /// What has come over the network.
  void receive(base::NodeId from, const Packet& packet);

  /// This city's clock.
  [[nodiscard]] base::Timestamp wall_clock() const { return clock_.now(); }
  [[nodiscard]] CityClock& clock() { return clock_; }

  /// The state in memory. Requires is_up().
  [[nodiscard]] const machine::State& state() const;
  /// Nothing applied waits for the disk and nothing sent to an honest node for an acknowledgement.
  [[nodiscard]] bool is_quiet() const;

  /// The public record of its n-th key; both halves follow from node and n.
  [[nodiscard]] wire::KeyRecord key_record(std::uint32_t n, base::Timestamp from,
                                           base::Timestamp to) const;
  static constexpr std::uint32_t kKeys = kKeysOfNode;

  [[nodiscard]] const ledger::MemoryJournal& journal() const { return journal_; }
  [[nodiscard]] ledger::MemoryJournal& disk() { return journal_; }
  /// Digest of the state at every checkpoint that was written, by entry.
  [[nodiscard]] const std::map<base::Seqno, base::Digest>& checkpoint_digests() const {
    return checkpoint_digests_;
  }
  /// The last entry of which anybody was told anything. It may never be lost.
  [[nodiscard]] base::Seqno told() const { return told_; }
  [[nodiscard]] std::uint64_t crashes() const { return crashes_; }
  [[nodiscard]] std::uint64_t unverifiable() const { return unverifiable_; }
  [[nodiscard]] std::uint64_t halts() const { return halts_; }

 private:
  struct Link;
  struct Process;
  /// Thrown where a node touches the world outside, to die there. Caught by guarded().
  struct Killed {
    std::string_view where;
  };

  void on_durable(const node::DurableEntry& entry) override;
  void on_messages(base::NodeId peer, std::vector<machine::OutboxMessage> messages) override;
  void on_key(base::NodeId node, const wire::KeyRecord& key) override;
  void on_halted(base::NodeId peer, machine::Code code) override;
  void on_resumed(base::NodeId peer) override;

  // Life and death.
  void guarded(const std::function<void()>& action);
  void maybe_die(std::string_view where);
  /// Runs `action` after `delay`, later if the city is paused, never if it crashed meanwhile.
  void later(VirtualTime delay, Scheduler::Action action);

  // The node's stages.
  void plan_ready_stages();
  void plan(node::Stage stage);
  void run_stage(node::Stage stage);
  [[nodiscard]] ledger::AppendFault next_disk_fault();
  void beat();

  // The links (city_links.cpp).
  [[nodiscard]] std::chrono::nanoseconds monotonic() const;
  void load_links(const std::vector<base::NodeId>& peers);
  void beat_links();
  [[nodiscard]] bool are_links_quiet() const;
  void dial(Link& link);
  void hang_up(Link& link);
  void pump(Link& link);
  void send_next(Link& link);
  void follow(Link& link, peer::PeerReceiver::Step step);
  void receive_now(base::NodeId from, const Packet& packet);
  void receive_envelope(Link& link, const Packet& packet);
  void receive_report(Link& link, const peer::Report& report);
  void close_incoming(Link& link);
  void journal_ack(Link& link);
  [[nodiscard]] Link* find(base::NodeId peer);

  const base::NodeId id_;
  Surroundings world_;
  CityClock clock_;
  ledger::MemoryJournal journal_;
  CitySettings settings_;
  std::unique_ptr<Process> process_;
  bool is_guarded_ = false;
  std::uint64_t epoch_ = 0;  ///< counts starts and crashes
  VirtualTime paused_until_ = 0;
  VirtualTime disk_full_until_ = 0;
  std::map<base::Seqno, base::Digest> checkpoint_digests_;
  base::Seqno told_;
  std::uint64_t next_connection_ = 0;
  std::uint64_t crashes_ = 0;
  std::uint64_t unverifiable_ = 0;
  std::uint64_t halts_ = 0;
};

}  // namespace hugang::simulation
