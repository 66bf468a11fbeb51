#include "clearing/machine/deadlines.hpp"

#include "clearing/machine/responder.hpp"
#include "clearing/machine/transfer.hpp"

namespace hugang::machine {
namespace {

void activate_rules(ApplyContext& context) {
  State& state = context.state;
  while (!state.pending_rules.empty() &&
         state.pending_rules.front().effective_from <= context.now) {
    state.rules = std::move(state.pending_rules.front());
    state.pending_rules.erase(state.pending_rules.begin());
    wire::RulesActivated event;
    event.version = state.rules.version;
    emit(context, wire::EventKind::kRulesActivated, event);
  }
}

}  // namespace

void apply_due(ApplyContext& context) {
  State& state = context.state;
  if (!state.pending_rules.empty()) activate_rules(context);
  while (!state.deadlines.empty() && state.deadlines.begin()->at <= context.now) {
    const Deadline due = *state.deadlines.begin();
    state.deadlines.erase(state.deadlines.begin());
    if (due.is_settlement) {
      refuse_undecided(context, due.id);
    } else {
      expire_hold(context, due.id);
    }
  }
}

}  // namespace hugang::machine
