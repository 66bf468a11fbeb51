#include "services/edge/settlement_view.hpp"

#include <algorithm>
#include <string>

#include "services/edge/convert_outcome.hpp"
#include "services/edge/field_reader.hpp"

namespace hugang::edge {
namespace {

constexpr std::uint32_t kPageDefault = 100;
constexpr std::uint32_t kPageMax = 1'000;

v1::SettlementKind to_message(wire::SettlementKind kind) {
  switch (kind) {
    case wire::SettlementKind::kPayment:
      return v1::SETTLEMENT_KIND_PAYMENT;
    case wire::SettlementKind::kPvp:
      return v1::SETTLEMENT_KIND_PVP;
    case wire::SettlementKind::kDvp:
      return v1::SETTLEMENT_KIND_DVP;
    case wire::SettlementKind::kReturn:
      return v1::SETTLEMENT_KIND_RETURN;
  }
  return v1::SETTLEMENT_KIND_UNSPECIFIED;
}

v1::SettlementStatus to_message(wire::SettlementStatus status) {
  switch (status) {
    case wire::SettlementStatus::kSent:
      return v1::SETTLEMENT_STATUS_SENT;
    case wire::SettlementStatus::kPending:
      return v1::SETTLEMENT_STATUS_PENDING;
    case wire::SettlementStatus::kSettled:
      return v1::SETTLEMENT_STATUS_SETTLED;
    case wire::SettlementStatus::kRefused:
      return v1::SETTLEMENT_STATUS_REFUSED;
  }
  return v1::SETTLEMENT_STATUS_UNSPECIFIED;
}

struct Step {
  const char* name;
  base::Timestamp at;
  base::Seqno seqno;
  machine::Code code = machine::Code::kOk;
};

void add_step(const Step& step, v1::Settlement& message) {
  v1::SettlementStep& added = *message.add_steps();
  added.set_step(step.name);
  added.set_at_ns(step.at.ns());
  added.set_seqno(step.seqno.value());
  if (step.code != machine::Code::kOk) {
    added.set_code_name(std::string{machine::code_name(step.code)});
  }
}

bool awaits_affirmation(const machine::Settlement& settlement) {
  return settlement.status == wire::SettlementStatus::kPending &&
         std::ranges::any_of(settlement.legs, [](const machine::SettlementLeg& leg) {
           return leg.needs_affirmation && !leg.is_affirmed;
         });
}

/// Recalls may come before the end or after it: both steps stand where they happened.
void add_recall_steps(const machine::Settlement& settlement, bool before_end,
                      v1::Settlement& message) {
  if (!settlement.is_recall_requested) return;
  const machine::SettlementExtra& extra = *settlement.extra;
  const auto belongs_here = [&](base::Timestamp at) {
    const bool is_before = !is_final(settlement.status) || at <= settlement.closed_at;
    return is_before == before_end;
  };
  if (belongs_here(extra.recalled_at)) {
    add_step({.name = "recall-asked", .at = extra.recalled_at, .seqno = {}}, message);
  }
  const bool is_answered = settlement.recall_answer != machine::Code::kOk;
  if (is_answered && belongs_here(extra.recall_answered_at)) {
    add_step({.name = "recall-answered",
              .at = extra.recall_answered_at,
              .seqno = {},
              .code = settlement.recall_answer},
             message);
  }
}

void add_steps(const machine::Settlement& settlement, v1::Settlement& message) {
  const base::Timestamp begun_at = settlement.received_at;
  const base::Seqno begun_in = settlement.received_seqno;
  if (settlement.is_initiator) {
    // One entry puts the legs on hold and queues the instruction.
    add_step({.name = "held", .at = begun_at, .seqno = begun_in}, message);
    add_step({.name = "sent", .at = begun_at, .seqno = begun_in}, message);
  } else {
    add_step({.name = "received", .at = begun_at, .seqno = begun_in}, message);
  }
  if (const base::Timestamp affirmed_at = settlement.extra->affirmed_at; !affirmed_at.is_none()) {
    add_step({.name = "affirmed", .at = affirmed_at, .seqno = {}}, message);
  }
  add_recall_steps(settlement, true, message);
  if (!is_final(settlement.status)) return;
  // The decision is the responder's: there it lies in the entry that closed the settlement, and
  // the initiator knows its time from the signed answer.
  const base::Seqno decided_in = settlement.is_initiator ? base::Seqno{} : settlement.closed_seqno;
  add_step({.name = "decided",
            .at = settlement.decided_at,
            .seqno = decided_in,
            .code = settlement.code},
           message);
  const bool is_settled = settlement.status == wire::SettlementStatus::kSettled;
  add_step({.name = is_settled ? "posted" : "released",
            .at = settlement.closed_at,
            .seqno = settlement.closed_seqno},
           message);
  add_recall_steps(settlement, false, message);
}

void add_legs(const SettlementFacts& facts, v1::Settlement& message) {
  const machine::Settlement& settlement = facts.settlement;
  for (std::size_t i = 0; i < settlement.legs.size(); ++i) {
    const machine::SettlementLeg& leg = settlement.legs[i];
    v1::Leg& added = *message.add_legs();
    const std::uint64_t own = facts.own_accounts[i].value();
    const std::uint64_t other = leg.other_account.value();
    added.set_initiator_account(settlement.is_initiator ? own : other);
    added.set_responder_account(settlement.is_initiator ? other : own);
    added.set_asset(leg.asset.value());
    added.set_amount_minor(leg.amount_minor);
    const bool initiator_pays = leg.pays == settlement.is_initiator;
    added.set_direction(initiator_pays ? v1::LEG_DIRECTION_OUT : v1::LEG_DIRECTION_IN);
  }
}

SettlementFacts facts_of(const machine::State& state, const machine::Settlement& settlement) {
  SettlementFacts facts{.settlement = settlement, .own_accounts = {}};
  for (const machine::SettlementLeg& leg : settlement.legs) {
    facts.own_accounts.push_back(leg.customer.is_none() ? base::AccountNumber{}
                                                        : state.number_of(leg.customer));
  }
  return facts;
}

bool is_wanted(const machine::State& state, const machine::Settlement& settlement,
               const SettlementPage& page, const Caller& caller) {
  if (page.open_only && is_final(settlement.status)) return false;
  if (page.awaiting_affirmation_only) {
    if (settlement.status != wire::SettlementStatus::kPending) return false;
    return std::ranges::any_of(settlement.legs, [&](const machine::SettlementLeg& leg) {
      return leg.needs_affirmation && !leg.is_affirmed && !leg.customer.is_none() &&
             caller.sees(state.account(leg.customer).owner);
    });
  }
  return is_visible(state, settlement, caller);
}

}  // namespace

bool is_final(wire::SettlementStatus status) {
  return status == wire::SettlementStatus::kSettled || status == wire::SettlementStatus::kRefused;
}

bool is_visible(const machine::State& state, const machine::Settlement& settlement,
                const Caller& caller) {
  if (caller.sees_everything()) return true;
  if (settlement.is_initiator && settlement.submitter == caller.participant()) return true;
  return std::ranges::any_of(settlement.legs, [&](const machine::SettlementLeg& leg) {
    return !leg.customer.is_none() && state.account(leg.customer).owner == caller.participant();
  });
}

std::optional<SettlementFacts> visible_settlement(const machine::State& state, base::CommandId id,
                                                  const Caller& caller) {
  const machine::Settlement* found = state.settlements.find(id);
  if (found == nullptr || !is_visible(state, *found, caller)) return std::nullopt;
  return facts_of(state, *found);
}

void fill(const SettlementFacts& facts, v1::Settlement& message) {
  const machine::Settlement& settlement = facts.settlement;
  fill(settlement.id, *message.mutable_id());
  const machine::SettlementExtra& extra = *settlement.extra;
  if (!extra.original_id.is_none()) fill(extra.original_id, *message.mutable_original_id());
  message.set_peer_node(settlement.peer.value());
  message.set_is_initiator(settlement.is_initiator);
  message.set_kind(to_message(settlement.kind));
  message.set_status(to_message(settlement.status));
  message.set_code(static_cast<std::uint32_t>(settlement.code));
  message.set_code_name(std::string{machine::code_name(settlement.code)});
  add_legs(facts, message);
  message.set_decide_by_ns(settlement.decide_by.ns());
  message.set_value_date_ns(settlement.value_date.ns());
  // A peer may have sent details of a newer form: what cannot be read is left out here and stays
  // in the ledger.
  v1::PaymentDetails details;
  if (details.ParseFromArray(extra.details.data(), static_cast<int>(extra.details.size()))) {
    *message.mutable_details() = std::move(details);
  }
  add_steps(settlement, message);
  if (settlement.recall_answer != machine::Code::kOk) {
    message.set_recall_code_name(std::string{machine::code_name(settlement.recall_answer)});
  }
  for (const machine::SettlementLeg& leg : settlement.legs) {
    message.add_returned_minor(leg.returned_minor);
  }
  message.set_awaits_affirmation(awaits_affirmation(settlement));
}

std::expected<SettlementPage, Failure> to_page(const v1::ListSettlementsRequest& request) {
  FieldReader fields;
  SettlementPage page{.open_only = request.open_only(),
                      .awaiting_affirmation_only = request.awaiting_affirmation_only(),
                      .size = kPageDefault,
                      .after = fields.optional_id("after_id", request.after_id())};
  if (request.page_size() != 0) {
    page.size = fields.number("page_size", request.page_size(), 1, kPageMax);
  }
  if (fields.has_failed()) return std::unexpected{fields.failure()};
  return page;
}

void look_for_settlements(const machine::State& state, const SettlementPage& page,
                          const Caller& caller, SettlementList& list) {
  if (!list.position) {
    list.position = state.settlements.size();
    if (!page.after.is_none()) {
      const machine::Settlement* after = state.settlements.find(page.after);
      if (after == nullptr || !is_visible(state, *after, caller)) {
        list.is_start_unknown = true;
        list.is_complete = true;
        return;
      }
      list.position = after->position;
    }
  }
  const auto is_full = [&] {
    return list.settlements.size() == page.size || list.bytes >= kSettlementListBytesMax;
  };
  std::size_t position = *list.position;
  for (std::uint32_t looked = 0; position > 0 && looked < kSettlementsPerLook; ++looked) {
    if (is_full()) break;
    --position;
    const machine::Settlement& settlement = state.settlements[position];
    if (is_wanted(state, settlement, page, caller)) {
      list.settlements.push_back(facts_of(state, settlement));
      list.bytes += 512 + 64 * settlement.legs.size() + settlement.extra->details.size();
    }
  }
  list.position = position;
  list.has_more = position > 0;
  list.is_complete = is_full() || !list.has_more;
}

}  // namespace hugang::edge
