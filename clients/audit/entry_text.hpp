// Commands and events of an entry in words: names and values, for people and for JSON.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clearing/base/bytes.hpp"
#include "clearing/wire/batch.hpp"
#include "clearing/wire/outcome.hpp"

namespace hugang::audit {

/// What is known of assets while entries are read in order.
struct AssetName {
  std::string code;
  std::uint8_t scale = 0;
};
using AssetNames = std::map<base::AssetId, AssetName>;

using Fields = std::vector<std::pair<std::string_view, std::string>>;

/// "transfer", "open_account" and so on.

/// What the command says; fields that say nothing (0, empty) are left out.
[[nodiscard]] Fields command_fields(wire::CommandKind kind, base::ByteSpan record,
                                    const AssetNames& assets);

/// Adds the asset of a register_asset command. For commands that were carried out: a refused one
/// may name a known asset with other decimals.
void learn_asset(wire::CommandKind kind, base::ByteSpan record, AssetNames& assets);

[[nodiscard]] std::string_view kind_text(wire::EventKind kind);

/// What happened; empty when the body is too short for its kind.
[[nodiscard]] Fields event_fields(wire::EventKind kind, base::ByteSpan body);

/// "name value, name value".
[[nodiscard]] std::string line_text(const Fields& fields);

}  // namespace hugang::audit
