// What initiator and responder share: the legs on this node's ledger, their funds, and the end of a
// settlement. Internal to machine/.
#pragma once

#include "clearing/machine/apply_context.hpp"
#include "clearing/machine/channel.hpp"

namespace hugang::machine {

/// The two accounts that a leg moves between on this ledger.
[[nodiscard]] inline AccountIndex debit_of(const SettlementLeg& leg) {
  return leg.pays ? leg.customer : leg.corridor;
}
[[nodiscard]] inline AccountIndex credit_of(const SettlementLeg& leg) {
  return leg.pays ? leg.corridor : leg.customer;
}

/// The shape of an instruction, the same question on both sides: legs, kind, times, details.
[[nodiscard]] Code check_shape(const wire::InstructHead& head, std::span<const wire::Leg> legs,
                               std::size_t details_bytes, Timestamp now);

/// The customer account of a leg on this ledger, or why it cannot take part: number, asset, kind,
/// standing. `pays` says whether it is debited.
[[nodiscard]] std::expected<AccountIndex, Code> find_customer(const State& state,
                                                              AccountNumber number, AssetId asset,
                                                              bool pays);

/// The number of the account at the other side must at least be one of that node; whether there is
/// such an account that node knows.
[[nodiscard]] Code check_other_number(AccountNumber number, NodeId node, bool is_debit);

/// The corridor account for an asset with a peer, or kAssetNotSettledWithPeer.
[[nodiscard]] std::expected<AccountIndex, Code> find_corridor(const Peer& peer, AssetId asset);

/// Whether all legs together can move now: limits, caps, funds. For corridor accounts the answer is
/// kCorridorReserved where a customer's would be kInsufficientFunds or kExceedsDebits.
[[nodiscard]] Code check_legs(const State& state, const Peer& peer,
                              std::span<const SettlementLeg> legs);

void pend_legs(State& state, const Settlement& settlement);
void unpend_legs(State& state, const Settlement& settlement);
void post_legs(State& state, const Settlement& settlement);

/// What the instruction says beyond what every instruction says.
void fill_extra(Settlement& settlement, const wire::InstructView& view);

/// Adds a settlement, counts it as open, and tells so.
Settlement& open_settlement(ApplyContext& context, Settlement settlement);

/// Final: status, times, event. For a return also the amounts given back of the original.
void close_settlement(ApplyContext& context, Settlement& settlement, SettlementStatus status,
                      Code code);

[[nodiscard]] Settlement* find_settlement(State& state, CommandId id);

/// Notes in each leg of a return which leg of the original it gives back; or kOriginalUnknown,
/// kReturnExceedsOriginal, and then the notes mean nothing. `this_side_returns` is true at the
/// return's initiator.
[[nodiscard]] Code match_return(const Settlement& original, std::span<SettlementLeg> legs,
                                bool this_side_returns);

/// Whether match_return has passed for it, so that it gives back what it reserved.
[[nodiscard]] inline bool gives_back(const Settlement& settlement) {
  return settlement.kind == wire::SettlementKind::kReturn && !settlement.legs.empty() &&
         settlement.legs.front().returns_leg != SettlementLeg::kNoLeg;
}

/// Reserves what a return under way gives back of its original, so that two returns cannot give it
/// twice. Requires match_return to have passed.
void reserve_return(State& state, const Settlement& settlement);

}  // namespace hugang::machine
