#include "tests/simulation/engine/city.hpp"

#include <algorithm>

#include "clearing/machine/invariants.hpp"
#include "crypto/digest.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/recovery.hpp"
#include "tests/unit/crypto/fixtures.hpp"

namespace hugang::simulation {
namespace {

constexpr machine::Hashing kHashing{.sha256 = &crypto::sha256, .chain_next = &crypto::chain_next};

/// 2026-01-01T00:00:00Z: virtual time 0 on every clock without offset.
constexpr std::int64_t kEpochNs = 1'767'225'600'000'000'000;

constexpr VirtualTime kBeat = 100 * kMillisecond;
constexpr VirtualTime kStallLimit = 2 * kSecond;
constexpr std::size_t kEntriesPerWriteMax = 4;
constexpr std::size_t kInboxMax = 64;

crypto::PrivateKey key_of(base::NodeId node, std::uint32_t n) {
  const std::string name =
      "simulated key " + std::to_string(node.value()) + "/" + std::to_string(n);
  return crypto::test::ed25519_key(base::to_hex(crypto::sha256(base::as_bytes(name)).bytes));
}

std::vector<crypto::PrivateKey> all_keys_of(base::NodeId node) {
  std::vector<crypto::PrivateKey> keys;
  for (std::uint32_t n = 0; n < City::kKeys; ++n) keys.push_back(key_of(node, n));
  return keys;
}

}  // namespace

/// Both directions with one peer.
struct City::Link {
  Link(base::NodeId self, base::NodeId other, peer::Transport transport)
      : peer{other},
        sender{self,
               other,
               {.messages_per_envelope = 8, .messages_under_way = 32, .envelopes_under_way = 4}},
        receiver{other, transport} {}

  base::NodeId peer;
  peer::PeerSender sender;
  peer::PeerReceiver receiver;
  peer::KeyDirectory keys;
  std::uint64_t outgoing = 0;  ///< connection that we dialled
  std::uint64_t incoming = 0;  ///< connection that the peer dialled
  VirtualTime last_progress = 0;
};

struct City::Process {
  explicit Process(node::Sequencer from, std::vector<crypto::PrivateKey> keys)
      : sequencer{std::move(from)}, signing_keys{std::move(keys)} {}

