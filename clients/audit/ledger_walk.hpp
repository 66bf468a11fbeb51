// A ledger opened to read, and the replay that every command of the auditor is made of.
#pragma once

#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "clearing/machine/machine.hpp"
#include "clients/audit/progress.hpp"
#include "ledger/journal.hpp"
#include "ledger/recovery.hpp"

namespace hugang::audit {

using base::Seqno;
using base::Timestamp;
using ledger::EntryView;
using ledger::Journal;
using ledger::LedgerError;

[[nodiscard]] machine::Hashing hashing();

/// Where a replay ends. Neither: at the last entry that can be read.
struct WalkEnd {
  std::optional<Seqno> to;         ///< included; must be there
  std::optional<Timestamp> as_of;  ///< entries that began at or before this instant
};

/// Called after each entry was applied and found to give what was journaled.
using OnEntry = std::function<std::expected<void, LedgerError>(const EntryView& entry)>;

/// Replays from entry 1 into `machine`, which must be new. Stops at the first error, also one of
/// `on_entry`. kNotFound when `end.to` is behind the last entry.
[[nodiscard]] std::expected<void, LedgerError> walk(const Journal& journal,
                                                    machine::Machine& machine, const WalkEnd& end,
                                                    Progress& progress,
                                                    const OnEntry& on_entry = {});

/// "CNY.D 1,234.56": at the asset's decimals; minor units where the asset is not registered.
[[nodiscard]] std::string asset_amount_text(const machine::State& state, base::AssetId asset,
                                            base::i128 minor);

/// The asset's code, or "asset 7".
[[nodiscard]] std::string asset_code(const machine::State& state, base::AssetId asset);

/// Prints the error for a person on standard error, or as JSON on standard output.
void print_error(const LedgerError& error, bool as_json);

}  // namespace hugang::audit
