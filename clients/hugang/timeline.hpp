// One settlement drawn for people: what moves, how it stands, and every step in time on one or both
// sides.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>

#include "clients/hugang/asset_book.hpp"
#include "clients/hugang/table.hpp"

namespace hugang::program {

/// `other`: the same settlement as the peer tells it, where it was asked.
void print_settlement(std::ostream& out, const Style& style, const AssetBook& assets,
                      const v1::Settlement& own, const std::optional<v1::Settlement>& other);

/// "CNY.D 12.50  1000000000145 → 2000000000192" for each leg.
[[nodiscard]] std::string leg_text(const v1::Leg& leg, const AssetBook& assets);

[[nodiscard]] Tone tone_of(v1::SettlementStatus status);

}  // namespace hugang::program
