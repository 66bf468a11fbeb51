#include "services/edge/settlement_watch.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "services/edge/convert_outcome.hpp"
#include "services/edge/field_reader.hpp"
#include "services/edge/settlement_view.hpp"

namespace hugang::edge {
namespace {

bool is_on_side(const machine::Settlement& settlement, v1::SettlementSide side) {
  if (side == v1::SETTLEMENT_SIDE_INITIATOR) return settlement.is_initiator;
  if (side == v1::SETTLEMENT_SIDE_RESPONDER) return !settlement.is_initiator;
  return true;
}

std::size_t first_end_after(const machine::State& state, base::Seqno seqno) {
  const auto& ends = state.settlements.ends();
  const auto found = std::ranges::upper_bound(ends, seqno, {}, [&](std::uint32_t position) {
    return state.settlements[position].closed_seqno;
  });
  return static_cast<std::size_t>(found - ends.begin());
}

std::expected<WatchPlace, Failure> to_place(const v1::WatchSettlementsRequest& request) {
  WatchPlace place{.side = request.side(), .after = {}, .next_end = {}};
  if (request.has_after_seqno()) place.after = base::Seqno{request.after_seqno()};
  if (!v1::SettlementSide_IsValid(request.side())) {
    return std::unexpected{Failure{EdgeError::kChoiceUnknown, "side"}.with(
        "got", std::to_string(int{request.side()}))};
  }
  return place;
}

}  // namespace

WatchFind look_for_ends(const machine::State& state, const WatchPlace& place,
                        const Caller& caller) {
  const auto& ends = state.settlements.ends();
  WatchFind found{.place = place, .told = state.last_seqno, .settled = {}, .refused = {}};
  std::size_t next = place.next_end.value_or(ends.size());
  if (!place.next_end && place.after) next = first_end_after(state, *place.after);
  const std::size_t end = std::min(ends.size(), next + kEndsPerLook);
  for (; next < end; ++next) {
    const machine::Settlement& settlement = state.settlements[ends[next]];
    if (!is_on_side(settlement, place.side) || !is_visible(state, settlement, caller)) continue;
    if (settlement.status == wire::SettlementStatus::kSettled) {
      found.settled.push_back(settlement.id);
    } else {
      found.refused.push_back({settlement.id, settlement.code});
    }
  }
  found.place.next_end = next;
  found.has_more = next < ends.size();
  if (found.has_more) {
    // The entry of the next one is not told whole.
    found.told = base::Seqno{state.settlements[ends[next]].closed_seqno.value() - 1};
  }
  return found;
}

void fill(const WatchFind& found, v1::WatchSettlementsResponse& message) {
  message.set_seqno(found.told.value());
  std::string& ids = *message.mutable_settled_ids();
  ids.reserve(found.settled.size() * sizeof(base::CommandId));
  for (const base::CommandId id : found.settled) append_u128(ids, id.value());
  for (const WatchFind::Refusal& refusal : found.refused) {
    v1::SettlementRefusal& added = *message.add_refused();
    fill(refusal.id, *added.mutable_id());
    added.set_code(static_cast<std::uint32_t>(refusal.code));
    added.set_code_name(std::string{machine::code_name(refusal.code)});
  }
}

SettlementWatch::SettlementWatch(Desk& desk, grpc::CallbackServerContext& context,
                                 const grpc::ByteBuffer& request)
    : desk_{desk} {
  desk_.open_calls.begin();
  open_id_ =
      desk_.open_calls.add_stream([this] { end_with(to_status(Failure{EdgeError::kStopping})); });
  if (const auto opened = open(context, request); !opened) {
    end_with(to_status(counted(desk_, opened.error())));
    return;
  }
  ++desk_.counts.calls;
  watch_id_ = desk_.watches.add([this] { wake(); });
  step();
}

std::expected<void, Failure> SettlementWatch::open(const grpc::CallbackServerContext& context,
                                                   const grpc::ByteBuffer& request) {
  const auto caller = admit(desk_, Method::kWatchSettlements, *context.auth_context());
  if (!caller) return std::unexpected{Failure{caller.error()}};
  caller_ = *caller;
  v1::WatchSettlementsRequest message;
  if (!parse(request, message)) return std::unexpected{Failure{EdgeError::kMessageMalformed}};
  const auto place = to_place(message);
  if (!place) return std::unexpected{place.error()};
  place_ = *place;
  return {};
}

void SettlementWatch::wake() {
  {
    const std::lock_guard lock{mutex_};
    has_news_ = true;
  }
  step();
}

void SettlementWatch::end_with(grpc::Status status) {
  {
    const std::lock_guard lock{mutex_};
    if (end_) return;
    end_ = std::move(status);
  }
  step();
}

void SettlementWatch::step() {
  bool begins_look = false;
  bool ends = false;
  {
    const std::lock_guard lock{mutex_};
    const bool is_busy = is_looking_ || is_writing_;
    if (end_ && !is_busy && !is_finished_) is_finished_ = ends = true;
    if (!end_ && !is_busy && has_news_) {
      has_news_ = false;
      is_looking_ = begins_look = true;
    }
  }
  // Without the lock: gRPC may call back from inside.
  if (begins_look) look();
  if (ends) Finish(*end_);
}

void SettlementWatch::look() {
  desk_.reads.read(
      [this,
       place = place_](const machine::State& state) -> std::move_only_function<void(base::Seqno)> {
        return [this, found = look_for_ends(state, place, caller_)](base::Seqno) mutable {
          take(std::move(found));
        };
      },
      [this](node::SubmitError error) {
        {
          const std::lock_guard lock{mutex_};
          is_looking_ = false;
        }
        end_with(to_status(counted(desk_, Failure{to_edge_error(error)})));
        step();
      });
}

void SettlementWatch::take(WatchFind found) {
  bool begins_write = false;
  {
    const std::lock_guard lock{mutex_};
    place_ = found.place;
    is_looking_ = false;
    has_news_ = has_news_ || found.has_more;
    const bool is_worth_telling = is_first_ || !found.settled.empty() || !found.refused.empty();
    if (is_worth_telling && !end_) {
      is_first_ = false;
      is_writing_ = begins_write = true;
      v1::WatchSettlementsResponse message;
      fill(found, message);
      response_ = serialise(message);
    }
  }
  if (begins_write) return StartWrite(&response_);
  step();
}

void SettlementWatch::OnWriteDone(bool ok) {
  {
    const std::lock_guard lock{mutex_};
    is_writing_ = false;
    if (!ok && !end_) end_ = grpc::Status::CANCELLED;
  }
  step();
}

void SettlementWatch::OnCancel() { end_with(grpc::Status::CANCELLED); }

void SettlementWatch::OnDone() {
  OpenCalls& open_calls = desk_.open_calls;
  desk_.watches.remove(watch_id_);
  open_calls.remove_stream(open_id_);
  delete this;
  open_calls.end();
}

}  // namespace hugang::edge
