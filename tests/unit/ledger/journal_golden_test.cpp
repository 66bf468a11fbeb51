// The bytes of everything that is journaled, against files: a change of layout shows as a
// difference to be reviewed, never as a silent break of ledgers that exist.
#include <gtest/gtest.h>

#include "clearing/wire/batch.hpp"
#include "clearing/wire/message.hpp"
#include "clearing/wire/outcome.hpp"
#include "ledger/entry.hpp"
#include "ledger/rocks/checkpoint_codec.hpp"
#include "ledger/rocks/keys.hpp"
#include "tests/unit/ledger/golden_file.hpp"

namespace hugang::ledger {
namespace {

using hugang::test::GoldenFile;

/// Gives each field a value of its own whose bytes differ: 0x...a3a2a1, then 0x...b3b2b1 and so on,
/// so that a swapped field or byte order cannot hide.
class Values {
 public:
  template <class Number>
  Number next() {
    ++count_;
    Number value{};
    for (std::size_t i = sizeof(Number); i-- > 0;) {
      value = static_cast<Number>(static_cast<Number>(value << 8) |
                                  static_cast<Number>(((count_ % 15) + 1) << 4 | (i & 0xF)));
    }
    return value;
  }
  template <class Tag, class Rep>
  void operator()(base::StrongId<Tag, Rep>& id) {
    id = base::StrongId<Tag, Rep>{next<Rep>()};
  }
  void operator()(base::Timestamp& at) {
    at = base::Timestamp{static_cast<std::int64_t>(next<std::uint64_t>())};
  }
  void operator()(std::int64_t& value) {
    value = static_cast<std::int64_t>(next<std::uint64_t>() >> 8);
  }
  void operator()(base::i128& value) { value = -static_cast<base::i128>(next<base::u128>() >> 8); }
  void operator()(base::u128& value) { value = next<base::u128>(); }
  void operator()(std::uint64_t& value) { value = next<std::uint64_t>(); }
  void operator()(std::uint32_t& value) { value = next<std::uint32_t>(); }
  void operator()(std::uint16_t& value) { value = next<std::uint16_t>(); }
  void operator()(std::uint8_t& value) { value = next<std::uint8_t>(); }
  void operator()(base::Digest& digest) {
    for (std::byte& b : digest.bytes) b = static_cast<std::byte>(next<std::uint8_t>());
  }
  void operator()(Checksum& checksum) {
    (*this)(checksum.low);
    (*this)(checksum.high);
  }
  template <std::size_t N>
  void operator()(wire::FixedText<N>& text) {
    ASSERT_TRUE(text.assign(std::string(N - 1, static_cast<char>('A' + ++count_ % 26))));
  }
  void operator()(wire::KeyRecord& key) {
    all(key.key_id, key.valid_from, key.valid_to, key.suite);
    key.der_bytes = 44;
    for (std::size_t i = 0; i < key.der_bytes; ++i) key.der[i] = static_cast<std::byte>(i + 1);
  }
  template <class Enum>
    requires std::is_enum_v<Enum>
  void operator()(Enum& value) {
    value = static_cast<Enum>(2);
  }
  template <class... Fields>
  void all(Fields&... fields) {
    ((*this)(fields), ...);
  }

