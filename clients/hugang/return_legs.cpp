#include "clients/hugang/return_legs.hpp"

#include <algorithm>

namespace hugang::program {
namespace {

/// The leg turned around, seen from this side, which initiates the return.
v1::Leg reversed(const v1::Leg& leg, bool was_initiator) {
  v1::Leg back = leg;
  if (!was_initiator) {
    back.set_initiator_account(leg.responder_account());
    back.set_responder_account(leg.initiator_account());
    // What came from the initiator then goes to it now: out, seen from the new initiator.
    return back;
  }
  back.set_direction(leg.direction() == v1::LEG_DIRECTION_OUT ? v1::LEG_DIRECTION_IN
                                                              : v1::LEG_DIRECTION_OUT);
  return back;
}

std::unexpected<Failure> not_returnable(const char* code, const char* sentence) {
  return std::unexpected{
      Failure{.exit_code = ExitCode::kRefused, .code = code, .sentence = sentence}};
}

}  // namespace

Attempt<v1::InstructRequest> return_of(const v1::Settlement& original,
                                       const std::vector<PartialReturn>& parts) {
  v1::InstructRequest request;
  *request.mutable_original_id() = original.id();
  request.set_kind(v1::SETTLEMENT_KIND_RETURN);
  request.set_responder_node(original.peer_node());
  for (int i = 0; i < original.legs_size(); ++i) {
    const auto part = std::ranges::find(parts, i, &PartialReturn::leg_index);
    const bool is_named = part != parts.end();
    if (!parts.empty() && !is_named) continue;
    const std::int64_t returned =
        i < original.returned_minor_size() ? original.returned_minor(i) : 0;
    const std::int64_t amount_minor =
        is_named ? part->amount.minor() : original.legs(i).amount_minor() - returned;
    if (amount_minor <= 0) continue;
    v1::Leg& leg = *request.add_legs();
    leg = reversed(original.legs(i), original.is_initiator());
    leg.set_amount_minor(amount_minor);
  }
  if (request.legs().empty())
    return not_returnable("NOTHING_LEFT_TO_RETURN", "all of it was given back before");
  const bool gives = std::ranges::any_of(
      request.legs(), [](const v1::Leg& leg) { return leg.direction() == v1::LEG_DIRECTION_OUT; });
  if (!gives) {
    return not_returnable(
        "NOT_THE_RECEIVER",
        "your side paid this: ask for it with hugang recall; the side that received it returns it");
  }
  return request;
}

}  // namespace hugang::program
