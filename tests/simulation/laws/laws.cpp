#include "tests/simulation/laws/laws.hpp"

#include <algorithm>
#include <map>

#include "clearing/wire/batch.hpp"
#include "crypto/digest.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/recovery.hpp"
#include "tests/simulation/adversary/evidence_law.hpp"
#include "tests/simulation/oracle/oracle.hpp"
#include "tests/simulation/workload/words.hpp"

namespace hugang::simulation {
namespace {

using base::i128;
using machine::Settlement;
using machine::State;
using wire::SettlementStatus;
using Broken = std::optional<std::string>;

std::string decimal(i128 value) {
  const bool is_negative = value < 0;
  auto rest = is_negative ? static_cast<base::u128>(-value) : static_cast<base::u128>(value);
  std::string text;
  do {
    text.insert(text.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  } while (rest != 0);
  return is_negative ? "-" + text : text;
}

std::string name_of(base::CommandId id) { return "settlement " + std::to_string(name_of_id(id)); }
std::string name_of(const State& state) { return "node " + std::to_string(state.self.value()); }

bool is_closed(const Settlement& settlement) {
  return settlement.status == SettlementStatus::kSettled ||
         settlement.status == SettlementStatus::kRefused;
}

const Settlement* responders_view(const State& responder, const Settlement& own,
                                  base::NodeId initiator) {
  const Settlement* view = responder.settlements.find(own.id);
  return view != nullptr && !view->is_initiator && view->peer == initiator ? view : nullptr;
}

Broken decision_agrees(const State& initiator, const State& responder, const Settlement& own) {
  if (!is_closed(own)) return std::nullopt;
  const Settlement* view = responders_view(responder, own, initiator.self);
  if (view == nullptr) {
    // The responder had the id from elsewhere and keeps no second record of it.
    if (own.status == SettlementStatus::kRefused &&
        own.code == machine::Code::kIdUsedForOtherContent) {
      return std::nullopt;
    }
    return name_of(own.id) + ": closed at " + name_of(initiator) + ", unknown at " +
           name_of(responder);
  }
  if (view->status != own.status || view->code != own.code) {
    return name_of(own.id) + ": " + name_of(initiator) + " has " +
           std::string{machine::code_name(own.code)} + ", " + name_of(responder) + " decided " +
           std::string{machine::code_name(view->code)};
  }
  return std::nullopt;
}

Broken decisions_agree(const State& initiator, const State& responder) {
  for (const Settlement& own : initiator.settlements) {
    if (!own.is_initiator || own.peer != responder.self) continue;
    if (auto broken = decision_agrees(initiator, responder, own)) return broken;
  }
  return std::nullopt;
}

/// credits - debits of the corridor account.
i128 corridor_net(const State& state, base::NodeId peer, base::AssetId asset) {
  const auto found = state.peers.at(peer).corridors.find(asset);
  if (found == state.peers.at(peer).corridors.end()) return 0;
  const machine::Balance& b = state.account(found->second).balance;
  return static_cast<i128>(b.credits_posted) - static_cast<i128>(b.debits_posted);
}

/// What `responder` has posted to its corridor for decisions that `initiator` has not seen.
i128 under_way(const State& initiator, const State& responder, base::AssetId asset) {
  i128 net = 0;
  for (const Settlement& view : responder.settlements) {
    if (view.is_initiator || view.peer != initiator.self) continue;
    if (view.status != SettlementStatus::kSettled) continue;
    const Settlement* own = initiator.settlements.find(view.id);
    if (own == nullptr) continue;
    if (!own->is_initiator || own->status != SettlementStatus::kSent) continue;
    for (const auto& leg : view.legs) {
      if (leg.asset != asset) continue;
      net += leg.pays ? static_cast<i128>(leg.amount_minor) : -static_cast<i128>(leg.amount_minor);
    }
  }
  return net;
}

Broken mirrors_agree(const State& a, const State& b) {
  for (const auto& [asset, corridor] : a.peers.at(b.self).corridors) {
    const i128 sum = corridor_net(a, b.self, asset) + corridor_net(b, a.self, asset);
    const i128 explained = under_way(a, b, asset) + under_way(b, a, asset);
    if (sum != explained) {
      return "mirror of asset " + std::to_string(asset.value()) + " between " + name_of(a) +
             " and " + name_of(b) + " differs by " + decimal(sum) +
             ", messages under way explain " + decimal(explained);
    }
  }
  return std::nullopt;
}

using Sums = std::map<base::AccountNumber, std::pair<i128, i128>>;  // debits, credits

void add_movement(Sums& sums, base::AccountNumber debit, base::AccountNumber credit, i128 minor) {
  sums[debit].first += minor;
  sums[credit].second += minor;
}

/// What the clients' answered transfers moved on one ledger.
void add_answered(Sums& sums, base::NodeId city, const Book& book) {
  namespace flag = wire::transfer_flag;
  for (const auto& [key, answered] : book.answered) {
    if (key.first != city || answered.kind != wire::CommandKind::kTransfer) continue;
    if (answered.outcome.code != machine::Code::kOk) continue;
    auto transfer = wire::read_record<wire::Transfer>(answered.record);
    if ((transfer.flags & (flag::kHold | flag::kVoidHold)) != 0) continue;
    if ((transfer.flags & flag::kPostHold) != 0) {
      const Answered* hold = book.find(city, transfer.pending_id);
      HG_CHECK(hold != nullptr);
      const auto first = wire::read_record<wire::Transfer>(hold->record);
      transfer.debit = first.debit;
      transfer.credit = first.credit;
    }
    add_movement(sums, transfer.debit, transfer.credit, static_cast<i128>(answered.outcome.value));
  }
}

void add_settled(Sums& sums, const State& state) {
  for (const Settlement& settlement : state.settlements) {
    if (settlement.status != SettlementStatus::kSettled) continue;
    for (const auto& leg : settlement.legs) {
      const auto customer = state.number_of(leg.customer);
      const auto corridor = state.number_of(leg.corridor);
      add_movement(sums, leg.pays ? customer : corridor, leg.pays ? corridor : customer,
                   leg.amount_minor);
    }
  }
}

Broken balances_are_explained(const State& state, const Book& book) {
  Sums sums;
  add_answered(sums, state.self, book);
  add_settled(sums, state);
  for (std::size_t i = 0; i < state.accounts.size(); ++i) {
    const auto number = state.number_of(base::AccountIndex{static_cast<std::uint32_t>(i + 1)});
    const machine::Balance& b = state.accounts[i].balance;
    const auto& [debits, credits] = sums[number];
    if (static_cast<i128>(b.debits_posted) == debits &&
        static_cast<i128>(b.credits_posted) == credits) {
      continue;
    }
    return name_of(state) + ", account " + std::to_string(number.value()) + ": posted " +
           decimal(static_cast<i128>(b.debits_posted)) + " / " +
           decimal(static_cast<i128>(b.credits_posted)) + ", answers and settlements add up to " +
           decimal(debits) + " / " + decimal(credits);
  }
  return std::nullopt;
}

Broken reconciliations_agreed(const State& state, base::NodeId liar) {
  for (const auto& [id, reconciliation] : state.reconciliations) {
    if (reconciliation.status == machine::ReconciliationStatus::kAgreed) continue;
    if (!liar.is_none() && reconciliation.peer == liar) continue;
    return name_of(state) + ": reconciliation " + std::to_string(base::low64(id.value())) +
           " with node " + std::to_string(reconciliation.peer.value()) +
           (reconciliation.status == machine::ReconciliationStatus::kOpen ? " is still open"
                                                                          : " differs");
  }
  return std::nullopt;
}

/// From entry 1, without any checkpoint.
Broken journal_replays(const City& city) {
  machine::Machine machine{{.sha256 = &crypto::sha256, .chain_next = &crypto::chain_next}};
  ledger::Replayer replayer{machine};
  const auto cursor = city.journal().read_from(base::Seqno{1});
  while (true) {
    const auto entry = cursor->next();
    if (!entry) return name_of(city.state()) + ": " + entry.error().sentence;
    if (*entry == nullptr) break;
    if (const auto applied = replayer.apply(**entry); !applied) {
      return name_of(city.state()) + ": " + applied.error().sentence;
    }
    const base::Seqno seqno = (*entry)->head.seqno;
    const auto written = city.checkpoint_digests().find(seqno);
    if (written == city.checkpoint_digests().end()) continue;
    if (written->second != ledger::state_digest(machine.state())) {
      return name_of(city.state()) + ": the checkpoint written at entry " +
             std::to_string(seqno.value()) + " is not what replay gives there";
    }
  }
  if (ledger::state_digest(machine.state()) != ledger::state_digest(city.state())) {
    return name_of(city.state()) + ": replay of the journal gives another state than memory has";
  }
  return std::nullopt;
}

template <class Law>
Broken for_each_pair(const Cities& cities, Law law) {
  for (const auto& a : cities) {
    for (const auto& b : cities) {
      if (a == b || !a->is_up() || !b->is_up()) continue;
      if (auto broken = law(a->state(), b->state())) return broken;
    }
  }
  return std::nullopt;
}

/// What an honest peer has acknowledged is not kept for ever.
bool has_empty_outboxes(const State& state, base::NodeId liar) {
  return std::ranges::all_of(state.peers, [&](const auto& entry) {
    return entry.first == liar || entry.second.outbox.empty();
  });
}

}  // namespace

Broken first_broken_between(const Cities& cities) {
  if (auto broken = for_each_pair(cities, decisions_agree)) return broken;
  return for_each_pair(cities, mirrors_agree);
}

bool is_at_rest(const Cities& cities, const Book& book) {
  return std::ranges::all_of(cities, [&](const auto& city) {
    if (!city->is_quiet()) return false;
    const State& state = city->state();
    const bool is_due =
        !state.deadlines.empty() && state.deadlines.begin()->at <= city->wall_clock();
    if (!has_empty_outboxes(state, book.liar)) return false;
    const std::uint32_t forgiven = book.liar.is_none() ? 0 : open_for_liar(state, book.liar);
    return state.open_settlements == forgiven && !is_due;
  });
}

Broken first_broken_at_rest(const Cities& cities, const Book& book) {
  if (auto broken = first_broken_between(cities)) return broken;
  for (const auto& city : cities) {
    if (auto broken = balances_are_explained(city->state(), book)) return broken;
    if (auto broken = reconciliations_agreed(city->state(), book.liar)) return broken;
    if (auto broken = journal_replays(*city)) return broken;
    if (auto broken = oracle::first_contradiction(city->journal(), &city->state())) {
      return name_of(city->state()) + ", oracle: " + *std::move(broken);
    }
  }
  return std::nullopt;
}

}  // namespace hugang::simulation
