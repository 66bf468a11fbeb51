// Scenario lines that ask: balances, settlements, reconciliations, channels, events.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/scenario/script.hpp"

namespace hugang::scenario {
namespace {

std::string status_text(wire::SettlementStatus status) {
  switch (status) {
    case wire::SettlementStatus::kSent:
      return "sent";
    case wire::SettlementStatus::kPending:
      return "pending";
    case wire::SettlementStatus::kSettled:
      return "settled";
    case wire::SettlementStatus::kRefused:
      return "refused";
  }
  return "?";
}

std::string status_text(machine::ReconciliationStatus status) {
  switch (status) {
    case machine::ReconciliationStatus::kOpen:
      return "open";
    case machine::ReconciliationStatus::kAgreed:
      return "agreed";
    case machine::ReconciliationStatus::kDiffers:
      return "differs";
  }
  return "?";
}

std::string code_suffix(machine::Code code) {
  return code == machine::Code::kOk ? "" : " " + std::string{code_name(code)};
}

base::i128 net_of(const machine::Balance& b) {
  return static_cast<base::i128>(b.credits_posted) - static_cast<base::i128>(b.debits_posted);
}

template <wire::IsRecord Record>
Record read_head(base::ByteSpan body) {
  return wire::read_record<Record>(body.first(sizeof(Record)));
}

}  // namespace

bool Script::run_question(const std::string& verb, Words& words, const std::string& expected) {
  if (verb == "balance") {
    ask_balance(words, expected);
  } else if (verb == "settlement" || verb == "recalled" || verb == "decided") {
    ask_settlement(words, expected, verb);
  } else if (verb == "reconciliation") {
    ask_reconciliation(words, expected);
  } else if (verb == "direction" || verb == "under-way") {
    if (verb == "direction") {
      ask_direction(words, expected);
    } else {
      const Direction way = parse_direction(words);
      EXPECT_EQ(std::to_string(way.from->state().peers.at(way.to->node()).outbox.size()), expected);
    }
  } else if (verb == "told") {
    ask_told(words);
  } else if (verb == "told-nothing") {
    EXPECT_TRUE(last_->effects().events.empty());
  } else if (verb == "holds") {
    EXPECT_EQ(std::to_string(city(words.take()).state().holds.size()), expected);
  } else if (verb == "open-settlements") {
    EXPECT_EQ(std::to_string(city(words.take()).state().open_settlements), expected);
  } else if (verb == "next-due") {
    const auto due = city(words.take()).next_due();
    EXPECT_EQ(due ? time_text(*due) : "nothing", expected);
  } else {
    return false;
  }
  words.expect_end();
  return true;
}

/// balance ACCOUNT = POSTED [held OUT] [coming IN]; what is not named must be zero.
void Script::ask_balance(Words& words, const std::string& expected) {
  const AccountName of = account(words.take());
  const unsigned scale = asset(of.asset).scale;
  const auto parts = base::parse_account_number(of.number);
  ASSERT_TRUE(parts.has_value());
  const machine::Balance& b = of.city->state().account(parts->index).balance;
  std::string text = amount_text(net_of(b), scale);
  if (b.debits_pending != 0) {
    text += " held " + amount_text(static_cast<base::i128>(b.debits_pending), scale);
  }
  if (b.credits_pending != 0) {
    text += " coming " + amount_text(static_cast<base::i128>(b.credits_pending), scale);
  }
  EXPECT_EQ(text, expected);
}

/// settlement ID at CITY = STATUS [CODE]; recalled ID at CITY = CODE; decided ID at CITY = TIME
void Script::ask_settlement(Words& words, const std::string& expected, const std::string& what) {
  const base::CommandId of = id(words.take());
  words.expect("at");
  const City& where = city(words.take());
  const machine::Settlement* found = where.state().settlements.find(of);
  if (found == nullptr) {
    EXPECT_EQ("unknown", expected);
    return;
  }
  const machine::Settlement& settlement = *found;
  if (what == "recalled") {
    const auto code = settlement.recall_answer;
    EXPECT_EQ(settlement.is_recall_requested ? "asked" + code_suffix(code) : "no", expected);
  } else if (what == "decided") {
    EXPECT_EQ(time_text(settlement.decided_at), expected);
  } else {
    EXPECT_EQ(status_text(settlement.status) + code_suffix(settlement.code), expected);
  }
}

/// reconciliation ID at CITY = STATUS; with `for ASSET`: own X peer Y in flight Z; with `names`:
/// ids
void Script::ask_reconciliation(Words& words, const std::string& expected) {
  const base::CommandId of = id(words.take());
  words.expect("at");
  const City& where = city(words.take());
  const auto found = where.state().reconciliations.find(of);
  ASSERT_NE(found, where.state().reconciliations.end());
  const machine::Reconciliation& r = found->second;
  if (words.take_if("for")) {
    const AssetName asked = asset(words.take());
    const auto line = std::ranges::find(r.lines, asked.id, &machine::ReconciliationLine::asset);
    ASSERT_NE(line, r.lines.end());
    EXPECT_EQ("own " + amount_text(line->own_minor, asked.scale) + " peer " +
                  amount_text(line->peer_minor, asked.scale) + " in flight " +
                  amount_text(line->in_flight_minor, asked.scale),
              expected);
  } else if (words.take_if("names")) {
    std::string names;
    for (const auto& each : r.in_flight) names += (names.empty() ? "" : " ") + name_of(each);
    EXPECT_EQ(names.empty() ? "nothing" : names, expected);
  } else {
    EXPECT_EQ(status_text(r.status), expected);
  }
}

/// direction A -> B = running at N | halted CODE at N, as B sees it. Evidence is an entry of B.
void Script::ask_direction(Words& words, const std::string& expected) {
  const Direction way = parse_direction(words);
  const machine::Peer& peer = way.to->state().peers.at(way.from->node());
  const bool is_halted = peer.halted != machine::Code::kOk;
  EXPECT_EQ((is_halted ? "halted" + code_suffix(peer.halted) : "running") + " at " +
                std::to_string(peer.applied.value()),
            expected);
  EXPECT_EQ(is_halted, !peer.halt_evidence.is_none()) << "a halt names its evidence";
}

/// told EVENT [at TIME]: the last entry's events include this one.
void Script::ask_told(Words& words) {
  std::string asked;
  while (!words.is_empty()) asked += (asked.empty() ? "" : " ") + words.take();
  const auto events = events_of(*last_);
  const bool is_there = std::ranges::any_of(events, [&](const std::string& event) {
    return event == asked || event.starts_with(asked + " at ");
  });
  std::string all;
  for (const auto& event : events) all += "\n  " + event;
  EXPECT_TRUE(is_there) << "told instead:" << all;
}

std::vector<std::string> Script::events_of(const City& of) const {
  std::vector<std::string> texts;
  wire::EventReader reader{of.effects().events};
  wire::EventHead head;
  base::ByteSpan body;
  while (reader.next(head, body)) {
    std::string text;
    switch (head.kind) {
      case wire::EventKind::kHoldExpired: {
        const auto event = read_head<wire::HoldExpired>(body);
        text = "expired " + name_of(event.hold) + " " + amount_text(event.amount_minor, 2);
        break;
      }
      case wire::EventKind::kMessageQueued: {
        const auto event = read_head<wire::MessageQueued>(body);
        text = "queued " + name_of(event.peer) + " " + std::to_string(event.seqno.value());
        break;
      }
      case wire::EventKind::kSettlementChanged: {
        const auto event = read_head<wire::SettlementChanged>(body);
        text = "settlement " + name_of(event.settlement) + " " + status_text(event.status) +
               code_suffix(event.code);
        break;
      }
      case wire::EventKind::kPeerHalted:
      case wire::EventKind::kPeerResumed: {
        const auto event = read_head<wire::PeerHalted>(body);
        const bool is_halt = head.kind == wire::EventKind::kPeerHalted;
        text = (is_halt ? "halted " : "resumed ") + name_of(event.peer) + code_suffix(event.code) +
               " cursor " + std::to_string(event.cursor.value());
        break;
      }
      case wire::EventKind::kRulesActivated:
        text = "rules " + std::to_string(read_head<wire::RulesActivated>(body).version);
        break;
      case wire::EventKind::kKeyAdded:
        text = "key of " + name_of(read_head<wire::KeyAdded>(body).node);
        break;
      case wire::EventKind::kReconciled: {
        const auto event = read_head<wire::Reconciled>(body);
        text = "reconciled " + name_of(event.id) + code_suffix(event.code);
        break;
      }
    }
    texts.push_back(text + " at " + time_text(head.at));
  }
  return texts;
}

}  // namespace hugang::scenario
