// Chains of every phase: holds that a chain opens, posts and voids itself, and chains left open.
#include <algorithm>
#include <array>

#include "tests/simulation/workload/workload.hpp"

namespace hugang::simulation {
namespace {

namespace flag = wire::transfer_flag;

/// Collects the members of one submission.
class ChainDraft {
 public:
  ChainDraft(Workload& load, const City& city, const KnownAccount& payer)
      : load_{load}, city_{city}, payer_{payer} {
    if (load.random().chance(300)) return;
    expires_at_ = city.wall_clock() + base::Duration::milliseconds(load.random().between(1, 9'000));
  }

  void add_payment(std::uint16_t flags) {
    const KnownAccount* credit = load_.any_account(city_.id(), payer_.asset);
    wire::Transfer transfer = begin();
    transfer.flags = flags;
    transfer.debit = payer_.number;
    transfer.credit = credit == nullptr ? payer_.number : credit->number;
    transfer.asset = payer_.asset;
    transfer.amount_minor = load_.random().between(1, load_.random().chance(150) ? 900'000 : 3'000);
    if ((flags & flag::kHold) != 0) {
      held_.push_back({transfer.id, transfer.amount_minor});
      transfer.expires_at = expires_at_;  // together, so that one tick has much to do
    }
    members_.push_back(transfer);
  }

  /// Ends a hold of this chain, or of the payer's earlier ones; sometimes one that is not there.
  void add_end() {
    wire::Transfer transfer = begin();
    transfer.flags = load_.random().chance(600) ? flag::kPostHold : flag::kVoidHold;
    transfer.pending_id = load_.new_id();
    if (!held_.empty()) {
      const auto& [id, amount] = load_.random().pick(held_);
      transfer.pending_id = id;
      const bool is_part = transfer.flags == flag::kPostHold && load_.random().chance(500);
      if (is_part) transfer.amount_minor = load_.random().between(0, amount);
    }
    members_.push_back(transfer);
  }

  /// All members linked but the last; with `is_open` that one too.
  [[nodiscard]] Request finish(bool is_open) {
    Request request{.city = city_.id(), .submission = {}};
    for (std::size_t i = 0; i < members_.size(); ++i) {
      wire::Transfer& member = members_[i];
      if (is_open || i + 1 < members_.size()) {
        member.flags = static_cast<std::uint16_t>(member.flags | flag::kLinked);
      }
      const auto bytes = std::as_bytes(std::span{&member, 1});
      auto& records = request.submission.records;
      records.insert(records.end(), bytes.begin(), bytes.end());
    }
    request.submission.kind = wire::CommandKind::kTransfer;
    request.submission.caller = payer_.owner;
    request.submission.count = static_cast<std::uint32_t>(members_.size());
    return request;
  }

 private:
  [[nodiscard]] wire::Transfer begin() {
    wire::Transfer transfer;
    transfer.id = load_.new_id();
    return transfer;
  }

  Workload& load_;
  const City& city_;
  const KnownAccount& payer_;
  base::Timestamp expires_at_;
  std::vector<wire::Transfer> members_;
  std::vector<std::pair<base::CommandId, std::int64_t>> held_;
};

std::optional<Request> chain_of_phases(Workload& load) {
  const City& city = load.any_city();
  const KnownAccount* payer = load.any_account(city.id());
  if (payer == nullptr) return std::nullopt;
  ChainDraft draft{load, city, *payer};
  draft.add_payment(flag::kHold);
  const auto further = load.random().between(1, 5);
  for (std::int64_t i = 0; i < further; ++i) {
    switch (load.random().below(3)) {
      case 0:
        draft.add_payment(flag::kHold);
        break;
      case 1:
        draft.add_payment(0);
        break;
      default:
        draft.add_end();
    }
  }
  return draft.finish(load.random().chance(100));
}

/// A chain that its sender never closes, alone in its submission.
std::optional<Request> open_chain(Workload& load) {
  const City& city = load.any_city();
  const KnownAccount* payer = load.any_account(city.id());
  if (payer == nullptr) return std::nullopt;
  ChainDraft draft{load, city, *payer};
  draft.add_payment(0);
  return draft.finish(true);
}

constexpr auto kOperations = std::to_array<Operation>({
    {"chain of phases", 6, chain_of_phases},
    {"open chain", 4, open_chain},
});

}  // namespace

std::span<const Operation> phase_operations() { return kOperations; }

}  // namespace hugang::simulation
