#include "clearing/machine/codes.hpp"
#include "clients/audit/field_list.hpp"

namespace hugang::audit {
namespace {

using wire::EventKind;

std::string_view status_text(wire::SettlementStatus status) {
  switch (status) {
    case wire::SettlementStatus::kSent:
      return "sent";
    case wire::SettlementStatus::kPending:
      return "pending";
    case wire::SettlementStatus::kSettled:
      return "settled";
    case wire::SettlementStatus::kRefused:
      return "refused";
  }
  return "unknown";
}

void describe(FieldList& list, const wire::HoldExpired& e) {
  list.id("hold", e.hold);
  list.text("amount_minor", std::to_string(e.amount_minor));
}

void describe(FieldList& list, const wire::MessageQueued& e) {
  list.number("peer", e.peer.value());
  list.number("message", e.seqno.value());
  list.number("bytes", e.message_bytes);
  list.text("chain_after", base::to_hex(e.chain_after.bytes));
}

void describe(FieldList& list, const wire::SettlementChanged& e) {
  list.id("settlement", e.settlement);
  list.number("peer", e.peer.value());
  list.text("status", status_text(e.status));
  list.text("code", machine::code_name(e.code));
}

void describe(FieldList& list, const wire::PeerHalted& e) {
  list.number("peer", e.peer.value());
  list.text("code", machine::code_name(e.code));
  list.number("cursor", e.cursor.value());
  list.number("evidence", e.evidence.value());
}

void describe(FieldList& list, const wire::RulesActivated& e) { list.number("version", e.version); }

void describe(FieldList& list, const wire::KeyAdded& e) {
  list.number("node", e.node.value());
  list.key("key", e.key.key_id);
  list.time("valid_from", e.key.valid_from);
  list.time("valid_to", e.key.valid_to);
}

void describe(FieldList& list, const wire::Reconciled& e) {
  list.id("id", e.id);
  list.number("peer", e.peer.value());
  list.number("business_date", e.business_date);
  list.text("code", machine::code_name(e.code));
}

/// The event's record stands at the head of the body; a message may follow it.
template <wire::IsRecord Record>
Fields describe_body(base::ByteSpan body) {
  if (body.size() < sizeof(Record)) return {};
  FieldList list;
  describe(list, wire::read_record<Record>(body.first(sizeof(Record))));
  return list.take();
}

}  // namespace

std::string_view kind_text(EventKind kind) {
  switch (kind) {
    case EventKind::kHoldExpired:
      return "hold_expired";
    case EventKind::kMessageQueued:
      return "message_queued";
    case EventKind::kSettlementChanged:
      return "settlement_changed";
    case EventKind::kPeerHalted:
      return "peer_halted";
    case EventKind::kPeerResumed:
      return "peer_resumed";
    case EventKind::kRulesActivated:
      return "rules_activated";
    case EventKind::kKeyAdded:
      return "key_added";
    case EventKind::kReconciled:
      return "reconciled";
  }
  return "unknown";
}

Fields event_fields(EventKind kind, base::ByteSpan body) {
  switch (kind) {  // A number outside the enumeration falls through to the end.
    case EventKind::kHoldExpired:
      return describe_body<wire::HoldExpired>(body);
    case EventKind::kMessageQueued:
      return describe_body<wire::MessageQueued>(body);
    case EventKind::kSettlementChanged:
      return describe_body<wire::SettlementChanged>(body);
    case EventKind::kPeerHalted:
    case EventKind::kPeerResumed:
      return describe_body<wire::PeerHalted>(body);
    case EventKind::kRulesActivated:
      return describe_body<wire::RulesActivated>(body);
    case EventKind::kKeyAdded:
      return describe_body<wire::KeyAdded>(body);
    case EventKind::kReconciled:
      return describe_body<wire::Reconciled>(body);
  }
  return {};
}

}  // namespace hugang::audit
