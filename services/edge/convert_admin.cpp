#include "services/edge/convert_admin.hpp"

#include <algorithm>
#include <string>

#include "clearing/machine/limits.hpp"
#include "clearing/wire/batch.hpp"
#include "services/edge/field_reader.hpp"
#include "services/edge/identity.hpp"

namespace hugang::edge {
namespace {

std::uint32_t role_bit(int role) {
  switch (role) {
    case v1::ROLE_OPERATOR:
      return wire::role::kOperator;
    case v1::ROLE_PARTICIPANT:
      return wire::role::kParticipant;
    case v1::ROLE_REGULATOR:
      return wire::role::kRegulator;
    case v1::ROLE_MONITOR:
      return wire::role::kMonitor;
    default:  // peers are registered with RegisterPeer; any other number may come
      return 0;
  }
}

std::uint32_t roles_of(const v1::Participant& participant, FieldReader& fields) {
  std::uint32_t roles = 0;
  if (participant.roles().empty())
    fields.fail(Failure{EdgeError::kFieldMissing, "participant.roles"});
  for (int i = 0; i < participant.roles_size(); ++i) {
    const std::uint32_t bit = role_bit(participant.roles(i));
    if (bit == 0) {
      fields.fail(Failure{EdgeError::kChoiceUnknown, element_name("participant.roles", i)}.with(
          "got", std::to_string(int{participant.roles(i)})));
    }
    roles |= bit;
  }
  return roles;
}

wire::KeyRecord key_of(const v1::SigningKey& key, const ServerHooks& hooks, FieldReader& fields) {
  wire::KeyRecord record;
  const auto suite = wire::suite_from_text(key.suite());
  if (!suite) {
    // A suite is named, not secret, but it comes from outside: only its length is told.
    fields.fail(Failure{key.suite().empty() ? EdgeError::kFieldMissing : EdgeError::kChoiceUnknown,
                        "key.suite"}
                    .with("limit", "ed25519 or sm2-sm3"));
    return record;
  }
  const auto der = base::as_bytes(key.public_key_der());
  if (der.empty() || der.size() > record.der.size()) {
    fields.fail(Failure{der.empty() ? EdgeError::kFieldMissing : EdgeError::kLengthWrong,
                        "key.public_key_der"}
                    .with("limit", std::to_string(record.der.size()))
                    .with("got", std::to_string(der.size())));
    return record;
  }
  const auto id = hooks.read_key(*suite, der);
  if (!id) {
    fields.fail(Failure{EdgeError::kKeyMalformed, "key.public_key_der"}.with("why", id.error()));
    return record;
  }
  record.key_id = *id;
  record.suite = static_cast<std::uint8_t>(*suite);
  record.der_bytes = static_cast<std::uint16_t>(der.size());
  std::ranges::copy(der, record.der.begin());
  record.valid_from = fields.time("key.valid_from_ns", key.valid_from_ns());
  record.valid_to = fields.time("key.valid_to_ns", key.valid_to_ns());
  if (record.valid_to <= record.valid_from) {
    fields.fail(Failure{EdgeError::kNumberOutOfRange, "key.valid_to_ns"}
                    .with("limit", "after valid_from_ns")
                    .with("got", std::to_string(key.valid_to_ns())));
  }
  return record;
}

std::string key_id_text(base::KeyId id) {
  std::string bytes(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<char>(static_cast<unsigned char>(id.value() >> (56 - 8 * i)));
  }
  return base::to_hex(base::as_bytes(bytes));
}

void check_key_id(const v1::SigningKey& key, base::KeyId computed, FieldReader& fields) {
  if (!key.key_id().empty() && key.key_id() != key_id_text(computed)) {
    fields.fail(Failure{EdgeError::kFieldNotAllowed, "key.key_id"}.with(
        "limit", "empty, or the id that the node computes"));
  }
}

std::expected<wire::Rule, Failure> to_record(const v1::Rule& message) {
  FieldReader fields;
  wire::Rule rule;
  rule.asset = fields.needed<base::AssetId>("asset", message.asset());
  rule.value = fields.amount("value_minor", message.value_minor());
  rule.peer = base::NodeId{message.peer_node()};
  switch (message.kind()) {
    case v1::RULE_KIND_SINGLE_MAX:
      rule.kind = wire::RuleKind::kSingleMax;
      break;
    case v1::RULE_KIND_CORRIDOR_CAP:
      rule.kind = wire::RuleKind::kCorridorCap;
      rule.peer = fields.needed<base::NodeId>("peer_node", message.peer_node());
      break;
    case v1::RULE_KIND_UNSPECIFIED:
      fields.fail(Failure{EdgeError::kFieldMissing, "kind"});
      break;
    default:
      fields.fail(Failure{EdgeError::kChoiceUnknown, "kind"}.with(
          "got", std::to_string(int{message.kind()})));
  }
  if (rule.kind == wire::RuleKind::kSingleMax && message.peer_node() != 0) {
    fields.fail(Failure{EdgeError::kFieldNotAllowed, "peer_node"}.with("limit", "corridor rules"));
  }
  if (fields.has_failed()) return std::unexpected{fields.failure()};
  return rule;
}

void fill_key(const wire::KeyRecord& record, v1::SigningKey& message) {
  const auto suite = wire::suite_from_number(record.suite);
  if (suite) message.set_suite(std::string{wire::to_text(*suite)});
  message.set_public_key_der(std::string{base::as_text(record.der_view())});
  message.set_valid_from_ns(record.valid_from.ns());
  message.set_valid_to_ns(record.valid_to.ns());
  message.set_key_id(key_id_text(record.key_id));
}

}  // namespace

CommandOrFailure to_command(const v1::RegisterParticipantRequest& request) {
  FieldReader fields;
  const v1::Participant& participant = request.participant();
  wire::RegisterParticipant record;
  record.id = fields.id("id", request.id());
  if (!request.has_participant()) fields.fail(Failure{EdgeError::kFieldMissing, "participant"});
  if (participant.id() != 0) fields.fail(Failure{EdgeError::kFieldNotAllowed, "participant.id"});
  if (participant.suspended()) {
    fields.fail(Failure{EdgeError::kFieldNotAllowed, "participant.suspended"});
  }
  record.code = fields.code("participant.code", participant.code());
  if (participant.code() == kNodeIdentityCode) {
    fields.fail(Failure{EdgeError::kTextMalformed, "participant.code"}.with(
        "limit", "'node' is the node's own"));
  }
  record.roles = roles_of(participant, fields);
  record.bic = fields.identifier<12>("participant.bic", participant.bic(), {8, 11});
  record.lei = fields.identifier<20>("participant.lei", participant.lei(), {20});
  record.name = fields.needed_text<72>("participant.name", participant.name());
  record.local_name = fields.text<72>("participant.local_name", participant.local_name());
  if (fields.has_failed()) return std::unexpected{fields.failure()};
  return one_command(wire::CommandKind::kRegisterParticipant, record);
}

CommandOrFailure to_command(const v1::UpdateParticipantRequest& request) {
  FieldReader fields;
  wire::UpdateParticipant record;
  record.id = fields.id("id", request.id());
  record.participant =
      fields.needed<base::ParticipantId>("participant_id", request.participant_id());
  record.suspend = request.suspend() ? 1 : 0;
  if (fields.has_failed()) return std::unexpected{fields.failure()};
  return one_command(wire::CommandKind::kUpdateParticipant, record);
}

CommandOrFailure to_command(const v1::RegisterAssetRequest& request) {
  // More decimals than any unit that people read has.
  constexpr std::uint32_t kScaleMax = 12;
  FieldReader fields;
  const v1::Asset& asset = request.asset();
  wire::RegisterAsset record;
  record.id = fields.id("id", request.id());
  if (!request.has_asset()) fields.fail(Failure{EdgeError::kFieldMissing, "asset"});
  record.asset = fields.needed<base::AssetId>("asset.id", asset.id());
  record.code = fields.needed_text<8>("asset.code", asset.code());
  record.issuer = fields.needed<base::NodeId>("asset.issuer_node", asset.issuer_node());
  record.scale =
      static_cast<std::uint8_t>(fields.number("asset.scale", asset.scale(), 0, kScaleMax));
  if (!asset.issued_minor().empty()) {
    fields.fail(Failure{EdgeError::kFieldNotAllowed, "asset.issued_minor"});
  }
  if (fields.has_failed()) return std::unexpected{fields.failure()};
  return one_command(wire::CommandKind::kRegisterAsset, record);
}

CommandOrFailure to_command(const v1::UpdateAccountRequest& request) {
  FieldReader fields;
  wire::UpdateAccount record;
  record.id = fields.id("id", request.id());
  record.account = fields.needed<base::AccountNumber>("account", request.account());
  const auto wish = [&record](bool is_set, bool value, std::uint32_t flag) {
    if (!is_set) return;
    (value ? record.set_flags : record.clear_flags) |= flag;
  };
  wish(request.has_frozen(), request.frozen(), wire::account_flag::kFrozen);
  wish(request.has_review_incoming(), request.review_incoming(),
       wire::account_flag::kReviewIncoming);
  wish(request.close(), true, wire::account_flag::kClosed);
  if ((record.set_flags | record.clear_flags) == 0) {
    fields.fail(Failure{EdgeError::kFieldMissing, "frozen, review_incoming or close"});
  }
  if (fields.has_failed()) return std::unexpected{fields.failure()};
  return one_command(wire::CommandKind::kUpdateAccount, record);
}

CommandOrFailure to_command(const v1::RegisterPeerRequest& request, const ServerHooks& hooks) {
  FieldReader fields;
  wire::RegisterPeer record;
  record.id = fields.id("id", request.id());
  record.peer = fields.needed<base::NodeId>("peer_node", request.peer_node());
  record.code = fields.code("code", request.code());
  record.key = key_of(request.key(), hooks, fields);
  check_key_id(request.key(), record.key.key_id, fields);
  if (fields.has_failed()) return std::unexpected{fields.failure()};
  return one_command(wire::CommandKind::kRegisterPeer, record);
}

CommandOrFailure to_command(const v1::RotateKeyRequest& request, const ServerHooks& hooks) {
  FieldReader fields;
  wire::RotateKey record;
  record.id = fields.id("id", request.id());
  record.key = key_of(request.key(), hooks, fields);
  check_key_id(request.key(), record.key.key_id, fields);
  record.previous_valid_to = fields.time("previous_valid_to_ns", request.previous_valid_to_ns());
  if (fields.has_failed()) return std::unexpected{fields.failure()};
  if (!hooks.can_sign_with(record.key.key_id)) {
    return std::unexpected{
        Failure{EdgeError::kKeyNotInFolder, "key"}.with("key_id", key_id_text(record.key.key_id))};
  }
  return one_command(wire::CommandKind::kRotateKey, record);
}

CommandOrFailure to_command(const v1::ResumePeerRequest& request) {
  FieldReader fields;
  wire::ResumePeer record;
  record.id = fields.id("id", request.id());
  record.peer = fields.needed<base::NodeId>("peer_node", request.peer_node());
  if (fields.has_failed()) return std::unexpected{fields.failure()};
  return one_command(wire::CommandKind::kResumePeer, record);
}

CommandOrFailure to_command(const v1::SetRulesRequest& request) {
  FieldReader fields;
  wire::SetRulesHead head;
  head.id = fields.id("id", request.id());
  head.version = fields.number("version", request.version(), 1, UINT32_MAX);
  head.effective_from = fields.time("effective_from_ns", request.effective_from_ns());
  std::vector<wire::Rule> rules;
  if (static_cast<std::uint32_t>(request.rules_size()) > machine::kRulesPerPackMax) {
    return std::unexpected{Failure{EdgeError::kTooMany, "rules"}
                               .with("limit", std::to_string(machine::kRulesPerPackMax))
                               .with("got", std::to_string(request.rules_size()))};
  }
  for (int i = 0; i < request.rules_size(); ++i) {
    const auto rule = to_record(request.rules(i));
    if (rule) {
      rules.push_back(*rule);
    } else {
      fields.fail(inside(rule.error(), element_name("rules", i)));
    }
  }
  if (fields.has_failed()) return std::unexpected{fields.failure()};
  return Command{.kind = wire::CommandKind::kSetRules,
                 .count = 1,
                 .records = wire::encode_set_rules(head, rules)};
}

void fill(const machine::Participant& participant, v1::Participant& message) {
  message.set_id(participant.id.value());
  message.set_code(std::string{participant.code.view()});
  for (const auto role :
       {v1::ROLE_OPERATOR, v1::ROLE_PARTICIPANT, v1::ROLE_REGULATOR, v1::ROLE_MONITOR}) {
    if ((participant.roles & role_bit(role)) != 0) message.add_roles(role);
  }
  message.set_bic(std::string{participant.bic.view()});
  message.set_lei(std::string{participant.lei.view()});
  message.set_name(std::string{participant.name.view()});
  message.set_local_name(std::string{participant.local_name.view()});
  message.set_suspended(participant.is_suspended);
}

LedgerFacts ledger_facts(const machine::State& state) {
  LedgerFacts facts{.node = state.self,
                    .code = state.code,
                    .name = state.name,
                    .last_at = state.last_at,
                    .account_count = state.accounts.size(),
                    .id_count = state.ids.size(),
                    .open_holds = state.holds.size(),
                    .open_settlements = state.open_settlements,
                    .rules_version = state.rules.version,
                    .peers = {},
                    .own_keys = {}};
  for (const auto& [node, peer] : state.peers) {
    LedgerFacts::PeerFacts shown{.node = node,
                                 .code = peer.code,
                                 .sent = peer.sent,
                                 .acknowledged = peer.acknowledged,
                                 .applied = peer.applied,
                                 .halted = peer.halted,
                                 .halt_evidence = peer.halt_evidence,
                                 .keys = {}};
    for (const machine::PeerKey& key : peer.keys) shown.keys.push_back(key.record);
    facts.peers.push_back(std::move(shown));
  }
  for (const machine::PeerKey& key : state.own_keys) facts.own_keys.push_back(key.record);
  return facts;
}

void fill(const LedgerFacts& ledger, const NodeFacts& node, v1::GetNodeStatusResponse& message) {
  message.set_node(ledger.node.value());
  message.set_code(std::string{ledger.code.view()});
  message.set_name(std::string{ledger.name.view()});
  message.set_version(node.version);
  message.set_durable_seqno(node.durable_seqno.value());
  message.set_last_at_ns(ledger.last_at.ns());
  message.set_account_count(ledger.account_count);
  message.set_transfer_id_count(ledger.id_count);
  message.set_open_holds(ledger.open_holds);
  message.set_open_settlements(ledger.open_settlements);
  message.set_checkpoint_seqno(node.checkpoint_seqno.value());
  if (!node.checkpoint_seqno.is_none()) {
    message.set_checkpoint_digest(base::to_hex(node.checkpoint_digest.bytes));
  }
  message.set_rules_version(ledger.rules_version);
  for (const LedgerFacts::PeerFacts& peer : ledger.peers) {
    v1::PeerStatus& added = *message.add_peers();
    added.set_node(peer.node.value());
    added.set_code(std::string{peer.code.view()});
    added.set_connected(std::ranges::find(node.connected_peers, peer.node) !=
                        node.connected_peers.end());
    added.set_sent(peer.sent.value());
    added.set_acknowledged(peer.acknowledged.value());
    added.set_applied(peer.applied.value());
    if (peer.halted != machine::Code::kOk) {
      added.set_halted_code_name(std::string{machine::code_name(peer.halted)});
    }
    added.set_halt_evidence_seqno(peer.halt_evidence.value());
    for (const wire::KeyRecord& key : peer.keys) fill_key(key, *added.add_keys());
  }
  for (const wire::KeyRecord& key : ledger.own_keys) fill_key(key, *message.add_own_keys());
  message.set_queue_depth(node.queue_depth);
  message.set_queue_capacity(node.queue_capacity);
}

}  // namespace hugang::edge
