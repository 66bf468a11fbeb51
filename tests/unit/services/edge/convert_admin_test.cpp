#include "services/edge/convert_admin.hpp"

#include <gtest/gtest.h>

#include "clearing/wire/batch.hpp"
#include "field_table.hpp"

namespace hugang::edge {
namespace {

template <class Request>
auto plain() {
  return [](const Request& request) { return to_command(request); };
}

TEST(ConvertAdmin, TellsEveryFaultOfAParticipant) {
  using Request = v1::RegisterParticipantRequest;
  Request good;
  *good.mutable_id() = id_message(1);
  auto& participant = *good.mutable_participant();
  participant.set_code("HGSHCNSHXXX");
  participant.add_roles(v1::ROLE_PARTICIPANT);
  participant.add_roles(v1::ROLE_MONITOR);
  participant.set_bic("HGSHCNSHXXX");
  participant.set_lei("5493001KJTIIGC8Y1R12");
  participant.set_name("Shanghai Example Bank");
  participant.set_local_name("上海示例银行");
  const auto record = wire::read_record<wire::RegisterParticipant>(to_command(good)->records);
  EXPECT_EQ(record.roles, wire::role::kParticipant | wire::role::kMonitor);
  EXPECT_EQ(record.local_name.view(), "上海示例银行");

  const std::vector<FieldFault<Request>> faults{
      {"id", EdgeError::kFieldMissing, [](auto& m) { m.clear_id(); }},
      {"participant", EdgeError::kFieldMissing, [](auto& m) { m.clear_participant(); }},
      {"participant.id", EdgeError::kFieldNotAllowed,
       [](auto& m) { m.mutable_participant()->set_id(4); }},
      {"participant.suspended", EdgeError::kFieldNotAllowed,
       [](auto& m) { m.mutable_participant()->set_suspended(true); }},
      {"participant.code", EdgeError::kFieldMissing,
       [](auto& m) { m.mutable_participant()->clear_code(); }},
      {"participant.code", EdgeError::kTextTooLong,
       [](auto& m) { m.mutable_participant()->set_code("abcdefghijklmnopq"); }},
      {"participant.code", EdgeError::kTextMalformed,
       [](auto& m) { m.mutable_participant()->set_code("a/b"); }},
      {"participant.code", EdgeError::kTextMalformed,
       [](auto& m) { m.mutable_participant()->set_code("node"); }},
      {"participant.roles", EdgeError::kFieldMissing,
       [](auto& m) { m.mutable_participant()->clear_roles(); }},
      {"participant.roles[2]", EdgeError::kChoiceUnknown,
       [](auto& m) { m.mutable_participant()->add_roles(v1::ROLE_PEER); }},
      {"participant.roles[2]", EdgeError::kChoiceUnknown,
       [](auto& m) { m.mutable_participant()->add_roles(static_cast<v1::Role>(42)); }},
      {"participant.bic", EdgeError::kLengthWrong,
       [](auto& m) { m.mutable_participant()->set_bic("HGSHCN"); }},
      {"participant.bic", EdgeError::kTextMalformed,
       [](auto& m) { m.mutable_participant()->set_bic("hgshcnsh"); }},
      {"participant.lei", EdgeError::kLengthWrong,
       [](auto& m) { m.mutable_participant()->set_lei("5493001KJTIIGC8Y1R1"); }},
      {"participant.name", EdgeError::kFieldMissing,
       [](auto& m) { m.mutable_participant()->clear_name(); }},
      {"participant.name", EdgeError::kTextTooLong,
       [](auto& m) { m.mutable_participant()->set_name(std::string(73, 'n')); }},
      {"participant.local_name", EdgeError::kTextMalformed,
       [](auto& m) { m.mutable_participant()->set_local_name("a\rb"); }},
  };
  expect_faults(good, faults, plain<Request>());
}

TEST(ConvertAdmin, TellsEveryFaultOfAnAsset) {
  using Request = v1::RegisterAssetRequest;
  Request good;
  *good.mutable_id() = id_message(1);
  good.mutable_asset()->set_id(3);
  good.mutable_asset()->set_code("CNY.D");
  good.mutable_asset()->set_issuer_node(1);
  good.mutable_asset()->set_scale(2);
  const std::vector<FieldFault<Request>> faults{
      {"asset", EdgeError::kFieldMissing, [](auto& m) { m.clear_asset(); }},
      {"asset.id", EdgeError::kFieldMissing, [](auto& m) { m.mutable_asset()->set_id(0); }},
      {"asset.code", EdgeError::kFieldMissing, [](auto& m) { m.mutable_asset()->clear_code(); }},
      {"asset.code", EdgeError::kTextTooLong,
       [](auto& m) { m.mutable_asset()->set_code("NINEBYTES"); }},
      {"asset.issuer_node", EdgeError::kFieldMissing,
       [](auto& m) { m.mutable_asset()->set_issuer_node(0); }},
      {"asset.scale", EdgeError::kNumberOutOfRange,
       [](auto& m) { m.mutable_asset()->set_scale(13); }},
      {"asset.issued_minor", EdgeError::kFieldNotAllowed,
       [](auto& m) { m.mutable_asset()->set_issued_minor("1"); }},
  };
  expect_faults(good, faults, plain<Request>());
}

TEST(ConvertAdmin, TurnsWishesIntoFlags) {
  v1::UpdateAccountRequest request;
  *request.mutable_id() = id_message(1);
  request.set_account(5);
  EXPECT_EQ(to_command(request).error().error, EdgeError::kFieldMissing);
  request.set_frozen(false);
  request.set_review_incoming(true);
  request.set_close(true);
  const auto record = wire::read_record<wire::UpdateAccount>(to_command(request)->records);
  EXPECT_EQ(record.set_flags, wire::account_flag::kReviewIncoming | wire::account_flag::kClosed);
  EXPECT_EQ(record.clear_flags, wire::account_flag::kFrozen);
  request.set_account(0);
  EXPECT_EQ(metadata_of(to_command(request).error(), "field"), "account");
}

TEST(ConvertAdmin, TellsMissingTargets) {
  v1::UpdateParticipantRequest update;
  *update.mutable_id() = id_message(1);
  EXPECT_EQ(metadata_of(to_command(update).error(), "field"), "participant_id");
  update.set_participant_id(2);
  update.set_suspend(true);
  EXPECT_EQ(wire::read_record<wire::UpdateParticipant>(to_command(update)->records).suspend, 1u);
  v1::ResumePeerRequest resume;
  *resume.mutable_id() = id_message(1);
  EXPECT_EQ(metadata_of(to_command(resume).error(), "field"), "peer_node");
}

ServerHooks hooks(bool can_sign) {
  return {.read_key = [](wire::Suite suite,
                         base::ByteSpan der) -> std::expected<base::KeyId, std::string> {
            if (der.size() == 3) return std::unexpected{std::string{"three bytes are no key"}};
            return base::KeyId{0xAB00u + static_cast<unsigned>(suite)};
          },
          .can_sign_with = [can_sign](base::KeyId) { return can_sign; },
          .node_facts = [] { return NodeFacts{}; },
          .now = [] { return base::Timestamp{1}; }};
}

v1::SigningKey good_key() {
  v1::SigningKey key;
  key.set_suite("sm2-sm3");
  key.set_public_key_der(std::string(91, 'k'));
  key.set_valid_from_ns(10);
  key.set_valid_to_ns(20);
  return key;
}

TEST(ConvertAdmin, TellsEveryFaultOfAPeersKey) {
  using Request = v1::RegisterPeerRequest;
  Request good;
  *good.mutable_id() = id_message(1);
  good.set_peer_node(2);
  good.set_code("hongkong");
  *good.mutable_key() = good_key();
  good.mutable_key()->set_key_id("000000000000ab02");
  const auto convert = [](const Request& request) { return to_command(request, hooks(true)); };
  const auto record = wire::read_record<wire::RegisterPeer>(convert(good)->records);
  EXPECT_EQ(record.key.key_id, base::KeyId{0xAB02});
  EXPECT_EQ(record.key.suite, 2);
  EXPECT_EQ(record.key.der_view().size(), 91u);

  const std::vector<FieldFault<Request>> faults{
      {"peer_node", EdgeError::kFieldMissing, [](auto& m) { m.set_peer_node(0); }},
      {"code", EdgeError::kFieldMissing, [](auto& m) { m.clear_code(); }},
      {"code", EdgeError::kTextMalformed, [](auto& m) { m.set_code("hong kong"); }},
      {"key.suite", EdgeError::kFieldMissing, [](auto& m) { m.clear_key(); }},
      {"key.suite", EdgeError::kChoiceUnknown, [](auto& m) { m.mutable_key()->set_suite("rsa"); }},
      {"key.public_key_der", EdgeError::kFieldMissing,
       [](auto& m) { m.mutable_key()->clear_public_key_der(); }},
      {"key.public_key_der", EdgeError::kLengthWrong,
       [](auto& m) { m.mutable_key()->set_public_key_der(std::string(129, 'k')); }},
      {"key.public_key_der", EdgeError::kKeyMalformed,
       [](auto& m) { m.mutable_key()->set_public_key_der("abc"); }},
      {"key.valid_from_ns", EdgeError::kNumberOutOfRange,
       [](auto& m) { m.mutable_key()->set_valid_from_ns(-1); }},
      {"key.valid_to_ns", EdgeError::kNumberOutOfRange,
       [](auto& m) { m.mutable_key()->set_valid_to_ns(10); }},
      {"key.key_id", EdgeError::kFieldNotAllowed,
       [](auto& m) { m.mutable_key()->set_key_id("000000000000ab03"); }},
  };
  expect_faults(good, faults, convert);
}

TEST(ConvertAdmin, RotatesOnlyToAKeyThatTheNodeHas) {
  v1::RotateKeyRequest request;
  *request.mutable_id() = id_message(1);
  *request.mutable_key() = good_key();
  request.set_previous_valid_to_ns(15);
  const auto record = wire::read_record<wire::RotateKey>(to_command(request, hooks(true))->records);
  EXPECT_EQ(record.previous_valid_to.ns(), 15);
  const auto refused = to_command(request, hooks(false));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().error, EdgeError::kKeyNotInFolder);
  EXPECT_EQ(metadata_of(refused.error(), "key_id"), "000000000000ab02");
}

TEST(ConvertAdmin, TellsEveryFaultOfARulePack) {
  using Request = v1::SetRulesRequest;
  Request good;
  *good.mutable_id() = id_message(1);
  good.set_version(2);
  good.set_effective_from_ns(99);
  v1::Rule& cap = *good.add_rules();
  cap.set_kind(v1::RULE_KIND_CORRIDOR_CAP);
  cap.set_asset(3);
  cap.set_peer_node(2);
  cap.set_value_minor(1'000);
  const auto command = to_command(good);
  const auto view = wire::decode_set_rules(command->records);
  ASSERT_TRUE(view.has_value());
  EXPECT_EQ(view->head.version, 2u);
  ASSERT_EQ(view->rules.size(), 1u);
  EXPECT_EQ(view->rules[0].kind, wire::RuleKind::kCorridorCap);
  EXPECT_EQ(view->rules[0].value, 1'000);

  const std::vector<FieldFault<Request>> faults{
      {"version", EdgeError::kNumberOutOfRange, [](auto& m) { m.set_version(0); }},
      {"effective_from_ns", EdgeError::kNumberOutOfRange,
       [](auto& m) { m.set_effective_from_ns(-1); }},
      {"rules", EdgeError::kTooMany,
       [](auto& m) {
         while (m.rules_size() < 1'025) m.add_rules();
       }},
      {"rules[0].kind", EdgeError::kFieldMissing,
       [](auto& m) { m.mutable_rules(0)->clear_kind(); }},
      {"rules[0].kind", EdgeError::kChoiceUnknown,
       [](auto& m) { m.mutable_rules(0)->set_kind(static_cast<v1::RuleKind>(9)); }},
      {"rules[0].asset", EdgeError::kFieldMissing,
       [](auto& m) { m.mutable_rules(0)->set_asset(0); }},
      {"rules[0].peer_node", EdgeError::kFieldMissing,
       [](auto& m) { m.mutable_rules(0)->set_peer_node(0); }},
      {"rules[0].peer_node", EdgeError::kFieldNotAllowed,
       [](auto& m) { m.mutable_rules(0)->set_kind(v1::RULE_KIND_SINGLE_MAX); }},
      {"rules[0].value_minor", EdgeError::kNumberOutOfRange,
       [](auto& m) { m.mutable_rules(0)->set_value_minor(-1); }},
  };
  expect_faults(good, faults, plain<Request>());
}

TEST(NodeStatus, ShowsPeersKeysAndQueue) {
  machine::State state;
  state.self = base::NodeId{1};
  machine::Peer& peer = state.peers[base::NodeId{2}];
  peer.node = base::NodeId{2};
  peer.sent = base::ChannelSeqno{9};
  peer.halted = machine::Code::kChannelHash;
  peer.halt_evidence = base::Seqno{77};
  machine::PeerKey key;
  key.record.key_id = base::KeyId{0x1234};
  key.record.suite = 1;
  peer.keys.push_back(key);
  NodeFacts facts;
  facts.version = "0.1.0";
  facts.queue_depth = 3;
  facts.checkpoint_seqno = base::Seqno{5};
  facts.connected_peers = {base::NodeId{2}};
  v1::GetNodeStatusResponse message;
  fill(ledger_facts(state), facts, message);
  ASSERT_EQ(message.peers_size(), 1);
  EXPECT_TRUE(message.peers(0).connected());
  EXPECT_EQ(message.peers(0).sent(), 9u);
  EXPECT_EQ(message.peers(0).halted_code_name(), "CHANNEL_HASH");
  EXPECT_EQ(message.peers(0).halt_evidence_seqno(), 77u);
  ASSERT_EQ(message.peers(0).keys_size(), 1);
  EXPECT_EQ(message.peers(0).keys(0).key_id(), "0000000000001234");
  EXPECT_EQ(message.peers(0).keys(0).suite(), "ed25519");
  EXPECT_EQ(message.checkpoint_digest(), std::string(64, '0'));
  EXPECT_EQ(message.queue_depth(), 3u);
}

TEST(Participants, AreShownWithTheirRoles) {
  machine::Participant participant;
  participant.id = base::ParticipantId{4};
  participant.roles = wire::role::kOperator | wire::role::kRegulator;
  participant.is_suspended = true;
  v1::Participant message;
  fill(participant, message);
  EXPECT_EQ(message.id(), 4u);
  ASSERT_EQ(message.roles_size(), 2);
  EXPECT_EQ(message.roles(0), v1::ROLE_OPERATOR);
  EXPECT_EQ(message.roles(1), v1::ROLE_REGULATOR);
  EXPECT_TRUE(message.suspended());
}

}  // namespace
}  // namespace hugang::edge
