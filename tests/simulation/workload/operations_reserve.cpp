// What an issuer does: gives out money against its reserve, takes it back, and lends.
#include <array>

#include "tests/simulation/workload/workload.hpp"

namespace hugang::simulation {
namespace {

namespace flag = wire::transfer_flag;

constexpr base::ParticipantId kOperator{1};

/// A reserve and a customer account of the same asset in one city.
struct Till {
  City* city;
  const KnownAccount* reserve;
  const KnownAccount* customer;
};

std::optional<Till> draw_till(Workload& load) {
  City& city = load.any_city();
  for (const KnownAccount& account : load.book().accounts) {
    const bool is_reserve =
        account.city == city.id() && account.kind == wire::AccountKind::kReserve;
    if (!is_reserve || load.random().chance(300)) continue;
    const KnownAccount* customer = load.any_account(city.id(), account.asset);
    if (customer == nullptr) return std::nullopt;
    return Till{&city, &account, customer};
  }
  return std::nullopt;
}

wire::Transfer movement(Workload& load, const KnownAccount& debit, const KnownAccount& credit,
                        std::int64_t most) {
  wire::Transfer transfer;
  transfer.id = load.new_id();
  transfer.debit = debit.number;
  transfer.credit = credit.number;
  transfer.asset = debit.asset;
  transfer.amount_minor = load.random().between(1, most);
  return transfer;
}

std::optional<Request> issue(Workload& load) {
  const auto till = draw_till(load);
  if (!till) return std::nullopt;
  const auto transfer = movement(load, *till->reserve, *till->customer, 50'000);
  return request_of(*till->city, wire::CommandKind::kTransfer, kOperator, transfer);
}

/// Mostly of a size that the account has; sometimes more than was ever issued.
std::optional<Request> redeem(Workload& load) {
  const auto till = draw_till(load);
  if (!till) return std::nullopt;
  const std::int64_t most = load.random().chance(600) ? 20'000 : 40'000'000;
  auto transfer = movement(load, *till->customer, *till->reserve, most);
  if (load.random().chance(300)) transfer.flags |= flag::kBalancingCredit;
  if (load.random().chance(200)) transfer.flags |= flag::kBalancingDebit;
  return request_of(*till->city, wire::CommandKind::kTransfer, till->customer->owner, transfer);
}

/// Two redemptions of one customer, or one and a payment, that stand or fall together.
std::optional<Request> redeem_in_a_chain(Workload& load) {
  const auto till = draw_till(load);
  if (!till) return std::nullopt;
  Request request{.city = till->city->id(), .submission = {}};
  request.submission.kind = wire::CommandKind::kTransfer;
  request.submission.caller = till->customer->owner;
  request.submission.count = 2;
  const std::int64_t most = load.random().chance(300) ? 20'000 : 40'000'000;
  const KnownAccount* other = load.random().chance(500)
                                  ? load.any_account(till->city->id(), till->customer->asset)
                                  : nullptr;
  for (std::uint32_t i = 0; i < request.submission.count; ++i) {
    auto transfer = movement(load, *till->customer, *till->reserve, most);
    if (i == 0) transfer.flags |= flag::kLinked;
    if (i == 1 && other != nullptr) transfer.credit = other->number;
    const auto bytes = std::as_bytes(std::span{&transfer, 1});
    request.submission.records.insert(request.submission.records.end(), bytes.begin(), bytes.end());
  }
  return request;
}

/// An account that may go below zero: the operator lends to its owner.
std::optional<Request> open_with_credit(Workload& load) {
  City& city = load.any_city();
  const KnownAccount* like = load.any_account(city.id());
  if (like == nullptr) return std::nullopt;
  wire::OpenAccount record;
  record.id = load.new_id();
  record.owner = like->owner;
  record.asset = like->asset;
  return request_of(city, wire::CommandKind::kOpenAccount, kOperator, record);
}

constexpr auto kOperations = std::to_array<Operation>({
    {"issue", 4, issue},
    {"redemption", 4, redeem},
    {"linked redemptions", 3, redeem_in_a_chain},
    {"account with credit", 1, open_with_credit},
});

}  // namespace

std::span<const Operation> reserve_operations() { return kOperations; }

}  // namespace hugang::simulation
