// A city's links to its peers: what services/peer does with gRPC streams, done with packets.
#include <algorithm>

#include "clearing/wire/batch.hpp"
#include "tests/simulation/engine/city.hpp"
#include "tests/simulation/engine/city_process.hpp"
#include "tests/simulation/laws/repetition_law.hpp"

namespace hugang::simulation {

std::chrono::nanoseconds City::monotonic() const {
  return std::chrono::nanoseconds{world_.scheduler.now()};
}

City::Link* City::find(base::NodeId peer) {
  const auto found = process_->links.find(peer);
  return found == process_->links.end() ? nullptr : &found->second;
}

void City::load_links(const std::vector<base::NodeId>& peers) {
  for (const auto& key : state().own_keys) process_->signing_keys.announce(key.record);
  for (const base::NodeId other : peers) {
    if (other == id_) continue;
    Link& link = process_->links.try_emplace(other, id_, other, world_.faults.transport, settings_)
                     .first->second;
    if (const auto known = state().peers.find(other); known != state().peers.end()) {
      link.sender.load(known->second);
      link.receiver.load(known->second);
      for (const auto& key : known->second.keys) link.keys.add(key.record);
    }
    later(0, [this, &link] { dial(link); });
  }
}

bool City::are_links_quiet() const {
  return std::ranges::all_of(process_->links, [this](const auto& entry) {
    const Link& link = entry.second;
    if (link.receiver.is_with_core()) return false;
    // A peer that is not honest may refuse to take what is sent to it for ever.
    return !world_.is_honest(link.peer) || link.sender.queued() == link.sender.acknowledged();
  });
}

void City::beat_links() {
  for (auto& [node, link] : process_->links) pump(link);
}

// ---- The outgoing side --------------------------------------------------------------------------

void City::dial(Link& link) {
  // Unique among all nodes, and across crashes.
  link.outgoing = (++next_connection_ * 100 + link.peer.value()) * 100 + id_.value();
  link.course.opened(link.sender, monotonic());
  world_.network.send(id_, link.peer, {.kind = PacketKind::kOpen, .connection = link.outgoing});
}

void City::hang_up(Link& link) {
  link.outgoing = 0;
  const auto pause = link.course.closed(link.sender, monotonic());
  later(std::chrono::nanoseconds{pause}.count(), [this, &link] { dial(link); });
}

void City::pump(Link& link) {
  while (link.outgoing != 0) {
    switch (link.course.next(link.sender, monotonic()).act) {
      case peer::OutgoingCourse::Act::kGiveUp:
        world_.trace.note(id_, "gives up the stream to node {a}", link.peer.value());
        hang_up(link);
        return;
      case peer::OutgoingCourse::Act::kWait:
        journal_ack(link);
        return;
      case peer::OutgoingCourse::Act::kSend:
        const auto choice = process_->signing_keys.choose(std::max(wall_clock(), state().last_at),
                                                          link.sender.keys_unknown_to_peer());
        if (choice.key == nullptr) return;
        auto payload = link.sender.next_payload(wall_clock(), link.receiver.applied());
        if (!payload) return;
        maybe_die("is killed before it sends");
        world_.trace.note(id_, "sends node {b} its messages up to {a}", link.sender.sent().value(),
                          link.peer.value());
        world_.network.send(id_, link.peer,
                            {.kind = PacketKind::kEnvelope,
                             .connection = link.outgoing,
                             .envelope = peer::seal_bytes(*choice.key, *std::move(payload))});
    }
  }
}

void City::journal_ack(Link& link) {
  const auto before = link.sender.journaled();
  const auto acknowledged = link.course.ack_to_journal(link.sender, monotonic());
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

void City::receive_report(Link& link, const peer::Report& report) {
  const auto news = link.course.take(link.sender, report, monotonic());
  if (news.diverges) {
    world_.trace.note(id_, "finds that node {a} tells another story: {n}", link.peer.value(), 0,
                      peer::sentence_of(link.sender.divergence()));
    if (world_.is_honest(link.peer)) {
      world_.fail("honest node " + std::to_string(link.peer.value()) + " diverges for node " +
                  std::to_string(id_.value()) + ": " +
                  std::string{peer::sentence_of(link.sender.divergence())});
    }
    return;
  }
  pump(link);
}

// ---- The incoming side --------------------------------------------------------------------------

void City::follow(Link& link, peer::PeerReceiver::Step step) {
  if (step.report) {
    maybe_die("is killed before it reports its cursor");
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
    world_.trace.note(id_, "closes on an envelope of node {a} that is {n}", link.peer.value(), 0,
                      peer::to_text(incoming.error()));
    close_incoming(link);
    return;
  }
  const auto known = state().peers.find(link.peer);
  const auto fork = known == state().peers.end()
                        ? std::nullopt
                        : first_broken_if_passed_over(known->second, *incoming);
  const std::uint64_t passed_over = link.receiver.repetitions();
  auto step = link.receiver.accept(*std::move(incoming));
  if (fork && link.receiver.repetitions() > passed_over) {
    world_.fail("node " + std::to_string(id_.value()) + " " + *fork);
    return;
  }
  follow(link, std::move(step));
}

void City::receive(base::NodeId from, const Packet& packet) {
  if (!is_up()) return;
  later(0, [this, from, packet] { receive_now(from, packet); });
}

void City::receive_now(base::NodeId from, const Packet& packet) {
  Link* link = find(from);
  HG_CHECK(link != nullptr);
  const std::uint64_t expected = packet.is_for_dialler ? link->outgoing : link->incoming;
  if (packet.kind != PacketKind::kOpen && packet.connection != expected) return;
  switch (packet.kind) {
    case PacketKind::kOpen:
      if (packet.connection <= link->incoming) return;  // repeated, or overtaken by a newer one
      link->incoming = packet.connection;
      follow(*link, link->receiver.open_stream());
      return;
    case PacketKind::kEnvelope:
      receive_envelope(*link, packet);
      return;
    case PacketKind::kReport:
      receive_report(*link, packet.report);
      return;
    case PacketKind::kClosed:
      if (packet.is_for_dialler) {
        hang_up(*link);
      } else {
        link->incoming = 0;
        link->receiver.close_stream();
      }
      return;
  }
}

// ---- What became durable ------------------------------------------------------------------------

void City::on_messages(base::NodeId peer, std::vector<machine::OutboxMessage> messages) {
  Link* link = find(peer);
  if (link == nullptr) return;
  for (machine::OutboxMessage& message : messages) link->sender.queue(std::move(message));
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
  ++halts_;
  world_.trace.note(id_, "halts node {a}: {n}", peer.value(), static_cast<std::uint64_t>(code),
                    machine::code_name(code));
  if (world_.is_honest(peer)) {
    world_.fail("node " + std::to_string(id_.value()) + " halts honest node " +
                std::to_string(peer.value()) + ": " + std::string{machine::code_name(code)});
    return;
  }
  if (Link* link = find(peer)) follow(*link, link->receiver.halted(code));
}

void City::on_resumed(base::NodeId peer) {
  if (Link* link = find(peer)) follow(*link, link->receiver.resumed());
}

}  // namespace hugang::simulation
