// Whether money may move between two accounts, and the moving: shared by transfers and settlements,
// so that there is one place for each rule about balances. Internal to machine/.
#pragma once

#include <expected>

#include "clearing/machine/state.hpp"

namespace hugang::machine {

/// The account behind a number of this node: kDebitAccountMalformed / kDebitAccountUnknown, or the
/// credit pair, by `is_debit`.
[[nodiscard]] std::expected<AccountIndex, Code> find_account(const State& state,
                                                             AccountNumber number, bool is_debit);

/// kOk, or why the account takes no new business (closed before frozen).
[[nodiscard]] Code account_standing(const Account& account, bool is_debit);

/// kOk, kInsufficientFunds, kExceedsDebits or kBalanceOverflow: what adding these amounts to what
/// is posted and pending would break. Conservative: a credit does not cover a debit of the same
/// call.
struct Addition {
  u128 debit = 0;
  u128 credit = 0;
};
[[nodiscard]] Code check_addition(const Account& account, Addition addition);

/// Minor units that the account can still be debited: credits - debits - pending debits, 0 when
/// negative. Capped at Amount::kMaxMinor.
[[nodiscard]] Amount available_to_debit(const Account& account);
/// Minor units that the account still owes: debits - credits - pending credits, likewise.
[[nodiscard]] Amount available_to_credit(const Account& account);

/// The largest single amount in an asset by the rules of the day, the narrowest where there are
/// several; kMaxMinor where there is none.
[[nodiscard]] std::int64_t single_max_minor(const State& state, AssetId asset);

// The moves. They cannot fail: callers have checked.
void post(State& state, AccountIndex debit, AccountIndex credit, Amount amount);
void unpost(State& state, AccountIndex debit, AccountIndex credit, Amount amount);
void pend(State& state, AccountIndex debit, AccountIndex credit, Amount amount);
void unpend(State& state, AccountIndex debit, AccountIndex credit, Amount amount);

}  // namespace hugang::machine
