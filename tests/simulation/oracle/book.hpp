// What the oracle knows of one ledger: plain maps, filled only by the rules in this folder. Times
// are nanoseconds since 1970 and 0 is none; money is minor units; accounts are named by number.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "clearing/base/bytes.hpp"
#include "clearing/base/int128.hpp"
#include "clearing/machine/codes.hpp"
#include "clearing/wire/message.hpp"
#include "clearing/wire/outcome.hpp"
#include "clearing/wire/records.hpp"

namespace hugang::oracle {

using base::Bytes;
using base::ByteSpan;
using base::Digest;
using machine::Code;
using wire::CommandKind;
using Big = base::i128;
using Id = base::u128;
using Time = std::int64_t;
using Minor = std::int64_t;
using AccountNo = std::uint64_t;
using NodeNo = std::uint32_t;
using AssetNo = std::uint32_t;
using PersonNo = std::uint32_t;  ///< of a participant; 0 is the node itself

struct Money {
  Big debits = 0;
  Big credits = 0;
  Big debits_held = 0;
  Big credits_held = 0;
};

struct Account {
  AccountNo number = 0;
  PersonNo owner = 0;
  AssetNo asset = 0;
  std::uint32_t flags = 0;
  wire::AccountKind kind = wire::AccountKind::kCustomer;
  NodeNo peer = 0;
  Money money;

  [[nodiscard]] bool has(std::uint32_t flag) const { return (flags & flag) != 0; }
};

struct Asset {
  NodeNo issuer = 0;
  std::string code;
};

struct Person {
  std::uint32_t roles = 0;
  std::string code;
  bool is_suspended = false;
};

struct Hold {
  AccountNo debit = 0;
  AccountNo credit = 0;
  Minor amount = 0;
  Time expires_at = 0;
};

/// The answer to a command, as the journal should hold it.
struct Answer {
  Code code = Code::kOk;
  std::uint64_t value = 0;
  Time at = 0;
  bool is_repeated = false;
};

struct Remembered {
  CommandKind kind = CommandKind::kTick;
  PersonNo caller = 0;
  std::string content;
  Answer answer;
};

/// One leg as this side sees it.
struct Leg {
  AccountNo own = 0;  ///< 0 where it was refused before this side looked for the account
  AccountNo corridor = 0;
  AccountNo other = 0;
  AssetNo asset = 0;
  Minor amount = 0;
  bool pays = false;  ///< this side's customer is debited
  bool needs_word = false;
  bool has_word = false;
  Minor returned = 0;   ///< given back by settled returns
  Minor returning = 0;  ///< being given back
  std::size_t returns_leg = 0;
};

struct Settlement {
  Id original = 0;
  NodeNo peer = 0;
  bool is_ours = false;  ///< this side is the initiator
  wire::SettlementKind kind = wire::SettlementKind::kPayment;
  wire::SettlementStatus status = wire::SettlementStatus::kSent;
  Code code = Code::kOk;
  PersonNo submitter = 0;
  Time decide_by = 0;
  Time received_at = 0;
  Time decided_at = 0;
  Time closed_at = 0;
  std::uint64_t received_in = 0;
  std::uint64_t closed_in = 0;
  std::uint64_t instruct_message = 0;
  std::uint64_t decision_message = 0;
  bool is_recalled = false;
  Code recall_answer = Code::kOk;
  std::vector<Leg> legs;
};

struct Reconciliation {
  NodeNo peer = 0;
  std::uint32_t date = 0;
  bool is_ours = false;
  bool is_open = true;
  Code code = Code::kOk;
  struct Line {
    Big own = 0;
    Big theirs = 0;
    Big under_way = 0;
  };
  std::map<AssetNo, Line> lines;
  std::vector<Id> names;
};

struct Key {
  std::uint64_t id = 0;
  std::uint8_t suite = 0;
  Time from = 0;
  Time to = 0;
};

/// Both directions of the channel with one node.
struct Channel {
  std::string code;
  std::vector<Key> keys;
  std::uint64_t sent = 0;
  std::uint64_t acknowledged = 0;
  Digest sent_chain;
  std::map<std::uint64_t, Bytes> outbox;
  std::vector<Digest> received{Digest{}};  ///< [n] is the chain after message n
  Code halted = Code::kOk;
  std::uint64_t evidence = 0;
  std::vector<std::pair<std::uint64_t, Id>> decisions;  ///< sent: message, settlement
  std::map<AssetNo, AccountNo> corridors;

  [[nodiscard]] std::uint64_t cursor() const { return received.size() - 1; }
};

struct Rules {
  std::uint32_t version = 0;
  Time from = 0;
  std::vector<wire::Rule> rules;
};

struct Event {
  wire::EventKind kind = wire::EventKind::kHoldExpired;
  Time at = 0;
  Bytes body;
};

struct Book {
  NodeNo self = 0;  ///< 0 before genesis
  std::vector<Account> accounts;
  std::map<AssetNo, Asset> assets;
  std::vector<Person> people;
  std::map<Id, Hold> holds;
  std::map<Id, Code> ended_holds;  ///< how each hold came to its end
  std::set<std::pair<Time, Id>> hold_ends;
  std::map<Id, Settlement> settlements;
  std::set<std::pair<Time, Id>> decide_bys;  ///< of what waits for affirmation here
  std::map<NodeNo, Channel> channels;
  std::vector<Key> own_keys;
  Rules rules;
  std::vector<Rules> coming_rules;
  std::map<Id, Reconciliation> reconciliations;
  std::map<Id, Remembered> memory;
};

}  // namespace hugang::oracle
