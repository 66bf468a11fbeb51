#include "tests/model/naive_ledger.hpp"

#include <algorithm>
#include <set>

namespace hugang::model {
namespace {

namespace flag = wire::transfer_flag;

bool has(const wire::Transfer& t, std::uint16_t bit) { return (t.flags & bit) != 0; }

std::string content_of(const wire::Transfer& t) {
  return {reinterpret_cast<const char*>(&t), sizeof(t)};
}

bool is_reserved(base::u128 id) { return id == 0 || id == ~base::u128{0}; }

/// Node 1's numbers: 1iiiiiiiiiicc with the whole 1 modulo 97.
bool is_number(std::uint64_t number) {
  return number / 1'000'000'000'000 == 1 && number % 97 == 1 && number / 100 % 10'000'000'000 != 0;
}

Big free_to_debit(const NaiveAccount& a) {
  return std::max<Big>(0, a.credits - a.debits - a.debits_held);
}
Big still_owed(const NaiveAccount& a) {
  return std::max<Big>(0, a.debits - a.credits - a.credits_held);
}

}  // namespace

void NaiveLedger::expire(std::int64_t now) {
  for (auto it = holds_.begin(); it != holds_.end();) {
    const NaiveHold& hold = it->second;
    if (hold.expires_at == 0 || hold.expires_at > now) {
      ++it;
      continue;
    }
    accounts.at(hold.debit).debits_held -= hold.amount;
    accounts.at(hold.credit).credits_held -= hold.amount;
    ended_[it->first] = Code::kHoldExpired;
    it = holds_.erase(it);
  }
}

const NaiveLedger::Remembered* NaiveLedger::known(base::u128 id) const {
  const auto found = memory_.find(id);
  return found == memory_.end() ? nullptr : &found->second;
}

/// For an id that is reserved or known.
NaiveAnswer NaiveLedger::earlier(std::uint32_t caller, const wire::Transfer& t) const {
  if (is_reserved(t.id.value())) return {Code::kIdReserved, 0, false};
  const Remembered& before = *known(t.id.value());
  if (before.caller != caller || before.content != content_of(t)) {
    return {Code::kIdUsedForOtherContent, 0, false};
  }
  return {before.answer.code, before.answer.value, true};
}

std::vector<NaiveAnswer> NaiveLedger::apply(std::uint32_t caller,
                                            const std::vector<wire::Transfer>& chain, bool is_open,
                                            std::int64_t now) {
  const auto is_taken = [&](const wire::Transfer& t) {
    return is_reserved(t.id.value()) || known(t.id.value()) != nullptr;
  };
  const auto remember = [&](const wire::Transfer& t, NaiveAnswer answer) {
    memory_[t.id.value()] = {caller, content_of(t), answer};
    return answer;
  };
  std::vector<NaiveAnswer> answers;
  if (is_taken(chain.front())) {
    // A retry: what is known is answered as before, what is new has no chain to stand in.
    for (const wire::Transfer& t : chain) {
      answers.push_back(is_taken(t) ? earlier(caller, t)
                                    : remember(t, {Code::kLinkedOtherFailed, 0, false}));
    }
    return answers;
  }

  const auto accounts_before = accounts;
  const auto holds_before = holds_;
  ended_in_chain_.clear();
  std::set<base::u128> ids;
  std::size_t failed = chain.size();
  Code why = Code::kOk;
  if (is_open) {
    failed = chain.size() - 1;
    why = Code::kLinkedChainOpen;
  }
  for (std::size_t i = 0; i < chain.size() && why == Code::kOk; ++i) {
    const bool is_repeated_id = !ids.insert(chain[i].id.value()).second;
    if (is_taken(chain[i]) || is_repeated_id) {
      answers.push_back({Code::kLinkedIdUsed, 0, false});
    } else {
      answers.push_back(decide(caller, chain[i], now));
    }
    if (answers.back().code != Code::kOk) {
      failed = i;
      why = answers.back().code;
    }
  }
  if (why != Code::kOk) {
    accounts = accounts_before;
    holds_ = holds_before;
    for (const base::u128 id : ended_in_chain_) ended_.erase(id);
    answers.assign(chain.size(), {Code::kLinkedOtherFailed, 0, false});
    answers[failed].code = why;
  }
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (!is_taken(chain[i])) remember(chain[i], answers[i]);
  }
  return answers;
}

Code NaiveLedger::form(const wire::Transfer& t, std::int64_t now) const {
  const bool is_second = has(t, flag::kPostHold) || has(t, flag::kVoidHold);
  const bool is_balancing = has(t, flag::kBalancingDebit) || has(t, flag::kBalancingCredit);
  const int phases = has(t, flag::kHold) + has(t, flag::kPostHold) + has(t, flag::kVoidHold);
  if (t.flags >= 64) return Code::kFlagsUnknown;
  if (phases > 1 || (is_second && is_balancing)) return Code::kFlagsExclusive;
  if (t.amount_minor == 0 && !is_second) return Code::kAmountZero;
  if (t.amount_minor < 0 || t.amount_minor > 100'000'000'000'000'000) {
    return Code::kAmountOutOfRange;
  }
  if (t.expires_at.ns() != 0 && !has(t, flag::kHold)) return Code::kExpiryWithoutHold;
  if (t.expires_at.ns() != 0 && t.expires_at.ns() <= now) return Code::kExpiryPassed;
  if (is_second && t.pending_id.value() == 0) return Code::kPendingIdMissing;
  if (!is_second && t.pending_id.value() != 0) return Code::kPendingIdNotAllowed;
  return Code::kOk;
}

