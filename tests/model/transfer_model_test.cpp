// The core against the naive ledger on random streams: holds, chains, balancing, expiry, retries,
// changed retries, frozen and closed accounts. Every outcome and every balance is compared.
// HUGANG_MODEL_SEED repeats one run, HUGANG_MODEL_COMMANDS makes it longer.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "clearing/machine/invariants.hpp"
#include "clearing/machine/machine.hpp"
#include "tests/model/naive_ledger.hpp"
#include "tests/scenario/city.hpp"

namespace hugang::model {
namespace {

using wire::CommandKind;
namespace flag = wire::transfer_flag;

constexpr std::uint32_t kParticipants = 4;
constexpr std::uint32_t kAccounts = 14;

std::uint64_t environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

class Twins {
 public:
  explicit Twins(std::uint64_t seed) : random_{seed} { found(); }

  void run(std::uint64_t commands) {
    while (done_ < commands && !testing::Test::HasFailure()) {
      if (one_in(40)) {
        change_account();
      } else if (one_in(300)) {
        change_rules();
      } else {
        transfer_group();
      }
      if (one_in(25)) compare_balances();
    }
    compare_balances();
    EXPECT_EQ(machine::first_broken_law(machine_.state()), std::nullopt);
  }

  [[nodiscard]] const std::map<Code, std::uint64_t>& seen() const { return seen_; }
  [[nodiscard]] std::uint64_t repeated() const { return repeated_; }

 private:
  bool one_in(std::uint64_t n) { return random_() % n == 0; }
  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }
  base::CommandId new_id() { return base::CommandId{base::make_u128(random_(), random_() | 1)}; }

  /// Applies a section to the core, at a time that sometimes meets an expiry exactly.
  const std::vector<wire::Outcome>& apply(const wire::BatchBuilder& builder) {
    const base::Timestamp next = machine_.state().last_at + base::Duration::nanoseconds(1);
    at_ = std::max(next, at_ + base::Duration::nanoseconds(1 + below(400)));
    const auto due = machine_.next_due();
    if (due && one_in(3)) at_ = std::max(next, *due + base::Duration::nanoseconds(below(3) - 1L));
    const auto applied = machine_.apply({base::Seqno{machine_.state().last_seqno.value() + 1}, at_},
                                        builder.section(), effects_);
    EXPECT_TRUE(applied.has_value());
    done_ += effects_.outcomes.size();
    return effects_.outcomes;
  }

  template <class Record>
  wire::Outcome one(CommandKind kind, std::uint32_t caller, const Record& record) {
    wire::BatchBuilder builder;
    builder.add(kind, base::ParticipantId{caller}, record);
    const wire::Outcome outcome = apply(builder).at(0);
    naive_.expire(at_.ns());
    return outcome;
  }

  void found() {
    wire::Genesis genesis;
    genesis.id = new_id();
    genesis.node = base::NodeId{1};
    EXPECT_TRUE(genesis.code.assign("a") && genesis.name.assign("a"));
    EXPECT_EQ(one(CommandKind::kGenesis, 0, genesis).code, Code::kOk);
    wire::RegisterAsset asset;
    asset.id = new_id();
    asset.asset = base::AssetId{1};
    asset.issuer = base::NodeId{1};
    EXPECT_TRUE(asset.code.assign("CNY.D"));
    EXPECT_EQ(one(CommandKind::kRegisterAsset, 0, asset).code, Code::kOk);
    for (std::uint32_t i = 1; i <= kParticipants; ++i) {
      wire::RegisterParticipant bank;
      bank.id = new_id();
      bank.roles = i == 1 ? wire::role::kOperator : wire::role::kParticipant;
      EXPECT_TRUE(bank.code.assign("bank" + std::to_string(i)) && bank.name.assign("Bank"));
      EXPECT_EQ(one(CommandKind::kRegisterParticipant, 0, bank).code, Code::kOk);
    }
    naive_.participants = kParticipants;
    for (std::uint32_t i = 0; i < kAccounts; ++i) open_account(i);
  }

