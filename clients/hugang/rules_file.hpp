// A rule pack as the operator writes it: limits and caps, dated.
#pragma once

#include <hugang/v1/admin_service.pb.h>

#include <string>

#include "clients/hugang/asset_book.hpp"

namespace hugang::program {

/// From TOML, without the request's id:
///
///     version = 2
///     effective_from = "2026-02-01T00:00:00Z"   # at once where left out
///     [[rule]]
///     kind = "single-max"                        # largest single amount
///     asset = "CNY.D"
///     amount = "500,000.00"
///     [[rule]]
///     kind = "corridor-cap"                      # what a peer may owe or be owed
///     asset = "CNY.D"
///     peer = 2
///     amount = "10,000,000.00"
///
/// Failures name file and line.
[[nodiscard]] Attempt<v1::SetRulesRequest> parse_rules(std::string_view toml,
                                                       const std::string& path,
                                                       const AssetBook& assets);

}  // namespace hugang::program
