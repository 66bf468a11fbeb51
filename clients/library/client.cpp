#include "clients/library/client.hpp"

#include <grpcpp/client_context.h>

#include <algorithm>
#include <random>
#include <thread>

#include "clients/library/batch_stream.hpp"
#include "clients/library/channel.hpp"
#include "clients/library/settlement_streams.hpp"
#include "clients/library/status.hpp"
#include "clients/library/stubs.hpp"

namespace hugang::client {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

milliseconds until(Clock::time_point end) {
  return std::chrono::duration_cast<milliseconds>(end - Clock::now());
}

struct CallLimits {
  const RetryPolicy& policy;
  milliseconds timeout;
  milliseconds attempt_timeout;
};

/// Sends `request` until it is answered, refused for good, or the time is over.
template <class Response, class Request, class Stub>
Result<Response> call(Stub& stub,
                      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                      const Request& request, CallLimits limits) {
  const auto end = Clock::now() + limits.timeout;
  for (std::uint32_t attempts = 1;; ++attempts) {
    grpc::ClientContext context;
    const milliseconds wait =
        std::clamp(until(end), milliseconds{1}, std::max(limits.attempt_timeout, milliseconds{1}));
    context.set_deadline(std::chrono::system_clock::now() + wait);
    Response response;
    const grpc::Status status = (stub.*method)(&context, request, &response);
    if (status.ok()) return response;

    Error error = to_error(status);
    error.attempts = attempts;
    if (!is_worth_retrying(error.kind)) return std::unexpected{std::move(error)};
    const auto pause = pause_before_next(limits.policy, attempts, std::random_device{}());
    if (!pause || until(end) <= *pause) return std::unexpected{std::move(error)};
    std::this_thread::sleep_for(*pause);
  }
}

/// The longest that the node is asked to hold one answer back: short enough to notice a lost
/// connection, long enough to ask seldom.
constexpr milliseconds kWaitPerAsk{5'000};
/// Between two asks where the node answers at once although nothing is final.
constexpr milliseconds kPauseBetweenAsks{50};

/// Asks with `ask(wait_ms)` until `is_done(answer)` or the patience is over.
template <class Answer, class Ask, class IsDone>
Result<Answer> ask_until(milliseconds patience, Ask ask, IsDone is_done) {
  const auto end = Clock::now() + patience;
  for (;;) {
    const milliseconds wait = std::clamp(until(end), milliseconds{0}, kWaitPerAsk);
    const auto asked_at = Clock::now();
    Result<Answer> answer = ask(static_cast<std::uint32_t>(wait.count()));
    if (!answer || is_done(*answer) || until(end) <= milliseconds{0}) return answer;
    if (Clock::now() - asked_at < kPauseBetweenAsks) std::this_thread::sleep_for(kPauseBetweenAsks);
  }
}

}  // namespace

bool is_final(const v1::Settlement& settlement) {
  return settlement.status() == v1::SETTLEMENT_STATUS_SETTLED ||
         settlement.status() == v1::SETTLEMENT_STATUS_REFUSED;
}

Client::Client(std::shared_ptr<Stubs> stubs, RetryPolicy policy)
    : stubs_{std::move(stubs)}, policy_{policy} {}

Result<Client> Client::open(const Profile& profile, RetryPolicy policy) {
  auto channel = open_channel(profile);
  if (!channel) return std::unexpected{channel.error()};
  return over(std::move(*channel), policy);
}

Client Client::over(std::shared_ptr<grpc::Channel> channel, RetryPolicy policy) {
  return Client{std::make_shared<Stubs>(std::move(channel)), policy};
}

void Client::set_timeout(milliseconds timeout) { timeout_ = std::max(timeout, milliseconds{1}); }

BatchStream Client::submit_stream() const { return BatchStream{stubs_}; }

InstructStream Client::instruct_stream() const { return InstructStream{stubs_}; }

SettlementWatch Client::watch_settlements(const v1::WatchSettlementsRequest& request) const {
  return SettlementWatch{stubs_, request};
}

// One line per method; the generated stub knows the types.
#define HG_CLIENT_CALL(method, service, Name)                                               \
  Result<v1::Name##Response> Client::method(const v1::Name##Request& request) const {       \
    return call(stubs_->service, &std::remove_reference_t<decltype(stubs_->service)>::Name, \
                request, {policy_, timeout_, policy_.attempt_timeout});                     \
  }

