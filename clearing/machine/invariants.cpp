#include "clearing/machine/invariants.hpp"

#include <algorithm>

#include "clearing/machine/limits.hpp"

// This file shares no code with what it checks: it adds the same things up in its own way.

namespace hugang::machine {
namespace {

using base::i128;

std::string decimal(u128 value) {
  if (value == 0) return "0";
  std::string digits;
  for (; value > 0; value /= 10)
    digits.push_back(static_cast<char>('0' + static_cast<int>(value % 10)));
  std::ranges::reverse(digits);
  return digits;
}

std::string name_of(const State& state, std::size_t index) {
  const AccountNumber number = state.number_of(AccountIndex{static_cast<std::uint32_t>(index + 1)});
  return "account " + std::to_string(number.value());
}

struct Sums {
  u128 debits_posted = 0;
  u128 credits_posted = 0;
  u128 debits_pending = 0;
  u128 credits_pending = 0;
};

std::optional<std::string> double_entry(const State& state) {
  std::map<AssetId, Sums> sums;
  for (const Account& account : state.accounts) {
    Sums& s = sums[account.asset];
    s.debits_posted += account.balance.debits_posted;
    s.credits_posted += account.balance.credits_posted;
    s.debits_pending += account.balance.debits_pending;
    s.credits_pending += account.balance.credits_pending;
  }
  for (const auto& [asset, s] : sums) {
    if (s.debits_posted != s.credits_posted) {
      return "law 1: asset " + std::to_string(asset.value()) + ": posted debits " +
             decimal(s.debits_posted) + " differ from credits " + decimal(s.credits_posted);
    }
    if (s.debits_pending != s.credits_pending) {
      return "law 1: asset " + std::to_string(asset.value()) + ": pending debits " +
             decimal(s.debits_pending) + " differ from credits " + decimal(s.credits_pending);
    }
  }
  return std::nullopt;
}

std::optional<std::string> pending_is_explained(const State& state) {
  std::vector<Sums> expected(state.accounts.size());
  for (const auto& entry : state.holds) {
    const Hold& hold = entry.second;
    expected[hold.debit.value() - 1].debits_pending += static_cast<u128>(hold.amount.minor());
    expected[hold.credit.value() - 1].credits_pending += static_cast<u128>(hold.amount.minor());
  }
  for (const Settlement& settlement : state.settlements) {
    if (settlement.status != SettlementStatus::kSent) continue;
    for (const SettlementLeg& leg : settlement.legs) {
      const AccountIndex payer = leg.pays ? leg.customer : leg.corridor;
      const AccountIndex payee = leg.pays ? leg.corridor : leg.customer;
      expected[payer.value() - 1].debits_pending += static_cast<u128>(leg.amount_minor);
      expected[payee.value() - 1].credits_pending += static_cast<u128>(leg.amount_minor);
    }
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const Balance& b = state.accounts[i].balance;
    if (b.debits_pending != expected[i].debits_pending ||
        b.credits_pending != expected[i].credits_pending) {
      return "law 2: " + name_of(state, i) + ": pending " + decimal(b.debits_pending) + " / " +
             decimal(b.credits_pending) + ", but its open holds and legs add up to " +
             decimal(expected[i].debits_pending) + " / " + decimal(expected[i].credits_pending);
    }
  }
  return std::nullopt;
}

std::optional<std::string> flags_hold(const State& state) {
  for (std::size_t i = 0; i < state.accounts.size(); ++i) {
    const Account& account = state.accounts[i];
    const Balance& b = account.balance;
    if (account.has(wire::account_flag::kNoDebitBalance) &&
        b.debits_posted + b.debits_pending > b.credits_posted) {
      return "law 3: " + name_of(state, i) + " has a debit balance";
    }
    if (account.has(wire::account_flag::kNoCreditBalance) &&
        b.credits_posted + b.credits_pending > b.debits_posted) {
      return "law 3: " + name_of(state, i) + " has a credit balance";
    }
    if (account.has(wire::account_flag::kClosed) &&
        (b.debits_posted != b.credits_posted || b.debits_pending != 0 || b.credits_pending != 0)) {
      return "law 3: " + name_of(state, i) + " is closed but not empty";
    }
  }
  return std::nullopt;
}

std::optional<std::string> issue_is_backed(const State& state) {
  for (const auto& [id, asset] : state.assets) {
    if (asset.reserve.is_none()) continue;
    const Balance& reserve = state.account(asset.reserve).balance;
    // Modulo 2^128 on both sides: a state that was read from a damaged file must not overflow here.
    const u128 issued = reserve.debits_posted - reserve.credits_posted;
    u128 held = 0;
    for (std::size_t i = 0; i < state.accounts.size(); ++i) {
      if (state.accounts[i].asset != id || i + 1 == asset.reserve.value()) continue;
      const Balance& b = state.accounts[i].balance;
      held += b.credits_posted - b.debits_posted;
    }
    if (issued != held || static_cast<i128>(issued) < 0) {
      return "law 4: asset " + std::string{asset.code.view()} +
             ": what the reserve backs is not what the accounts hold";
    }
  }
  return std::nullopt;
}

std::optional<std::string> deadlines_are_complete(const State& state) {
  std::size_t expected = 0;
  for (const auto& [id, hold] : state.holds) {
    if (hold.expires_at.is_none()) continue;
    ++expected;
    if (!state.deadlines.contains(Deadline{hold.expires_at, id, false})) {
      return "law 5: a hold that expires has no deadline";
    }
  }
  std::uint32_t open = 0;
  for (const Settlement& settlement : state.settlements) {
    const bool is_pending = settlement.status == SettlementStatus::kPending;
    open += is_pending || settlement.status == SettlementStatus::kSent;
    if (!is_pending) continue;
    ++expected;
    if (!state.deadlines.contains(Deadline{settlement.decide_by, settlement.id, true})) {
      return "law 5: an undecided settlement has no deadline";
    }
  }
  if (expected != state.deadlines.size())
    return "law 5: a deadline belongs to nothing that is open";
  if (open != state.open_settlements) return "law 5: the count of open settlements is wrong";
  return std::nullopt;
}

std::optional<std::string> outboxes_are_gapless(const State& state) {
  for (const auto& [node, peer] : state.peers) {
    std::uint64_t at = peer.acknowledged.value();
    const Digest* chain = nullptr;
    for (const OutboxMessage& message : peer.outbox) {
      ++at;
      const bool links = chain == nullptr || *chain == message.chain_before;
      if (message.seqno.value() != at || !links) {
        return "law 6: the outbox for node " + std::to_string(node.value()) + " has a gap";
      }
      chain = &message.chain_after;
    }
    if (at != peer.sent.value() || (chain != nullptr && *chain != peer.sent_chain)) {
      return "law 6: the outbox for node " + std::to_string(node.value()) + " does not end at sent";
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> first_broken_law(const State& state) {
  for (const auto law : {double_entry, pending_is_explained, flags_hold, issue_is_backed,
                         deadlines_are_complete, outboxes_are_gapless}) {
    if (auto broken = law(state)) return broken;
  }
  return std::nullopt;
}

}  // namespace hugang::machine
