#include "clearing/machine/transfer.hpp"

#include "clearing/machine/deadlines.hpp"
#include "clearing/machine/fingerprint.hpp"
#include "clearing/machine/funds.hpp"
#include "clearing/machine/limits.hpp"

namespace hugang::machine {
namespace {

namespace flag = wire::transfer_flag;
using wire::CommandKind;

enum class Effect : std::uint8_t { kPost, kHold, kPostHold, kVoidHold };

/// What an accepted transfer does; enough to undo it when another member of its chain fails.
struct Plan {
  Effect effect = Effect::kPost;
  AccountIndex debit;
  AccountIndex credit;
  Amount amount;      ///< posted, held or released
  CommandId hold_id;  ///< kHold: its own; kPostHold and kVoidHold: the first phase's
  Hold hold;          ///< of that id; else nothing
};

/// A transfer with what the id log will remember of it.
struct Member {
  const wire::Transfer& transfer;
  std::uint64_t fingerprint = 0;
  Timestamp at;
};

Code check_flags(const wire::Transfer& t) {
  if ((t.flags & ~flag::kAll) != 0) return Code::kFlagsUnknown;
  const int phases = ((t.flags & flag::kHold) != 0) + ((t.flags & flag::kPostHold) != 0) +
                     ((t.flags & flag::kVoidHold) != 0);
  if (phases > 1) return Code::kFlagsExclusive;
  const bool is_second_phase = (t.flags & (flag::kPostHold | flag::kVoidHold)) != 0;
  const bool is_balancing = (t.flags & (flag::kBalancingDebit | flag::kBalancingCredit)) != 0;
  if (is_second_phase && is_balancing) return Code::kFlagsExclusive;
  return Code::kOk;
}

/// What can be said of the record without looking at any account.
Code check_form(const wire::Transfer& t, Timestamp now) {
  if (const Code code = check_flags(t); code != Code::kOk) return code;
  const bool is_second_phase = (t.flags & (flag::kPostHold | flag::kVoidHold)) != 0;
  if (!is_second_phase && t.amount_minor == 0) return Code::kAmountZero;
  if (!Amount::from_minor(t.amount_minor)) return Code::kAmountOutOfRange;
  if (!t.expires_at.is_none()) {
    if ((t.flags & flag::kHold) == 0) return Code::kExpiryWithoutHold;
    if (t.expires_at <= now) return Code::kExpiryPassed;
  }
  if (is_second_phase && t.pending_id.is_none()) return Code::kPendingIdMissing;
  if (!is_second_phase && !t.pending_id.is_none()) return Code::kPendingIdNotAllowed;
  return Code::kOk;
}

bool is_addressable(const Account& account) { return account.kind != wire::AccountKind::kCorridor; }

struct Sides {
  AccountIndex debit;
  AccountIndex credit;
};

std::expected<Sides, Code> find_sides(const State& state, const wire::Transfer& t) {
  if (!state.assets.contains(t.asset)) return std::unexpected{Code::kAssetUnknown};
  const auto debit = find_account(state, t.debit, true);
  if (!debit) return std::unexpected{debit.error()};
  const auto credit = find_account(state, t.credit, false);
  if (!credit) return std::unexpected{credit.error()};
  if (*debit == *credit) return std::unexpected{Code::kSameAccount};
  return Sides{*debit, *credit};
}

/// Single-phase and first phase: the plan, or the first reason against it.
std::expected<Plan, Code> decide_first(const State& state, const Member& member,
                                       ParticipantId caller) {
  const wire::Transfer& t = member.transfer;
  const auto sides = find_sides(state, t);
  if (!sides) return std::unexpected{sides.error()};
  const Account& debit = state.account(sides->debit);
  const Account& credit = state.account(sides->credit);
  if (debit.asset != t.asset || credit.asset != t.asset)
    return std::unexpected{Code::kAssetMismatch};
  if (debit.owner != caller) return std::unexpected{Code::kNotOwner};
  if (!is_addressable(debit) || !is_addressable(credit)) {
    return std::unexpected{Code::kAccountNotAddressable};
  }
  // Closed comes before frozen on either side, as the numbers of the codes do.
  if (debit.has(wire::account_flag::kClosed)) return std::unexpected{Code::kDebitAccountClosed};
  if (credit.has(wire::account_flag::kClosed)) return std::unexpected{Code::kCreditAccountClosed};
  if (debit.has(wire::account_flag::kFrozen)) return std::unexpected{Code::kDebitAccountFrozen};
  if (credit.has(wire::account_flag::kFrozen)) return std::unexpected{Code::kCreditAccountFrozen};

  Amount amount = *Amount::from_minor(t.amount_minor);
  if ((t.flags & flag::kBalancingDebit) != 0) amount = std::min(amount, available_to_debit(debit));
  if ((t.flags & flag::kBalancingCredit) != 0)
    amount = std::min(amount, available_to_credit(credit));
  if (amount.minor() > single_max_minor(state, t.asset)) return std::unexpected{Code::kSingleLimit};

  const auto minor = static_cast<u128>(amount.minor());
  if (const Code code = check_addition(debit, {.debit = minor}); code != Code::kOk) {
    return std::unexpected{code};
  }
  if (const Code code = check_addition(credit, {.credit = minor}); code != Code::kOk) {
    return std::unexpected{code};
  }
  if (amount.is_zero()) return std::unexpected{Code::kBalancingZero};
  const bool is_hold = (t.flags & flag::kHold) != 0;
  if (is_hold && state.holds.size() >= kOpenHoldsMax) return std::unexpected{Code::kCapacity};

  Plan plan;
  plan.effect = is_hold ? Effect::kHold : Effect::kPost;
  plan.debit = sides->debit;
  plan.credit = sides->credit;
  plan.amount = amount;
  if (is_hold) {
    plan.hold_id = t.id;
    plan.hold =
        Hold{sides->debit, sides->credit, amount, t.expires_at, member.at, member.fingerprint};
  }
  return plan;
}

/// Why there is no open hold under this id.
Code missing_hold(const State& state, CommandId id) {
  const std::optional<IdRecord> known = state.ids.find(id);
  if (!known || known->hold_end == Code::kOk) return Code::kHoldUnknown;
  return known->hold_end;
}

/// Post and void: the plan, or the first reason against it.
std::expected<Plan, Code> decide_second(const State& state, const wire::Transfer& t,
                                        ParticipantId caller) {
  const auto found = state.holds.find(t.pending_id);
  if (found == state.holds.end()) return std::unexpected{missing_hold(state, t.pending_id)};
  const Hold& hold = found->second;
  const Account& debit = state.account(hold.debit);
  if (debit.owner != caller) return std::unexpected{Code::kNotOwner};
  // A freeze stops a local hold from being posted; it can still be voided or expire.
  if ((t.flags & flag::kPostHold) != 0) {
    if (debit.has(wire::account_flag::kFrozen)) return std::unexpected{Code::kDebitAccountFrozen};
    if (state.account(hold.credit).has(wire::account_flag::kFrozen)) {
      return std::unexpected{Code::kCreditAccountFrozen};
    }
  }

  const bool names_other = (!t.debit.is_none() && t.debit != state.number_of(hold.debit)) ||
                           (!t.credit.is_none() && t.credit != state.number_of(hold.credit)) ||
                           (!t.asset.is_none() && t.asset != debit.asset);
  if (names_other) return std::unexpected{Code::kHoldMismatch};

  Plan plan;
  plan.debit = hold.debit;
  plan.credit = hold.credit;
  plan.hold_id = t.pending_id;
  plan.hold = hold;
  const Amount asked = *Amount::from_minor(t.amount_minor);
  if ((t.flags & flag::kVoidHold) != 0) {
    if (!asked.is_zero() && asked != hold.amount) return std::unexpected{Code::kHoldMismatch};
    plan.effect = Effect::kVoidHold;
    plan.amount = hold.amount;
    return plan;
  }
  if (asked > hold.amount) return std::unexpected{Code::kHoldExceeded};
  plan.effect = Effect::kPostHold;
  plan.amount = asked.is_zero() ? hold.amount : asked;
  return plan;
}

std::expected<Plan, Code> decide(const ApplyContext& context, const Member& member, Code standing) {
  const wire::Transfer& t = member.transfer;
  if (const Code code = check_form(t, context.now); code != Code::kOk) return std::unexpected{code};
  if (standing != Code::kOk) return std::unexpected{standing};
  const bool is_second_phase = (t.flags & (flag::kPostHold | flag::kVoidHold)) != 0;
  return is_second_phase ? decide_second(context.state, t, context.caller)
                         : decide_first(context.state, member, context.caller);
}

void close_hold(State& state, const Plan& plan) {
  unpend(state, plan.debit, plan.credit, plan.hold.amount);
  if (!plan.hold.expires_at.is_none()) {
    state.deadlines.erase(Deadline{plan.hold.expires_at, plan.hold_id, false});
  }
  state.holds.erase(plan.hold_id);
}

void open_hold(State& state, const Plan& plan) {
  pend(state, plan.debit, plan.credit, plan.hold.amount);
  if (!plan.hold.expires_at.is_none()) {
    state.deadlines.insert(Deadline{plan.hold.expires_at, plan.hold_id, false});
  }
  state.holds.emplace(plan.hold_id, plan.hold);
}

void carry_out(State& state, const Plan& plan) {
  switch (plan.effect) {
    case Effect::kPost:
      post(state, plan.debit, plan.credit, plan.amount);
      return;
    case Effect::kHold:
      open_hold(state, plan);
      return;
    case Effect::kPostHold:
      close_hold(state, plan);
      post(state, plan.debit, plan.credit, plan.amount);
      return;
    case Effect::kVoidHold:
      close_hold(state, plan);
      return;
  }
}

void undo(State& state, const Plan& plan) {
  switch (plan.effect) {
    case Effect::kPost:
      unpost(state, plan.debit, plan.credit, plan.amount);
      return;
    case Effect::kHold:
      close_hold(state, plan);
      return;
    case Effect::kPostHold:
      unpost(state, plan.debit, plan.credit, plan.amount);
      open_hold(state, plan);
      return;
    case Effect::kVoidHold:
      open_hold(state, plan);
      return;
  }
}

/// The id log learns how a hold ended only when the transfer (or its whole chain) stands.
void note_end(State& state, const Plan& plan) {
  if (plan.effect == Effect::kPostHold) {
    note_hold_end(state, plan.hold_id, plan.hold, Code::kHoldPosted);
  }
  if (plan.effect == Effect::kVoidHold) {
    note_hold_end(state, plan.hold_id, plan.hold, Code::kHoldVoided);
  }
}

wire::Transfer transfer_at(const wire::GroupView& group, std::uint32_t index) {
  return wire::read_record<wire::Transfer>(group.record(index));
}

std::uint64_t print_of(const wire::GroupView& group, std::uint32_t index) {
  return fingerprint_bytes(group.record(index), group.caller.value());
}

wire::Outcome apply_single(ApplyContext& context, const wire::GroupView& group, std::uint32_t index,
                           Code standing) {
  const wire::Transfer t = transfer_at(group, index);
  const std::uint64_t print = print_of(group, index);
  if (auto earlier = earlier_outcome(context, t.id, CommandKind::kTransfer, print)) return *earlier;
  const auto plan = decide(context, {t, print, context.now}, standing);
  if (!plan) {
    return remember(context, t.id, CommandKind::kTransfer, print, refuse(plan.error()));
  }
  // From here on nothing can fail.
  carry_out(context.state, *plan);
  note_end(context.state, *plan);
  return remember(context, t.id, CommandKind::kTransfer, print,
                  {Code::kOk, static_cast<std::uint64_t>(plan->amount.minor())});
}

/// A linked chain: members [first, end) of the group. One apply, all or nothing.
class Chain {
 public:
  Chain(ApplyContext& context, const wire::GroupView& group, std::uint32_t first, std::uint32_t end,
        Code standing)
      : context_{context}, group_{group}, first_{first}, end_{end}, standing_{standing} {}

