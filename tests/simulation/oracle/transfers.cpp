#include <algorithm>
#include <set>

#include "clearing/machine/limits.hpp"
#include "tests/simulation/oracle/desk.hpp"

namespace hugang::oracle {
namespace {

namespace flag = wire::transfer_flag;
namespace account_flag = wire::account_flag;

constexpr Minor kAmountMax = 100'000'000'000'000'000;

bool has(const wire::Transfer& t, std::uint16_t bit) { return (t.flags & bit) != 0; }
ByteSpan bytes_of(const wire::Transfer& t) { return std::as_bytes(std::span{&t, 1}); }

Big free_to_debit(const Account& a) {
  return a.money.credits - a.money.debits - a.money.debits_held;
}
Big still_owed(const Account& a) { return a.money.debits - a.money.credits - a.money.credits_held; }

Code form(const wire::Transfer& t, Time now) {
  const bool is_second = has(t, flag::kPostHold) || has(t, flag::kVoidHold);
  const bool is_balancing = has(t, flag::kBalancingDebit) || has(t, flag::kBalancingCredit);
  const int phases = has(t, flag::kHold) + has(t, flag::kPostHold) + has(t, flag::kVoidHold);
  if (t.flags > flag::kAll) return Code::kFlagsUnknown;
  if (phases > 1 || (is_second && is_balancing)) return Code::kFlagsExclusive;
  if (t.amount_minor == 0 && !is_second) return Code::kAmountZero;
  if (t.amount_minor < 0 || t.amount_minor > kAmountMax) return Code::kAmountOutOfRange;
  if (t.expires_at.ns() != 0 && !has(t, flag::kHold)) return Code::kExpiryWithoutHold;
  if (t.expires_at.ns() != 0 && t.expires_at.ns() <= now) return Code::kExpiryPassed;
  if (is_second && t.pending_id.value() == 0) return Code::kPendingIdMissing;
  if (!is_second && t.pending_id.value() != 0) return Code::kPendingIdNotAllowed;
  return Code::kOk;
}

Code between(const Book& book, PersonNo caller, const wire::Transfer& t, const Account& debit,
             const Account& credit) {
  using wire::AccountKind;
  const AssetNo asset = t.asset.value();
  if (debit.number == credit.number) return Code::kSameAccount;
  if (debit.asset != asset || credit.asset != asset) return Code::kAssetMismatch;
  if (debit.owner != caller) return Code::kNotOwner;
  if (debit.kind == AccountKind::kCorridor || credit.kind == AccountKind::kCorridor) {
    return Code::kAccountNotAddressable;
  }
  if (debit.has(account_flag::kClosed)) return Code::kDebitAccountClosed;
  if (credit.has(account_flag::kClosed)) return Code::kCreditAccountClosed;
  if (debit.has(account_flag::kFrozen)) return Code::kDebitAccountFrozen;
  if (credit.has(account_flag::kFrozen)) return Code::kCreditAccountFrozen;
  static_cast<void>(book);
  return Code::kOk;
}

Answer first_phase(Book& book, PersonNo caller, const wire::Transfer& t) {
  if (!book.assets.contains(t.asset.value())) return refuse(Code::kAssetUnknown);
  const auto is_ours = [&](AccountNo number) {
    return is_account_number(number) && number / 1'000'000'000'000 == book.self;
  };
  if (!is_ours(t.debit.value())) return refuse(Code::kDebitAccountMalformed);
  Account* debit = find_account(book, t.debit.value());
  if (debit == nullptr) return refuse(Code::kDebitAccountUnknown);
  if (!is_ours(t.credit.value())) return refuse(Code::kCreditAccountMalformed);
  Account* credit = find_account(book, t.credit.value());
  if (credit == nullptr) return refuse(Code::kCreditAccountUnknown);
  if (const Code code = between(book, caller, t, *debit, *credit); code != Code::kOk) {
    return refuse(code);
  }
  Big amount = t.amount_minor;
  if (has(t, flag::kBalancingDebit)) {
    amount = std::min(amount, std::max<Big>(0, free_to_debit(*debit)));
  }
  if (has(t, flag::kBalancingCredit)) {
    amount = std::min(amount, std::max<Big>(0, still_owed(*credit)));
  }
  const auto limit = single_limit(book, t.asset.value());
  if (limit && amount > *limit) return refuse(Code::kSingleLimit);
  if (amount == 0) return refuse(Code::kBalancingZero);
  if (debit->has(account_flag::kNoDebitBalance) && amount > free_to_debit(*debit)) {
    return refuse(Code::kInsufficientFunds);
  }
  if (credit->has(account_flag::kNoCreditBalance) && amount > still_owed(*credit)) {
    return refuse(Code::kExceedsDebits);
  }
  if (!has(t, flag::kHold)) {
    debit->money.debits += amount;
    credit->money.credits += amount;
    return done(static_cast<std::uint64_t>(amount));
  }
  if (book.holds.size() >= machine::kOpenHoldsMax) return refuse(Code::kCapacity);
  debit->money.debits_held += amount;
  credit->money.credits_held += amount;
  book.holds[t.id.value()] = {debit->number, credit->number, static_cast<Minor>(amount),
                              t.expires_at.ns()};
  if (t.expires_at.ns() != 0) book.hold_ends.insert({t.expires_at.ns(), t.id.value()});
  return done(static_cast<std::uint64_t>(amount));
}

/// Takes the hold off both accounts.
Hold end_hold(Book& book, Id id, Code how) {
  const Hold hold = book.holds.at(id);
  find_account(book, hold.debit)->money.debits_held -= hold.amount;
  find_account(book, hold.credit)->money.credits_held -= hold.amount;
  book.holds.erase(id);
  book.hold_ends.erase({hold.expires_at, id});
  book.ended_holds[id] = how;
  return hold;
}

Answer second_phase(Book& book, PersonNo caller, const wire::Transfer& t) {
  const Id id = t.pending_id.value();
  const bool is_post = has(t, flag::kPostHold);
  if (!book.holds.contains(id)) {
    const auto ended = book.ended_holds.find(id);
    return refuse(ended == book.ended_holds.end() ? Code::kHoldUnknown : ended->second);
  }
  const Hold hold = book.holds.at(id);
  Account& debit = *find_account(book, hold.debit);
  Account& credit = *find_account(book, hold.credit);
  const auto differs = [](std::uint64_t named, std::uint64_t is) {
    return named != 0 && named != is;
  };
  if (debit.owner != caller) return refuse(Code::kNotOwner);
  if (is_post && debit.has(account_flag::kFrozen)) return refuse(Code::kDebitAccountFrozen);
  if (is_post && credit.has(account_flag::kFrozen)) return refuse(Code::kCreditAccountFrozen);
  if (differs(t.debit.value(), hold.debit) || differs(t.credit.value(), hold.credit) ||
      differs(t.asset.value(), debit.asset)) {
    return refuse(Code::kHoldMismatch);
  }
  if (!is_post && t.amount_minor != 0 && t.amount_minor != hold.amount) {
    return refuse(Code::kHoldMismatch);
  }
  if (t.amount_minor > hold.amount) return refuse(Code::kHoldExceeded);
  end_hold(book, id, is_post ? Code::kHoldPosted : Code::kHoldVoided);
  if (!is_post) return done(static_cast<std::uint64_t>(hold.amount));
  const Minor amount = t.amount_minor == 0 ? hold.amount : t.amount_minor;
  debit.money.debits += amount;
  credit.money.credits += amount;
  return done(static_cast<std::uint64_t>(amount));
}

Answer decide(Desk& desk, PersonNo caller, const wire::Transfer& t) {
  if (const Code code = form(t, desk.now); code != Code::kOk) return refuse(code);
  if (caller == 0) return refuse(Code::kNotPermitted);
  if (const Code code = caller_refusal(desk.book, caller); code != Code::kOk) return refuse(code);
  const bool is_second = has(t, flag::kPostHold) || has(t, flag::kVoidHold);
  return is_second ? second_phase(desk.book, caller, t) : first_phase(desk.book, caller, t);
}

using Chain = std::span<const wire::Transfer>;

bool is_taken(const Book& book, const wire::Transfer& t) {
  return is_reserved(t.id.value()) || book.memory.contains(t.id.value());
}

/// The chain's first id is known: whoever is known is answered as before, whoever is new has no
/// chain to stand in.
std::vector<Answer> retried(Desk& desk, PersonNo caller, Chain chain) {
  std::vector<Answer> answers;
  Time now = desk.now;
  for (const wire::Transfer& t : chain) {
    if (auto earlier = earlier_answer(desk.book, CommandKind::kTransfer, caller, bytes_of(t))) {
      if (!earlier->is_repeated) earlier->at = now;
      answers.push_back(*earlier);
    } else {
      answers.push_back(remember(desk.book, CommandKind::kTransfer, caller, bytes_of(t),
                                 refuse(Code::kLinkedOtherFailed), now));
    }
    ++now;
  }
  return answers;
}

/// What a chain can change, to be put back when a member is refused.
struct Before {
  std::vector<Account> accounts;
  std::map<Id, Hold> holds;
  std::map<Id, Code> ended_holds;
  std::set<std::pair<Time, Id>> hold_ends;
};

std::vector<Answer> obey_chain(Desk& desk, PersonNo caller, Chain chain, bool is_open) {
  Book& book = desk.book;
  if (is_taken(book, chain.front())) return retried(desk, caller, chain);
  Before before;
  if (chain.size() > 1) {
    before = {book.accounts, book.holds, book.ended_holds, book.hold_ends};
  }
  std::vector<Answer> answers;
  std::set<Id> ids;
  for (const wire::Transfer& t : chain) {
    if (is_open) break;
    const bool is_used = is_taken(book, t) || !ids.insert(t.id.value()).second;
    answers.push_back(is_used ? refuse(Code::kLinkedIdUsed) : decide(desk, caller, t));
    if (answers.back().code != Code::kOk) break;
  }
  if (is_open || answers.back().code != Code::kOk) {
    const std::size_t failed = is_open ? chain.size() - 1 : answers.size() - 1;
    const Code why = is_open ? Code::kLinkedChainOpen : answers.back().code;
    if (chain.size() > 1) {
      book.accounts = before.accounts;
      book.holds = before.holds;
      book.ended_holds = before.ended_holds;
      book.hold_ends = before.hold_ends;
    }
    answers.assign(chain.size(), refuse(Code::kLinkedOtherFailed));
    answers[failed].code = why;
  }
  for (std::size_t i = 0; i < chain.size(); ++i) {
    // The chain happens at once; each answer still carries the instant of its own command.
    answers[i].at = desk.now + static_cast<Time>(i);
    if (is_taken(book, chain[i])) continue;
    remember(book, CommandKind::kTransfer, caller, bytes_of(chain[i]), answers[i], answers[i].at);
  }
  return answers;
}

}  // namespace

void expire_hold(Desk& desk, Time at, Id id) {
  const Hold hold = end_hold(desk.book, id, Code::kHoldExpired);
  wire::HoldExpired event;
  event.hold = base::CommandId{id};
  event.amount_minor = hold.amount;
  tell(desk, wire::EventKind::kHoldExpired, at, event);
}

std::vector<Answer> obey_transfers(Desk& desk, PersonNo caller,
                                   const std::vector<wire::Transfer>& group) {
  std::vector<Answer> answers;
  const Time begin = desk.now;
  for (std::size_t first = 0; first < group.size();) {
    std::size_t last = first;
    while (has(group[last], flag::kLinked) && last + 1 < group.size()) ++last;
    const bool is_open = has(group[last], flag::kLinked);
    desk.now = begin + static_cast<Time>(first);
    let_time_pass(desk);
    const auto some =
        obey_chain(desk, caller, Chain{group}.subspan(first, last - first + 1), is_open);
    answers.insert(answers.end(), some.begin(), some.end());
    first = last + 1;
  }
  return answers;
}

}  // namespace hugang::oracle
