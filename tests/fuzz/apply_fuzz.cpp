// Machine::apply on whatever comes. The first byte chooses: raw section bytes, or commands that an
// interpreter makes of the input so that they are mostly well formed. Everything runs twice, the
// second time over a snapshot taken in between; both must end in the same bytes, and after every
// entry the laws must hold.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>

#include "clearing/base/check.hpp"
#include "clearing/machine/invariants.hpp"
#include "clearing/wire/envelope.hpp"
#include "clearing/wire/message.hpp"
#include "tests/fuzz/founded_ledger.hpp"

namespace {

using namespace hugang;
using wire::CommandKind;

/// Takes bytes from the input; zeros when it is used up.
class Source {
 public:
  Source(const std::uint8_t* data, std::size_t size) : data_{data}, size_{size} {}
  [[nodiscard]] bool is_empty() const { return at_ >= size_; }
  std::uint8_t byte() { return is_empty() ? std::uint8_t{0} : data_[at_++]; }
  std::uint32_t below(std::uint32_t n) { return byte() % n; }
  std::int64_t amount() {
    const std::uint8_t kind = byte();
    if (kind == 255) return INT64_MIN;
    if (kind == 254) return INT64_MAX;
    if (kind == 253) return base::Amount::kMaxMinor;
    return kind < 8 ? kind : kind * 1'000;
  }
  base::CommandId id() {
    const std::uint8_t number = byte();
    return base::CommandId{number == 255 ? ~base::u128{0} : base::u128{number}};
  }
  base::Bytes rest(std::size_t most) {
    base::Bytes bytes;
    while (bytes.size() < most && !is_empty()) bytes.push_back(static_cast<std::byte>(byte()));
    return bytes;
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t at_ = 0;
};

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
    switch (source_.below(16)) {
      case 0:
      case 1:
      case 2:
        return add_transfers();
      case 3:
      case 4:
        return add_variable(CommandKind::kInstruct, caller(),
                            instruct(base::NodeId{1}, fuzz::kPeer));
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
        update.account = fuzz::own(source_.below(9));
        update.set_flags = source_.below(32);
        update.clear_flags = source_.below(32);
        return add(CommandKind::kUpdateAccount, update);
      }
      case 12:
        return add_rules();
      case 13: {
        wire::Reconcile reconcile;
        reconcile.peer = fuzz::kPeer;
        return add(CommandKind::kReconcile, reconcile);
      }
      case 14: {
        wire::ResumePeer resume;
        resume.peer = fuzz::kPeer;
        return add(CommandKind::kResumePeer, resume);
      }
      default: {
        builder_.add(CommandKind::kTick, base::ParticipantId{0}, wire::Tick{});
        wire::PeerAck ack;
        ack.peer = fuzz::kPeer;
        ack.acknowledged = base::ChannelSeqno{source_.byte()};
        builder_.add(CommandKind::kPeerAck, base::ParticipantId{0}, ack);
        wire::RotateKey rotate;
        rotate.key = fuzz::fuzz_key(source_.byte());
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

  void add_transfers() {
    std::vector<wire::Transfer> transfers(1 + source_.below(6));
    for (wire::Transfer& t : transfers) {
      t.id = source_.id();
      t.flags = source_.byte() % 80;
      if ((t.flags & 0x0C) != 0) t.pending_id = source_.id();
      t.debit = fuzz::own(source_.below(9));
      t.credit = fuzz::own(source_.below(9));
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
      if (rule.kind == wire::RuleKind::kCorridorCap) rule.peer = fuzz::kPeer;
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
      const base::AccountNumber here = fuzz::own(source_.below(9));
      const base::AccountNumber there = fuzz::others(1 + source_.below(3));
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
        return wire::encode_message(wire::MessageKind::kInstruct,
                                    instruct(fuzz::kPeer, base::NodeId{1}));
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
          announcement.key = fuzz::fuzz_key(source_.byte());
          announcement.previous_valid_to = base::Timestamp{INT64_MAX};
          return wire::encode_message(wire::MessageKind::kKeyAnnouncement, announcement);
        }
        return wire::encode_message(static_cast<wire::MessageKind>(source_.byte()),
                                    source_.rest(source_.byte()));
      }
    }
  }

