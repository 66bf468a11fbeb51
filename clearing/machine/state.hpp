// The whole state of one ledger: what the journal's commands have made of it. Plain data; the rules
// are in the other files of machine/. Hash tables serve look-ups only: what is observable (digest,
// listings) walks in the order of ids or of arrival.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "clearing/base/account_number.hpp"
#include "clearing/base/amount.hpp"
#include "clearing/base/bytes.hpp"
#include "clearing/base/int128.hpp"
#include "clearing/base/strong_id.hpp"
#include "clearing/base/timestamp.hpp"
#include "clearing/machine/chain_history.hpp"
#include "clearing/machine/codes.hpp"
#include "clearing/machine/id_index.hpp"
#include "clearing/machine/settlement_table.hpp"
#include "clearing/wire/outcome.hpp"
#include "clearing/wire/records.hpp"

namespace hugang::machine {

using base::AccountIndex;
using base::AccountNumber;
using base::Amount;
using base::AssetId;
using base::ChannelSeqno;
using base::CommandId;
using base::Digest;
using base::KeyId;
using base::NodeId;
using base::ParticipantId;
using base::Seqno;
using base::Timestamp;
using base::u128;
using wire::SettlementStatus;

/// Look-up by id. Never iterated where the order could be seen.
template <class Value>
using IdMap = boost::unordered_flat_map<CommandId, Value, std::hash<CommandId>>;

/// Sums of everything that ever went through the account, in minor units. Never decrease, except
/// the pending ones.
struct Balance {
  u128 debits_posted = 0;
  u128 credits_posted = 0;
  u128 debits_pending = 0;
  u128 credits_pending = 0;
  friend bool operator==(const Balance&, const Balance&) = default;
};

/// 96 bytes: one and a half cache lines, what a transfer touches.
struct Account {
  Balance balance;
  ParticipantId owner;
  AssetId asset;
  std::uint32_t flags = 0;
  wire::AccountKind kind = wire::AccountKind::kCustomer;
  std::uint16_t reserved = 0;
  NodeId peer;
  std::uint32_t reserved1 = 0;
  Timestamp opened_at;

  [[nodiscard]] bool has(std::uint32_t flag) const { return (flags & flag) != 0; }
};
static_assert(sizeof(Account) == 96);

struct Asset {
  AssetId id;
  NodeId issuer;
  std::uint8_t scale = 0;
  wire::FixedText<8> code;
  AccountIndex reserve;  ///< none where this node is not the issuer
};

struct Participant {
  ParticipantId id;
  std::uint32_t roles = 0;
  bool is_suspended = false;
  wire::FixedText<16> code;
  wire::FixedText<12> bic;
  wire::FixedText<20> lei;
  wire::FixedText<72> name;
  wire::FixedText<72> local_name;
  Timestamp registered_at;
};

/// First phase of a two-phase transfer, not yet posted, voided or expired.
struct Hold {
  AccountIndex debit;
  AccountIndex credit;
  Amount amount;
  Timestamp expires_at;  ///< none: does not expire
  /// As in its IdRecord, which is written again with the hold's end; it may be archived by then.
  Timestamp opened_at;
  std::uint64_t fingerprint = 0;
};

struct PeerKey {
  wire::KeyRecord record;
  Timestamp added_at;
};

struct OutboxMessage {
  ChannelSeqno seqno;
  Digest chain_before;
  Digest chain_after;
  base::Bytes bytes;  ///< message head and body
};

struct ReconciliationLine {
  AssetId asset;
  base::i128 own_minor = 0;   ///< credits - debits of the corridor account, by this ledger
  base::i128 peer_minor = 0;  ///< the same account as the peer's ledger has it, seen from our side
  base::i128 in_flight_minor = 0;  ///< what messages under way explain
};

enum class ReconciliationStatus : std::uint16_t { kOpen = 1, kAgreed = 2, kDiffers = 3 };

struct Reconciliation {
  CommandId id;
  NodeId peer;
  std::uint32_t business_date = 0;
  bool is_initiator = false;
  ReconciliationStatus status = ReconciliationStatus::kOpen;
  Timestamp opened_at;
  Timestamp closed_at;
  std::vector<ReconciliationLine> lines;
  std::vector<CommandId>
      in_flight;  ///< settlements that explain in_flight_minor, at most kInFlightNamedMax
};

/// Both directions of the channel with one peer.
struct Peer {
  NodeId node;
  wire::FixedText<16> code;
  std::vector<PeerKey> keys;

  // Outgoing.
  ChannelSeqno sent;                 ///< the last message queued; 0 = none yet
  ChannelSeqno acknowledged;         ///< the last that the peer holds durably
  Digest sent_chain;                 ///< chain hash after `sent`
  std::deque<OutboxMessage> outbox;  ///< acknowledged+1 .. sent

  // Incoming.
  ChannelSeqno applied;
  Digest applied_chain;
  ChainHistory recent_chains;  ///< the last is applied_chain
  Code halted = Code::kOk;     ///< kOk: not halted
  Seqno halt_evidence;

  /// Positions of the settlements whose decisions were sent to this peer, in order of message:
  /// reconciliation names those under way.
  std::vector<std::uint32_t> decisions;
  std::map<AssetId, AccountIndex> corridors;
};

struct RulePack {
  std::uint32_t version = 0;
  Timestamp effective_from;
  std::vector<wire::Rule> rules;
};

struct Deadline {
  Timestamp at;
  CommandId id;
  bool is_settlement = false;
  friend auto operator<=>(const Deadline& a, const Deadline& b) {
    if (auto order = a.at <=> b.at; order != 0) return order;
    if (auto order = a.id <=> b.id; order != 0) return order;
    // A hold and a peer's settlement may carry one id: two deadlines, even at one instant.
    return a.is_settlement <=> b.is_settlement;
  }
  friend bool operator==(const Deadline&, const Deadline&) = default;
};

struct State {
  NodeId self;
  wire::FixedText<16> code;
  wire::FixedText<64> name;
  Seqno last_seqno;
  Timestamp last_at;  ///< of the last command applied

  std::vector<Account> accounts;             ///< [0] is account index 1
  std::vector<wire::FixedText<24>> aliases;  ///< beside accounts: not touched by transfers
  std::map<AssetId, Asset> assets;
  std::vector<Participant> participants;  ///< [0] is participant 1, the operator
  IdMap<Hold> holds;
  std::set<Deadline> deadlines;  ///< holds that expire, settlements to decide
  SettlementTable settlements;
  std::uint32_t open_settlements = 0;
  std::map<NodeId, Peer> peers;
  std::vector<PeerKey> own_keys;
  RulePack rules;
  std::vector<RulePack> pending_rules;  ///< by effective_from
  std::map<CommandId, Reconciliation> reconciliations;
  std::vector<CommandId> reconciliation_order;

  IdIndex ids;

  [[nodiscard]] Account& account(AccountIndex index) { return accounts[index.value() - 1]; }
  [[nodiscard]] const Account& account(AccountIndex index) const {
    return accounts[index.value() - 1];
  }
  [[nodiscard]] AccountNumber number_of(AccountIndex index) const {
    return base::make_account_number({self, index});
  }
  [[nodiscard]] const Participant* participant(ParticipantId id) const {
    if (id.value() == 0 || id.value() > participants.size()) return nullptr;
    return &participants[id.value() - 1];
  }
};

}  // namespace hugang::machine