  void apply(bool is_open) {
    const wire::Transfer head = transfer_at(group_, first_);
    if (earlier_outcome(context_, head.id, CommandKind::kTransfer, print_of(group_, first_))) {
      answer_repeat();
      return;
    }
    const std::optional<Failure> failure =
        is_open ? Failure{end_ - 1, Code::kLinkedChainOpen} : try_all();
    if (failure) {
      answer_failed(*failure);
    } else {
      answer_done();
    }
  }

 private:
  struct Failure {
    std::uint32_t index;
    Code code;
  };

  std::optional<Failure> try_all() {
    for (std::uint32_t i = first_; i < end_; ++i) {
      const wire::Transfer t = transfer_at(group_, i);
      const bool is_known =
          is_reserved(t.id) || context_.state.ids.contains(t.id) || is_in_chain(t.id, i);
      const auto plan = is_known
                            ? std::unexpected{Code::kLinkedIdUsed}
                            : decide(context_, {t, print_of(group_, i), instant_of(i)}, standing_);
      if (!plan) {
        const Code code =
            plan.error() == Code::kHoldUnknown ? ended_in_chain(t.pending_id) : plan.error();
        for (std::size_t k = plans_.size(); k-- > 0;) undo(context_.state, plans_[k]);
        return Failure{i, code};
      }
      carry_out(context_.state, *plan);
      plans_.push_back(*plan);
    }
    return std::nullopt;
  }

