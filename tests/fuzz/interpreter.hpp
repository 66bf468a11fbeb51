// Makes commands of an input's bytes, most of them well formed, so that a fuzzer gets behind the
// checks of form: transfers, settlements from both sides, a peer's envelopes, registers, keys.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "clearing/wire/envelope.hpp"
#include "clearing/wire/message.hpp"
#include "tests/fuzz/founded_ledger.hpp"
#include "tests/fuzz/input.hpp"

namespace hugang::fuzz {

using wire::CommandKind;

/// Makes commands of bytes, looking at the state for what a peer's honest channel would carry.
class Interpreter {
 public:
  Interpreter(Source& source, const machine::State& state, base::Timestamp now)
      : source_{source}, state_{state}, now_{now} {}

  wire::BatchBuilder entry() {
    const std::uint32_t groups = 1 + source_.below(4);
    for (std::uint32_t i = 0; i < groups && !source_.is_empty(); ++i) add_group();
    return std::move(builder_);
  }

 private:
  void add_group() {
    switch (source_.below(24)) {
      case 0:
      case 1:
      case 2:
        return add_transfers();
      case 3:
      case 4:
        return add_variable(CommandKind::kInstruct, caller(), instruct(base::NodeId{1}, kPeer));
      case 5:
      case 6:
      case 7:
      case 8:
        return add_variable(CommandKind::kPeerEnvelope, base::ParticipantId{0}, envelope());
      case 9: {
        wire::Affirm affirm;
        affirm.settlement = source_.id();
        affirm.decline = source_.below(3);
        return add(CommandKind::kAffirm, affirm);
      }
      case 10: {
        wire::Recall recall;
        recall.settlement = source_.id();
        return add(CommandKind::kRecall, recall);
      }
      case 11: {
        wire::UpdateAccount update;
        update.account = own(source_.below(9));
        update.set_flags = source_.below(32);
        update.clear_flags = source_.below(32);
        return add(CommandKind::kUpdateAccount, update);
      }
      case 12:
        return add_rules();
      case 13: {
        wire::Reconcile reconcile;
        reconcile.peer = kPeer;
        return add(CommandKind::kReconcile, reconcile);
      }
      case 14: {
        wire::ResumePeer resume;
        resume.peer = kPeer;
        return add(CommandKind::kResumePeer, resume);
      }
      case 15:
        return add_account();
      case 16:
        return add_register();
      case 17: {
        wire::UpdateParticipant update;
        update.participant = base::ParticipantId{source_.below(6)};
        update.suspend = source_.below(3);
        return add(CommandKind::kUpdateParticipant, update);
      }
      case 18:
        return add_spoiled();
      case 19:
      case 20:
      case 21:
        return add_settlement_under_way();
      default: {
        builder_.add(CommandKind::kTick, base::ParticipantId{0}, wire::Tick{});
        wire::PeerAck ack;
        ack.peer = kPeer;
        ack.acknowledged = base::ChannelSeqno{source_.byte()};
        builder_.add(CommandKind::kPeerAck, base::ParticipantId{0}, ack);
        wire::RotateKey rotate;
        rotate.key = fuzz_key(source_.byte());
        rotate.previous_valid_to = base::Timestamp{INT64_MAX};
        return add(CommandKind::kRotateKey, rotate);
      }
    }
  }

  base::ParticipantId caller() { return base::ParticipantId{source_.below(5)}; }

  template <class Record>
  void add(CommandKind kind, Record record) {
    record.id = source_.id();
    builder_.add(kind, caller(), record);
  }

  void add_variable(CommandKind kind, base::ParticipantId by, const base::Bytes& record) {
    builder_.add_group(kind, by, 1, record);
  }

  void add_account() {
    wire::OpenAccount open;
    open.owner = base::ParticipantId{source_.below(5)};
    open.asset = base::AssetId{source_.below(4)};
    open.kind = static_cast<wire::AccountKind>(1 + source_.below(4));
    open.flags = source_.below(33);
    open.peer = base::NodeId{source_.below(4)};
    add_text(open.alias);
    add(CommandKind::kOpenAccount, open);
  }

  void add_register() {
    switch (source_.below(3)) {
      case 0: {
        wire::RegisterAsset asset;
        asset.asset = base::AssetId{source_.below(5)};
        asset.issuer = base::NodeId{source_.below(4)};
        asset.scale = source_.byte();
        add_text(asset.code);
        return add(CommandKind::kRegisterAsset, asset);
      }
      case 1: {
        wire::RegisterParticipant bank;
        bank.roles = source_.below(33);
        add_text(bank.code);
        add_text(bank.name);
        return add(CommandKind::kRegisterParticipant, bank);
      }
      default: {
        wire::RegisterPeer peer;
        peer.peer = base::NodeId{source_.below(4)};
        add_text(peer.code);
        peer.key = fuzz_key(source_.byte());
        return add(CommandKind::kRegisterPeer, peer);
      }
    }
  }

