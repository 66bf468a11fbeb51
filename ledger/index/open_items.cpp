#include "ledger/index/open_items.hpp"

#include <cstring>
#include <utility>

#include "ledger/index/layout.hpp"

namespace hugang::ledger::index {
namespace {

template <class Value>
void append(std::string& text, const Value& value) {
  static_assert(std::is_trivially_copyable_v<Value>);
  text.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class Value>
Value read(base::ByteSpan bytes, std::size_t at) {
  Value value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

std::string key_of(char kind, CommandId id) {
  std::string key(1, kind);
  append(key, id.value());
  return key;
}

void append_leg(std::string& text, AccountIndex debit, AccountIndex credit, std::int64_t minor) {
  append(text, LegRecord{debit.value(), credit.value(), minor});
}

OpenLeg leg_in(base::ByteSpan bytes, std::size_t at) {
  const auto record = read<LegRecord>(bytes, at);
  return {AccountIndex{record.debit}, AccountIndex{record.credit}, record.amount_minor};
}

}  // namespace

void OpenItems::open_hold(CommandId id, OpenHold hold) {
  holds_[id] = hold;
  new_holds_.push_back(id);
}

std::optional<OpenHold> OpenItems::close_hold(CommandId id) {
  const auto found = holds_.find(id);
  if (found == holds_.end()) return std::nullopt;
  const OpenHold hold = found->second;
  holds_.erase(found);
  if (hold.is_saved) removed_.push_back(key_of(kHoldKey, id));
  return hold;
}

void OpenItems::open_settlement(CommandId id, OpenSettlement settlement) {
  settlements_[id] = std::move(settlement);
  new_settlements_.insert(id);
}

const OpenSettlement* OpenItems::settlement(CommandId id) const {
  const auto found = settlements_.find(id);
  return found == settlements_.end() ? nullptr : &found->second;
}

void OpenItems::close_settlement(CommandId id) {
  const auto found = settlements_.find(id);
  if (found == settlements_.end()) return;
  if (found->second.is_saved) removed_.push_back(key_of(kSettlementKey, id));
  settlements_.erase(found);
  new_settlements_.erase(id);
}

AccountIndex OpenItems::corridor(Corridor corridor) const {
  const auto found = corridors_.find(corridor);
  return found == corridors_.end() ? AccountIndex{} : found->second;
}

OpenItems::Changes OpenItems::take_changes() {
  Changes changes;
  changes.removed = std::exchange(removed_, {});
  for (const CommandId id : std::exchange(new_holds_, {})) {
    const auto found = holds_.find(id);
    if (found == holds_.end() || found->second.is_saved) continue;
    OpenHold& hold = found->second;
    hold.is_saved = true;
    std::string value;
    append_leg(value, hold.debit, hold.credit, hold.amount_minor);
    changes.put.emplace_back(key_of(kHoldKey, id), std::move(value));
  }
  for (const CommandId id : std::exchange(new_settlements_, {})) {
    OpenSettlement& settlement = settlements_.at(id);
    settlement.is_saved = true;
    std::string value;
    append(value, std::uint64_t{settlement.is_initiator});
    for (const OpenLeg& leg : settlement.legs) {
      append_leg(value, leg.debit, leg.credit, leg.amount_minor);
    }
    changes.put.emplace_back(key_of(kSettlementKey, id), std::move(value));
  }
  for (const auto& [corridor, account] : corridors_) {
    std::string key(1, kCorridorKey);
    append(key, corridor.first.value());
    append(key, corridor.second.value());
    std::string value;
    append(value, account.value());
    changes.put.emplace_back(std::move(key), std::move(value));
  }
  return changes;
}

bool OpenItems::load(base::ByteSpan key, base::ByteSpan value) {
  if (key.empty()) return false;
  switch (static_cast<char>(key[0])) {
    case kHoldKey: {
      if (key.size() != 17 || value.size() != sizeof(LegRecord)) return false;
      const OpenLeg leg = leg_in(value, 0);
      holds_[CommandId{read<base::u128>(key, 1)}] = {leg.debit, leg.credit, leg.amount_minor, true};
      return true;
    }
    case kSettlementKey: {
      if (key.size() != 17 || value.size() % sizeof(LegRecord) != 8) return false;
      OpenSettlement settlement{
          .is_initiator = read<std::uint64_t>(value, 0) != 0, .is_saved = true, .legs = {}};
      for (std::size_t at = 8; at < value.size(); at += sizeof(LegRecord)) {
        settlement.legs.push_back(leg_in(value, at));
      }
      settlements_[CommandId{read<base::u128>(key, 1)}] = std::move(settlement);
      return true;
    }
    case kCorridorKey: {
      if (key.size() != 9 || value.size() != 4) return false;
      const Corridor corridor{base::NodeId{read<std::uint32_t>(key, 1)},
                              base::AssetId{read<std::uint32_t>(key, 5)}};
      corridors_[corridor] = AccountIndex{read<std::uint32_t>(value, 0)};
      return true;
    }
    default:
      return false;
  }
}

}  // namespace hugang::ledger::index