  /// The id log learns how a hold ended when the chain stands; until then the plans know.
  Code ended_in_chain(CommandId hold) const {
    for (const Plan& plan : plans_) {
      if (plan.hold_id != hold) continue;
      if (plan.effect == Effect::kPostHold) return Code::kHoldPosted;
      if (plan.effect == Effect::kVoidHold) return Code::kHoldVoided;
    }
    return Code::kHoldUnknown;
  }

  bool is_in_chain(CommandId id, std::uint32_t before) {
    if (before == first_) chain_ids_.clear();
    return !chain_ids_.insert(id).second;
  }

  Timestamp instant_of(std::uint32_t index) const {
    return context_.now + base::Duration::nanoseconds(index - first_);
  }

  void push(std::uint32_t index, wire::Outcome outcome) {
    const bool is_repeated = (outcome.flags & wire::outcome_flag::kRepeated) != 0;
    outcome.at = is_repeated ? outcome.at : instant_of(index);
    context_.effects.outcomes.push_back(outcome);
  }

  void remember_at(std::uint32_t index, const wire::Transfer& t, Answer answer) {
    ApplyContext at = context_;
    at.now = instant_of(index);
    push(index, remember(at, t.id, CommandKind::kTransfer, print_of(group_, index), answer));
  }

  void answer_done() {
    // A hold that the chain itself opened and closed must be known before its end is noted.
    for (std::uint32_t i = first_; i < end_; ++i) {
      const Plan& plan = plans_[i - first_];
      remember_at(i, transfer_at(group_, i),
                  {Code::kOk, static_cast<std::uint64_t>(plan.amount.minor())});
      note_end(context_.state, plan);
    }
  }

