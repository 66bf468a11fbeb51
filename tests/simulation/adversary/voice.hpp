// Both directions between the liar and one honest node: what the liar has really said there, in
// order, and what it heard. Lies about the channel are made from this truth.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "clearing/base/bytes.hpp"
#include "clearing/base/strong_id.hpp"
#include "clearing/wire/message.hpp"
#include "clearing/wire/records.hpp"
#include "services/peer/signing_keys.hpp"
#include "tests/simulation/engine/scheduler.hpp"

namespace hugang::simulation {

/// A message in its place in the chain.
struct Said {
  base::Bytes bytes;
  base::Digest before;
  bool is_breach = false;  ///< the victim must halt here
};

/// An instruction that the victim sent to the liar.
struct Demand {
  wire::InstructHead head;
  std::vector<wire::Leg> legs;
  std::optional<machine::Code> decided;
  bool is_recalled = false;  ///< decided so
};

/// An instruction that the liar sent and meant.
struct OwnDemand {
  wire::InstructHead head;
  std::vector<wire::Leg> legs;
  std::optional<machine::Code> decided;
};

struct Voice {
  Voice(base::NodeId liar, base::NodeId other) : self{liar}, victim{other} {}

  base::NodeId self;
  base::NodeId victim;

  // What it says. said[0] is message 1.
  std::vector<Said> said;
  base::Digest chain;               ///< after the last of them
  std::uint64_t cursor = 0;         ///< the victim holds so many
  std::uint64_t sent = 0;           ///< on this connection
  std::uint64_t outgoing = 0;       ///< connection; 0: none
  bool knows_cursor = false;        ///< on this connection
  bool is_halted = false;           ///< the victim said so
  bool gap_at_next_report = false;  ///< the first envelope of the next connection
  bool acks_backwards = false;      ///< on the next envelope
  VirtualTime last_progress = 0;
  std::map<std::uint32_t, std::uint64_t> announced;  ///< own key -> message that announces it
  std::set<base::NodeId> foreign_keys;               ///< announced as its own

  // What it hears.
  std::uint64_t incoming = 0;  ///< connection; 0: none
  std::uint64_t applied = 0;
  base::Digest applied_chain;
  std::vector<base::Digest> heard_chains;  ///< after each applied message
  peer::KeyDirectory keys;
  wire::KeyRecord key;   ///< the victim's first
  base::Bytes captured;  ///< an envelope of the victim, to be passed off elsewhere

  // What it is about.
  std::map<base::CommandId, Demand> demands;
  std::vector<base::CommandId> demand_order;
  std::vector<OwnDemand> own;
  std::set<base::CommandId> spent_ids;  ///< borrowed for a lie once
  std::vector<wire::ReconcileHead> figures_asked;
  std::map<base::AssetId, std::int64_t> holdings;  ///< of the victim's assets, as the liar sees it

  /// Appends a message; returns its number.
  std::uint64_t say(base::Bytes message, bool is_breach = false);
  /// The head of a payload that begins with message `first` of the truth, 1..said.size()+1.
  [[nodiscard]] wire::PayloadHead head_at(std::uint64_t first) const;
  /// Messages first..last of the truth as an honest payload.
  [[nodiscard]] base::Bytes payload(std::uint64_t first, std::uint64_t last) const;
  /// The operator lets it go on: what the victim did not take is said again without the breach.
  void forget_breach();
  /// The victim holds another history than this: goes on from there.
  void adopt(std::uint64_t applied_there, const base::Digest& chain_there);
};

}  // namespace hugang::simulation