  node::Sequencer sequencer;
  peer::SigningKeys signing_keys;
  std::map<base::NodeId, Link> links;
  std::deque<std::pair<node::Submission, node::AnswerCallback>> inbox;
  std::deque<node::PreparedEntry> unwritten;
  bool is_cut_planned = false;
  bool is_write_planned = false;
};

City::City(base::NodeId id, Surroundings world) : id_{id}, world_{world}, journal_{id} {}
City::~City() = default;

wire::KeyRecord City::key_record(std::uint32_t n, base::Timestamp from, base::Timestamp to) const {
  const auto key = key_of(id_, n).public_key();
  wire::KeyRecord record;
  record.key_id = key.id();
  record.valid_from = from;
  record.valid_to = to;
  record.suite = static_cast<std::uint8_t>(key.suite());
  record.der_bytes = static_cast<std::uint16_t>(key.to_der().size());
  std::ranges::copy(key.to_der(), record.der.begin());
  return record;
}

base::Timestamp City::wall_clock() const {
  return base::Timestamp{kEpochNs + world_.scheduler.now() + clock_offset_};
}

const machine::State& City::state() const {
  HG_CHECK(is_up());
  return process_->sequencer.state();
}

bool City::is_quiet() const {
  if (!is_up() || !process_->unwritten.empty() || !process_->inbox.empty()) return false;
  return std::ranges::all_of(process_->links, [this](const auto& entry) {
    const Link& link = entry.second;
    if (link.receiver.is_with_core()) return false;
    // A peer that is not honest may refuse to take what is sent to it for ever.
    return !world_.is_honest(link.peer) || link.sender.queued() == link.sender.acknowledged();
  });
}

void City::later(VirtualTime delay, Scheduler::Action action) {
  world_.scheduler.after(delay, [this, epoch = epoch_, action = std::move(action)]() mutable {
    if (epoch == epoch_) action();
  });
}

void City::start(const std::vector<base::NodeId>& peers) {
  HG_CHECK(!is_up());
  ++epoch_;
  auto recovered = ledger::recover(journal_, kHashing);
  if (!recovered) {
    world_.fail("recovery of node " + std::to_string(id_.value()) + ": " +
                recovered.error().sentence);
    return;
  }
  process_ = std::make_unique<Process>(
      node::Sequencer{std::move(recovered->machine), id_, journal_.last_checksum()},
      all_keys_of(id_));
  world_.trace.note(id_, "starts at entry", journal_.last_seqno().value(),
                    recovered->report.entries_replayed);
  for (const auto& key : state().own_keys) process_->signing_keys.announce(key.record);
  for (const base::NodeId other : peers) {
    if (other == id_) continue;
    Link& link =
        process_->links.try_emplace(other, id_, other, world_.faults.transport).first->second;
    const auto known = state().peers.find(other);
    if (known == state().peers.end()) continue;
    link.sender.load(known->second);
    link.receiver.load(known->second);
    for (const auto& key : known->second.keys) link.keys.add(key.record);
  }
  later(0, [this] { beat(); });
}

void City::crash(std::string_view why) {
  if (!is_up()) return;
  world_.trace.note(id_, why, process_->unwritten.size());
  ++epoch_;
  ++crashes_;
  process_.reset();
  journal_.crash();
}

std::vector<wire::Outcome> City::do_at_once(node::Submission submission) {
  HG_CHECK(is_up());
  std::vector<wire::Outcome> outcomes;
  process_->sequencer.add(std::move(submission),
                          [&](std::expected<node::Answer, node::SubmitError> answer) {
                            outcomes = std::move(answer->outcomes);
                          });
  auto entry = process_->sequencer.cut(wall_clock());
  HG_CHECK(entry.has_value());
  const base::ByteSpan bytes = entry->bytes;
  HG_CHECK(journal_.append(std::span{&bytes, 1}).has_value());
  node::DurableListener* listener = this;
  node::release(*std::move(entry), std::span{&listener, 1});
  return outcomes;
}

void City::submit(node::Submission submission, node::AnswerCallback done) {
  if (!is_up()) return;
  HG_CHECK(node::is_well_formed(submission));
  if (process_->inbox.size() >= kInboxMax || world_.random.chance(world_.faults.overload)) {
    done(std::unexpected{node::SubmitError::kOverloaded});
    return;
  }
  process_->inbox.emplace_back(std::move(submission), std::move(done));
  plan_cut();
}

void City::plan_cut() {
  if (std::exchange(process_->is_cut_planned, true)) return;
  later(world_.random.between(0, kMillisecond), [this] { cut(); });
}

void City::cut() {
  process_->is_cut_planned = false;
  auto& inbox = process_->inbox;
  while (!inbox.empty() && process_->sequencer.fits(inbox.front().first)) {
    process_->sequencer.add(std::move(inbox.front().first), std::move(inbox.front().second));
    inbox.pop_front();
  }
  auto entry = process_->sequencer.cut(wall_clock());
  if (!entry) return;
  world_.trace.note(id_, "applies entry", entry->seqno.value(), entry->checksum.low);
  if (const auto broken = machine::first_broken_law(state())) {
    world_.fail("node " + std::to_string(id_.value()) + ", entry " +
                std::to_string(entry->seqno.value()) + ": " + *broken);
    return;
  }
  process_->unwritten.push_back(*std::move(entry));
  plan_write();
  if (!inbox.empty()) plan_cut();
}

void City::plan_write() {
  if (std::exchange(process_->is_write_planned, true)) return;
  later(world_.random.between(100 * kMicrosecond, 4 * kMillisecond), [this] { write(); });
}

bool City::append(std::span<const base::ByteSpan> entries) {
  Random& random = world_.random;
  auto fault = ledger::AppendFault::kNone;
  if (random.chance(world_.faults.disk_refuses)) fault = ledger::AppendFault::kRefused;
  if (random.chance(world_.faults.crash_before_append)) {
    fault = ledger::AppendFault::kDiesBeforeSync;
  }
  if (random.chance(world_.faults.crash_after_append)) fault = ledger::AppendFault::kDiesAfterSync;
  journal_.set_fault_hook([fault](base::Seqno) { return fault; });
  const bool is_written = journal_.append(entries).has_value();
  journal_.set_fault_hook({});
  return is_written;
}

void City::write() {
  process_->is_write_planned = false;
  auto& unwritten = process_->unwritten;
  std::vector<base::ByteSpan> bytes;
  for (std::size_t i = 0; i < std::min(unwritten.size(), kEntriesPerWriteMax); ++i) {
    bytes.emplace_back(unwritten[i].bytes);
  }
  if (!append(bytes)) {
    crash("stops on a failed write with entries not durable:");
    return;
  }
  const std::uint64_t epoch = epoch_;
  for (std::size_t i = 0; i < bytes.size() && epoch == epoch_; ++i) {
    node::PreparedEntry entry = std::move(unwritten.front());
    unwritten.pop_front();
    world_.trace.note(id_, "releases entry", entry.seqno.value());
    node::DurableListener* listener = this;
    node::release(std::move(entry), std::span{&listener, 1});
  }
  if (epoch != epoch_) return;
  if (!unwritten.empty()) plan_write();
  consider_checkpoint();
}

void City::consider_checkpoint() {
  if (!process_->unwritten.empty() || !world_.random.chance(world_.faults.checkpoint)) return;
  const auto checkpoint = process_->sequencer.make_checkpoint();
  world_.trace.note(id_, "writes a checkpoint of entry", checkpoint.info.seqno.value());
  HG_CHECK(journal_.put_checkpoint(checkpoint).has_value());
}

/// What a thread with a timer does: ticks, redialling, acknowledgements.
void City::beat() {
  if (process_->sequencer.is_due(wall_clock())) plan_cut();
  for (auto& [node, link] : process_->links) {
    const bool is_waiting = !link.sender.knows_cursor() || link.sender.is_under_way();
    const bool is_stalled = world_.scheduler.now() - link.last_progress >= kStallLimit;
    if (link.outgoing == 0 || (is_waiting && is_stalled)) dial(link);
    pump(link);
    journal_ack(link);
  }
  later(kBeat, [this] { beat(); });
}

// ---- The links ----------------------------------------------------------------------------------

City::Link* City::find(base::NodeId peer) {
  const auto found = process_->links.find(peer);
  return found == process_->links.end() ? nullptr : &found->second;
}

void City::dial(Link& link) {
  // Unique among all nodes, and across crashes.
  link.outgoing = (++next_connection_ * 100 + link.peer.value()) * 100 + id_.value();
  link.last_progress = world_.scheduler.now();
  link.sender.open_stream();
  world_.network.send(id_, link.peer, {.kind = PacketKind::kOpen, .connection = link.outgoing});
}

void City::pump(Link& link) {
  while (link.sender.has_work()) {
    const auto choice = process_->signing_keys.choose(std::max(wall_clock(), state().last_at),
                                                      link.sender.keys_unknown_to_peer());
    if (choice.key == nullptr) return;
    if (!link.sender.is_under_way()) link.last_progress = world_.scheduler.now();
    auto payload = link.sender.next_payload(wall_clock(), link.receiver.applied());
    Packet packet{.kind = PacketKind::kEnvelope,
                  .connection = link.outgoing,
                  .envelope = peer::seal_bytes(*choice.key, *std::move(payload))};
    world_.trace.note(id_, "sends up to message", link.sender.sent().value(), link.peer.value());
    world_.network.send(id_, link.peer, std::move(packet));
  }
}

void City::journal_ack(Link& link) {
  const auto before = link.sender.journaled();
  const auto acknowledged = link.sender.take_ack(16);
  if (!acknowledged) return;
  wire::PeerAck ack;
  ack.peer = link.peer;
  ack.acknowledged = *acknowledged;
  const auto bytes = std::as_bytes(std::span{&ack, 1});
  submit({.kind = wire::CommandKind::kPeerAck,
          .caller = {},
          .count = 1,
          .records = {bytes.begin(), bytes.end()}},
         [this, peer = link.peer, before](const auto& answer) {
           if (!answer) find(peer)->sender.undo_ack(before);
         });
}

void City::follow(Link& link, peer::PeerReceiver::Step step) {
  if (step.report) {
    world_.network.send(id_, link.peer,
                        {.kind = PacketKind::kReport,
                         .connection = link.incoming,
                         .is_for_dialler = true,
                         .report = *std::move(step.report)});
  }
  if (step.is_misuse) close_incoming(link);
  if (!step.submission) return;
  submit(*std::move(step.submission),
         [this, peer = link.peer](std::expected<node::Answer, node::SubmitError> answer) {
           Link& answered = *find(peer);
           follow(answered, answer ? answered.receiver.answered(answer->outcomes.at(0))
                                   : answered.receiver.not_submitted());
           answered.sender.note_journaled(answered.receiver.peer_acknowledged());
         });
}

void City::close_incoming(Link& link) {
  world_.network.send(
      id_, link.peer,
      {.kind = PacketKind::kClosed, .connection = link.incoming, .is_for_dialler = true});
  link.incoming = 0;
  link.receiver.close_stream();
}

void City::receive_envelope(Link& link, const Packet& packet) {
  auto incoming = peer::verify_incoming(packet.envelope, link.keys);
  if (!incoming) {
    ++unverifiable_;
    world_.trace.note(id_, "closes on an unverifiable envelope of", link.peer.value());
    close_incoming(link);
    return;
  }
  follow(link, link.receiver.accept(*std::move(incoming)));
}

void City::receive(base::NodeId from, const Packet& packet) {
  if (!is_up()) return;
  Link* link = find(from);
  HG_CHECK(link != nullptr);
  const std::uint64_t expected = packet.is_for_dialler ? link->outgoing : link->incoming;
  if (packet.kind != PacketKind::kOpen && packet.connection != expected) return;
  world_.trace.note(id_, "receives a packet of connection", packet.connection,
                    static_cast<std::uint64_t>(packet.kind));
  switch (packet.kind) {
    case PacketKind::kOpen:
      if (packet.connection <= link->incoming) return;  // repeated, or overtaken by a newer one
      link->incoming = packet.connection;
      follow(*link, link->receiver.open_stream());
      return;
    case PacketKind::kEnvelope:
      receive_envelope(*link, packet);
      return;
    case PacketKind::kReport: {
      const auto before = link->sender.acknowledged();
      link->sender.take(packet.report);
      if (link->sender.acknowledged() > before) link->last_progress = world_.scheduler.now();
      if (link->sender.divergence() != peer::Divergence::kNone) {
        if (!world_.is_honest(from)) {
          world_.trace.note(id_, "finds a divergence with", from.value(),
                            static_cast<std::uint64_t>(link->sender.divergence()));
          return;
        }
        world_.fail("honest node " + std::to_string(from.value()) + " diverges for node " +
                    std::to_string(id_.value()) + ": " +
                    std::string{peer::sentence_of(link->sender.divergence())});
        return;
      }
      // What the next report asks for must not be sent again and again in one instant.
      if (!packet.report.resend) pump(*link);
      return;
    }
    case PacketKind::kClosed:
      if (packet.is_for_dialler) {
        link->outgoing = 0;
        link->sender.close_stream();
      } else {
        link->incoming = 0;
        link->receiver.close_stream();
      }
      return;
  }
}

void City::on_durable(const node::DurableEntry& entry) { peer::read_feed(entry.events, *this); }

void City::on_message(base::NodeId peer, machine::OutboxMessage message) {
  Link* link = find(peer);
  if (link == nullptr) return;
  link->sender.queue(std::move(message));
  pump(*link);
}

void City::on_key(base::NodeId node, const wire::KeyRecord& key) {
  if (node == id_) {
    process_->signing_keys.announce(key);
  } else if (Link* link = find(node)) {
    link->keys.add(key);
  }
}

void City::on_halted(base::NodeId peer, machine::Code code) {
  world_.trace.note(id_, "halts node, with code", peer.value(), static_cast<std::uint64_t>(code));
  if (!world_.is_honest(peer)) return;
  world_.fail("node " + std::to_string(id_.value()) + " halts honest node " +
              std::to_string(peer.value()) + ": " + std::string{machine::code_name(code)});
}

void City::on_resumed(base::NodeId peer) {
  if (Link* link = find(peer)) follow(*link, link->receiver.resumed());
}

}  // namespace hugang::simulation
