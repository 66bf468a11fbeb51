// The records and messages of any_commands.hpp.
#include <algorithm>

#include "clearing/base/account_number.hpp"
#include "clearing/wire/batch.hpp"
#include "clearing/wire/envelope.hpp"
#include "clearing/wire/message.hpp"
#include "crypto/digest.hpp"
#include "tests/simulation/oracle/any_commands.hpp"

namespace hugang::oracle {
namespace {

using wire::CommandKind;
using wire::MessageKind;

template <wire::IsRecord Record>
base::Bytes bytes_of(const Record& record) {
  const auto bytes = std::as_bytes(std::span{&record, 1});
  return {bytes.begin(), bytes.end()};
}

}  // namespace

AnyCommand AnyCommands::transfer(std::size_t city) {
  namespace flag = wire::transfer_flag;
  if (dice_.once_in(3)) return second_phase(city);
  const auto node = static_cast<std::uint32_t>(city + 1);
  wire::Transfer t;
  t.id = id();
  t.debit = account(node);
  t.credit = account(node);
  t.asset = base::AssetId{static_cast<std::uint32_t>(1 + dice_.below(2))};
  // Mostly two accounts in one asset: even and odd ones.
  for (int i = 0; i < 4; ++i) {
    const bool is_other = t.debit.value() / 100 % 2 != t.credit.value() / 100 % 2;
    if (is_other || t.debit == t.credit) t.debit = account(node);
  }
  const bool is_odd = t.debit.value() / 100 % 2 == 1;
  if (!dice_.once_in(8)) t.asset = base::AssetId{is_odd ? 1U : 2U};
  t.amount_minor = amount();
  t.flags = dice_.one_of(std::array<std::uint16_t, 7>{
      0, 0, flag::kHold, flag::kHold, flag::kBalancingDebit, flag::kBalancingCredit,
      flag::kBalancingDebit | flag::kBalancingCredit});
  if ((t.flags & flag::kHold) != 0 && !dice_.once_in(3)) t.expires_at = time();
  if (dice_.once_in(6)) t.flags |= flag::kLinked;
  if (dice_.once_in(40)) t.flags = static_cast<std::uint16_t>(dice_.below(128));
  if (dice_.once_in(12)) redeem_on_credit(city, t);
  return {CommandKind::kTransfer, owner_of(city, t.debit), bytes_of(t)};
}

/// A customer's account in that asset that may owe, or none.
base::AccountNumber AnyCommands::account_on_credit(std::size_t city, std::size_t asset) {
  const machine::State& state = cities_[city].state();
  for (std::uint32_t i = 10; i <= state.accounts.size(); ++i) {
    const machine::Account& account = state.accounts[i - 1];
    const bool may_owe = account.kind == wire::AccountKind::kCustomer &&
                         !account.has(wire::account_flag::kNoDebitBalance);
    if (may_owe && account.asset.value() == asset) return state.number_of(base::AccountIndex{i});
  }
  return {};
}

/// Back to the reserve, out of an account that may owe: perhaps more than was ever issued.
void AnyCommands::redeem_on_credit(std::size_t city, wire::Transfer& t) {
  t.debit = account_on_credit(city, city + 1);
  t.credit = cities_[city].state().number_of(base::AccountIndex{3});
  t.asset = base::AssetId{static_cast<std::uint32_t>(city + 1)};
  t.amount_minor = static_cast<std::int64_t>(dice_.below(4'000));
}

/// Posts or voids one of the city's transfers so far.
AnyCommand AnyCommands::second_phase(std::size_t city) {
  namespace flag = wire::transfer_flag;
  wire::Transfer t;
  t.id = id();
  t.pending_id = id();
  base::AccountNumber debit;
  for (int tries = 0; tries < 20 && !done_[city].empty(); ++tries) {
    // The newest are the likeliest to be open still.
    const std::size_t recent =
        std::min<std::size_t>(done_[city].size(), dice_.once_in(2) ? 12 : 80);
    const AnyCommand& before = done_[city][done_[city].size() - 1 - dice_.below(recent)];
    if (before.kind != CommandKind::kTransfer) continue;
    const auto first = wire::read_record<wire::Transfer>(before.record);
    if ((first.flags & flag::kHold) == 0) continue;
    t.pending_id = first.id;
    debit = first.debit;
    if (dice_.once_in(3)) {
      t.debit = first.debit;
      t.credit = dice_.once_in(5) ? first.debit : first.credit;
    }
    if (!dice_.once_in(3)) t.amount_minor = 1 + static_cast<std::int64_t>(dice_.below(60));
    if (dice_.once_in(3)) t.amount_minor = first.amount_minor;
    break;
  }
  t.flags = dice_.once_in(3) ? flag::kVoidHold : flag::kPostHold;
  if (dice_.once_in(8)) t.flags |= flag::kLinked;
  return {CommandKind::kTransfer, owner_of(city, debit), bytes_of(t)};
}

AnyCommand AnyCommands::instruct(std::size_t city) {
  using wire::Direction;
  using wire::SettlementKind;
  const auto own = static_cast<std::uint32_t>(city + 1);
  wire::InstructHead head;
  head.id = id();
  head.kind = dice_.one_of(std::array{SettlementKind::kPayment, SettlementKind::kPayment,
                                      SettlementKind::kPvp, SettlementKind::kReturn});
  head.initiator = base::NodeId{dice_.once_in(30) ? 3 - own : own};
  head.responder = base::NodeId{dice_.once_in(30) ? own : 3 - own};
  if (!dice_.once_in(3)) head.decide_by = time();
  if (dice_.once_in(25)) head.decide_by = now_ + base::Duration::seconds(8 * 24 * 3600);
  std::vector<wire::Leg> legs;
  const std::uint64_t count = dice_.once_in(30) ? dice_.below(19) : 1 + dice_.below(3);
  for (std::uint64_t i = 0; i < count; ++i) {
    wire::Leg leg;
    leg.initiator_account = account(own);
    leg.responder_account = account(3 - own);
    for (int k = 0; k < 4; ++k) {
      const bool is_other =
          leg.initiator_account.value() / 100 % 2 != leg.responder_account.value() / 100 % 2;
      if (is_other) leg.responder_account = account(3 - own);
    }
    const bool is_odd = leg.initiator_account.value() / 100 % 2 == 1;
    leg.asset = base::AssetId{dice_.once_in(20) ? 5U : is_odd ? 1U : 2U};
    leg.amount_minor = amount();
    leg.direction = head.kind == SettlementKind::kPvp && i != 0 ? Direction::kIn : Direction::kOut;
    if (dice_.once_in(40)) leg.direction = static_cast<Direction>(dice_.below(4));
    if (dice_.once_in(12)) {
      // The other side's asset, perhaps more than is held of it.
      leg.initiator_account = account_on_credit(city, 2 - city);
      leg.asset = base::AssetId{static_cast<std::uint32_t>(2 - city)};
    }
    legs.push_back(leg);
  }
  const auto& settlements = cities_[city].state().settlements;
  if (head.kind == SettlementKind::kReturn && !settlements.empty()) {
    const machine::Settlement& original = settlements[dice_.below(settlements.size())];
    head.original_id = original.id;
    for (std::size_t i = 0; i < legs.size() && i < original.legs.size(); ++i) {
      if (original.legs[i].customer.is_none()) continue;
      legs[i].initiator_account = cities_[city].state().number_of(original.legs[i].customer);
      legs[i].responder_account = original.legs[i].other_account;
      legs[i].asset = original.legs[i].asset;
    }
  }
  const base::Bytes details(dice_.once_in(30) ? 4'090 + dice_.below(10) : dice_.below(9));
  const auto payer = legs.empty() ? base::AccountNumber{} : legs.front().initiator_account;
  return {CommandKind::kInstruct, owner_of(city, payer),
          wire::encode_instruct(head, legs, details)};
}

AnyCommand AnyCommands::settlement_command(std::size_t city) {
  const machine::State& state = cities_[city].state();
  const auto& all = state.settlements;
  base::CommandId settlement = id();
  base::ParticipantId by = caller();
  for (int tries = 0; tries < 6 && !all.empty(); ++tries) {
    const machine::Settlement& of =
        all[all.size() - 1 - dice_.below(std::min<std::size_t>(all.size(), 12))];
    settlement = of.id;
    by = of.submitter;
    if (!of.is_initiator) {
      const auto& leg = of.legs[dice_.below(of.legs.size())];
      if (!leg.customer.is_none()) by = state.account(leg.customer).owner;
    }
    if (of.status == wire::SettlementStatus::kPending || dice_.once_in(4)) break;
  }
  if (dice_.once_in(8)) by = caller();
  if (dice_.once_in(4)) {
    wire::Recall c;
    c.id = id();
    c.settlement = settlement;
    if (!dice_.once_in(4)) HG_CHECK(c.reason.assign("CUST"));
    return {CommandKind::kRecall, by, bytes_of(c)};
  }
  if (dice_.once_in(6)) {
    wire::Reconcile c;
    c.id = id();
    c.peer = base::NodeId{static_cast<std::uint32_t>(dice_.once_in(8) ? city + 1 : 2 - city)};
    c.business_date = 20260105;
    return {CommandKind::kReconcile, ruler(), bytes_of(c)};
  }
  wire::Affirm c;
  c.id = id();
  c.settlement = settlement;
  c.decline = dice_.once_in(5) ? 1 : 0;
  return {CommandKind::kAffirm, by, bytes_of(c)};
}

AnyCommand AnyCommands::asset_or_person() {
  switch (dice_.below(3)) {
    case 0: {
      wire::RegisterAsset c;
      c.id = id();
      c.asset = base::AssetId{static_cast<std::uint32_t>(dice_.below(6))};
      c.issuer = base::NodeId{static_cast<std::uint32_t>(dice_.below(4))};
      c.scale = static_cast<std::uint8_t>(dice_.below(15));
      HG_CHECK(c.code.assign("A" + std::to_string(dice_.below(6))));
      return {CommandKind::kRegisterAsset, ruler(), bytes_of(c)};
    }
    case 1: {
      wire::RegisterParticipant c;
      c.id = id();
      c.roles = static_cast<std::uint32_t>(dice_.below(40));
      HG_CHECK(c.code.assign("P" + std::to_string(dice_.below(8))) && c.name.assign("沪港"));
      return {CommandKind::kRegisterParticipant, ruler(), bytes_of(c)};
    }
    default: {
      wire::UpdateParticipant c;
      c.id = id();
      c.participant = caller();
      c.suspend = dice_.once_in(6) ? 1 : 0;
      return {CommandKind::kUpdateParticipant, ruler(), bytes_of(c)};
    }
  }
}

AnyCommand AnyCommands::account_command(std::size_t city, base::NodeId peer) {
  if (dice_.once_in(2)) {
    wire::OpenAccount c;
    c.id = id();
    c.owner = caller();
    c.asset = base::AssetId{static_cast<std::uint32_t>(dice_.below(5))};
    c.kind = static_cast<wire::AccountKind>(dice_.below(5));
    c.flags = dice_.one_of(std::array<std::uint32_t, 6>{0, 0, 1, 1, 17, 4});
    if (c.kind == wire::AccountKind::kCorridor || dice_.once_in(8)) c.peer = peer;
    return {CommandKind::kOpenAccount, ruler(), bytes_of(c)};
  }
  wire::UpdateAccount c;
  c.id = id();
  c.account = account(static_cast<std::uint32_t>(city + 1));
  const std::array<std::uint32_t, 8> flags{0, 4, 4, 16, 8, 8, 8, 1};
  c.set_flags = dice_.once_in(3) ? dice_.one_of(flags) : 0;
  c.clear_flags = dice_.one_of(std::array<std::uint32_t, 5>{0, 4, 4, 20, 16});
  return {CommandKind::kUpdateAccount, ruler(), bytes_of(c)};
}

AnyCommand AnyCommands::rules(std::size_t city, base::NodeId peer) {
  const machine::State& state = cities_[city].state();
  const auto last =
      state.pending_rules.empty() ? state.rules.version : state.pending_rules.back().version;
  wire::SetRulesHead head;
  head.id = id();
  head.version = static_cast<std::uint32_t>(last + dice_.below(4));
  if (!dice_.once_in(3)) head.effective_from = time();
  std::vector<wire::Rule> list(dice_.below(4));
  for (wire::Rule& rule : list) {
    rule.kind = static_cast<wire::RuleKind>(1 + dice_.below(dice_.once_in(20) ? 3 : 2));
    rule.asset = base::AssetId{static_cast<std::uint32_t>(1 + dice_.below(2))};
    if (rule.kind == wire::RuleKind::kCorridorCap) rule.peer = peer;
    rule.value = dice_.once_in(10) ? amount() : static_cast<std::int64_t>(dice_.below(400));
  }
  return {CommandKind::kSetRules, ruler(), wire::encode_set_rules(head, list)};
}

AnyCommand AnyCommands::register_command(std::size_t city) {
  const std::size_t other = dice_.once_in(8) ? city + 1 : 2 - city;
  const base::NodeId peer{static_cast<std::uint32_t>(other)};
  switch (dice_.below(9)) {
    case 0:
    case 1:
    case 2:
      return asset_or_person();
    case 3:
    case 4:
      return account_command(city, peer);
    case 5:
      return rules(city, peer);
    case 6: {
      wire::RotateKey c;
      c.id = id();
      c.key = key(static_cast<std::uint32_t>(10 + dice_.below(30)));
      c.previous_valid_to = dice_.once_in(6) ? time() : base::Timestamp{INT64_MAX};
      return {CommandKind::kRotateKey, ruler(), bytes_of(c)};
    }
    case 7: {
      wire::RegisterPeer c;
      c.id = id();
      c.peer = base::NodeId{static_cast<std::uint32_t>(dice_.below(5))};
      HG_CHECK(c.code.assign(dice_.once_in(2) ? "peer" : "third"));
      c.key = key(7);
      return {CommandKind::kRegisterPeer, ruler(), bytes_of(c)};
    }
    default: {
      const wire::Tick c;
      return {CommandKind::kTick, dice_.once_in(5) ? caller() : base::ParticipantId{}, bytes_of(c)};
    }
  }
}

/// A message that the peer of `to` might sign if it lied.
base::Bytes AnyCommands::forged_message(std::size_t to) {
  const auto& all = cities_[to].state().settlements;
  const base::CommandId settlement =
      all.empty() || dice_.once_in(4) ? id() : all[dice_.below(all.size())].id;
  switch (dice_.below(6)) {
    case 0: {
      wire::Decision m;
      m.settlement = settlement;
      m.code = dice_.once_in(2) ? machine::Code::kOk : machine::Code::kDeclined;
      m.decided_at = time();
      return wire::encode_message(MessageKind::kDecision, m);
    }
    case 1: {
      wire::RecallRequest m;
      m.recall = id();
      m.settlement = settlement;
      return wire::encode_message(MessageKind::kRecall, m);
    }
    case 2: {
      wire::RecallAnswer m;
      m.recall = id();
      m.settlement = settlement;
      m.code = dice_.once_in(2) ? machine::Code::kOk : machine::Code::kAlreadySettled;
      return wire::encode_message(MessageKind::kRecallAnswer, m);
    }
    case 3: {
      wire::KeyAnnouncement m;
      m.previous_valid_to = base::Timestamp{INT64_MAX};
      m.key = key(static_cast<std::uint32_t>(10 + dice_.below(30)));
      return wire::encode_message(MessageKind::kKeyAnnouncement, m);
    }
    case 4: {
      std::array<wire::ReconcilePosition, 3> positions;
      wire::ReconcileHead m;
      m.id = id();
      m.position_count = static_cast<std::uint32_t>(dice_.below(4));
      m.seen = base::ChannelSeqno{dice_.below(4)};
      base::Bytes body = bytes_of(m);
      for (std::uint32_t i = 0; i < m.position_count; ++i) {
        positions[i].asset = base::AssetId{static_cast<std::uint32_t>(1 + dice_.below(3))};
        positions[i].net_minor = amount();
        const auto bytes = bytes_of(positions[i]);
        body.insert(body.end(), bytes.begin(), bytes.end());
      }
      return wire::encode_message(
          dice_.once_in(2) ? MessageKind::kReconcileRequest : MessageKind::kReconcileAnswer, body);
    }
    default: {
      base::Bytes record = instruct(1 - to).record;
      // Now and then under the id of a settlement that is there already.
      if (dice_.once_in(3)) __builtin_memcpy(record.data(), &settlement, sizeof(settlement));
      return wire::encode_message(MessageKind::kInstruct, record);
    }
  }
}

/// What the other city has to say, mostly in truth; or a halted direction is resumed, or an
/// acknowledgement comes by itself.
AnyCommand AnyCommands::envelope(std::size_t city) {
  const machine::State& receiver = cities_[city].state();
  const machine::State& sender = cities_[1 - city].state();
  const machine::Peer& incoming = receiver.peers.at(sender.self);
  if (incoming.halted != machine::Code::kOk && !dice_.once_in(3)) {
    wire::ResumePeer c;
    c.id = id();
    c.peer = sender.self;
    return {CommandKind::kResumePeer, dice_.once_in(4) ? caller() : base::ParticipantId{1},
            bytes_of(c)};
  }
  if (dice_.once_in(10)) {
    wire::PeerAck c;
    c.peer = sender.self;
    c.acknowledged =
        base::ChannelSeqno{dice_.below(receiver.peers.at(sender.self).sent.value() + 2)};
    return {CommandKind::kPeerAck, dice_.once_in(10) ? caller() : base::ParticipantId{},
            bytes_of(c)};
  }
  return signed_words(city);
}

/// One envelope from the other city, mostly in truth.
AnyCommand AnyCommands::signed_words(std::size_t city) {
  const machine::State& receiver = cities_[city].state();
  const machine::State& sender = cities_[1 - city].state();
  const machine::Peer& incoming = receiver.peers.at(sender.self);
  const machine::Peer& outgoing = sender.peers.at(receiver.self);
  std::vector<base::Bytes> messages;
  wire::PayloadHead head;
  head.from = sender.self;
  head.to = receiver.self;
  head.acknowledged = outgoing.applied;
  const bool is_truth = !is_lying_ || !dice_.once_in(6);
  if (!outgoing.outbox.empty() && is_truth) {
    const std::size_t begin = dice_.once_in(8) ? dice_.below(outgoing.outbox.size()) : 0;
    const std::size_t end = begin + 1 + dice_.below(outgoing.outbox.size() - begin);
    head.first_seqno = outgoing.outbox[begin].seqno;
    head.chain_before = outgoing.outbox[begin].chain_before;
    for (std::size_t i = begin; i < end; ++i) messages.push_back(outgoing.outbox[i].bytes);
  } else {
    head.first_seqno = base::ChannelSeqno{incoming.applied.value() + 1};
    head.chain_before = incoming.applied_chain;
    if (!is_truth) messages.push_back(forged_message(city));
    if (!is_truth && dice_.once_in(4)) spoil(messages[0]);
  }
  const std::vector<base::ByteSpan> spans{messages.begin(), messages.end()};
  base::Bytes payload = wire::encode_payload(head, spans);
  if (is_lying_ && dice_.once_in(15)) spoil(payload);
  wire::SignedEnvelope envelope;
  const auto& keys = sender.own_keys;
  envelope.key_id =
      keys[dice_.once_in(3) ? dice_.below(keys.size()) : keys.size() - 1].record.key_id;
  envelope.payload = payload;
  envelope.signature.assign(64, std::byte{1});
  base::Bytes bytes = wire::encode_envelope(envelope);
  if (is_lying_ && dice_.once_in(40)) spoil(bytes);
  return {CommandKind::kPeerEnvelope, dice_.once_in(40) ? caller() : base::ParticipantId{},
          wire::encode_peer_envelope(sender.self, bytes)};
}

}  // namespace hugang::oracle