  /// A record of any kind of fixed width with whatever bytes come next.
  void add_spoiled() {
    const auto kind = static_cast<CommandKind>(1 + source_.below(18));
    const auto size = wire::record_size(kind);
    if (!size || *size == 0) return;
    base::Bytes record = source_.rest(*size);
    record.resize(*size);
    builder_.add_group(kind, caller(), 1, record);
  }

  /// Something that is done to a settlement that is there: chance finds none of them by its id.
  void add_settlement_under_way() {
    if (state_.settlements.empty()) return;
    const base::CommandId settlement =
        state_.settlements[source_.byte() % state_.settlements.size()].id;
    const std::uint32_t what = source_.below(5);
    if (what == 0) {
      wire::Affirm affirm;
      affirm.settlement = settlement;
      affirm.decline = source_.below(2);
      return add(CommandKind::kAffirm, affirm);
    }
    if (what == 1) {
      wire::Recall recall;
      recall.settlement = settlement;
      return add(CommandKind::kRecall, recall);
    }
    if (what == 2) return add_return(settlement);
    wire::Decision decision;
    decision.settlement = settlement;
    decision.code = static_cast<machine::Code>(source_.below(2) * source_.byte());
    wire::RecallAnswer answer;
    answer.settlement = settlement;
    answer.recall = source_.id();
    answer.code = static_cast<machine::Code>(source_.below(2) * (97 + source_.below(3)));
    const base::Bytes message =
        what == 3 ? wire::encode_message(wire::MessageKind::kDecision, decision)
                  : wire::encode_message(wire::MessageKind::kRecallAnswer, answer);
    add_variable(CommandKind::kPeerEnvelope, base::ParticipantId{0},
                 envelope(std::vector<base::Bytes>{message}));
  }

  /// Gives back legs of a settlement, the money's way round.
  void add_return(base::CommandId original) {
    const auto* const found = find_settlement(original);
    if (found == nullptr) return;
    wire::InstructHead head;
    head.id = source_.id();
    head.kind = wire::SettlementKind::kReturn;
    head.original_id = original;
    head.initiator = base::NodeId{1};
    head.responder = found->peer;
    head.decide_by = now_ + base::Duration::nanoseconds(source_.byte() * 7);
    std::vector<wire::Leg> legs;
    for (const auto& leg : found->legs) {
      wire::Leg back;
      back.initiator_account = state_.number_of(leg.customer);
      back.responder_account = leg.other_account;
      back.asset = leg.asset;
      back.direction = leg.pays ? wire::Direction::kIn : wire::Direction::kOut;
      back.amount_minor = source_.below(3) == 0 ? leg.amount_minor : source_.amount();
      legs.push_back(back);
    }
    add_variable(CommandKind::kInstruct, caller(), wire::encode_instruct(head, legs, {}));
  }

  [[nodiscard]] const machine::Settlement* find_settlement(base::CommandId id) const {
    return state_.settlements.find(id);
  }

  template <std::size_t N>
  void add_text(wire::FixedText<N>& field) {
    const base::Bytes bytes = source_.rest(source_.below(3) == 0 ? source_.below(N + 1) : 1);
    for (std::size_t i = 0; i < bytes.size(); ++i) field.chars[i] = static_cast<char>(bytes[i]);
  }

  void add_transfers() {
    std::vector<wire::Transfer> transfers(1 + source_.below(6));
    for (wire::Transfer& t : transfers) {
      t.id = source_.id();
      t.flags = source_.byte() % 80;
      if ((t.flags & 0x0C) != 0) t.pending_id = source_.id();
      t.debit = own(source_.below(9));
      t.credit = own(source_.below(9));
      t.asset = base::AssetId{source_.below(4)};
      t.amount_minor = source_.amount();
      if ((t.flags & 0x02) != 0) {
        t.expires_at = now_ + base::Duration::nanoseconds(source_.byte() * 3);
      }
    }
    builder_.add_group(CommandKind::kTransfer, caller(),
                       static_cast<std::uint32_t>(transfers.size()),
                       std::as_bytes(std::span{transfers}));
  }

  void add_rules() {
    wire::SetRulesHead head;
    head.id = source_.id();
    head.version = source_.byte();
    if (source_.below(2) == 1) {
      head.effective_from = now_ + base::Duration::nanoseconds(source_.byte() * 5);
    }
    std::vector<wire::Rule> rules(source_.below(3));
    for (wire::Rule& rule : rules) {
      rule.kind = static_cast<wire::RuleKind>(1 + source_.below(3));
      rule.asset = base::AssetId{1 + source_.below(2)};
      if (rule.kind == wire::RuleKind::kCorridorCap) rule.peer = kPeer;
      rule.value = source_.amount();
    }
    add_variable(CommandKind::kSetRules, base::ParticipantId{1},
                 wire::encode_set_rules(head, rules));
  }