HG_CLIENT_CALL(submit, transfers, Submit)
HG_CLIENT_CALL(submit_batch, transfers, SubmitBatch)
HG_CLIENT_CALL(get_transfer, transfers, GetTransfer)
HG_CLIENT_CALL(list_transfers, transfers, ListTransfers)
HG_CLIENT_CALL(open_account, accounts, OpenAccount)
HG_CLIENT_CALL(get_account, accounts, GetAccount)
HG_CLIENT_CALL(list_accounts, accounts, ListAccounts)
HG_CLIENT_CALL(list_assets, accounts, ListAssets)
HG_CLIENT_CALL(instruct, settlements, Instruct)
HG_CLIENT_CALL(instruct_batch, settlements, InstructBatch)
HG_CLIENT_CALL(affirm, settlements, Affirm)
HG_CLIENT_CALL(recall, settlements, Recall)
HG_CLIENT_CALL(list_settlements, settlements, ListSettlements)
HG_CLIENT_CALL(list_positions, positions, ListPositions)
HG_CLIENT_CALL(reconcile, positions, Reconcile)
HG_CLIENT_CALL(register_participant, admin, RegisterParticipant)
HG_CLIENT_CALL(update_participant, admin, UpdateParticipant)
HG_CLIENT_CALL(list_participants, admin, ListParticipants)
HG_CLIENT_CALL(register_asset, admin, RegisterAsset)
HG_CLIENT_CALL(update_account, admin, UpdateAccount)
HG_CLIENT_CALL(register_peer, admin, RegisterPeer)
HG_CLIENT_CALL(rotate_key, admin, RotateKey)
HG_CLIENT_CALL(resume_peer, admin, ResumePeer)
HG_CLIENT_CALL(set_rules, admin, SetRules)
HG_CLIENT_CALL(get_node_status, admin, GetNodeStatus)

#undef HG_CLIENT_CALL

// A read that may wait gets that much longer.
Result<v1::GetSettlementResponse> Client::get_settlement(
    const v1::GetSettlementRequest& request) const {
  const milliseconds wait{request.wait_ms()};
  return call(stubs_->settlements, &v1::SettlementService::Stub::GetSettlement, request,
              {policy_, timeout_ + wait, policy_.attempt_timeout + wait});
}

Result<v1::GetReconciliationResponse> Client::get_reconciliation(
    const v1::GetReconciliationRequest& request) const {
  const milliseconds wait{request.wait_ms()};
  return call(stubs_->positions, &v1::PositionService::Stub::GetReconciliation, request,
              {policy_, timeout_ + wait, policy_.attempt_timeout + wait});
}

Result<v1::GetSettlementResponse> Client::await_settlement(const v1::Id& id,
                                                           milliseconds patience) const {
  return ask_until<v1::GetSettlementResponse>(
      patience,
      [&](std::uint32_t wait_ms) {
        v1::GetSettlementRequest request;
        *request.mutable_id() = id;
        request.set_wait_ms(wait_ms);
        return get_settlement(request);
      },
      [](const v1::GetSettlementResponse& answer) { return is_final(answer.settlement()); });
}

Result<v1::GetSettlementResponse> Client::await_recall(const v1::Id& id,
                                                       milliseconds patience) const {
  return ask_until<v1::GetSettlementResponse>(
      patience,
      [&](std::uint32_t /*wait_ms*/) {
        // The node waits for finality, which may be long past: no use asking it to wait.
        v1::GetSettlementRequest request;
        *request.mutable_id() = id;
        return get_settlement(request);
      },
      [](const v1::GetSettlementResponse& answer) {
        return !answer.settlement().recall_code_name().empty() ||
               answer.settlement().code_name() == "RECALLED";
      });
}

Result<v1::GetReconciliationResponse> Client::await_reconciliation(const v1::Id& id,
                                                                   milliseconds patience) const {
  return ask_until<v1::GetReconciliationResponse>(
      patience,
      [&](std::uint32_t wait_ms) {
        v1::GetReconciliationRequest request;
        *request.mutable_id() = id;
        request.set_wait_ms(wait_ms);
        return get_reconciliation(request);
      },
      [](const v1::GetReconciliationResponse& answer) {
        return answer.status() == v1::RECONCILIATION_STATUS_AGREED ||
               answer.status() == v1::RECONCILIATION_STATUS_DIFFERS;
      });
}

}  // namespace hugang::client
