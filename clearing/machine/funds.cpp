#include "clearing/machine/funds.hpp"

#include <algorithm>

#include "clearing/base/check.hpp"

namespace hugang::machine {
namespace {

using wire::account_flag::kClosed;
using wire::account_flag::kFrozen;
using wire::account_flag::kNoCreditBalance;
using wire::account_flag::kNoDebitBalance;

u128 minor(Amount amount) { return static_cast<u128>(amount.minor()); }

Amount capped(u128 value) {
  constexpr auto kMax = static_cast<u128>(Amount::kMaxMinor);
  return *Amount::from_minor(static_cast<std::int64_t>(std::min(value, kMax)));
}

/// posted + pending + added on one side, or nothing when 128 bits would wrap.
std::optional<u128> sum_of(u128 posted, u128 pending, u128 added) {
  const auto first = base::checked_add(posted, pending);
  if (!first) return std::nullopt;
  return base::checked_add(*first, added);
}

}  // namespace

std::expected<AccountIndex, Code> find_account(const State& state, AccountNumber number,
                                               bool is_debit) {
  const auto parts = base::parse_account_number(number);
  if (!parts || parts->node != state.self) {
    return std::unexpected{is_debit ? Code::kDebitAccountMalformed : Code::kCreditAccountMalformed};
  }
  if (parts->index.value() > state.accounts.size()) {
    return std::unexpected{is_debit ? Code::kDebitAccountUnknown : Code::kCreditAccountUnknown};
  }
  return parts->index;
}

Code account_standing(const Account& account, bool is_debit) {
  if (account.has(kClosed))
    return is_debit ? Code::kDebitAccountClosed : Code::kCreditAccountClosed;
  if (account.has(kFrozen))
    return is_debit ? Code::kDebitAccountFrozen : Code::kCreditAccountFrozen;
  return Code::kOk;
}

Code check_addition(const Account& account, Addition addition) {
  const Balance& b = account.balance;
  const auto debits = sum_of(b.debits_posted, b.debits_pending, addition.debit);
  const auto credits = sum_of(b.credits_posted, b.credits_pending, addition.credit);
  // A sum that wraps is above every balance, so the reasons follow the numbers of the codes.
  if (addition.debit != 0 && account.has(kNoDebitBalance) &&
      (!debits || *debits > b.credits_posted)) {
    return Code::kInsufficientFunds;
  }
  if (addition.credit != 0 && account.has(kNoCreditBalance) &&
      (!credits || *credits > b.debits_posted)) {
    return Code::kExceedsDebits;
  }
  return debits && credits ? Code::kOk : Code::kBalanceOverflow;
}

Amount available_to_debit(const Account& account) {
  const Balance& b = account.balance;
  const u128 used = b.debits_posted + b.debits_pending;
  return b.credits_posted > used ? capped(b.credits_posted - used) : Amount::zero();
}

Amount available_to_credit(const Account& account) {
  const Balance& b = account.balance;
  const u128 used = b.credits_posted + b.credits_pending;
  return b.debits_posted > used ? capped(b.debits_posted - used) : Amount::zero();
}

std::int64_t single_max_minor(const State& state, AssetId asset) {
  std::int64_t limit = Amount::kMaxMinor;
  for (const wire::Rule& rule : state.rules.rules) {
    if (rule.kind == wire::RuleKind::kSingleMax && rule.asset == asset) {
      limit = std::min(limit, rule.value);  // of two, the narrower binds, as with caps
    }
  }
  return limit;
}

void post(State& state, AccountIndex debit, AccountIndex credit, Amount amount) {
  state.account(debit).balance.debits_posted += minor(amount);
  state.account(credit).balance.credits_posted += minor(amount);
}

void unpost(State& state, AccountIndex debit, AccountIndex credit, Amount amount) {
  HG_CHECK(state.account(debit).balance.debits_posted >= minor(amount));
  HG_CHECK(state.account(credit).balance.credits_posted >= minor(amount));
  state.account(debit).balance.debits_posted -= minor(amount);
  state.account(credit).balance.credits_posted -= minor(amount);
}

void pend(State& state, AccountIndex debit, AccountIndex credit, Amount amount) {
  state.account(debit).balance.debits_pending += minor(amount);
  state.account(credit).balance.credits_pending += minor(amount);
}

void unpend(State& state, AccountIndex debit, AccountIndex credit, Amount amount) {
  HG_CHECK(state.account(debit).balance.debits_pending >= minor(amount));
  HG_CHECK(state.account(credit).balance.credits_pending >= minor(amount));
  state.account(debit).balance.debits_pending -= minor(amount);
  state.account(credit).balance.credits_pending -= minor(amount);
}

}  // namespace hugang::machine
