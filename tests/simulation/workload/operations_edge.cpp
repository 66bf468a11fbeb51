// What lies exactly on an edge: the last unit, a limit to the unit, a deadline to the nanosecond.
// Chance alone never meets those, and one sign too much is wrong nowhere else.
#include <algorithm>
#include <array>

#include "clearing/base/account_number.hpp"
#include "clearing/wire/batch.hpp"
#include "tests/simulation/workload/workload.hpp"

namespace hugang::simulation {
namespace {

namespace flag = wire::transfer_flag;

constexpr base::ParticipantId kOperator{1};

/// Credits - debits - pending debits of the account as the city has it now; 0 where it has none.
std::int64_t available(const City& city, base::AccountNumber number) {
  const auto parts = base::parse_account_number(number);
  if (!parts || parts->index.value() > city.state().accounts.size()) return 0;
  const machine::Balance& b = city.state().account(parts->index).balance;
  const base::u128 used = b.debits_posted + b.debits_pending;
  return b.credits_posted > used ? static_cast<std::int64_t>(b.credits_posted - used) : 0;
}

std::optional<wire::Transfer> draw_transfer(Workload& load, const City& city,
                                            const KnownAccount& debit) {
  const KnownAccount* credit = load.any_account(city.id(), debit.asset);
  if (credit == nullptr || credit->number == debit.number) return std::nullopt;
  wire::Transfer transfer;
  transfer.id = load.new_id();
  transfer.debit = debit.number;
  transfer.credit = credit->number;
  transfer.asset = debit.asset;
  return transfer;
}

/// All that the account has, or one unit more.
std::optional<Request> last_unit(Workload& load) {
  City* city = load.any_city_up();
  if (city == nullptr) return std::nullopt;
  const KnownAccount* debit = load.any_account(city->id());
  if (debit == nullptr) return std::nullopt;
  auto transfer = draw_transfer(load, *city, *debit);
  if (!transfer) return std::nullopt;
  const std::int64_t all = available(*city, debit->number);
  if (all == 0 || all > 2'000'000) return std::nullopt;  // who has much is not left without
  transfer->amount_minor = load.random().chance(700) ? all : all + 1;
  if (load.random().chance(300)) transfer->flags |= flag::kHold;
  return request_of(*city, wire::CommandKind::kTransfer, debit->owner, *transfer);
}

/// The largest single amount of the rules of the day, or one unit more.
std::optional<Request> single_limit(Workload& load) {
  City* city = load.any_city_up();
  if (city == nullptr) return std::nullopt;
  for (const wire::Rule& rule : city->state().rules.rules) {
    if (rule.kind != wire::RuleKind::kSingleMax || rule.value == 0) continue;
    const KnownAccount* debit = load.any_account(city->id(), rule.asset);
    if (debit == nullptr) return std::nullopt;
    auto transfer = draw_transfer(load, *city, *debit);
    if (!transfer) return std::nullopt;
    transfer->amount_minor = load.random().chance(700) ? rule.value : rule.value + 1;
    return request_of(*city, wire::CommandKind::kTransfer, debit->owner, *transfer);
  }
  return std::nullopt;
}

std::optional<Request> hold_until_soon(Workload& load) {
  City* city = load.any_city_up();
  if (city == nullptr) return std::nullopt;
  const KnownAccount* debit = load.any_account(city->id());
  if (debit == nullptr) return std::nullopt;
  auto transfer = draw_transfer(load, *city, *debit);
  if (!transfer) return std::nullopt;
  transfer->amount_minor = load.random().between(1, 5'000);
  transfer->flags = flag::kHold;
  transfer->expires_at = instant_soon(load, *city);
  return request_of(*city, wire::CommandKind::kTransfer, debit->owner, *transfer);
}

std::optional<Request> more_than_held(Workload& load) {
  if (load.book().holds.empty()) return std::nullopt;
  const auto& holds = load.book().holds;
  // The newest are the ones that may still be open.
  const auto newest = std::min<std::size_t>(holds.size(), 6);
  const OpenHold& hold =
      holds[holds.size() - 1 - static_cast<std::size_t>(load.random().below(newest))];
  wire::Transfer transfer;
  transfer.id = load.new_id();
  transfer.pending_id = hold.id;
  transfer.flags = flag::kPostHold;
  transfer.amount_minor = hold.amount_minor + 1;
  return request_of(load.city(hold.city), wire::CommandKind::kTransfer, hold.owner, transfer);
}

/// Of an account that looks empty; what is pending on it forbids it all the same.
std::optional<Request> close_account(Workload& load) {
  City* city = load.any_city_up();
  if (city == nullptr) return std::nullopt;
  const KnownAccount* account = load.any_account(city->id());
  if (account == nullptr || available(*city, account->number) != 0) return std::nullopt;
  wire::UpdateAccount record;
  record.id = load.new_id();
  record.account = account->number;
  record.set_flags = wire::account_flag::kClosed;
  return request_of(*city, wire::CommandKind::kUpdateAccount, account->owner, record);
}

/// A rule pack with the version of the one in force.
std::optional<Request> stale_rules(Workload& load) {
  City* city = load.any_city_up();
  if (city == nullptr) return std::nullopt;
  wire::SetRulesHead head;
  head.id = load.new_id();
  head.version = std::max(city->state().rules.version, 1U);
  return rules_request(*city, head, {});
}

constexpr auto kOperations = std::to_array<Operation>({
    {"the last unit", 3, last_unit},
    {"the single limit", 3, single_limit},
    {"a hold until soon", 7, hold_until_soon},
    {"one unit more than is held", 2, more_than_held},
    {"closing", 2, close_account},
    {"stale rules", 1, stale_rules},
});

}  // namespace

std::span<const Operation> edge_operations() { return kOperations; }

}  // namespace hugang::simulation