NaiveAnswer NaiveLedger::decide(std::uint32_t caller, const wire::Transfer& t, std::int64_t now) {
  if (const Code code = form(t, now); code != Code::kOk) return {code, 0, false};
  if (caller == 0) return {Code::kNotPermitted, 0, false};
  if (caller > participants) return {Code::kParticipantUnknown, 0, false};
  const bool is_second = has(t, flag::kPostHold) || has(t, flag::kVoidHold);
  return is_second ? decide_second(caller, t) : decide_first(caller, t);
}

NaiveAnswer NaiveLedger::decide_first(std::uint32_t caller, const wire::Transfer& t) {
  const auto refuse = [](Code code) { return NaiveAnswer{code, 0, false}; };
  if (t.asset.value() != asset_) return refuse(Code::kAssetUnknown);
  if (!is_number(t.debit.value())) return refuse(Code::kDebitAccountMalformed);
  if (!accounts.contains(t.debit.value())) return refuse(Code::kDebitAccountUnknown);
  if (!is_number(t.credit.value())) return refuse(Code::kCreditAccountMalformed);
  if (!accounts.contains(t.credit.value())) return refuse(Code::kCreditAccountUnknown);
  if (t.debit == t.credit) return refuse(Code::kSameAccount);
  NaiveAccount& debit = accounts.at(t.debit.value());
  NaiveAccount& credit = accounts.at(t.credit.value());
  if (debit.owner != caller) return refuse(Code::kNotOwner);
  if (debit.is_closed) return refuse(Code::kDebitAccountClosed);
  if (credit.is_closed) return refuse(Code::kCreditAccountClosed);
  if (debit.is_frozen) return refuse(Code::kDebitAccountFrozen);
  if (credit.is_frozen) return refuse(Code::kCreditAccountFrozen);

  Big amount = t.amount_minor;
  if (has(t, flag::kBalancingDebit)) amount = std::min(amount, free_to_debit(debit));
  if (has(t, flag::kBalancingCredit)) amount = std::min(amount, still_owed(credit));
  if (amount > single_max) return refuse(Code::kSingleLimit);
  const bool debit_is_bound = !debit.may_overdraw && !debit.is_reserve;
  if (amount > 0 && debit_is_bound && amount > debit.credits - debit.debits - debit.debits_held) {
    return refuse(Code::kInsufficientFunds);
  }
  if (amount > 0 && credit.is_reserve &&
      amount > credit.debits - credit.credits - credit.credits_held) {
    return refuse(Code::kExceedsDebits);
  }
  if (amount == 0) return refuse(Code::kBalancingZero);
  if (has(t, flag::kHold)) {
    holds_[t.id.value()] = {t.debit.value(), t.credit.value(), static_cast<std::int64_t>(amount),
                            t.expires_at.ns()};
    debit.debits_held += amount;
    credit.credits_held += amount;
  } else {
    debit.debits += amount;
    credit.credits += amount;
  }
  return {Code::kOk, static_cast<std::uint64_t>(amount), false};
}

NaiveAnswer NaiveLedger::decide_second(std::uint32_t caller, const wire::Transfer& t) {
  const auto refuse = [](Code code) { return NaiveAnswer{code, 0, false}; };
  const auto found = holds_.find(t.pending_id.value());
  if (found == holds_.end()) {
    const auto ended = ended_.find(t.pending_id.value());
    return refuse(ended == ended_.end() ? Code::kHoldUnknown : ended->second);
  }
  const NaiveHold hold = found->second;
  NaiveAccount& debit = accounts.at(hold.debit);
  NaiveAccount& credit = accounts.at(hold.credit);
  if (debit.owner != caller) return refuse(Code::kNotOwner);
  const bool is_post = has(t, flag::kPostHold);
  if (is_post && debit.is_frozen) return refuse(Code::kDebitAccountFrozen);
  if (is_post && credit.is_frozen) return refuse(Code::kCreditAccountFrozen);
  if ((t.debit.value() != 0 && t.debit.value() != hold.debit) ||
      (t.credit.value() != 0 && t.credit.value() != hold.credit) ||
      (t.asset.value() != 0 && t.asset.value() != asset_)) {
    return refuse(Code::kHoldMismatch);
  }
  if (!is_post && t.amount_minor != 0 && t.amount_minor != hold.amount) {
    return refuse(Code::kHoldMismatch);
  }
  if (t.amount_minor > hold.amount) return refuse(Code::kHoldExceeded);

  const std::int64_t amount = t.amount_minor == 0 ? hold.amount : t.amount_minor;
  debit.debits_held -= hold.amount;
  credit.credits_held -= hold.amount;
  if (is_post) {
    debit.debits += amount;
    credit.credits += amount;
  }
  holds_.erase(found);
  ended_[t.pending_id.value()] = is_post ? Code::kHoldPosted : Code::kHoldVoided;
  ended_in_chain_.push_back(t.pending_id.value());
  return {Code::kOk, static_cast<std::uint64_t>(amount), false};
}

}  // namespace hugang::model
