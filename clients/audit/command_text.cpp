#include "clearing/wire/envelope.hpp"
#include "clearing/wire/message.hpp"
#include "clients/audit/field_list.hpp"

namespace hugang::audit {
namespace {

using wire::CommandKind;

/// "hold, linked": the names of the bits that are set.
template <class Bits>
std::string bits_text(Bits bits, std::initializer_list<std::pair<Bits, const char*>> names) {
  std::string text;
  for (const auto& [bit, name] : names) {
    if ((bits & bit) == 0) continue;
    if (!text.empty()) text += " ";
    text += name;
  }
  return text;
}

std::string account_flags(std::uint32_t flags) {
  namespace flag = wire::account_flag;
  return bits_text<std::uint32_t>(flags, {{flag::kNoDebitBalance, "no-debit-balance"},
                                          {flag::kNoCreditBalance, "no-credit-balance"},
                                          {flag::kFrozen, "frozen"},
                                          {flag::kClosed, "closed"},
                                          {flag::kReviewIncoming, "review-incoming"}});
}

std::string roles(std::uint32_t bits) {
  namespace role = wire::role;
  return bits_text<std::uint32_t>(bits, {{role::kOperator, "operator"},
                                         {role::kParticipant, "participant"},
                                         {role::kRegulator, "regulator"},
                                         {role::kMonitor, "monitor"},
                                         {role::kPeer, "peer"}});
}

void add_key(FieldList& list, const wire::KeyRecord& key) {
  list.key("key", key.key_id);
  const auto suite = wire::suite_from_number(key.suite);
  list.text("suite", suite ? wire::to_text(*suite) : "unknown");
  list.time("valid_from", key.valid_from);
  list.time("valid_to", key.valid_to);
}

void describe(FieldList& list, const wire::Transfer& t, const AssetNames& assets) {
  namespace flag = wire::transfer_flag;
  list.amount("amount", t.asset, t.amount_minor, assets);
  list.account("debit", t.debit);
  list.account("credit", t.credit);
  list.text("flags",
            bits_text<std::uint16_t>(t.flags, {{flag::kLinked, "linked"},
                                               {flag::kHold, "hold"},
                                               {flag::kPostHold, "post-hold"},
                                               {flag::kVoidHold, "void-hold"},
                                               {flag::kBalancingDebit, "balancing-debit"},
                                               {flag::kBalancingCredit, "balancing-credit"}}));
  list.id("hold_id", t.pending_id);
  list.time("expires_at", t.expires_at);
  list.time("value_date", t.value_date);
  list.number("purpose", t.purpose);
  list.id("reference", base::CommandId{t.reference});
}

void describe(FieldList& list, const wire::Genesis& g, const AssetNames&) {
  list.number("node", g.node.value());
  list.text("code", g.code.view());
  list.text("name", g.name.view());
}

void describe(FieldList& list, const wire::RegisterAsset& a, const AssetNames&) {
  list.number("asset", a.asset.value());
  list.text("code", a.code.view());
  list.number("issuer", a.issuer.value());
  list.text("scale", std::to_string(a.scale));
}

void describe(FieldList& list, const wire::RegisterParticipant& p, const AssetNames&) {
  list.text("code", p.code.view());
  list.text("roles", roles(p.roles));
  list.text("bic", p.bic.view());
  list.text("lei", p.lei.view());
  list.text("name", p.name.view());
  list.text("local_name", p.local_name.view());
}

void describe(FieldList& list, const wire::UpdateParticipant& p, const AssetNames&) {
  list.number("participant", p.participant.value());
  list.text("change", p.suspend != 0 ? "suspend" : "reinstate");
}

void describe(FieldList& list, const wire::OpenAccount& a, const AssetNames& assets) {
  list.number("owner", a.owner.value());
  const auto asset = assets.find(a.asset);
  list.text("asset", asset == assets.end() ? std::to_string(a.asset.value()) : asset->second.code);
  const char* const kinds[] = {"", "customer", "reserve", "corridor"};
  const auto kind = static_cast<std::size_t>(a.kind);
  list.text("kind", kind < std::size(kinds) ? kinds[kind] : "unknown");
  list.text("flags", account_flags(a.flags));
  list.number("peer", a.peer.value());
  list.text("alias", a.alias.view());
}

void describe(FieldList& list, const wire::UpdateAccount& a, const AssetNames&) {
  list.account("account", a.account);
  list.text("set", account_flags(a.set_flags));
  list.text("clear", account_flags(a.clear_flags));
}

void describe(FieldList& list, const wire::RegisterPeer& p, const AssetNames&) {
  list.number("peer", p.peer.value());
  list.text("code", p.code.view());
  add_key(list, p.key);
}

void describe(FieldList& list, const wire::RotateKey& r, const AssetNames&) {
  list.time("previous_valid_to", r.previous_valid_to);
  add_key(list, r.key);
}

void describe(FieldList& list, const wire::Affirm& a, const AssetNames&) {
  list.id("settlement", a.settlement);
  list.text("answer", a.decline != 0 ? "decline" : "affirm");
}

void describe(FieldList& list, const wire::Recall& r, const AssetNames&) {
  list.id("settlement", r.settlement);
  list.text("reason", r.reason.view());
}

void describe(FieldList& list, const wire::PeerAck& a, const AssetNames&) {
  list.number("peer", a.peer.value());
  list.number("acknowledged", a.acknowledged.value());
}

void describe(FieldList& list, const wire::ResumePeer& r, const AssetNames&) {
  list.number("peer", r.peer.value());
}

void describe(FieldList& list, const wire::Reconcile& r, const AssetNames&) {
  list.number("peer", r.peer.value());
  list.number("business_date", r.business_date);
}

void describe(FieldList&, const wire::Tick&, const AssetNames&) {}

void describe_instruct(FieldList& list, base::ByteSpan record, const AssetNames& assets) {
  const auto view = wire::decode_instruct(record);
  if (!view) return list.text("malformed", "yes");
  const char* const kinds[] = {"", "payment", "pvp", "dvp", "return"};
  const auto kind = static_cast<std::size_t>(view->head.kind);
  list.text("settlement_kind", kind < std::size(kinds) ? kinds[kind] : "unknown");
  list.number("initiator", view->head.initiator.value());
  list.number("responder", view->head.responder.value());
  list.id("original", view->head.original_id);
  list.time("decide_by", view->head.decide_by);
  list.time("value_date", view->head.value_date);
  for (const wire::Leg& leg : view->legs) {
    list.amount(leg.direction == wire::Direction::kOut ? "pays" : "receives", leg.asset,
                leg.amount_minor, assets);
    list.account("initiator_account", leg.initiator_account);
    list.account("responder_account", leg.responder_account);
  }
  list.number("details_bytes", view->details.size());
}

void describe_envelope(FieldList& list, base::ByteSpan record) {
  const auto view = wire::decode_peer_envelope(record);
  if (!view) return list.text("malformed", "yes");
  list.number("peer", view->head.peer.value());
  const auto envelope = wire::decode_envelope_view(view->envelope);
  if (!envelope) return list.text("malformed", wire::to_text(envelope.error()));
  list.key("key", envelope->key_id);
  list.text("suite", wire::to_text(envelope->suite));
  const auto payload = wire::decode_payload(envelope->payload);
  if (!payload) return list.text("malformed", "the payload cannot be read");
  list.number("first_message", payload->head.first_seqno.value());
  list.number("messages", payload->messages.size());
  list.number("acknowledged", payload->head.acknowledged.value());
}

void describe_rules(FieldList& list, base::ByteSpan record, const AssetNames& assets) {
  const auto view = wire::decode_set_rules(record);
  if (!view) return list.text("malformed", "yes");
  list.number("version", view->head.version);
  list.time("effective_from", view->head.effective_from);
  for (const wire::Rule& rule : view->rules) {
    list.number("peer", rule.peer.value());
    list.amount(rule.kind == wire::RuleKind::kSingleMax ? "single_max" : "corridor_cap", rule.asset,
                rule.value, assets);
  }
}

template <wire::IsRecord Record>
void describe_record(FieldList& list, base::ByteSpan bytes, const AssetNames& assets) {
  const auto record = wire::read_record<Record>(bytes);
  list.id("id", record.id);
  describe(list, record, assets);
}

/// The id that a variable-length record begins with.
void add_id(FieldList& list, base::ByteSpan record) {
  list.id("id", wire::read_record<base::CommandId>(record.first(sizeof(base::CommandId))));
}

}  // namespace

Fields command_fields(CommandKind kind, base::ByteSpan record, const AssetNames& assets) {
  FieldList list;
  switch (kind) {
    case CommandKind::kGenesis:
      describe_record<wire::Genesis>(list, record, assets);
      break;
    case CommandKind::kRegisterAsset:
      describe_record<wire::RegisterAsset>(list, record, assets);
      break;
    case CommandKind::kRegisterParticipant:
      describe_record<wire::RegisterParticipant>(list, record, assets);
      break;
    case CommandKind::kOpenAccount:
      describe_record<wire::OpenAccount>(list, record, assets);
      break;
    case CommandKind::kUpdateAccount:
      describe_record<wire::UpdateAccount>(list, record, assets);
      break;
    case CommandKind::kTransfer:
      describe_record<wire::Transfer>(list, record, assets);
      break;
    case CommandKind::kAffirm:
      describe_record<wire::Affirm>(list, record, assets);
      break;
    case CommandKind::kRecall:
      describe_record<wire::Recall>(list, record, assets);
      break;
    case CommandKind::kTick:
      describe_record<wire::Tick>(list, record, assets);
      break;
    case CommandKind::kRegisterPeer:
      describe_record<wire::RegisterPeer>(list, record, assets);
      break;
    case CommandKind::kRotateKey:
      describe_record<wire::RotateKey>(list, record, assets);
      break;
    case CommandKind::kReconcile:
      describe_record<wire::Reconcile>(list, record, assets);
      break;
    case CommandKind::kUpdateParticipant:
      describe_record<wire::UpdateParticipant>(list, record, assets);
      break;
    case CommandKind::kPeerAck:
      describe_record<wire::PeerAck>(list, record, assets);
      break;
    case CommandKind::kResumePeer:
      describe_record<wire::ResumePeer>(list, record, assets);
      break;
    case CommandKind::kInstruct:
      add_id(list, record);
      describe_instruct(list, record, assets);
      break;
    case CommandKind::kPeerEnvelope:
      describe_envelope(list, record);
      break;
    case CommandKind::kSetRules:
      add_id(list, record);
      describe_rules(list, record, assets);
      break;
  }
  return list.take();
}

void learn_asset(CommandKind kind, base::ByteSpan record, AssetNames& assets) {
  if (kind != CommandKind::kRegisterAsset) return;
  const auto asset = wire::read_record<wire::RegisterAsset>(record);
  assets.try_emplace(asset.asset,
                     AssetName{.code = std::string{asset.code.view()}, .scale = asset.scale});
}

std::string line_text(const Fields& fields) {
  std::string line;
  for (const auto& [name, value] : fields) {
    if (!line.empty()) line += ", ";
    line += name;
    line += ' ';
    line += value;
  }
  return line;
}

}  // namespace hugang::audit
