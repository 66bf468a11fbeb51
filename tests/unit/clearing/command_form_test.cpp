// Every reserved byte of every fixed-width command is looked at: a command that carries something
// there is refused, so that a later version may give it a meaning.
#include <gtest/gtest.h>

#include <cstring>

#include "tests/unit/clearing/small_world.hpp"

namespace hugang::machine {
namespace {

using wire::CommandKind;

struct Form {
  const char* name;
  CommandKind kind;
  ParticipantId caller;
  base::Bytes record;
  std::vector<std::pair<std::size_t, std::size_t>> reserved;  ///< [first, end) in bytes
};

template <class Record>
base::Bytes bytes_of(const Record& record) {
  const auto bytes = std::as_bytes(std::span{&record, 1});
  return {bytes.begin(), bytes.end()};
}

class CommandForm : public testing::Test {
 protected:
  void SetUp() override { script_.run_text(test::kSmallWorld); }

  Code answer(const Form& form, base::Bytes record) {
    wire::BatchBuilder builder;
    builder.add_group(form.kind, form.caller, 1, record);
    auto& city = script_.city("shanghai");
    city.apply(builder.section(), city.state().last_at);
    return city.effects().outcomes[0].code;
  }

  void expect_checked(const Form& form) {
    for (const auto& [first, end] : form.reserved) {
      for (std::size_t at = first; at < end; ++at) {
        base::Bytes record = form.record;
        record[at] = std::byte{1};
        if (!is_without_id(form.kind)) {
          const u128 id = 0xBEEF'0000 + ++ids_;
          std::memcpy(record.data(), &id, sizeof(id));
        }
        EXPECT_EQ(code_name(answer(form, record)), "RESERVED_NOT_ZERO")
            << form.name << ", byte " << at;
      }
    }
  }

  static bool is_without_id(CommandKind kind) {
    return kind == CommandKind::kTick || kind == CommandKind::kPeerAck;
  }

