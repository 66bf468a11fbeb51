// AccountService: messages to wire records, state to messages.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "clearing/machine/state.hpp"
#include "hugang/v1/account_service.pb.h"
#include "services/edge/command.hpp"
#include "services/edge/directory.hpp"

namespace hugang::edge {

/// Owner 0 becomes the caller. That only the operator opens for others is the ledger's rule.
[[nodiscard]] CommandOrFailure to_command(const v1::OpenAccountRequest& request,
                                          const Caller& caller);

/// One account, copied out of the state.
struct AccountFacts {
  base::AccountNumber number;
  machine::Account account;
  wire::FixedText<24> alias;
  wire::FixedText<16> owner_code;
};
[[nodiscard]] AccountFacts account_facts(const machine::State& state, base::AccountIndex index);
void fill(const AccountFacts& facts, v1::Account& message);

/// The account if it exists and the caller may see it.
[[nodiscard]] std::optional<AccountFacts> visible_account(const machine::State& state,
                                                          base::AccountNumber number,
                                                          const Caller& caller);

/// What ListAccounts asks for.
struct AccountPage {
  base::ParticipantId owner;  ///< none: all
  base::AccountIndex after;   ///< continue behind it; none: from the start
  std::uint32_t size = 0;     ///< at least 1
};
[[nodiscard]] std::expected<AccountPage, Failure> to_page(const v1::ListAccountsRequest& request,
                                                          const Caller& caller);

/// Accounts that one look at the state passes over at most: a list must not hold up the core.
inline constexpr std::uint32_t kAccountsPerLook = 16'384;

struct AccountList {
  std::vector<AccountFacts> accounts;
  base::AccountIndex last_looked_at;
  bool is_complete = false;  ///< the page is full or there are no more accounts
  bool has_more = false;     ///< accounts are left that were not looked at
};
/// Adds to `list` what the next look finds behind list.last_looked_at.
void look_for_accounts(const machine::State& state, const AccountPage& page, AccountList& list);

struct AssetFacts {
  machine::Asset asset;
  std::optional<base::i128> issued_minor;  ///< where this node is the issuer
};
[[nodiscard]] std::vector<AssetFacts> asset_facts(const machine::State& state);
void fill(const AssetFacts& facts, v1::Asset& message);

}  // namespace hugang::edge
