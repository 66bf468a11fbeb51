// PositionService: messages to wire records, state to messages.
#pragma once

#include <optional>
#include <vector>

#include "clearing/machine/state.hpp"
#include "hugang/v1/position_service.pb.h"
#include "services/edge/command.hpp"

namespace hugang::edge {

[[nodiscard]] CommandOrFailure to_command(const v1::ReconcileRequest& request);

/// A day of the Gregorian calendar from 2000 to 2199, written yyyymmdd.
[[nodiscard]] bool is_business_date(std::uint32_t yyyymmdd);

struct PositionFacts {
  base::NodeId peer;
  base::AssetId asset;
  base::AccountNumber account;
  machine::Balance balance;
};
/// In the order of peers and assets.
[[nodiscard]] std::vector<PositionFacts> position_facts(const machine::State& state);
void fill(const PositionFacts& facts, v1::CorridorPosition& message);

[[nodiscard]] std::optional<machine::Reconciliation> reconciliation(const machine::State& state,
                                                                    base::CommandId id);
void fill(const machine::Reconciliation& reconciliation, v1::GetReconciliationResponse& message);

}  // namespace hugang::edge