  scenario::Script script_;
  u128 ids_ = 0;
};

constexpr ParticipantId kNode{0};
constexpr ParticipantId kOperator{1};

TEST_F(CommandForm, EveryReservedByteIsChecked) {
  wire::PeerAck ack;
  ack.peer = NodeId{2};
  wire::ResumePeer resume;
  resume.peer = NodeId{2};
  expect_checked({"RegisterAsset",
                  CommandKind::kRegisterAsset,
                  kOperator,
                  bytes_of(wire::RegisterAsset{}),
                  {{25, 32}, {40, 64}}});
  expect_checked({"RegisterParticipant",
                  CommandKind::kRegisterParticipant,
                  kOperator,
                  bytes_of(wire::RegisterParticipant{}),
                  {{20, 24}, {216, 256}}});
  expect_checked({"UpdateParticipant",
                  CommandKind::kUpdateParticipant,
                  kOperator,
                  bytes_of(wire::UpdateParticipant{}),
                  {{21, 24}, {24, 64}}});
  expect_checked({"OpenAccount",
                  CommandKind::kOpenAccount,
                  kOperator,
                  bytes_of(wire::OpenAccount{}),
                  {{30, 32}, {36, 40}}});
  expect_checked({"UpdateAccount",
                  CommandKind::kUpdateAccount,
                  kOperator,
                  bytes_of(wire::UpdateAccount{}),
                  {{32, 64}}});
  expect_checked({"RegisterPeer",
                  CommandKind::kRegisterPeer,
                  kOperator,
                  bytes_of(wire::RegisterPeer{}),
                  {{20, 24}}});
  expect_checked({"RotateKey",
                  CommandKind::kRotateKey,
                  kOperator,
                  bytes_of(wire::RotateKey{}),
                  {{24 + 25, 24 + 26}, {24 + 28, 24 + 32}, {24 + 160, 24 + 168}}});
  expect_checked(
      {"Affirm", CommandKind::kAffirm, kOperator, bytes_of(wire::Affirm{}), {{33, 36}, {36, 64}}});
  expect_checked({"Recall", CommandKind::kRecall, kOperator, bytes_of(wire::Recall{}), {{36, 64}}});
  expect_checked(
      {"Reconcile", CommandKind::kReconcile, kOperator, bytes_of(wire::Reconcile{}), {{24, 48}}});
  expect_checked({"ResumePeer", CommandKind::kResumePeer, kOperator, bytes_of(resume), {{20, 32}}});
  expect_checked({"PeerAck", CommandKind::kPeerAck, kNode, bytes_of(ack), {{0, 16}, {20, 24}}});
  expect_checked({"Tick", CommandKind::kTick, kNode, bytes_of(wire::Tick{}), {{0, 16}, {16, 32}}});
}

TEST(GenesisForm, EveryReservedByteIsChecked) {
  wire::Genesis genesis;
  genesis.node = NodeId{1};
  ASSERT_TRUE(genesis.code.assign("a") && genesis.name.assign("a"));
  Machine machine{scenario::real_hashing()};
  std::uint64_t seqno = 0;
  for (const auto& [first, end] : {std::pair{20, 24}, std::pair{104, 128}}) {
    for (int at = first; at < end; ++at) {
      genesis.id = CommandId{++seqno};
      base::Bytes record = bytes_of(genesis);
      record[static_cast<std::size_t>(at)] = std::byte{1};
      wire::BatchBuilder builder;
      builder.add_group(CommandKind::kGenesis, kNode, 1, record);
      Effects effects;
      ASSERT_TRUE(machine
                      .apply({Seqno{seqno}, Timestamp{static_cast<std::int64_t>(seqno)}},
                             builder.section(), effects)
                      .has_value());
      EXPECT_EQ(code_name(effects.outcomes[0].code), "RESERVED_NOT_ZERO") << at;
    }
  }
}

TEST_F(CommandForm, OnlyTheNodeItselfTicksAndAcknowledges) {
  const Form tick{"Tick", CommandKind::kTick, kOperator, bytes_of(wire::Tick{}), {}};
  EXPECT_EQ(answer(tick, tick.record), Code::kNotPermitted);
  const Form ack{"PeerAck", CommandKind::kPeerAck, kOperator, bytes_of(wire::PeerAck{}), {}};
  EXPECT_EQ(answer(ack, ack.record), Code::kNotPermitted);
  const Form envelope{"PeerEnvelope",
                      CommandKind::kPeerEnvelope,
                      kOperator,
                      wire::encode_peer_envelope(NodeId{2}, base::as_bytes("x")),
                      {}};
  EXPECT_EQ(answer(envelope, envelope.record), Code::kNotPermitted);
}

TEST_F(CommandForm, AnEnvelopeForNoPeerIsRefused) {
  const Form envelope{"PeerEnvelope",
                      CommandKind::kPeerEnvelope,
                      kNode,
                      wire::encode_peer_envelope(NodeId{77}, base::as_bytes("x")),
                      {}};
  EXPECT_EQ(answer(envelope, envelope.record), Code::kPeerUnknown);
}

TEST(BeforeGenesis, NothingIsPermitted) {
  Machine machine{scenario::real_hashing()};
  wire::BatchBuilder builder;
  wire::Affirm affirm;
  affirm.id = CommandId{1};
  builder.add(CommandKind::kAffirm, kNode, affirm);
  builder.add(CommandKind::kTick, kNode, wire::Tick{});
  wire::Transfer transfer;
  transfer.id = CommandId{2};
  transfer.amount_minor = 1;
  builder.add(CommandKind::kTransfer, kNode, transfer);
  builder.add(CommandKind::kTransfer, kOperator, transfer);
  Effects effects;
  ASSERT_TRUE(machine.apply({Seqno{1}, Timestamp{1}}, builder.section(), effects).has_value());
  EXPECT_EQ(effects.outcomes[0].code, Code::kNotPermitted);
  EXPECT_EQ(effects.outcomes[1].code, Code::kNotPermitted);
  EXPECT_EQ(effects.outcomes[2].code, Code::kNotPermitted);
  EXPECT_EQ(effects.outcomes[3].code, Code::kIdUsedForOtherContent);
}

TEST(MalformedFrame, ChangesNothing) {
  Machine machine{scenario::real_hashing()};
  const base::Bytes before = scenario::snapshot_of(machine.state());
  Effects effects;
  const base::Bytes junk(33, std::byte{1});
  EXPECT_FALSE(machine.apply({Seqno{1}, Timestamp{1}}, junk, effects).has_value());
  EXPECT_EQ(scenario::snapshot_of(machine.state()), before);
}

}  // namespace
}  // namespace hugang::machine