  /// The first is the reserve, the second may be overdrawn.
  void open_account(std::uint32_t i) {
    wire::OpenAccount open;
    open.id = new_id();
    NaiveAccount twin;
    twin.owner = i < 2 ? 1 : 1 + i % kParticipants;
    twin.is_reserve = i == 0;
    twin.may_overdraw = i == 1;
    open.owner = base::ParticipantId{twin.owner};
    open.asset = base::AssetId{1};
    open.kind = i == 0 ? wire::AccountKind::kReserve : wire::AccountKind::kCustomer;
    open.flags = i < 2 ? 0 : wire::account_flag::kNoDebitBalance;
    const wire::Outcome opened = one(CommandKind::kOpenAccount, 1, open);
    EXPECT_EQ(opened.code, Code::kOk);
    naive_.accounts[opened.value] = twin;
    numbers_.push_back(opened.value);
  }

  void change_account() {
    const std::uint64_t number = numbers_[below(kAccounts)];
    NaiveAccount& twin = naive_.accounts.at(number);
    wire::UpdateAccount update;
    update.id = new_id();
    update.account = base::AccountNumber{number};
    const bool closes = one_in(20);
    if (closes) {
      update.set_flags = wire::account_flag::kClosed;
    } else if (twin.is_frozen || one_in(5)) {
      (twin.is_frozen ? update.clear_flags : update.set_flags) = wire::account_flag::kFrozen;
    }
    const bool toggles = !closes && (update.set_flags | update.clear_flags) != 0;
    const wire::Outcome outcome = one(CommandKind::kUpdateAccount, 1, update);
    const bool is_empty =
        twin.debits == twin.credits && twin.debits_held == 0 && twin.credits_held == 0;
    if (twin.is_closed) {
      EXPECT_EQ(outcome.code, Code::kAccountClosed);
    } else if (closes) {
      EXPECT_EQ(outcome.code, is_empty ? Code::kOk : Code::kAccountNotEmpty);
      twin.is_closed = is_empty;
    } else {
      EXPECT_EQ(outcome.code, Code::kOk);
      twin.is_frozen = twin.is_frozen != toggles;
    }
  }

