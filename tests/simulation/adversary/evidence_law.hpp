// The law about a lying peer: an honest node's journal, read from its first entry, shows that no
// lie made or lost money, that every breach was met with a halt, and that the evidence is kept.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "ledger/entry.hpp"
#include "tests/simulation/adversary/channel_reading.hpp"
#include "tests/simulation/adversary/liar.hpp"
#include "tests/simulation/adversary/lie.hpp"
#include "tests/simulation/laws/laws.hpp"

namespace hugang::simulation {

/// How often an honest node met a lie of each kind and answered as it must.
using Tally = std::array<std::uint64_t, kLieKinds>;

/// Reads one honest node's journal. After a broken law only destroy it.
class EvidenceLaw {
 public:
  EvidenceLaw(base::NodeId honest, base::NodeId liar, std::span<const Lie> lies);

  /// In order from entry 1. The broken law, or nothing.
  [[nodiscard]] std::optional<std::string> read(const ledger::EntryView& entry);
  /// After the last entry, with the state that the node has come to.
  [[nodiscard]] std::optional<std::string> finish(const machine::State& state) const;

  [[nodiscard]] const Tally& tally() const { return tally_; }
  [[nodiscard]] std::uint64_t halts() const { return halts_; }

 private:
  struct Event {
    wire::EventHead head;
    base::ByteSpan body;
  };
  struct Command {
    wire::CommandKind kind;
    base::ByteSpan record;
    wire::Outcome outcome;
    base::Timestamp at;
  };
  using Broken = std::optional<std::string>;

  [[nodiscard]] Broken read_command(const Command& command, std::span<const Event> events);
  [[nodiscard]] Broken read_envelope(const Command& command, std::span<const Event> events);
  [[nodiscard]] Broken check_halt(base::ByteSpan envelope, const Verdict& verdict,
                                  std::span<const Event> events);
  [[nodiscard]] Broken check_lies(base::ByteSpan envelope, const Verdict& verdict,
                                  std::uint64_t cursor_before);
  [[nodiscard]] Broken read_event(const Event& event);
  [[nodiscard]] Broken read_queued(base::ByteSpan body);
  [[nodiscard]] Broken read_change(const wire::SettlementChanged& change);
  [[nodiscard]] Broken check_caps(const ReadSettlement& settlement) const;
  [[nodiscard]] Broken check_decisions() const;
  [[nodiscard]] Broken check_promises() const;
  [[nodiscard]] Broken check_corridors(const machine::State& state) const;
  [[nodiscard]] std::string here() const;

  base::NodeId honest_;
  base::NodeId liar_;
  std::span<const Lie> lies_;
  std::map<base::Digest, std::size_t> lie_by_subject_;
  ChannelReading reading_;
  base::Seqno entry_;
  std::map<base::AssetId, base::NodeId> issuers_;
  std::map<std::uint32_t, std::vector<wire::Rule>> packs_;
  std::vector<wire::Rule> rules_;
  std::map<base::CommandId, machine::Code> closed_;                  ///< how each ended, once
  std::map<base::CommandId, std::vector<machine::Code>> decisions_;  ///< told to the liar
  std::map<base::CommandId, machine::Code> reconciled_;
  std::set<std::size_t> applied_lies_;  ///< whose answer is a message, to be found at the end
  base::Seqno last_evidence_;
  Tally tally_{};
  std::uint64_t halts_ = 0;
};

/// Of a city that is up and quiet. Adds to `tally` where one is given.
[[nodiscard]] std::optional<std::string> first_broken_by_liar(const City& city, const Liar& liar,
                                                              Tally* tally = nullptr);

/// At rest: what the customers of the honest nodes hold of each asset is what was issued, less what
/// the liar holds by settlements, and for the liar's asset what it owes by settlements.
[[nodiscard]] std::optional<std::string> first_broken_total(const Cities& cities,
                                                            base::NodeId liar);

/// The settlements that a silent liar may leave open for ever: the honest node has asked, and only
/// the liar could decide.
[[nodiscard]] std::uint32_t open_for_liar(const machine::State& state, base::NodeId liar);

}  // namespace hugang::simulation
