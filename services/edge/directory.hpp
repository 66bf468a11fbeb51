// Who is registered at this node, kept beside the ledger so that a call is authenticated without a
// question to the core: loaded once, then kept up to date by what becomes durable.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "clearing/base/strong_id.hpp"
#include "clearing/machine/state.hpp"
#include "clearing/wire/batch.hpp"
#include "services/edge/errors.hpp"
#include "services/edge/identity.hpp"
#include "services/node/ports.hpp"

namespace hugang::edge {

/// Whoever calls, authenticated: only Directory makes one.
class Caller {
 public:
  /// None for peers.
  [[nodiscard]] base::ParticipantId participant() const { return participant_; }
  /// None for participants.
  [[nodiscard]] base::NodeId peer() const { return peer_; }
  /// Of wire::role.
  [[nodiscard]] std::uint32_t roles() const { return roles_; }
  /// True for operators and regulators: reads are not filtered to what is theirs.
  [[nodiscard]] bool sees_everything() const {
    return (roles_ & (wire::role::kOperator | wire::role::kRegulator)) != 0;
  }
  /// True when what belongs to `owner` may be shown.
  [[nodiscard]] bool sees(base::ParticipantId owner) const {
    return sees_everything() || owner == participant_;
  }

 private:
  friend class Directory;
  base::ParticipantId participant_;
  base::NodeId peer_;
  std::uint32_t roles_ = 0;
};

/// Thread-safe.
class Directory {
 public:
  explicit Directory(std::string own_node) : own_node_{std::move(own_node)} {}

  /// What is taken from the state.
  struct Snapshot {
    std::vector<machine::Participant> participants;
    std::vector<std::pair<std::string, base::NodeId>> peers;
  };
  /// Core thread: copies.
  [[nodiscard]] static Snapshot take(const machine::State& state);

  /// Fills the directory as of `seqno`. What became durable behind it and was noted before is kept.
  void load(const Snapshot& snapshot, base::Seqno seqno);

  /// Notes registrations and suspensions of the entry. Entries come in order.
  void on_durable(const node::DurableEntry& entry);

  /// Host = own node: the participant of that code. Host = a registered peer and code "node": that
  /// peer, with the role kPeer alone.
  /// kStarting before load(); kIdentityUnknown: nobody registered, or the own node's certificate;
  /// kIdentityForeign: any other name of another node; kParticipantSuspended.
  [[nodiscard]] std::expected<Caller, EdgeError> find(const Identity& identity) const;

 private:
  struct Entry {
    base::ParticipantId id;
    std::uint32_t roles = 0;
    bool is_suspended = false;
  };
  struct Change {
    base::Seqno seqno;
    wire::CommandKind kind = wire::CommandKind::kTick;
    std::string code;
    std::uint32_t number = 0;  ///< participant or node
    std::uint32_t roles = 0;
    bool is_suspended = false;
  };
  [[nodiscard]] static Change read_change(const wire::GroupView& group, std::uint32_t index,
                                          const wire::Outcome& outcome);
  void apply(const Change& change);
  void note(Change change);
  void add(const machine::Participant& participant);

  const std::string own_node_;
  mutable std::shared_mutex mutex_;
  bool is_loaded_ = false;
  std::vector<Change> before_load_;
  std::map<std::string, Entry, std::less<>> participants_;
  std::map<base::ParticipantId, std::string> codes_;
  std::map<std::string, base::NodeId, std::less<>> peers_;
};

}  // namespace hugang::edge
