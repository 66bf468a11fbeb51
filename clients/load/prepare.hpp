// Opens and funds the accounts that runs pay between, thousands at a time, and remembers them.
#pragma once

#include <atomic>
#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "clients/library/profile.hpp"
#include "clients/load/account_set.hpp"
#include "clients/load/exit_code.hpp"

namespace hugang::load {

struct PreparePlan {
  std::filesystem::path file;  ///< read where it is there, written after each part
  client::Profile bank;        ///< owns the payers' accounts
  client::Profile operator_;   ///< of the bank's node: issues money, or opens accounts on credit
  std::optional<client::Profile> payee_bank;  ///< at the other node; nothing: no payees
  std::string asset;  ///< its code; empty: the first that the bank's node issues
  std::uint64_t accounts = 10'000;
  std::uint64_t payees = 1'000;
  std::int64_t funds_minor = 1'000'000'000;  ///< for each account
  bool may_overdraw = false;                 ///< accounts that may go below zero instead of funds
  std::uint32_t in_flight = 256;
};

/// How far it is. `what` is "open", "fund".
using PrepareProgress =
    std::function<void(const std::string& what, std::uint64_t done, std::uint64_t of)>;

/// Opens what is missing of the plan; what the file names already is kept, after a look whether
/// the ledger knows it. `is_stopped` ends it early: what was done so far is in the file.
[[nodiscard]] std::expected<AccountFile, Failure> prepare(const PreparePlan& plan,
                                                          const PrepareProgress& progress,
                                                          const std::atomic<bool>& is_stopped);

/// Where accounts of that node are remembered: $XDG_STATE_HOME/hugang/load or
/// ~/.local/state/hugang/load.
[[nodiscard]] std::filesystem::path default_account_file(const client::Profile& bank);

/// The file's accounts, if `bank` finds the first and the last of them in the ledger.
[[nodiscard]] std::expected<AccountFile, Failure> load_accounts(const std::filesystem::path& file,
                                                                const client::Profile& bank);

}  // namespace hugang::load
