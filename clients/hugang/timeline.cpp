#include "clients/hugang/timeline.hpp"

#include <algorithm>
#include <ostream>

#include "clients/format/duration_text.hpp"
#include "clients/hugang/fetch.hpp"
#include "clients/hugang/text_width.hpp"
#include "clients/hugang/to_json.hpp"

namespace hugang::program {
namespace {

struct Event {
  std::int64_t at_ns;
  bool is_own;
  const v1::SettlementStep* step;
};

/// The number of the node that told this settlement.
std::uint32_t teller(const v1::Settlement& settlement) {
  if (settlement.legs().empty()) return 0;
  const v1::Leg& leg = settlement.legs(0);
  return node_of_account(settlement.is_initiator() ? leg.initiator_account()
                                                   : leg.responder_account());
}

/// The initiator repeats the responder's decision with the responder's time, and no entry of its
/// own holds it: where the responder speaks for itself, that is left to it.
bool is_hearsay(const v1::Settlement& teller, const v1::SettlementStep& step) {
  return teller.is_initiator() && step.step() == "decided" && step.seqno() == 0;
}

std::vector<Event> events_of(const v1::Settlement& own,
                             const std::optional<v1::Settlement>& other) {
  std::vector<Event> events;
  for (const auto& step : own.steps()) {
    if (!other || !is_hearsay(own, step)) events.push_back({step.at_ns(), true, &step});
  }
  if (other) {
    for (const auto& step : other->steps()) {
      if (!is_hearsay(*other, step)) events.push_back({step.at_ns(), false, &step});
    }
  }
  // Each side's order stands even where its clock gave two steps the same time.
  std::ranges::stable_sort(events, {}, &Event::at_ns);
  return events;
}

std::string step_text(const v1::SettlementStep& step) {
  std::string text = "● " + step.step();
  if (!step.code_name().empty() && step.code_name() != "OK") text += " " + step.code_name();
  return text;
}

void print_events(std::ostream& out, const Style& style, const v1::Settlement& own,
                  const std::optional<v1::Settlement>& other) {
  const std::vector<Event> events = events_of(own, other);
  if (events.empty()) return;
  std::vector<Column> columns{{"TIME (UTC)"}, {"AFTER", Align::kRight}};
  columns.push_back({"NODE " + std::to_string(teller(own))});
  if (other) columns.push_back({"NODE " + std::to_string(teller(*other))});
  columns.push_back({"ENTRY", Align::kRight});
  Table table{columns};
  for (const Event& event : events) {
    const auto since = base::Duration::nanoseconds(event.at_ns - events.front().at_ns);
    std::vector<Cell> row{format::short_time_text(base::Timestamp{event.at_ns}),
                          since.count_ns() == 0 ? "" : "+" + format::duration_text(since)};
    const bool is_bad = !event.step->code_name().empty() && event.step->code_name() != "OK";
    const Cell happened{step_text(*event.step), is_bad ? Tone::kBad : Tone::kGood};
    const Cell idle{"│", Tone::kDim};
    row.push_back(event.is_own ? happened : idle);
    if (other) row.push_back(event.is_own ? idle : happened);
    const std::uint64_t seqno = event.step->seqno();
    row.push_back(seqno == 0 ? "" : std::to_string(seqno));
    table.add_row(std::move(row));
  }
  out << '\n';
  table.print(out, style);
  if (other) {
    out << style.paint(Tone::kDim, "each column by its own node's clock") << '\n';
  }
}

std::string party_text(const v1::Party& party) {
  std::string text = party.name();
  if (!party.local_name().empty()) text += (text.empty() ? "" : " ") + party.local_name();
  if (!party.bic().empty()) text += (text.empty() ? "" : ", ") + party.bic();
  return text;
}

void print_details(std::ostream& out, const v1::PaymentDetails& details) {
  const auto print = [&](const char* title, const std::string& text) {
    if (!text.empty()) out << "  " << title << printable(text) << '\n';
  };
  print("from     ", party_text(details.debtor()));
  print("to       ", party_text(details.creditor()));
  print("ref      ", details.end_to_end_id());
  print("purpose  ", details.purpose_code());
  for (const auto& line : details.remittance()) print("note     ", line);
}

}  // namespace

Tone tone_of(v1::SettlementStatus status) {
  if (status == v1::SETTLEMENT_STATUS_SETTLED) return Tone::kGood;
  if (status == v1::SETTLEMENT_STATUS_REFUSED) return Tone::kBad;
  return Tone::kWarning;
}

std::string leg_text(const v1::Leg& leg, const AssetBook& assets) {
  const bool goes_out = leg.direction() == v1::LEG_DIRECTION_OUT;
  return assets.code(leg.asset()) + " " + assets.text(leg.asset(), leg.amount_minor()) + "  " +
         std::to_string(goes_out ? leg.initiator_account() : leg.responder_account()) + " → " +
         std::to_string(goes_out ? leg.responder_account() : leg.initiator_account());
}

void print_settlement(std::ostream& out, const Style& style, const AssetBook& assets,
                      const v1::Settlement& own, const std::optional<v1::Settlement>& other) {
  out << style.paint(Tone::kTitle, word_of(own.kind())) << ' ' << id_text(own.id()) << ' '
      << style.paint(tone_of(own.status()), word_of(own.status()));
  if (own.code() != 0) out << ' ' << style.paint(Tone::kBad, printable(own.code_name()));
  out << '\n';
  for (int i = 0; i < own.legs_size(); ++i) {
    out << "  " << leg_text(own.legs(i), assets);
    if (i < own.returned_minor_size() && own.returned_minor(i) != 0) {
      out << "  (returned " << assets.text(own.legs(i).asset(), own.returned_minor(i)) << ")";
    }
    out << '\n';
  }
  print_details(out, own.details());
  if (own.awaits_affirmation()) {
    out << "  waits for you: hugang affirm " << id_text(own.id()) << '\n';
  }
  if (!own.recall_code_name().empty()) {
    out << "  recall   " << printable(own.recall_code_name()) << '\n';
  }
  if (other && other->status() != own.status()) {
    out << "  the other node says " << word_of(other->status()) << '\n';
  }
  print_events(out, style, own, other);
}

}  // namespace hugang::program
