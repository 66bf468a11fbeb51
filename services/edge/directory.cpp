#include "services/edge/directory.hpp"

#include <mutex>

#include "clearing/base/check.hpp"
#include "clearing/wire/batch.hpp"

namespace hugang::edge {

Directory::Snapshot Directory::take(const machine::State& state) {
  Snapshot snapshot;
  snapshot.participants = state.participants;
  for (const auto& [node, peer] : state.peers) {
    snapshot.peers.emplace_back(std::string{peer.code.view()}, node);
  }
  return snapshot;
}

void Directory::add(const machine::Participant& participant) {
  const std::string code{participant.code.view()};
  participants_[code] = Entry{participant.id, participant.roles, participant.is_suspended};
  codes_[participant.id] = code;
}

void Directory::load(const Snapshot& snapshot, base::Seqno seqno) {
  const std::unique_lock lock{mutex_};
  for (const machine::Participant& participant : snapshot.participants) add(participant);
  for (const auto& [code, node] : snapshot.peers) peers_[code] = node;
  for (const Change& change : before_load_) {
    if (change.seqno > seqno) apply(change);
  }
  before_load_.clear();
  is_loaded_ = true;
}

void Directory::apply(const Change& change) {
  switch (change.kind) {
    case wire::CommandKind::kRegisterParticipant: {
      const base::ParticipantId id{change.number};
      participants_[change.code] = Entry{id, change.roles, false};
      codes_[id] = change.code;
      return;
    }
    case wire::CommandKind::kUpdateParticipant: {
      const auto code = codes_.find(base::ParticipantId{change.number});
      if (code != codes_.end()) participants_[code->second].is_suspended = change.is_suspended;
      return;
    }
    case wire::CommandKind::kRegisterPeer:
      peers_[change.code] = base::NodeId{change.number};
      return;
    default:
      HG_CHECK(false);
  }
}

void Directory::note(Change change) {
  const std::unique_lock lock{mutex_};
  if (is_loaded_) {
    apply(change);
  } else {
    before_load_.push_back(std::move(change));
  }
}

Directory::Change Directory::read_change(const wire::GroupView& group, std::uint32_t index,
                                         const wire::Outcome& outcome) {
  Change change;
  change.kind = group.kind;
  if (group.kind == wire::CommandKind::kRegisterParticipant) {
    const auto record = wire::read_record<wire::RegisterParticipant>(group.record(index));
    change.code = record.code.view();
    change.number = static_cast<std::uint32_t>(outcome.value);
    change.roles = record.roles;
  } else if (group.kind == wire::CommandKind::kUpdateParticipant) {
    const auto record = wire::read_record<wire::UpdateParticipant>(group.record(index));
    change.number = record.participant.value();
    change.is_suspended = record.suspend != 0;
  } else {
    const auto record = wire::read_record<wire::RegisterPeer>(group.record(index));
    change.code = record.code.view();
    change.number = record.peer.value();
  }
  return change;
}

void Directory::on_durable(const node::DurableEntry& entry) {
  const auto groups = wire::read_batch(entry.commands);
  HG_CHECK(groups.has_value());
  std::size_t first = 0;
  for (const wire::GroupView& group : *groups) {
    const bool concerns_us = group.kind == wire::CommandKind::kRegisterParticipant ||
                             group.kind == wire::CommandKind::kUpdateParticipant ||
                             group.kind == wire::CommandKind::kRegisterPeer;
    for (std::uint32_t i = 0; concerns_us && i < group.count; ++i) {
      const wire::Outcome& outcome = entry.outcomes[first + i];
      // A repeated command changed nothing: its first time counted.
      const bool is_repeat = (outcome.flags & wire::outcome_flag::kRepeated) != 0;
      if (outcome.code != machine::Code::kOk || is_repeat) continue;
      Change change = read_change(group, i, outcome);
      change.seqno = entry.seqno;
      note(std::move(change));
    }
    first += group.count;
  }
}

std::expected<Caller, EdgeError> Directory::find(const Identity& identity) const {
  const std::shared_lock lock{mutex_};
  if (!is_loaded_) return std::unexpected{EdgeError::kStarting};
  Caller caller;
  if (identity.node != own_node_) {
    const auto peer = peers_.find(identity.node);
    if (peer == peers_.end() || identity.code != kNodeIdentityCode) {
      return std::unexpected{EdgeError::kIdentityForeign};
    }
    caller.peer_ = peer->second;
    caller.roles_ = wire::role::kPeer;
    return caller;
  }
  // The node's own certificate is for the links, where it is the peer that looks at it.
  const auto participant = participants_.find(identity.code);
  if (participant == participants_.end() || identity.code == kNodeIdentityCode) {
    return std::unexpected{EdgeError::kIdentityUnknown};
  }
  if (participant->second.is_suspended) return std::unexpected{EdgeError::kParticipantSuspended};
  caller.participant_ = participant->second.id;
  // The role of a peer comes from a node's certificate alone.
  caller.roles_ = participant->second.roles & ~wire::role::kPeer;
  return caller;
}

}  // namespace hugang::edge
