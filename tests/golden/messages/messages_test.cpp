// The bytes of every command record, message, event and of a small state, against files in this
// folder. HG_UPDATE_GOLDEN=1 rewrites them; a change is a new format version, or a mistake.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "clearing/wire/message.hpp"
#include "clearing/wire/outcome.hpp"
#include "tests/unit/clearing/small_world.hpp"

namespace hugang::wire {
namespace {

/// 16 bytes a line, so that a change is seen in a diff.
std::string hex_lines(base::ByteSpan bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 16) {
    text += base::to_hex(bytes.subspan(at, std::min<std::size_t>(16, bytes.size() - at))) + "\n";
  }
  return text;
}

void expect_golden(const std::string& name, base::ByteSpan bytes) {
  const std::string path =
      std::string{HUGANG_SOURCE_DIR} + "/tests/golden/messages/" + name + ".hex";
  const std::string now = hex_lines(bytes);
  if (const char* update = std::getenv("HG_UPDATE_GOLDEN");
      update != nullptr && std::string{update} == "1") {
    std::ofstream{path} << now;
  }
  std::ifstream file{path};
  std::ostringstream golden;
  golden << file.rdbuf();
  ASSERT_FALSE(golden.str().empty()) << path << " is missing; HG_UPDATE_GOLDEN=1 writes it";
  EXPECT_EQ(now, golden.str()) << name;
}

template <std::size_t N>
FixedText<N> text(std::string_view value) {
  FixedText<N> made;
  EXPECT_TRUE(made.assign(value));
  return made;
}

template <class Record>
base::ByteSpan bytes_of(const Record& record) {
  return std::as_bytes(std::span{&record, 1});
}

constexpr CommandId kId{base::make_u128(0x0102030405060708, 0x090A0B0C0D0E0F10)};
constexpr CommandId kOther{base::make_u128(0x1112131415161718, 0x191A1B1C1D1E1F20)};
constexpr Timestamp kAt{0x2122232425262728};
constexpr base::u128 kWide = base::make_u128(0x3132333435363738, 0x393A3B3C3D3E3F40);

KeyRecord key() {
  KeyRecord made;
  made.key_id = KeyId{0x4142434445464748};
  made.valid_from = kAt;
  made.valid_to = Timestamp{0x5152535455565758};
  made.suite = 2;
  made.der_bytes = 91;
  for (std::size_t i = 0; i < 91; ++i) made.der[i] = static_cast<std::byte>(0x80 + i);
  return made;
}

InstructHead instruct_head() {
  InstructHead head;
  head.id = kId;
  head.original_id = kOther;
  head.initiator = NodeId{1};
  head.responder = NodeId{2};
  head.kind = SettlementKind::kDvp;
  head.decide_by = kAt;
  head.value_date = Timestamp{7};
  return head;
}

Leg leg(Direction direction) {
  Leg made;
  made.initiator_account = AccountNumber{1'000'000'000'145};
  made.responder_account = AccountNumber{2'000'000'000'187};
  made.amount_minor = 1'250;
  made.asset = AssetId{3};
  made.direction = direction;
  made.purpose = 9;
  return made;
}

TEST(GoldenCommands, TransferAndInstruct) {
  Transfer t;
  t.id = kId;
  t.pending_id = kOther;
  t.reference = kWide;
  t.debit = AccountNumber{1'000'000'000'145};
  t.credit = AccountNumber{1'000'000'000'242};
  t.amount_minor = 123'456'789;
  t.expires_at = kAt;
  t.value_date = Timestamp{1};
  t.asset = AssetId{1};
  t.purpose = 2;
  t.flags = transfer_flag::kLinked | transfer_flag::kHold;
  expect_golden("transfer", bytes_of(t));
  expect_golden("instruct", encode_instruct(instruct_head(),
                                            std::vector{leg(Direction::kOut), leg(Direction::kIn)},
                                            base::as_bytes("发票 17")));
}

TEST(GoldenCommands, Registers) {
  Genesis genesis;
  genesis.id = kId;
  genesis.node = NodeId{1};
  genesis.code = text<16>("shanghai");
  genesis.name = text<64>("Shanghai 上海");
  expect_golden("genesis", bytes_of(genesis));
  RegisterAsset asset;
  asset.id = kId;
  asset.asset = AssetId{1};
  asset.issuer = NodeId{2};
  asset.scale = 4;
  asset.code = text<8>("XAU.G");
  expect_golden("register_asset", bytes_of(asset));
  RegisterParticipant participant;
  participant.id = kId;
  participant.roles = role::kParticipant;
  participant.code = text<16>("icbc");
  participant.bic = text<12>("ICBKCNBJSHI");
  participant.lei = text<20>("5493002ERZU2K9PZDL40");
  participant.name = text<72>("Industrial and Commercial Bank of China");
  participant.local_name = text<72>("中国工商银行");
  expect_golden("register_participant", bytes_of(participant));
  UpdateParticipant update;
  update.id = kId;
  update.participant = ParticipantId{5};
  update.suspend = 1;
  expect_golden("update_participant", bytes_of(update));
  OpenAccount open;
  open.id = kId;
  open.owner = ParticipantId{5};
  open.asset = AssetId{1};
  open.flags = account_flag::kNoDebitBalance;
  open.kind = AccountKind::kCorridor;
  open.peer = NodeId{2};
  open.alias = text<24>("main");
  expect_golden("open_account", bytes_of(open));
  UpdateAccount change;
  change.id = kId;
  change.account = AccountNumber{1'000'000'000'145};
  change.set_flags = account_flag::kFrozen;
  change.clear_flags = account_flag::kReviewIncoming;
  expect_golden("update_account", bytes_of(change));
}

TEST(GoldenCommands, PeersAndKeys) {
  RegisterPeer peer;
  peer.id = kId;
  peer.peer = NodeId{2};
  peer.code = text<16>("hongkong");
  peer.key = key();
  expect_golden("register_peer", bytes_of(peer));
  RotateKey rotate;
  rotate.id = kId;
  rotate.previous_valid_to = kAt;
  rotate.key = key();
  expect_golden("rotate_key", bytes_of(rotate));
  PeerAck ack;
  ack.peer = NodeId{2};
  ack.acknowledged = base::ChannelSeqno{17};
  expect_golden("peer_ack", bytes_of(ack));
  ResumePeer resume;
  resume.id = kId;
  resume.peer = NodeId{2};
  expect_golden("resume_peer", bytes_of(resume));
  expect_golden("peer_envelope", encode_peer_envelope(NodeId{2}, base::as_bytes("envelope")));
}

TEST(GoldenCommands, SettlementRulesAndTime) {
  Affirm affirm;
  affirm.id = kId;
  affirm.settlement = kOther;
  affirm.decline = 1;
  expect_golden("affirm", bytes_of(affirm));
  Recall recall;
  recall.id = kId;
  recall.settlement = kOther;
  recall.reason = text<4>("DUPL");
  expect_golden("recall", bytes_of(recall));
  Reconcile reconcile;
  reconcile.id = kId;
  reconcile.peer = NodeId{2};
  reconcile.business_date = 20'260'105;
  expect_golden("reconcile", bytes_of(reconcile));
  expect_golden("tick", bytes_of(Tick{}));
  SetRulesHead head;
  head.id = kId;
  head.version = 3;
  head.effective_from = kAt;
  Rule single;
  single.asset = AssetId{1};
  single.value = 5'000'000;
  Rule cap;
  cap.kind = RuleKind::kCorridorCap;
  cap.asset = AssetId{1};
  cap.peer = NodeId{2};
  cap.value = 100'000'000;
  expect_golden("set_rules", encode_set_rules(head, std::vector{single, cap}));
}

TEST(GoldenCommands, TheFrameOfAGroup) {
  BatchBuilder builder;
  const std::vector<Transfer> two(2);
  builder.add_group(CommandKind::kTransfer, ParticipantId{7}, 2, std::as_bytes(std::span{two}));
  builder.add(CommandKind::kTick, ParticipantId{}, Tick{});
  expect_golden("section", builder.section());
}

TEST(GoldenMessages, EveryKind) {
  expect_golden(
      "message_instruct",
      encode_message(MessageKind::kInstruct,
                     encode_instruct(instruct_head(), std::vector{leg(Direction::kOut)}, {})));
  Decision decision;
  decision.settlement = kId;
  decision.code = machine::Code::kInsufficientFunds;
  decision.decided_at = kAt;
  decision.responder_seqno = Seqno{9};
  expect_golden("message_decision", encode_message(MessageKind::kDecision, decision));
  RecallRequest request;
  request.recall = kId;
  request.settlement = kOther;
  request.reason = text<4>("CUST");
  expect_golden("message_recall", encode_message(MessageKind::kRecall, request));
  RecallAnswer answer;
  answer.recall = kId;
  answer.settlement = kOther;
  answer.code = machine::Code::kAlreadySettled;
  answer.at = kAt;
  expect_golden("message_recall_answer", encode_message(MessageKind::kRecallAnswer, answer));
  KeyAnnouncement announcement;
  announcement.previous_valid_to = kAt;
  announcement.key = key();
  expect_golden("message_key", encode_message(MessageKind::kKeyAnnouncement, announcement));
}

TEST(GoldenMessages, Reconciliation) {
  struct {
    ReconcileHead head;
    ReconcilePosition position;
    CommandId in_flight;
  } body;
  body.head.id = kId;
  body.head.business_date = 20'260'105;
  body.head.position_count = 1;
  body.head.in_flight_count = 1;
  body.head.code = machine::Code::kReconciliationDiffers;
  body.head.seen = base::ChannelSeqno{11};
  body.position.net_minor = -4'000;
  body.position.in_flight_minor = 250;
  body.position.asset = AssetId{1};
  body.in_flight = kOther;
  static_assert(sizeof(body) == 48 + 48 + 16);
  expect_golden("message_reconcile_answer",
                encode_message(MessageKind::kReconcileAnswer, bytes_of(body)));
  body.head.in_flight_count = 0;
  body.head.code = machine::Code::kOk;
  expect_golden("message_reconcile_request",
                encode_message(MessageKind::kReconcileRequest, bytes_of(body).first(96)));
}

TEST(GoldenMessages, ThePayloadOfAnEnvelope) {
  PayloadHead head;
  head.from = NodeId{1};
  head.to = NodeId{2};
  head.first_seqno = base::ChannelSeqno{5};
  head.acknowledged = base::ChannelSeqno{4};
  head.sent_at = kAt;
  for (std::size_t i = 0; i < 32; ++i) {
    head.chain_before.bytes[i] = static_cast<std::byte>(0xC0 + i);
  }
  const auto one = encode_message(MessageKind::kDecision, Decision{});
  const auto two = encode_message(static_cast<MessageKind>(99), base::as_bytes("odd"));
  expect_golden("payload", encode_payload(head, std::vector<base::ByteSpan>{one, two}));
  expect_golden("payload_empty", encode_payload(head, {}));
}

template <class Record>
void expect_event(const std::string& name, const Record& record) {
  expect_golden("event_" + name, bytes_of(record));
}

TEST(GoldenEvents, EveryKind) {
  HoldExpired expired;
  expired.hold = kId;
  expired.amount_minor = 1'250;
  expect_event("hold_expired", expired);
  MessageQueued queued;
  queued.peer = NodeId{2};
  queued.message_bytes = 56;
  queued.seqno = base::ChannelSeqno{3};
  queued.chain_before.bytes.fill(std::byte{0xAA});
  queued.chain_after.bytes.fill(std::byte{0xBB});
  expect_event("message_queued", queued);
  SettlementChanged changed;
  changed.settlement = kId;
  changed.peer = NodeId{2};
  changed.status = SettlementStatus::kRefused;
  changed.code = machine::Code::kDeclined;
  expect_event("settlement_changed", changed);
  PeerHalted halted;
  halted.peer = NodeId{2};
  halted.code = machine::Code::kChannelHash;
  halted.cursor = base::ChannelSeqno{4};
  halted.evidence = Seqno{77};
  expect_event("peer_halted", halted);
  RulesActivated rules;
  rules.version = 3;
  expect_event("rules_activated", rules);
  KeyAdded added;
  added.node = NodeId{2};
  added.key = key();
  expect_event("key_added", added);
  Reconciled reconciled;
  reconciled.id = kId;
  reconciled.peer = NodeId{2};
  reconciled.code = machine::Code::kReconciliationDiffers;
  reconciled.business_date = 20'260'105;
  expect_event("reconciled", reconciled);
  Outcome outcome;
  outcome.code = machine::Code::kCapacity;
  outcome.flags = outcome_flag::kRepeated;
  outcome.value = 0x0102030405060708;
  outcome.at = kAt;
  expect_golden("outcome", bytes_of(outcome));
}

/// Outcomes, events and the state at the end of a story with fixed keys and times: what is
/// journaled and what a checkpoint holds, to the byte.
class GoldenWorld : public testing::TestWithParam<const char*> {};

TEST_P(GoldenWorld, StateIsUnchanged) {
  scenario::Script script;
  script.run_text(machine::test::kSmallWorld);
  const scenario::City& city = script.city(GetParam());
  expect_golden(std::string{"state_"} + GetParam(), scenario::snapshot_of(city.state()));
}

TEST_P(GoldenWorld, LastEntryIsUnchanged) {
  scenario::Script script;
  script.run_text(machine::test::kSmallWorld);
  const machine::Effects& effects = script.city(GetParam()).effects();
  expect_golden(std::string{"outcomes_"} + GetParam(), std::as_bytes(std::span{effects.outcomes}));
  expect_golden(std::string{"events_"} + GetParam(), effects.events);
}

INSTANTIATE_TEST_SUITE_P(BothCities, GoldenWorld, testing::Values("shanghai", "hongkong"));

}  // namespace
}  // namespace hugang::wire
