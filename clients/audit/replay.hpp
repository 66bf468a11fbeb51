// hugang-audit replay and balance: the state as of an entry or a moment, by replay from the first
// entry on. No checkpoint is trusted, only compared.
#pragma once

#include <filesystem>

#include "clients/audit/exit_code.hpp"
#include "clients/audit/ledger_walk.hpp"

namespace hugang::audit {

struct ReplayOptions {
  std::filesystem::path directory;
  WalkEnd end;
  bool as_json = false;
};
[[nodiscard]] ExitCode run_replay(const ReplayOptions& options);

struct BalanceOptions {
  std::filesystem::path directory;
  base::AccountNumber account;
  WalkEnd end;
  bool as_json = false;
};
/// kUsage when there was no such account at that time.
[[nodiscard]] ExitCode run_balance(const BalanceOptions& options);

}  // namespace hugang::audit
