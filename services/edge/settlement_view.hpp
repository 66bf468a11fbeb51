// Settlements out of the state: who may see them, how they are listed, and the steps that the
// tracker shows.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <vector>

#include "clearing/machine/state.hpp"
#include "hugang/v1/settlement_service.pb.h"
#include "services/edge/directory.hpp"
#include "services/edge/errors.hpp"

namespace hugang::edge {

/// A settlement and the numbers of this node's accounts in it (0 where a responder found none).
struct SettlementFacts {
  machine::Settlement settlement;
  std::vector<base::AccountNumber> own_accounts;  ///< one per leg
};

[[nodiscard]] bool is_final(wire::SettlementStatus status);

/// The submitter and the owners of this node's accounts in it take part.
[[nodiscard]] bool is_visible(const machine::State& state, const machine::Settlement& settlement,
                              const Caller& caller);

/// The settlement if it is known and visible.
[[nodiscard]] std::optional<SettlementFacts> visible_settlement(const machine::State& state,
                                                                base::CommandId id,
                                                                const Caller& caller);

void fill(const SettlementFacts& facts, v1::Settlement& message);

struct SettlementPage {
  bool open_only = false;
  bool awaiting_affirmation_only = false;
  std::uint32_t size = 0;
  base::CommandId after;  ///< continue with older ones than this; none: from the newest
};
[[nodiscard]] std::expected<SettlementPage, Failure> to_page(
    const v1::ListSettlementsRequest& request);

/// Settlements that one look at the state passes over at most.
inline constexpr std::uint32_t kSettlementsPerLook = 4'096;

/// A page ends early where its messages would pass this: clients take 4 MiB.
inline constexpr std::size_t kSettlementListBytesMax = 2u << 20;

struct SettlementList {
  std::vector<SettlementFacts> settlements;
  /// Those before this position of the order of arrival are still to be looked at; nothing: not
  /// begun.
  std::optional<std::size_t> position;
  std::size_t bytes = 0;  ///< about so many in messages
  bool is_complete = false;
  bool has_more = false;
  bool is_start_unknown = false;  ///< page.after is not a settlement that the caller may see
};
void look_for_settlements(const machine::State& state, const SettlementPage& page,
                          const Caller& caller, SettlementList& list);

}  // namespace hugang::edge