  void answer_failed(Failure failure) {
    for (std::uint32_t i = first_; i < end_; ++i) {
      const wire::Transfer t = transfer_at(group_, i);
      const Answer answer = refuse(i == failure.index ? failure.code : Code::kLinkedOtherFailed);
      if (is_reserved(t.id) || context_.state.ids.contains(t.id)) {
        // Its id belongs to something else: tell, but do not remember under it.
        wire::Outcome outcome;
        outcome.code = answer.code;
        push(i, outcome);
      } else {
        remember_at(i, t, answer);
      }
    }
  }

  /// The first member is known, so this is a retry of the chain (or a misuse): each known member is
  /// answered as before, nothing new happens.
  void answer_repeat() {
    for (std::uint32_t i = first_; i < end_; ++i) {
      const wire::Transfer t = transfer_at(group_, i);
      if (auto earlier =
              earlier_outcome(context_, t.id, CommandKind::kTransfer, print_of(group_, i))) {
        push(i, *earlier);
      } else {
        remember_at(i, t, refuse(Code::kLinkedOtherFailed));
      }
    }
  }

  ApplyContext& context_;
  const wire::GroupView& group_;
  std::uint32_t first_;
  std::uint32_t end_;
  Code standing_;
  std::vector<Plan> plans_;
  std::set<CommandId> chain_ids_;
};

/// One field of a record, whose bytes need not be aligned.
template <class Field>
Field field_at(const std::byte* record, std::size_t offset) {
  Field field;
  __builtin_memcpy(&field, record + offset, sizeof field);
  return field;
}

/// Asks the memory for what transfers further on will touch. Only hints: nothing is checked. The
/// distances hide a memory access and stay within what the first cache holds.
[[gnu::always_inline]] inline void prefetch_ahead(const State& state, const wire::GroupView& group,
                                                  std::uint32_t index) {
  constexpr std::uint32_t kAhead = 16;
  if (index + kAhead >= group.count) return;
  const auto* t = group.record(index + kAhead).data();
  state.ids.prefetch(field_at<CommandId>(t, offsetof(wire::Transfer, id)));
  for (const std::size_t field :
       {offsetof(wire::Transfer, debit), offsetof(wire::Transfer, credit)}) {
    const auto number = field_at<AccountNumber>(t, field);
    const std::uint64_t at = number.value() % base::kAccountNumberNodeFactor / 100 - 1;
    if (at >= state.accounts.size()) continue;
    const auto* account = reinterpret_cast<const char*>(&state.accounts[at]);
    __builtin_prefetch(account, 1);
    __builtin_prefetch(account + sizeof(Account) - 1, 1);
  }
}

bool is_linked(const wire::GroupView& group, std::uint32_t index) {
  const auto flags = field_at<decltype(wire::Transfer::flags)>(group.record(index).data(),
                                                               offsetof(wire::Transfer, flags));
  return (flags & flag::kLinked) != 0;
}

}  // namespace

void apply_transfers(ApplyContext& context, const wire::GroupView& group) {
  Code standing = caller_standing(context.state, group.caller);
  if (standing == Code::kOk && group.caller == kNodeItself) standing = Code::kNotPermitted;
  const Timestamp start = context.now;
  context.effects.outcomes.reserve(context.effects.outcomes.size() + group.count);
  for (std::uint32_t i = 0; i < group.count;) {
    context.now = start + base::Duration::nanoseconds(i);
    prefetch_ahead(context.state, group, i);
    apply_due(context);
    if (!is_linked(group, i)) {
      context.effects.outcomes.push_back(apply_single(context, group, i, standing));
      ++i;
      continue;
    }
    std::uint32_t end = i + 1;
    while (end < group.count && is_linked(group, end)) ++end;
    const bool is_open = end == group.count;
    if (!is_open) ++end;  // the member that closes the chain
    Chain{context, group, i, end, standing}.apply(is_open);
    i = end;
  }
}

void expire_hold(ApplyContext& context, CommandId id) {
  State& state = context.state;
  const auto found = state.holds.find(id);
  HG_CHECK(found != state.holds.end());
  const Hold hold = found->second;
  unpend(state, hold.debit, hold.credit, hold.amount);
  state.holds.erase(found);
  note_hold_end(state, id, hold, Code::kHoldExpired);
  wire::HoldExpired event;
  event.hold = id;
  event.amount_minor = hold.amount.minor();
  emit(context, wire::EventKind::kHoldExpired, event);
}

}  // namespace hugang::machine
