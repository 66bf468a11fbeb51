#include "clearing/machine/deadlines.hpp"

#include "clearing/machine/responder.hpp"
#include "clearing/machine/transfer.hpp"

namespace hugang::machine {
namespace {

void activate_next_rules(ApplyContext& context) {
  State& state = context.state;
  state.rules = std::move(state.pending_rules.front());
  state.pending_rules.erase(state.pending_rules.begin());
  wire::RulesActivated event;
  event.version = state.rules.version;
  emit(context, wire::EventKind::kRulesActivated, event);
}

void carry_out_next_deadline(ApplyContext& context) {
  State& state = context.state;
  const Deadline due = *state.deadlines.begin();
  state.deadlines.erase(state.deadlines.begin());
  if (due.is_settlement) {
    refuse_undecided(context, due.id);
  } else {
    expire_hold(context, due.id);
  }
}

}  // namespace

void apply_due(ApplyContext& context, std::size_t max) {
  State& state = context.state;
  for (std::size_t done = 0; done < max; ++done) {
    const bool rules_are_due =
        !state.pending_rules.empty() && state.pending_rules.front().effective_from <= context.now;
    const bool deadline_is_due =
        !state.deadlines.empty() && state.deadlines.begin()->at <= context.now;
    if (!rules_are_due && !deadline_is_due) return;
    // However late the command comes, what was due happened when it was due.
    ApplyContext then = context;
    if (rules_are_due && (!deadline_is_due || state.pending_rules.front().effective_from <=
                                                  state.deadlines.begin()->at)) {
      then.now = state.pending_rules.front().effective_from;
      activate_next_rules(then);
    } else {
      then.now = state.deadlines.begin()->at;
      carry_out_next_deadline(then);
    }
  }
}

}  // namespace hugang::machine
