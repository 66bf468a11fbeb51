#include "clients/load/transfer_maker.hpp"

#include <algorithm>

#include "clearing/base/check.hpp"

namespace hugang::load {
namespace {

/// Seeds for the parts of one thread, none the same.
constexpr std::uint64_t part_seed(std::uint64_t seed, std::uint32_t thread, std::uint64_t part) {
  SplitMix64 spread{seed ^ (std::uint64_t{thread} << 32) ^ (part << 56)};
  return spread.next();
}

/// A hold waits for its end while up to this many others do.
constexpr std::size_t kHoldsPending = 32;

}  // namespace

AccountPicker::AccountPicker(const AccountSet& accounts, const Scenario& scenario)
    : accounts_{&accounts},
      size_{std::min(accounts.size(), scenario.accounts)},
      hot_{std::clamp<std::uint64_t>(
          static_cast<std::uint64_t>(scenario.hot_accounts * static_cast<double>(size_)), 1,
          std::max<std::uint64_t>(size_, 2) - 1)},
      to_hot_{size_ < 2 ? 0 : scenario.hot_traffic} {
  HG_CHECK(size_ > 0);
}

IdMaker::IdMaker(IdOrder order, std::uint64_t seed, Place place)
    : order_{order},
      place_{place},
      counter_{place.thread},
      // The run's number is mixed in: the same seed twice on one ledger must not repeat ids.
      random_{part_seed(seed ^ place.run, place.thread, 1)} {}

TransferMaker::TransferMaker(const Scenario& scenario, const Side& side, IdMaker::Place place)
    : picker_{side.accounts, scenario},
      ids_{scenario.ids, scenario.seed, place},
      random_{part_seed(scenario.seed, place.thread, 2)},
      asset_{side.asset},
      amount_min_{scenario.amount_min},
      amount_count_{static_cast<std::uint64_t>(scenario.amount_max - scenario.amount_min) + 1},
      retry_{scenario.retry_share},
      void_{scenario.mix.void_share},
      chain_length_{scenario.mix.chain_length} {
  const Mix& mix = scenario.mix;
  // In the order of Form.
  const double weights[kForms] = {mix.single,    mix.hold,  mix.chain,
                                  mix.balancing, mix.batch, mix.cross_border};
  double sum = 0;
  for (std::size_t i = 0; i < kForms; ++i) cumulated_[i] = sum += weights[i];
  local_weight_ = mix.single + mix.hold + mix.chain + mix.balancing;
  is_plain_ = retry_.is_never() && mix.single == local_weight_;
  pending_.reserve(kHoldsPending);
}

Form TransferMaker::next_form() {
  const double at = random_.unit() * cumulated_[kForms - 1];
  std::size_t form = 0;
  while (form + 1 < kForms && at >= cumulated_[form]) ++form;
  return static_cast<Form>(form);
}

Form TransferMaker::batch_form() {
  const double at = random_.unit() * local_weight_;
  std::size_t form = 0;
  constexpr auto kLast = static_cast<std::size_t>(Form::kBalancing);
  while (form < kLast && at >= cumulated_[form]) ++form;
  return static_cast<Form>(form);
}

void TransferMaker::single(wire::Transfer& record) {
  const AccountPicker::Pair pair = picker_.pair(random_);
  record = wire::Transfer{};
  record.id = ids_.next();
  record.debit = pair.debit;
  record.credit = pair.credit;
  record.amount_minor = amount_min_ + static_cast<std::int64_t>(random_.below(amount_count_));
  record.asset = asset_;
}

void TransferMaker::balancing(wire::Transfer& record) {
  single(record);
  record.flags = wire::transfer_flag::kBalancingDebit;
}

void TransferMaker::hold(wire::Transfer& first, wire::Transfer& second) {
  single(first);
  first.flags = wire::transfer_flag::kHold;
  second = first;
  second.id = ids_.next();
  second.pending_id = first.id;
  second.flags =
      void_.hits(random_) ? wire::transfer_flag::kVoidHold : wire::transfer_flag::kPostHold;
}

void TransferMaker::chain(std::span<wire::Transfer> records) {
  for (wire::Transfer& record : records) {
    single(record);
    record.flags = wire::transfer_flag::kLinked;
  }
  records.back().flags = 0;
}

std::uint32_t TransferMaker::batch(std::span<wire::Transfer> records) {
  if (!is_plain_) return mixed_batch(records);
  for (wire::Transfer& record : records) single(record);
  return 0;
}

std::uint32_t TransferMaker::mixed_batch(std::span<wire::Transfer> records) {
  constexpr Chance kEndOne{0.25};
  std::uint32_t repeated = 0;
  const wire::Transfer* last_single = nullptr;
  pending_.clear();
  for (std::size_t at = 0; at < records.size();) {
    const std::size_t room = records.size() - at;
    const bool must_end = pending_.size() >= room || pending_.size() == kHoldsPending;
    if (must_end || (!pending_.empty() && kEndOne.hits(random_))) {
      records[at++] = pending_.front();
      pending_.erase(pending_.begin());
      continue;
    }
    if (last_single != nullptr && retry_.hits(random_)) {
      records[at++] = *last_single;
      ++repeated;
      continue;
    }
    const Form form = batch_form();
    if (form == Form::kHold && room >= pending_.size() + 2) {
      hold(records[at], pending_.emplace_back());
      ++at;
    } else if (form == Form::kChain && room >= pending_.size() + chain_length_) {
      chain(records.subspan(at, chain_length_));
      at += chain_length_;
    } else if (form == Form::kBalancing) {
      balancing(records[at++]);
    } else {
      last_single = &records[at];
      single(records[at++]);
    }
  }
  return repeated;
}

}  // namespace hugang::load
