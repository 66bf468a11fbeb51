// What an entry refers to and does not say again: holds that are open, settlements that are open,
// and the corridor accounts. Kept beside the index, so that it can go on from any entry.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "clearing/base/bytes.hpp"
#include "clearing/wire/records.hpp"
#include "ledger/index/posting.hpp"

namespace hugang::ledger::index {

struct OpenHold {
  AccountIndex debit;
  AccountIndex credit;
  std::int64_t amount_minor = 0;
  bool is_saved = false;
};

/// A leg on this ledger: between which accounts it moves.
struct OpenLeg {
  AccountIndex debit;
  AccountIndex credit;
  std::int64_t amount_minor = 0;
};

struct OpenSettlement {
  bool is_initiator = false;
  bool is_saved = false;
  std::vector<OpenLeg> legs;
};

/// One thread.
class OpenItems {
 public:
  using Corridor = std::pair<base::NodeId, base::AssetId>;

  void open_hold(CommandId id, OpenHold hold);
  /// The hold, no longer open; nothing where there was none.
  [[nodiscard]] std::optional<OpenHold> close_hold(CommandId id);

  void open_settlement(CommandId id, OpenSettlement settlement);
  /// nullptr when there is none.
  [[nodiscard]] const OpenSettlement* settlement(CommandId id) const;
  void close_settlement(CommandId id);

  void set_corridor(Corridor corridor, AccountIndex account) { corridors_[corridor] = account; }
  /// None where there is no such corridor.
  [[nodiscard]] AccountIndex corridor(Corridor corridor) const;

  /// What must be written and what removed to go from the last take_changes() to now. Keys as in
  /// docs/FORMAT.md.
  struct Changes {
    std::vector<std::pair<std::string, std::string>> put;
    std::vector<std::string> removed;
  };
  [[nodiscard]] Changes take_changes();
  /// Takes up what was written; false when it is no such pair.
  [[nodiscard]] bool load(base::ByteSpan key, base::ByteSpan value);

  [[nodiscard]] std::size_t holds() const { return holds_.size(); }

 private:
  boost::unordered_flat_map<CommandId, OpenHold> holds_;
  std::map<CommandId, OpenSettlement> settlements_;
  std::map<Corridor, AccountIndex> corridors_;
  std::vector<CommandId> new_holds_;
  std::set<CommandId> new_settlements_;
  std::vector<std::string> removed_;
};

/// First byte of the keys under which open items are kept.
inline constexpr char kHoldKey = 'H';
inline constexpr char kSettlementKey = 'S';
inline constexpr char kCorridorKey = 'C';

}  // namespace hugang::ledger::index
