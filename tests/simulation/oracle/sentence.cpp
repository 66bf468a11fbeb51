#include "tests/simulation/oracle/sentence.hpp"

#include <algorithm>

#include "clearing/wire/kind_name.hpp"

namespace hugang::oracle {
namespace {

template <wire::IsRecord Record>
Record head_of(const Event& event) {
  Record record{};
  if (event.body.size() < sizeof(Record)) return record;
  return wire::read_record<Record>(ByteSpan{event.body}.first(sizeof(Record)));
}

std::string name_of(Code code) { return std::string{machine::code_name(code)}; }

std::string what_of(const Event& event) {
  switch (event.kind) {
    case wire::EventKind::kHoldExpired: {
      const auto e = head_of<wire::HoldExpired>(event);
      return "hold " + text_of_id(e.hold.value()) + " expired with " + text_of(e.amount_minor);
    }
    case wire::EventKind::kMessageQueued: {
      const auto e = head_of<wire::MessageQueued>(event);
      std::string text = "message " + std::to_string(e.seqno.value()) + " is queued for node " +
                         std::to_string(e.peer.value()) + ", ";
      const ByteSpan body =
          ByteSpan{event.body}.subspan(std::min(sizeof(wire::MessageQueued), event.body.size()));
      return text + base::to_hex(body);
    }
    case wire::EventKind::kSettlementChanged: {
      const auto e = head_of<wire::SettlementChanged>(event);
      return "settlement " + text_of_id(e.settlement.value()) + " has status " +
             std::to_string(static_cast<unsigned>(e.status)) + " and " + name_of(e.code);
    }
    case wire::EventKind::kPeerHalted:
    case wire::EventKind::kPeerResumed: {
      const auto e = head_of<wire::PeerHalted>(event);
      return std::string{event.kind == wire::EventKind::kPeerHalted ? "halted" : "resumed"} +
             " is node " + std::to_string(e.peer.value()) + " for " + name_of(e.code) + " at " +
             std::to_string(e.cursor.value()) + ", evidence " + std::to_string(e.evidence.value());
    }
    case wire::EventKind::kRulesActivated:
      return "rules " + std::to_string(head_of<wire::RulesActivated>(event).version) +
             " are in force";
    case wire::EventKind::kKeyAdded: {
      const auto e = head_of<wire::KeyAdded>(event);
      return "key " + std::to_string(e.key.key_id.value()) + " of node " +
             std::to_string(e.node.value()) + " is added";
    }
    case wire::EventKind::kReconciled: {
      const auto e = head_of<wire::Reconciled>(event);
      return "reconciliation " + text_of_id(e.id.value()) + " ended with " + name_of(e.code);
    }
  }
  return "event of kind " + std::to_string(static_cast<unsigned>(event.kind));
}

}  // namespace

std::string text_of(Big value) {
  const bool is_negative = value < 0;
  auto rest = is_negative ? ~static_cast<base::u128>(value) + 1 : static_cast<base::u128>(value);
  std::string text;
  do {
    text.insert(text.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  } while (rest != 0);
  return is_negative ? "-" + text : text;
}

std::string text_of_id(Id id) {
  std::string text;
  for (; id != 0; id >>= 4) {
    text.insert(text.begin(), "0123456789abcdef"[static_cast<unsigned>(id & 15)]);
  }
  return text.empty() ? "0" : text;
}

std::string sentence_of(CommandKind kind, PersonNo caller, ByteSpan record) {
  const auto id = wire::read_record<base::CommandId>(record.first(sizeof(Id)));
  return std::string{wire::kind_name(kind)} + " " + text_of_id(id.value()) + " by participant " +
         std::to_string(caller);
}

std::string sentence_of(const Answer& answer) {
  return name_of(answer.code) + ", value " + std::to_string(answer.value) + " at " +
         std::to_string(answer.at) + (answer.is_repeated ? ", as a repetition" : "");
}

std::string sentence_of(const wire::Outcome& outcome) {
  return name_of(outcome.code) + ", value " + std::to_string(outcome.value) + " at " +
         std::to_string(outcome.at.ns()) +
         ((outcome.flags & wire::outcome_flag::kRepeated) != 0 ? ", as a repetition" : "");
}

std::string sentence_of(const Event& event) {
  return what_of(event) + " at " + std::to_string(event.at);
}

}  // namespace hugang::oracle
