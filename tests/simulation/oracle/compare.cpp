#include "tests/simulation/oracle/compare.hpp"

#include <algorithm>

#include "tests/simulation/oracle/sentence.hpp"

namespace hugang::oracle {
namespace {

using Wrong = std::optional<std::string>;

/// "account 17: has 5 credits, the oracle says 6".
Wrong differ(const std::string& who, const std::string& what, Big has, Big right) {
  if (has == right) return std::nullopt;
  return who + ": " + what + " is " + text_of(has) + ", the oracle says " + text_of(right);
}

/// One thing after the other until one differs.
class Asking {
 public:
  explicit Asking(std::string who) : who_{std::move(who)} {}
  template <class A, class B>
  Asking& same(const std::string& what, A has, B right) {
    if (!wrong_) wrong_ = differ(who_, what, number(has), number(right));
    return *this;
  }
  Asking& true_that(bool is_so, const std::string& sentence) {
    if (!wrong_ && !is_so) wrong_ = who_ + ": " + sentence;
    return *this;
  }
  [[nodiscard]] const Wrong& wrong() const { return wrong_; }

 private:
  template <class T>
  static Big number(T value) {
    if constexpr (requires { value.value(); }) {
      return static_cast<Big>(value.value());
    } else if constexpr (requires { value.ns(); }) {
      return static_cast<Big>(value.ns());
    } else {
      return static_cast<Big>(value);
    }
  }
  std::string who_;
  Wrong wrong_;
};

Wrong accounts_differ(const Book& book, const machine::State& state) {
  if (auto wrong =
          differ("the ledger", "the number of accounts", static_cast<Big>(state.accounts.size()),
                 static_cast<Big>(book.accounts.size()))) {
    return wrong;
  }
  for (std::size_t i = 0; i < book.accounts.size(); ++i) {
    const Account& right = book.accounts[i];
    const machine::Account& has = state.accounts[i];
    Asking asking{"account " + std::to_string(right.number)};
    asking.same("owner", has.owner, right.owner)
        .same("asset", has.asset, right.asset)
        .same("flags", has.flags, right.flags)
        .same("kind", has.kind, right.kind)
        .same("peer", has.peer, right.peer)
        .same("debits", has.balance.debits_posted, right.money.debits)
        .same("credits", has.balance.credits_posted, right.money.credits)
        .same("debits on hold", has.balance.debits_pending, right.money.debits_held)
        .same("credits on hold", has.balance.credits_pending, right.money.credits_held);
    if (asking.wrong()) return asking.wrong();
  }
  return std::nullopt;
}

Wrong registers_differ(const Book& book, const machine::State& state) {
  Asking asking{"the ledger"};
  asking.same("node", state.self, book.self)
      .same("the number of assets", state.assets.size(), book.assets.size())
      .same("the number of participants", state.participants.size(), book.people.size())
      .same("the version of the rules", state.rules.version, book.rules.version)
      .same("the time of the rules", state.rules.effective_from, book.rules.from)
      .same("the number of rules", state.rules.rules.size(), book.rules.rules.size())
      .same("the number of coming rules", state.pending_rules.size(), book.coming_rules.size());
  for (std::size_t i = 0; i < state.participants.size() && !asking.wrong(); ++i) {
    const std::string who = "participant " + std::to_string(i + 1) + "'s ";
    asking.same(who + "roles", state.participants[i].roles, book.people[i].roles)
        .same(who + "suspension", state.participants[i].is_suspended, book.people[i].is_suspended);
  }
  for (const auto& [id, asset] : state.assets) {
    const auto found = book.assets.find(id.value());
    asking.true_that(found != book.assets.end() && found->second.issuer == asset.issuer.value(),
                     "asset " + std::to_string(id.value()) + " is another");
  }
  return asking.wrong();
}

Wrong holds_differ(const Book& book, const machine::State& state) {
  if (auto wrong =
          differ("the ledger", "the number of open holds", static_cast<Big>(state.holds.size()),
                 static_cast<Big>(book.holds.size()))) {
    return wrong;
  }
  for (const auto& [id, right] : book.holds) {
    Asking asking{"hold " + text_of_id(id)};
    const auto found = state.holds.find(base::CommandId{id});
    if (found == state.holds.end()) return "hold " + text_of_id(id) + " is not open";
    const machine::Hold& has = found->second;
    asking.same("amount", has.amount.minor(), right.amount)
        .same("expiry", has.expires_at, right.expires_at)
        .same("debit account", state.number_of(has.debit), right.debit)
        .same("credit account", state.number_of(has.credit), right.credit);
    if (asking.wrong()) return asking.wrong();
  }
  const std::size_t due = book.hold_ends.size() + book.decide_bys.size();
  return differ("the ledger", "the number of deadlines", static_cast<Big>(state.deadlines.size()),
                static_cast<Big>(due));
}

/// The ids of all commands, and how they were answered.
Wrong memory_differs(const Book& book, const machine::State& state) {
  for (const auto& [id, right] : book.memory) {
    const std::optional<machine::IdRecord> has = state.ids.find(base::CommandId{id});
    const std::string who = "command " + text_of_id(id);
    if (!has) return who + " is forgotten";
    const auto ended = book.ended_holds.find(id);
    Asking asking{who};
    asking.same("kind", has->kind, right.kind)
        .same("code", has->code, right.answer.code)
        .same("value", has->value, right.answer.value)
        .same("time", has->at, right.answer.at)
        .same("end of the hold", has->hold_end,
              ended == book.ended_holds.end() ? Code::kOk : ended->second);
    if (asking.wrong()) return asking.wrong();
  }
  return std::nullopt;
}

Wrong legs_differ(const std::string& who, const machine::State& state,
                  const machine::Settlement& has, const Settlement& right) {
  Asking asking{who};
  asking.same("the number of legs", has.legs.size(), right.legs.size());
  for (std::size_t i = 0; i < right.legs.size() && !asking.wrong(); ++i) {
    const Leg& leg = right.legs[i];
    const std::string which = "leg " + std::to_string(i) + "'s ";
    asking.same(which + "amount", has.legs[i].amount_minor, leg.amount)
        .same(which + "asset", has.legs[i].asset, leg.asset)
        .same(which + "direction", has.legs[i].pays, leg.pays)
        .same(which + "returned amount", has.legs[i].returned_minor, leg.returned)
        .same(which + "amount under return", has.legs[i].returning_minor, leg.returning)
        .same(which + "affirmation", has.legs[i].is_affirmed, leg.has_word);
    if (leg.own == 0 || has.legs[i].customer.is_none()) continue;
    asking.same(which + "account", state.number_of(has.legs[i].customer), leg.own)
        .same(which + "corridor", state.number_of(has.legs[i].corridor), leg.corridor)
        .same(which + "other account", has.legs[i].other_account, leg.other);
  }
  return asking.wrong();
}

Wrong settlements_differ(const Book& book, const machine::State& state) {
  if (auto wrong = differ("the ledger", "the number of settlements",
                          static_cast<Big>(state.settlements.size()),
                          static_cast<Big>(book.settlements.size()))) {
    return wrong;
  }
  std::size_t open = 0;
  for (const auto& [id, right] : book.settlements) {
    const std::string who = "settlement " + text_of_id(id);
    const machine::Settlement* found = state.settlements.find(base::CommandId{id});
    if (found == nullptr) return who + " is missing";
    const machine::Settlement& has = *found;
    Asking asking{who};
    asking.same("status", has.status, right.status)
        .same("code", has.code, right.code)
        .same("peer", has.peer, right.peer)
        .same("side", has.is_initiator, right.is_ours)
        .same("kind", has.kind, right.kind)
        .same("submitter", has.submitter, right.submitter)
        .same("time to decide", has.decide_by, right.decide_by)
        .same("time of decision", has.decided_at, right.decided_at)
        .same("time of receipt", has.received_at, right.received_at)
        .same("time of its end", has.closed_at, right.closed_at)
        .same("entry of receipt", has.received_seqno, right.received_in)
        .same("entry of its end", has.closed_seqno, right.closed_in)
        .same("instruction", has.instruct_message, right.instruct_message)
        .same("decision", has.decision_message, right.decision_message)
        .same("recall", has.is_recall_requested, right.is_recalled)
        .same("answer to the recall", has.recall_answer, right.recall_answer);
    if (asking.wrong()) return asking.wrong();
    if (auto wrong = legs_differ(who, state, has, right)) return wrong;
    open += right.status == wire::SettlementStatus::kSent ||
            right.status == wire::SettlementStatus::kPending;
  }
  return differ("the ledger", "the number of open settlements", state.open_settlements,
                static_cast<Big>(open));
}

Wrong keys_differ(const std::string& who, const std::vector<machine::PeerKey>& has,
                  const std::vector<Key>& right) {
  Asking asking{who};
  asking.same("the number of keys", has.size(), right.size());
  for (std::size_t i = 0; i < right.size() && !asking.wrong(); ++i) {
    const std::string which = "key " + std::to_string(i) + "'s ";
    asking.same(which + "id", has[i].record.key_id, right[i].id)
        .same(which + "suite", has[i].record.suite, right[i].suite)
        .same(which + "begin", has[i].record.valid_from, right[i].from)
        .same(which + "end", has[i].record.valid_to, right[i].to);
  }
  return asking.wrong();
}

Wrong channels_differ(const Book& book, const machine::State& state) {
  for (const auto& [node, right] : book.channels) {
    const std::string who = "the channel with node " + std::to_string(node);
    const auto found = state.peers.find(base::NodeId{node});
    if (found == state.peers.end()) return who + " is missing";
    const machine::Peer& has = found->second;
    Asking asking{who};
    asking.same("sent", has.sent, right.sent)
        .same("acknowledged", has.acknowledged, right.acknowledged)
        .same("cursor", has.applied, right.cursor())
        .same("halt", has.halted, right.halted)
        .same("evidence", has.halt_evidence, right.evidence)
        .same("the number of corridors", has.corridors.size(), right.corridors.size())
        .true_that(has.sent_chain == right.sent_chain, "the chain of what was sent is another")
        .true_that(has.applied_chain == right.received.back(),
                   "the chain of what was received is another");
    asking.same("the number of messages that wait", has.outbox.size(), right.outbox.size());
    if (asking.wrong()) return asking.wrong();
    for (const auto& message : has.outbox) {
      const auto waits = right.outbox.find(message.seqno.value());
      asking.true_that(waits != right.outbox.end() && waits->second == message.bytes,
                       "message " + std::to_string(message.seqno.value()) + " is another");
    }
    if (asking.wrong()) return asking.wrong();
    if (auto wrong = keys_differ(who, has.keys, right.keys)) return wrong;
  }
  if (auto wrong = keys_differ("the ledger", state.own_keys, book.own_keys)) return wrong;
  return differ("the ledger", "the number of channels", static_cast<Big>(state.peers.size()),
                static_cast<Big>(book.channels.size()));
}

Code code_of(machine::ReconciliationStatus status) {
  return status == machine::ReconciliationStatus::kDiffers ? Code::kReconciliationDiffers
                                                           : Code::kOk;
}

Wrong reconciliations_differ(const Book& book, const machine::State& state) {
  for (const auto& [id, right] : book.reconciliations) {
    const std::string who = "reconciliation " + text_of_id(id);
    const auto found = state.reconciliations.find(base::CommandId{id});
    if (found == state.reconciliations.end()) return who + " is missing";
    const machine::Reconciliation& has = found->second;
    Asking asking{who};
    asking.same("peer", has.peer, right.peer)
        .same("date", has.business_date, right.date)
        .same("side", has.is_initiator, right.is_ours)
        .same("being open", has.status == machine::ReconciliationStatus::kOpen, right.is_open)
        .same("result", code_of(has.status), right.code)
        .same("the number of lines", has.lines.size(), right.lines.size())
        .same("the number of names", has.in_flight.size(), right.names.size());
    if (asking.wrong()) return asking.wrong();
    for (const auto& line : has.lines) {
      const auto expected = right.lines.find(line.asset.value());
      if (expected == right.lines.end()) return who + " has a line for an asset too many";
      const std::string which = "asset " + std::to_string(line.asset.value()) + "'s ";
      asking.same(which + "own position", line.own_minor, expected->second.own)
          .same(which + "stated position", line.peer_minor, expected->second.theirs)
          .same(which + "sum under way", line.in_flight_minor, expected->second.under_way);
    }
    if (asking.wrong()) return asking.wrong();
  }
  return differ("the ledger", "the number of reconciliations",
                static_cast<Big>(state.reconciliations.size()),
                static_cast<Big>(book.reconciliations.size()));
}

}  // namespace

Wrong first_difference(const Book& book, const machine::State& state, bool has_memory) {
  for (const auto part : {registers_differ, accounts_differ, holds_differ, settlements_differ,
                          channels_differ, reconciliations_differ}) {
    if (auto wrong = part(book, state)) return wrong;
  }
  return has_memory ? memory_differs(book, state) : std::nullopt;
}

}  // namespace hugang::oracle
