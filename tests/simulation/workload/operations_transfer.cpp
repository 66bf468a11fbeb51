// Transfers on one ledger: plain, linked, balancing, in two phases, and malformed.
#include <algorithm>
#include <array>

#include "tests/simulation/workload/workload.hpp"

namespace hugang::simulation {
namespace {

namespace flag = wire::transfer_flag;

/// A transfer between two customers of one asset, mostly of a size that has funds.
std::optional<std::pair<wire::Transfer, base::ParticipantId>> draw_transfer(Workload& load,
                                                                            const City& city) {
  const KnownAccount* debit = load.any_account(city.id());
  if (debit == nullptr) return std::nullopt;
  const KnownAccount* credit = load.any_account(city.id(), debit->asset);
  wire::Transfer transfer;
  transfer.id = load.new_id();
  transfer.debit = debit->number;
  transfer.credit = credit->number;
  transfer.asset = debit->asset;
  transfer.amount_minor = load.random().between(1, load.random().chance(100) ? 5'000'000 : 5'000);
  return std::pair{transfer, debit->owner};
}

std::optional<Request> plain(Workload& load) {
  City& city = load.any_city();
  const auto drawn = draw_transfer(load, city);
  if (!drawn) return std::nullopt;
  return request_of(city, wire::CommandKind::kTransfer, drawn->second, drawn->first);
}

std::optional<Request> balancing(Workload& load) {
  City& city = load.any_city();
  auto drawn = draw_transfer(load, city);
  if (!drawn) return std::nullopt;
  drawn->first.flags = load.random().chance(500) ? flag::kBalancingDebit : flag::kBalancingCredit;
  drawn->first.amount_minor = load.random().between(1, 2'000'000);
  return request_of(city, wire::CommandKind::kTransfer, drawn->second, drawn->first);
}

std::optional<Request> malformed(Workload& load) {
  City& city = load.any_city();
  auto drawn = draw_transfer(load, city);
  if (!drawn) return std::nullopt;
  wire::Transfer& transfer = drawn->first;
  Random& random = load.random();
  switch (random.below(7)) {
    case 0:
      transfer.amount_minor = random.chance(500) ? 0 : -5;
      break;
    case 1:
      transfer.flags = static_cast<std::uint16_t>(random.below(256));
      break;
    case 2:
      transfer.debit = base::AccountNumber{transfer.debit.value() ^ 1};
      break;
    case 3:
      transfer.asset = base::AssetId{99};
      break;
    case 4:
      transfer.pending_id = load.new_id();
      break;
    case 5:
      transfer.amount_minor = INT64_MAX;
      break;
    default:
      drawn->second = base::ParticipantId{static_cast<std::uint32_t>(random.below(9))};
  }
  if (drawn->second.is_none()) drawn->second = base::ParticipantId{77};
  return request_of(city, wire::CommandKind::kTransfer, drawn->second, transfer);
}

std::optional<Request> chain(Workload& load) {
  City& city = load.any_city();
  Request request{.city = city.id(), .submission = {}};
  const auto count = static_cast<std::uint32_t>(load.random().between(2, 4));
  for (std::uint32_t i = 0; i < count; ++i) {
    auto drawn = draw_transfer(load, city);
    if (!drawn) return std::nullopt;
    if (i == 0) request.submission.caller = drawn->second;
    if (i + 1 < count) drawn->first.flags |= flag::kLinked;
    const auto bytes = std::as_bytes(std::span{&drawn->first, 1});
    auto& records = request.submission.records;
    records.insert(records.end(), bytes.begin(), bytes.end());
  }
  request.submission.kind = wire::CommandKind::kTransfer;
  request.submission.count = count;
  return request;
}

std::optional<Request> hold(Workload& load) {
  City& city = load.any_city();
  auto drawn = draw_transfer(load, city);
  if (!drawn) return std::nullopt;
  drawn->first.flags = flag::kHold;
  if (load.random().chance(700)) {
    drawn->first.expires_at =
        city.wall_clock() + base::Duration::milliseconds(load.random().between(-100, 20'000));
  }
  return request_of(city, wire::CommandKind::kTransfer, drawn->second, drawn->first);
}

std::optional<Request> end_hold(Workload& load) {
  if (load.book().holds.empty()) return std::nullopt;
  const OpenHold hold = load.random().pick(load.book().holds);
  wire::Transfer transfer;
  transfer.id = load.new_id();
  transfer.pending_id = hold.id;
  if (load.random().chance(300)) {
    transfer.flags = flag::kVoidHold;
  } else {
    transfer.flags = flag::kPostHold;
    if (load.random().chance(500)) {
      transfer.amount_minor = load.random().between(0, hold.amount_minor + 1);
    }
  }
  return request_of(load.city(hold.city), wire::CommandKind::kTransfer, hold.owner, transfer);
}

constexpr auto kOperations = std::to_array<Operation>({
    {"transfer", 20, plain},
    {"balancing transfer", 5, balancing},
    {"malformed transfer", 4, malformed},
    {"linked chain", 8, chain},
    {"hold", 10, hold},
    {"end of a hold", 10, end_hold},
});

}  // namespace

std::span<const Operation> transfer_operations() { return kOperations; }

}  // namespace hugang::simulation
