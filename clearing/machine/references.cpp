#include "clearing/machine/references.hpp"

#include <algorithm>

#include "clearing/machine/limits.hpp"

namespace hugang::machine {
namespace {

bool is_account(const State& state, AccountIndex index) {
  return index.value() != 0 && index.value() <= state.accounts.size();
}

bool is_none_or_account(const State& state, AccountIndex index) {
  return index.is_none() || is_account(state, index);
}

bool registers_are_sound(const State& state) {
  for (std::size_t i = 0; i < state.participants.size(); ++i) {
    if (state.participants[i].id.value() != i + 1) return false;
  }
  for (const auto& [id, asset] : state.assets) {
    if (asset.id != id || !is_none_or_account(state, asset.reserve)) return false;
  }
  return std::ranges::all_of(state.holds, [&](const auto& entry) {
    return is_account(state, entry.second.debit) && is_account(state, entry.second.credit);
  });
}

bool legs_are_sound(const State& state, const Settlement& settlement) {
  const bool is_open = settlement.status == SettlementStatus::kSent ||
                       settlement.status == SettlementStatus::kPending;
  const bool is_refused = settlement.status == SettlementStatus::kRefused;
  if (!is_refused && settlement.legs.size() > kLegsMax) return false;
  for (const SettlementLeg& leg : settlement.legs) {
    if (!is_none_or_account(state, leg.customer)) return false;
    if (!is_none_or_account(state, leg.corridor)) return false;
    if (!is_open) continue;
    if (leg.customer.is_none() || leg.corridor.is_none()) return false;
    if (!Amount::from_minor(leg.amount_minor)) return false;
  }
  return true;
}

bool return_is_sound(const State& state, const Settlement& settlement) {
  const auto returns = [](const SettlementLeg& leg) {
    return leg.returns_leg != SettlementLeg::kNoLeg;
  };
  if (std::ranges::none_of(settlement.legs, returns)) return true;
  const Settlement* original = state.settlements.find(settlement.extra->original_id);
  return settlement.kind == wire::SettlementKind::kReturn && original != nullptr &&
         std::ranges::all_of(settlement.legs, [&](const SettlementLeg& leg) {
           return leg.returns_leg < original->legs.size();
         });
}

bool settlements_are_sound(const State& state) {
  return std::ranges::all_of(state.settlements, [&](const Settlement& settlement) {
    return state.peers.contains(settlement.peer) && legs_are_sound(state, settlement) &&
           return_is_sound(state, settlement);
  });
}

bool is_history_of_cursor(const Peer& peer) {
  const auto& hashes = peer.recent_chains.hashes;
  const std::uint64_t remembered = std::min<std::uint64_t>(peer.applied.value(), kChainsRemembered);
  if (hashes.size() != remembered) return false;
  return (hashes.empty() ? Digest{} : hashes.back()) == peer.applied_chain;
}

bool peers_are_sound(const State& state) {
  for (const auto& [node, peer] : state.peers) {
    if (peer.node != node || !is_history_of_cursor(peer)) return false;
    for (const auto& [asset, corridor] : peer.corridors) {
      if (!state.assets.contains(asset) || !is_account(state, corridor)) return false;
    }
  }
  return true;
}

bool reconciliations_are_sound(const State& state) {
  if (state.reconciliation_order.size() != state.reconciliations.size()) return false;
  return std::ranges::all_of(state.reconciliations,
                             [](const auto& entry) { return entry.second.id == entry.first; }) &&
         std::ranges::all_of(state.reconciliation_order, [&](const CommandId& id) {
           return state.reconciliations.contains(id);
         });
}

}  // namespace

bool refers_inside(const State& state) {
  return state.aliases.size() == state.accounts.size() && registers_are_sound(state) &&
         settlements_are_sound(state) && peers_are_sound(state) && reconciliations_are_sound(state);
}

}  // namespace hugang::machine