  base::Bytes instruct(base::NodeId initiator, base::NodeId responder) {
    const bool is_ours = initiator == base::NodeId{1};
    wire::InstructHead head;
    head.id = source_.id();
    head.kind = static_cast<wire::SettlementKind>(1 + source_.below(5));
    if (head.kind == wire::SettlementKind::kReturn) head.original_id = source_.id();
    head.initiator = initiator;
    head.responder = responder;
    head.decide_by = now_ + base::Duration::nanoseconds(source_.byte() * 7);
    std::vector<wire::Leg> legs(source_.below(4));
    for (wire::Leg& leg : legs) {
      const base::AccountNumber here = own(source_.below(9));
      const base::AccountNumber there = others(1 + source_.below(3));
      leg.initiator_account = is_ours ? here : there;
      leg.responder_account = is_ours ? there : here;
      leg.amount_minor = source_.amount();
      leg.asset = base::AssetId{1 + source_.below(3)};
      leg.direction = static_cast<wire::Direction>(1 + source_.below(3));
    }
    return wire::encode_instruct(head, legs, {});
  }

  base::Bytes message() {
    switch (source_.below(9)) {
      case 0:
      case 1:
      case 2:
        return wire::encode_message(wire::MessageKind::kInstruct, instruct(kPeer, base::NodeId{1}));
      case 3:
      case 4: {
        wire::Decision decision;
        decision.settlement = source_.id();
        decision.code = static_cast<machine::Code>(source_.below(2) * source_.byte());
        return wire::encode_message(wire::MessageKind::kDecision, decision);
      }
      case 5: {
        wire::RecallRequest recall;
        recall.settlement = source_.id();
        return wire::encode_message(wire::MessageKind::kRecall, recall);
      }
      case 6: {
        wire::RecallAnswer answer;
        answer.settlement = source_.id();
        return wire::encode_message(wire::MessageKind::kRecallAnswer, answer);
      }
      case 7: {
        struct {
          wire::ReconcileHead head;
          wire::ReconcilePosition position;
        } body;
        body.head.id = source_.id();
        body.head.position_count = 1;
        body.head.seen = base::ChannelSeqno{source_.byte()};
        body.position.asset = base::AssetId{source_.below(4)};
        body.position.net_minor = static_cast<base::i128>(source_.amount()) << source_.below(64);
        const bool is_answer = source_.below(2) == 1;
        return wire::encode_message(
            is_answer ? wire::MessageKind::kReconcileAnswer : wire::MessageKind::kReconcileRequest,
            std::as_bytes(std::span{&body, 1}));
      }
      default: {
        if (source_.below(2) == 0) {
          wire::KeyAnnouncement announcement;
          announcement.key = fuzz_key(source_.byte());
          announcement.previous_valid_to = base::Timestamp{INT64_MAX};
          return wire::encode_message(wire::MessageKind::kKeyAnnouncement, announcement);
        }
        return wire::encode_message(static_cast<wire::MessageKind>(source_.byte()),
                                    source_.rest(source_.byte()));
      }
    }
  }

  base::Bytes envelope() {
    std::vector<base::Bytes> messages(source_.below(4));
    for (auto& each : messages) each = message();
    return envelope(messages);
  }

  /// Mostly the next envelope of the channel, sometimes repeated, ahead or with another history.
  base::Bytes envelope(const std::vector<base::Bytes>& messages) {
    const machine::Peer& peer = state_.peers.at(kPeer);
    const std::uint8_t oddity = source_.byte();
    wire::PayloadHead head;
    head.from = kPeer;
    head.to = base::NodeId{oddity == 1 ? 3U : 1U};
    head.first_seqno = base::ChannelSeqno{peer.applied.value() + 1 + (oddity == 2 ? 1 : 0)};
    head.chain_before = peer.applied_chain;
    if (oddity == 3) head.chain_before.bytes[0] ^= std::byte{1};
    head.acknowledged = base::ChannelSeqno{oddity == 4 ? source_.byte() : peer.sent.value()};
    base::Bytes payload =
        wire::encode_payload(head, std::vector<base::ByteSpan>{messages.begin(), messages.end()});
    if (oddity == 5) payload[source_.byte() % payload.size()] ^= std::byte{1};
    wire::SignedEnvelope sealed;
    sealed.key_id = fuzz_key(oddity == 6 ? std::uint8_t{9} : std::uint8_t{2}).key_id;
    sealed.payload = std::move(payload);
    sealed.signature.resize(64);
    return wire::encode_peer_envelope(kPeer, wire::encode_envelope(sealed));
  }

  Source& source_;
  const machine::State& state_;
  base::Timestamp now_;
  wire::BatchBuilder builder_;
};

}  // namespace hugang::fuzz