 private:
  std::uint32_t count_ = 0;
};

template <class Record>
void add(GoldenFile& file, const char* name, const Record& record) {
  file.add(name, std::as_bytes(std::span{&record, 1}));
}

/// A record whose fields (all but the reserved ones) are filled in the order given.
template <class Record, class... Fields>
void add_filled(GoldenFile& file, const char* name, Fields Record::*... fields) {
  Record record;
  Values values;
  values.all(record.*fields...);
  add(file, name, record);
}

TEST(JournalGolden, Commands) {
  GoldenFile file{"commands.hex"};
  using wire::GroupHead;
  add_filled(file, "GroupHead", &GroupHead::kind, &GroupHead::count, &GroupHead::caller,
             &GroupHead::record_bytes);
  using wire::Genesis;
  add_filled(file, "Genesis", &Genesis::id, &Genesis::node, &Genesis::code, &Genesis::name);
  using wire::RegisterAsset;
  add_filled(file, "RegisterAsset", &RegisterAsset::id, &RegisterAsset::asset,
             &RegisterAsset::issuer, &RegisterAsset::scale, &RegisterAsset::code);
  using wire::RegisterParticipant;
  add_filled(file, "RegisterParticipant", &RegisterParticipant::id, &RegisterParticipant::roles,
             &RegisterParticipant::code, &RegisterParticipant::bic, &RegisterParticipant::lei,
             &RegisterParticipant::name, &RegisterParticipant::local_name);
  using wire::UpdateParticipant;
  add_filled(file, "UpdateParticipant", &UpdateParticipant::id, &UpdateParticipant::participant,
             &UpdateParticipant::suspend);
  using wire::OpenAccount;
  add_filled(file, "OpenAccount", &OpenAccount::id, &OpenAccount::owner, &OpenAccount::asset,
             &OpenAccount::flags, &OpenAccount::kind, &OpenAccount::peer, &OpenAccount::alias);
  using wire::UpdateAccount;
  add_filled(file, "UpdateAccount", &UpdateAccount::id, &UpdateAccount::account,
             &UpdateAccount::set_flags, &UpdateAccount::clear_flags);
  using wire::Transfer;
  add_filled(file, "Transfer", &Transfer::id, &Transfer::pending_id, &Transfer::reference,
             &Transfer::debit, &Transfer::credit, &Transfer::amount_minor, &Transfer::expires_at,
             &Transfer::value_date, &Transfer::asset, &Transfer::purpose, &Transfer::flags);
  using wire::Affirm;
  add_filled(file, "Affirm", &Affirm::id, &Affirm::settlement, &Affirm::decline);
  using wire::Recall;
  add_filled(file, "Recall", &Recall::id, &Recall::settlement, &Recall::reason);
  using wire::PeerAck;
  add_filled(file, "PeerAck", &PeerAck::id, &PeerAck::peer, &PeerAck::acknowledged);
  using wire::ResumePeer;
  add_filled(file, "ResumePeer", &ResumePeer::id, &ResumePeer::peer);
  add_filled(file, "Tick", &wire::Tick::id);
  using wire::RegisterPeer;
  add_filled(file, "RegisterPeer", &RegisterPeer::id, &RegisterPeer::peer, &RegisterPeer::code,
             &RegisterPeer::key);
  using wire::RotateKey;
  add_filled(file, "RotateKey", &RotateKey::id, &RotateKey::previous_valid_to, &RotateKey::key);
  using wire::Reconcile;
  add_filled(file, "Reconcile", &Reconcile::id, &Reconcile::peer, &Reconcile::business_date);
  file.check();
}

TEST(JournalGolden, CommandsOfVariableLength) {
  GoldenFile file{"variable_commands.hex"};
  Values values;
  wire::InstructHead instruct;
  values.all(instruct.id, instruct.original_id, instruct.initiator, instruct.responder,
             instruct.kind, instruct.decide_by, instruct.value_date);
  std::vector<wire::Leg> legs(2);
  for (wire::Leg& leg : legs) {
    values.all(leg.initiator_account, leg.responder_account, leg.amount_minor, leg.asset,
               leg.direction, leg.purpose);
  }
  file.add("Instruct", wire::encode_instruct(instruct, legs, base::as_bytes("five!")));
  file.add("PeerEnvelope",
           wire::encode_peer_envelope(NodeId{0xA1A2A3A4}, base::as_bytes("an envelope")));
  wire::SetRulesHead head;
  values.all(head.id, head.version, head.effective_from);
  std::vector<wire::Rule> rules(2);
  for (wire::Rule& rule : rules) values.all(rule.kind, rule.asset, rule.peer, rule.value);
  file.add("SetRules", wire::encode_set_rules(head, rules));
  file.check();
}

TEST(JournalGolden, OutcomesAndEvents) {
  GoldenFile file{"outcomes_events.hex"};
  using wire::Outcome;
  add_filled(file, "Outcome", &Outcome::code, &Outcome::flags, &Outcome::value, &Outcome::at);
  using wire::EventHead;
  add_filled(file, "EventHead", &EventHead::kind, &EventHead::bytes, &EventHead::at);
  add_filled(file, "HoldExpired", &wire::HoldExpired::hold, &wire::HoldExpired::amount_minor);
  using wire::MessageQueued;
  add_filled(file, "MessageQueued", &MessageQueued::peer, &MessageQueued::message_bytes,
             &MessageQueued::seqno, &MessageQueued::chain_before, &MessageQueued::chain_after);
  using wire::SettlementChanged;
  add_filled(file, "SettlementChanged", &SettlementChanged::settlement, &SettlementChanged::peer,
             &SettlementChanged::status, &SettlementChanged::code);
  using wire::PeerHalted;
  add_filled(file, "PeerHalted", &PeerHalted::peer, &PeerHalted::code, &PeerHalted::cursor,
             &PeerHalted::evidence);
  add_filled(file, "RulesActivated", &wire::RulesActivated::version);
  add_filled(file, "KeyAdded", &wire::KeyAdded::node, &wire::KeyAdded::key);
  using wire::Reconciled;
  add_filled(file, "Reconciled", &Reconciled::id, &Reconciled::peer, &Reconciled::code,
             &Reconciled::business_date);
  file.check();
}

TEST(JournalGolden, Messages) {
  GoldenFile file{"messages.hex"};
  Values values;
  wire::Decision decision;
  values.all(decision.settlement, decision.code, decision.decided_at, decision.responder_seqno);
  const base::Bytes first = wire::encode_message(wire::MessageKind::kDecision, decision);
  const base::Bytes second =
      wire::encode_message(wire::MessageKind::kRecall, base::as_bytes("padded"));
  wire::PayloadHead head;
  values.all(head.from, head.to, head.first_seqno, head.acknowledged, head.sent_at,
             head.chain_before);
  const std::vector<base::ByteSpan> messages{first, second};
  file.add("Payload", wire::encode_payload(head, messages));
  using wire::RecallRequest;
  add_filled(file, "RecallRequest", &RecallRequest::recall, &RecallRequest::settlement,
             &RecallRequest::reason);
  using wire::RecallAnswer;
  add_filled(file, "RecallAnswer", &RecallAnswer::recall, &RecallAnswer::settlement,
             &RecallAnswer::code, &RecallAnswer::at);
  using wire::KeyAnnouncement;
  add_filled(file, "KeyAnnouncement", &KeyAnnouncement::previous_valid_to, &KeyAnnouncement::key);
  using wire::ReconcileHead;
  add_filled(file, "ReconcileHead", &ReconcileHead::id, &ReconcileHead::business_date,
             &ReconcileHead::position_count, &ReconcileHead::in_flight_count, &ReconcileHead::code,
             &ReconcileHead::seen);
  using wire::ReconcilePosition;
  add_filled(file, "ReconcilePosition", &ReconcilePosition::net_minor,
             &ReconcilePosition::in_flight_minor, &ReconcilePosition::asset);
  file.check();
}

/// One entry with two groups, an outcome each and an event.
base::Bytes golden_entry() {
  wire::BatchBuilder batch;
  wire::Tick tick;
  batch.add(wire::CommandKind::kTick, base::ParticipantId{}, tick);
  wire::Transfer transfer;
  transfer.id = base::CommandId{base::make_u128(0x0123456789ABCDEF, 0x1122334455667788)};
  transfer.amount_minor = 123456;
  batch.add(wire::CommandKind::kTransfer, base::ParticipantId{3}, transfer);
  machine::Effects effects;
  effects.outcomes.resize(2);
  effects.outcomes[1].value = 123456;
  effects.outcomes[1].at = Timestamp{1'767'571'200'000'000'001};
  const auto event = base::as_bytes("an event section, 32 bytes long.");
  effects.events.assign(event.begin(), event.end());
  return encode_entry(
      {.seqno = Seqno{0x0102030405060708}, .at = Timestamp{1'767'571'200'000'000'000}}, NodeId{7},
      Checksum{.low = 0x1111, .high = 0x2222}, batch, effects);
}

TEST(JournalGolden, Entry) {
  GoldenFile file{"entry.hex"};
  file.add("Entry", golden_entry());
  file.check();
}

TEST(JournalGolden, Keys) {
  GoldenFile file{"keys.hex"};
  const auto add_key = [&](const char* name, std::string_view key) {
    file.add(name, base::as_bytes(key));
  };
  add_key("journal", rocks::journal_key(Seqno{0x0102030405060708}).view());
  add_key("checkpoint",
          rocks::checkpoint_key({.seqno = Seqno{0x0102030405060708}, .part = 0x090A0B0C}).view());
  add_key("id_lines", rocks::id_key(rocks::IdPart::kLines, 0x1112131415161718).view());
  add_key("id_hashes", rocks::id_key(rocks::IdPart::kHashes, 0x1112131415161718).view());
  add_key("format", rocks::kFormatKey);
  add_key("node", rocks::kNodeKey);
  file.check();
  EXPECT_EQ(rocks::parse_journal_key(rocks::journal_key(Seqno{77}).view()), Seqno{77});
  EXPECT_FALSE(rocks::parse_journal_key("short"));
  EXPECT_LT(rocks::journal_key(Seqno{255}).view(), rocks::journal_key(Seqno{256}).view());
}

TEST(JournalGolden, Checkpoint) {
  GoldenFile file{"checkpoint.hex"};
  Values values;
  CheckpointInfo info;
  values.all(info.seqno, info.at, info.entry_checksum, info.digest);
  info.snapshot_bytes = 2'500'000;
  values.all(info.id_lines);
  add(file, "CheckpointHead", rocks::make_head(info));
  auto block = std::make_shared<machine::IdBlock>();
  block->lines.resize(machine::kIdBlockLines);
  for (machine::IdLogLine& line : block->lines) {
    values.all(line.id, line.record.fingerprint, line.record.at, line.record.value,
               line.record.code, line.record.kind, line.record.hold_end);
  }
  block->checksum = machine::checksum_of_lines(block->lines);
  const std::shared_ptr<const machine::IdBlock> full = block;
  // The heads, the first line and the first hashes stand for the rest.
  const base::Bytes lines = rocks::encode_id_lines(0xA1A2A3A4A5A6A7A8, {&full, 1});
  file.add("IdLines", ByteSpan{lines}.first(sizeof(rocks::IdHead) + sizeof(machine::IdLogLine)));
  const base::Bytes hashes = rocks::encode_id_hashes(0xA1A2A3A4A5A6A7A8, {&full, 1}, 0xB1B2B3B4);
  file.add("IdHashes", ByteSpan{hashes}.first(sizeof(rocks::IdHead) + 8 + 4 * 6));
  file.check();
}

TEST(CheckpointCodec, RefusesAFlippedByteAnywhere) {
  const rocks::CheckpointHead head = rocks::make_head({.seqno = Seqno{5},
                                                       .at = Timestamp{6},
                                                       .entry_checksum = {},
                                                       .digest = {},
                                                       .snapshot_bytes = 3'000'000,
                                                       .id_lines = 9});
  const auto span = std::as_bytes(std::span{&head, 1});
  ASSERT_TRUE(rocks::read_head(span));
  EXPECT_EQ(rocks::read_head(span)->snapshot_bytes, 3'000'000u);
  for (std::size_t at = 0; at < span.size(); ++at) {
    base::Bytes bytes{span.begin(), span.end()};
    bytes[at] ^= std::byte{1};
    EXPECT_FALSE(rocks::read_head(bytes)) << at;
  }
  const auto block = std::make_shared<const machine::IdBlock>(
      machine::IdBlock{.lines = std::vector<machine::IdLogLine>(machine::kIdBlockLines)});
  const base::Bytes run = rocks::encode_id_lines(7, {&block, 1});
  ASSERT_TRUE(rocks::decode_id_lines(7, 7, run));
  for (std::size_t size = 0; size < run.size(); ++size) {
    EXPECT_FALSE(rocks::decode_id_lines(7, 7, ByteSpan{run}.first(size))) << size;
  }
  for (std::size_t at = 0; at < run.size(); ++at) {
    base::Bytes bytes = run;
    bytes[at] ^= std::byte{1};
    EXPECT_FALSE(rocks::decode_id_lines(7, 7, bytes)) << at;
  }
}

TEST(Entry, DecodesToWhatWasEncoded) {
  const base::Bytes bytes = golden_entry();
  const auto entry = decode_entry(bytes);
  ASSERT_TRUE(entry) << to_text(entry.error());
  EXPECT_EQ(entry->head.seqno, Seqno{0x0102030405060708});
  EXPECT_EQ(entry->head.command_count, 2u);
  EXPECT_EQ(entry->head.group_count, 2u);
  EXPECT_EQ(entry->outcome(1).value, 123456u);
  EXPECT_EQ(base::as_text(entry->events), "an event section, 32 bytes long.");
  EXPECT_EQ(read_entry_head(bytes)->head_checksum, entry->head.head_checksum);
}

TEST(Entry, TellsWhatIsWrong) {
  const base::Bytes good = golden_entry();
  const auto error_of = [](const base::Bytes& bytes) {
    const auto entry = decode_entry(bytes);
    EXPECT_FALSE(entry);
    return entry ? EntryError::kTooShort : entry.error();
  };
  // Changes the head and makes its checksum anew, as another program would.
  const auto with_head = [&](auto change) {
    base::Bytes bytes = good;
    EntryHead head;
    std::memcpy(&head, bytes.data(), sizeof head);
    change(head);
    const auto covered = std::as_bytes(std::span{&head, 1}).first(112);
    head.head_checksum = checksum_of(covered);
    std::memcpy(bytes.data(), &head, sizeof head);
    return bytes;
  };
  for (std::size_t size = 0; size < sizeof(EntryHead); ++size) {
    EXPECT_EQ(error_of({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)}),
              EntryError::kTooShort);
  }
  for (std::size_t at = 0; at < good.size(); ++at) {
    base::Bytes bytes = good;
    bytes[at] ^= std::byte{0x80};
    const EntryError expected = at < 8                   ? EntryError::kMagic
                                : at < sizeof(EntryHead) ? EntryError::kHeadChecksum
                                                         : EntryError::kBodyChecksum;
    EXPECT_EQ(error_of(bytes), expected) << at;
  }
  base::Bytes longer = good;
  longer.push_back(std::byte{0});
  EXPECT_EQ(error_of(longer), EntryError::kTrailingBytes);
  EXPECT_EQ(error_of({good.begin(), good.end() - 1}), EntryError::kTruncated);
  EXPECT_EQ(error_of(with_head([](EntryHead& h) { h.format = 2; })), EntryError::kFormatNewer);
  EXPECT_EQ(error_of(with_head([](EntryHead& h) { h.format = 0; })), EntryError::kFormatUnknown);
  EXPECT_EQ(error_of(with_head([](EntryHead& h) { h.reserved0 = 1; })),
            EntryError::kReservedNotZero);
  EXPECT_EQ(error_of(with_head([](EntryHead& h) { h.reserved[23] = std::byte{1}; })),
            EntryError::kReservedNotZero);
  EXPECT_EQ(error_of(with_head([](EntryHead& h) { h.seqno = Seqno{}; })), EntryError::kSeqnoZero);
  EXPECT_EQ(error_of(with_head([](EntryHead& h) { h.command_count = 3; })),
            EntryError::kOutcomesLength);
}

}  // namespace
}  // namespace hugang::ledger
