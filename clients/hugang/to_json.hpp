// The contract's messages as JSON documents. Field names are stable. Amounts are text with the
// asset's decimals, and minor units as text too, since JSON numbers lose digits above 2^53; account
// numbers likewise. Times are RFC 3339 in UTC, or null.
#pragma once

#include <hugang/v1/admin_service.pb.h>
#include <hugang/v1/position_service.pb.h>
#include <hugang/v1/types.pb.h>

#include "clients/hugang/asset_book.hpp"
#include "clients/hugang/failure.hpp"

namespace hugang::program {

[[nodiscard]] std::string id_text(const v1::Id& id);
[[nodiscard]] Json time_json(std::int64_t at_ns);

[[nodiscard]] Json to_json(const v1::Outcome& outcome);
[[nodiscard]] Json to_json(const v1::Account& account, const AssetBook& assets);
[[nodiscard]] Json to_json(const v1::Asset& asset, const AssetBook& assets);
[[nodiscard]] Json to_json(const v1::Settlement& settlement, const AssetBook& assets);
[[nodiscard]] Json to_json(const v1::Participant& participant);
[[nodiscard]] Json to_json(const v1::SigningKey& key);
[[nodiscard]] Json to_json(const v1::GetReconciliationResponse& reconciliation,
                           const AssetBook& assets);

// The words for the contract's enumerations, in tables and JSON alike.
[[nodiscard]] const char* word_of(v1::AccountKind kind);
[[nodiscard]] const char* word_of(v1::SettlementKind kind);
[[nodiscard]] const char* word_of(v1::SettlementStatus status);
[[nodiscard]] const char* word_of(v1::ReconciliationStatus status);
[[nodiscard]] const char* word_of(v1::Role role);

}  // namespace hugang::program