  void change_rules() {
    wire::SetRulesHead head;
    head.id = new_id();
    head.version = ++rules_version_;
    wire::Rule rule;
    rule.asset = base::AssetId{1};
    rule.value = 150 + below(4'000);
    naive_.single_max = rule.value;
    wire::BatchBuilder builder;
    builder.add_group(CommandKind::kSetRules, base::ParticipantId{1}, 1,
                      wire::encode_set_rules(head, std::vector{rule}));
    EXPECT_EQ(apply(builder).at(0).code, Code::kOk);
    naive_.expire(at_.ns());
  }

  base::AccountNumber some_number() {
    if (one_in(60)) return base::AccountNumber{numbers_[0] + 1};
    if (one_in(60)) return base::make_account_number({base::NodeId{1}, base::AccountIndex{900}});
    if (one_in(60)) return base::make_account_number({base::NodeId{2}, base::AccountIndex{1}});
    return base::AccountNumber{numbers_[below(kAccounts)]};
  }

  base::CommandId some_known_id() {
    if (recent_.empty() || one_in(30)) return new_id();
    return recent_[below(static_cast<std::uint32_t>(recent_.size()))].id;
  }

  wire::Transfer second_phase() {
    wire::Transfer t;
    t.flags = one_in(3) ? flag::kVoidHold : flag::kPostHold;
    t.pending_id = holds_.empty() || one_in(10)
                       ? some_known_id()
                       : holds_[holds_.size() - 1 -
                                below(one_in(2) ? 1U : static_cast<std::uint32_t>(holds_.size()))];
    if (one_in(3)) t.amount_minor = 1 + below(300);
    if (one_in(20)) t.asset = base::AssetId{1 + below(2)};
    if (one_in(20)) t.debit = some_number();
    if (one_in(20)) t.credit = some_number();
    return t;
  }

  /// Mostly one of the caller's own, so that something happens.
  base::AccountNumber some_debit(std::uint32_t caller) {
    for (int attempt = 0; attempt < 20 && !one_in(30); ++attempt) {
      const std::uint64_t number = numbers_[below(kAccounts)];
      if (naive_.accounts.at(number).owner == caller) return base::AccountNumber{number};
    }
    return some_number();
  }

  wire::Transfer first_phase(std::uint32_t caller) {
    wire::Transfer t;
    t.debit = some_debit(caller);
    t.credit = some_number();
    t.asset = base::AssetId{one_in(80) ? 2U : 1U};
    t.amount_minor = one_in(60) ? 0 : 1 + below(one_in(6) ? 5'000 : 200);
    if (one_in(90)) t.amount_minor = one_in(2) ? -1 : INT64_MAX;
    if (one_in(6)) t.flags |= flag::kBalancingDebit;
    if (one_in(12)) t.flags |= flag::kBalancingCredit;
    if (one_in(3)) t.flags |= flag::kHold;
    const bool expires = (t.flags & flag::kHold) != 0 ? one_in(2) : one_in(90);
    if (expires) t.expires_at = at_ + base::Duration::nanoseconds(1 + below(8'000));
    return t;
  }

  wire::Transfer some_transfer(std::uint32_t caller) {
    if (!recent_.empty() && one_in(15)) {
      wire::Transfer t = recent_[below(static_cast<std::uint32_t>(recent_.size()))];
      if (one_in(3)) t.purpose ^= 1;  // the same id with other content
      return t;
    }
    wire::Transfer t = one_in(3) ? second_phase() : first_phase(caller);
    t.id = one_in(400) ? base::CommandId{one_in(2) ? base::u128{0} : ~base::u128{0}} : new_id();
    if ((t.flags & flag::kHold) != 0) holds_.push_back(t.id);
    if (holds_.size() > 60) holds_.erase(holds_.begin());
    if (one_in(90)) t.flags ^= static_cast<std::uint16_t>(1U << below(16));
    if (one_in(90)) t.pending_id = some_known_id();
    t.flags &= static_cast<std::uint16_t>(~flag::kLinked);
    if (one_in(5)) t.flags |= flag::kLinked;
    return t;
  }

  void transfer_group() {
    if (!groups_.empty() && one_in(12)) {
      const auto& [caller, group] = groups_[below(static_cast<std::uint32_t>(groups_.size()))];
      apply_group(caller, std::vector{group});  // a client that has heard no answer
      return;
    }
    std::vector<wire::Transfer> group(1 + below(one_in(10) ? 60 : 6));
    const std::uint32_t caller = one_in(40) ? below(kParticipants + 2) : 1 + below(kParticipants);
    for (wire::Transfer& t : group) t = some_transfer(caller);
    apply_group(caller, group);
  }

  void apply_group(std::uint32_t caller, const std::vector<wire::Transfer>& group) {
    wire::BatchBuilder builder;
    builder.add_group(CommandKind::kTransfer, base::ParticipantId{caller},
                      static_cast<std::uint32_t>(group.size()), std::as_bytes(std::span{group}));
    const std::vector<wire::Outcome> outcomes = apply(builder);
    std::vector<NaiveAnswer> answers;
    for (std::size_t i = 0; i < group.size();) {
      std::vector<wire::Transfer> chain{group[i]};
      while ((chain.back().flags & flag::kLinked) != 0 && i + chain.size() < group.size()) {
        chain.push_back(group[i + chain.size()]);
      }
      const bool is_open = (chain.back().flags & flag::kLinked) != 0;
      const std::int64_t now = at_.ns() + static_cast<std::int64_t>(i);
      naive_.expire(now);
      const auto told = naive_.apply(caller, chain, is_open, now);
      answers.insert(answers.end(), told.begin(), told.end());
      i += chain.size();
    }
    compare(group, outcomes, answers);
    for (const wire::Transfer& t : group) note(t);
    groups_.emplace_back(caller, group);
    if (groups_.size() > 50) groups_.erase(groups_.begin());
  }

  void note(const wire::Transfer& t) {
    recent_.push_back(t);
    if (recent_.size() > 300) recent_.erase(recent_.begin());
  }

  void compare(const std::vector<wire::Transfer>& group, const std::vector<wire::Outcome>& outcomes,
               const std::vector<NaiveAnswer>& answers) {
    ASSERT_EQ(outcomes.size(), answers.size());
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      const wire::Outcome& outcome = outcomes[i];
      const bool is_repeated = (outcome.flags & wire::outcome_flag::kRepeated) != 0;
      ASSERT_EQ(code_name(outcome.code), code_name(answers[i].code))
          << "command " << done_ << ", member " << i << " of " << group.size() << ", flags "
          << group[i].flags;
      ASSERT_EQ(outcome.value, answers[i].value) << "command " << done_ << ", member " << i;
      ASSERT_EQ(is_repeated, answers[i].is_repeated) << "command " << done_ << ", member " << i;
      seen_[outcome.code] += 1;
      repeated_ += is_repeated;
    }
  }

  void compare_balances() {
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
      const machine::Balance& b = machine_.state().accounts[i].balance;
      const NaiveAccount& twin = naive_.accounts.at(numbers_[i]);
      ASSERT_TRUE(static_cast<Big>(b.debits_posted) == twin.debits &&
                  static_cast<Big>(b.credits_posted) == twin.credits &&
                  static_cast<Big>(b.debits_pending) == twin.debits_held &&
                  static_cast<Big>(b.credits_pending) == twin.credits_held)
          << "account " << numbers_[i] << " after command " << done_;
    }
    ASSERT_EQ(machine_.state().holds.size(), naive_.open_holds());
  }

  std::mt19937_64 random_;
  machine::Machine machine_{scenario::real_hashing()};
  machine::Effects effects_;
  NaiveLedger naive_{1};
  base::Timestamp at_{1'000'000};
  std::vector<std::uint64_t> numbers_;
  std::vector<wire::Transfer> recent_;
  std::vector<base::CommandId> holds_;
  std::vector<std::pair<std::uint32_t, std::vector<wire::Transfer>>> groups_;
  std::map<Code, std::uint64_t> seen_;
  std::uint64_t repeated_ = 0;
  std::uint64_t done_ = 0;
  std::uint32_t rules_version_ = 0;
};

TEST(TransferModel, TheCoreAndTheNaiveLedgerAgree) {
  const std::uint64_t seed = environment("HUGANG_MODEL_SEED", std::random_device{}());
  const std::uint64_t commands = environment("HUGANG_MODEL_COMMANDS", 250'000);
  std::printf("transfer model: seed %llu, HUGANG_MODEL_SEED repeats it\n",
              static_cast<unsigned long long>(seed));
  SCOPED_TRACE("HUGANG_MODEL_SEED=" + std::to_string(seed));
  // Ledgers that are a while old have closed accounts and much history: several young ones see
  // more.
  std::map<Code, std::uint64_t> seen;
  std::uint64_t repeated = 0;
  for (std::uint64_t i = 0; i < 10; ++i) {
    Twins twins{seed + i};
    twins.run(commands / 10);
    ASSERT_FALSE(HasFailure());
    for (const auto& [code, count] : twins.seen()) seen[code] += count;
    repeated += twins.repeated();
  }
  EXPECT_GT(seen[Code::kOk], commands / 20) << "a stream of refusals alone would show little";
  EXPECT_GT(repeated, commands / 100);
  for (const Code code :
       {Code::kIdUsedForOtherContent, Code::kLinkedChainOpen, Code::kLinkedOtherFailed,
        Code::kLinkedIdUsed, Code::kHoldPosted, Code::kHoldVoided, Code::kHoldExpired,
        Code::kHoldExceeded, Code::kInsufficientFunds, Code::kExceedsDebits, Code::kBalancingZero,
        Code::kSingleLimit, Code::kDebitAccountFrozen, Code::kCreditAccountFrozen,
        Code::kNotOwner}) {
    EXPECT_GT(seen[code], 0U) << code_name(code) << " never came up";
  }
}

}  // namespace
}  // namespace hugang::model