  /// Mostly the next envelope of the channel, sometimes repeated, ahead or with another history.
  base::Bytes envelope() {
    const machine::Peer& peer = state_.peers.at(fuzz::kPeer);
    const std::uint8_t oddity = source_.byte();
    std::vector<base::Bytes> messages(source_.below(4));
    for (auto& each : messages) each = message();
    wire::PayloadHead head;
    head.from = fuzz::kPeer;
    head.to = base::NodeId{oddity == 1 ? 3U : 1U};
    head.first_seqno = base::ChannelSeqno{peer.applied.value() + 1 + (oddity == 2 ? 1 : 0)};
    head.chain_before = peer.applied_chain;
    if (oddity == 3) head.chain_before.bytes[0] ^= std::byte{1};
    head.acknowledged = base::ChannelSeqno{oddity == 4 ? source_.byte() : peer.sent.value()};
    base::Bytes payload =
        wire::encode_payload(head, std::vector<base::ByteSpan>{messages.begin(), messages.end()});
    if (oddity == 5) payload[source_.byte() % payload.size()] ^= std::byte{1};
    wire::SignedEnvelope sealed;
    sealed.key_id = fuzz::fuzz_key(oddity == 6 ? std::uint8_t{9} : std::uint8_t{2}).key_id;
    sealed.payload = std::move(payload);
    sealed.signature.resize(64);
    return wire::encode_peer_envelope(fuzz::kPeer, wire::encode_envelope(sealed));
  }

  Source& source_;
  const machine::State& state_;
  base::Timestamp now_;
  wire::BatchBuilder builder_;
};

struct Entry {
  machine::EntryContext context;
  base::Bytes section;
  machine::Effects effects;
};

machine::EntryContext next_context(const machine::State& state, std::uint8_t later) {
  return {base::Seqno{state.last_seqno.value() + 1},
          state.last_at + base::Duration::nanoseconds(1 + later)};
}

/// The second run: the same entries on another machine, carried over a snapshot in the middle.
void run_again(const std::vector<Entry>& entries, const machine::State& end) {
  machine::Machine twin = fuzz::founded_machine();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    machine::Effects effects;
    HG_CHECK(twin.apply(entries[i].context, entries[i].section, effects).has_value());
    HG_CHECK(effects.events == entries[i].effects.events);
    HG_CHECK(std::ranges::equal(std::as_bytes(std::span{effects.outcomes}),
                                std::as_bytes(std::span{entries[i].effects.outcomes})));
    if (i != entries.size() / 2) continue;
    auto state = machine::decode_snapshot(fuzz::snapshot_of(twin.state()));
    HG_CHECK(state.has_value());
    state->ids = twin.state().ids;
    HG_CHECK(state->deadlines == twin.state().deadlines);
    twin = machine::Machine{fuzz::cheap_hashing(), std::move(*state)};
  }
  HG_CHECK(fuzz::snapshot_of(twin.state()) == fuzz::snapshot_of(end));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Source source{data, size};
  machine::Machine machine = fuzz::founded_machine();
  const bool is_raw = source.byte() % 8 == 0;
  std::vector<Entry> entries;
  while (!source.is_empty()) {
    Entry entry;
    entry.context = next_context(machine.state(), source.byte());
    if (is_raw) {
      entry.section = source.rest(size);
    } else {
      wire::BatchBuilder builder = Interpreter{source, machine.state(), entry.context.at}.entry();
      entry.section.assign(builder.section().begin(), builder.section().end());
    }
    if (!machine.apply(entry.context, entry.section, entry.effects)) break;
    HG_CHECK(!machine::first_broken_law(machine.state()).has_value());
    entries.push_back(std::move(entry));
  }
  run_again(entries, machine.state());
  return 0;
}
