// A node's services as typed calls. Every call has a deadline and is sent again, with the same id,
// when the connection fails or an attempt times out (retry.hpp).
#pragma once

#include <hugang/v1/account_service.pb.h>
#include <hugang/v1/admin_service.pb.h>
#include <hugang/v1/position_service.pb.h>
#include <hugang/v1/settlement_service.pb.h>
#include <hugang/v1/transfer_service.pb.h>

#include <chrono>
#include <memory>

#include "clients/library/error.hpp"
#include "clients/library/profile.hpp"
#include "clients/library/retry.hpp"

namespace grpc {
class Channel;
}

namespace hugang::client {

struct Stubs;
class BatchStream;
class InstructStream;
class SettlementWatch;

/// One node. Copies share the connection. All methods may be called from any thread at once.
/// The connection is made with the first call and made again by itself when it breaks.
class Client {
 public:
  /// Reads the certificates; does not wait for the node. Error kConfiguration.
  [[nodiscard]] static Result<Client> open(const Profile& profile, RetryPolicy policy = {});
  /// Over a channel that the caller made, for tests and for other transports.
  [[nodiscard]] static Client over(std::shared_ptr<grpc::Channel> channel, RetryPolicy policy = {});

  /// From now to the last attempt's end; at least a millisecond. Default 10 s.
  void set_timeout(std::chrono::milliseconds timeout);
  [[nodiscard]] std::chrono::milliseconds timeout() const { return timeout_; }

  // TransferService
  [[nodiscard]] Result<v1::SubmitResponse> submit(const v1::SubmitRequest&) const;
  [[nodiscard]] Result<v1::SubmitBatchResponse> submit_batch(const v1::SubmitBatchRequest&) const;
  [[nodiscard]] Result<v1::GetTransferResponse> get_transfer(const v1::GetTransferRequest&) const;
  [[nodiscard]] Result<v1::ListTransfersResponse> list_transfers(
      const v1::ListTransfersRequest&) const;
  /// A stream of batches (batch_stream.hpp). It has no deadline and is not retried by itself.
  [[nodiscard]] BatchStream submit_stream() const;

  // AccountService
  [[nodiscard]] Result<v1::OpenAccountResponse> open_account(const v1::OpenAccountRequest&) const;
  [[nodiscard]] Result<v1::GetAccountResponse> get_account(const v1::GetAccountRequest&) const;
  [[nodiscard]] Result<v1::ListAccountsResponse> list_accounts(
      const v1::ListAccountsRequest&) const;
  [[nodiscard]] Result<v1::ListAssetsResponse> list_assets(const v1::ListAssetsRequest&) const;

  // SettlementService
  [[nodiscard]] Result<v1::InstructResponse> instruct(const v1::InstructRequest&) const;
  [[nodiscard]] Result<v1::InstructBatchResponse> instruct_batch(
      const v1::InstructBatchRequest&) const;
  /// A stream of batches (settlement_streams.hpp). It has no deadline and is not retried by itself.
  [[nodiscard]] InstructStream instruct_stream() const;
  /// The ends of settlements as they come (settlement_streams.hpp). As long as the caller listens.
  [[nodiscard]] SettlementWatch watch_settlements(const v1::WatchSettlementsRequest&) const;
  [[nodiscard]] Result<v1::AffirmResponse> affirm(const v1::AffirmRequest&) const;
  [[nodiscard]] Result<v1::RecallResponse> recall(const v1::RecallRequest&) const;
  [[nodiscard]] Result<v1::GetSettlementResponse> get_settlement(
      const v1::GetSettlementRequest&) const;
  [[nodiscard]] Result<v1::ListSettlementsResponse> list_settlements(
      const v1::ListSettlementsRequest&) const;
  /// Asks until the settlement is final or `patience` is over, and answers the last that it saw.
  [[nodiscard]] Result<v1::GetSettlementResponse> await_settlement(
      const v1::Id& id, std::chrono::milliseconds patience) const;

  /// Asks until a recall of the settlement is answered or `patience` is over.
  [[nodiscard]] Result<v1::GetSettlementResponse> await_recall(
      const v1::Id& id, std::chrono::milliseconds patience) const;

  // PositionService
  [[nodiscard]] Result<v1::ListPositionsResponse> list_positions(
      const v1::ListPositionsRequest&) const;
  [[nodiscard]] Result<v1::ReconcileResponse> reconcile(const v1::ReconcileRequest&) const;
  [[nodiscard]] Result<v1::GetReconciliationResponse> get_reconciliation(
      const v1::GetReconciliationRequest&) const;
  /// Asks until the reconciliation is closed or `patience` is over.
  [[nodiscard]] Result<v1::GetReconciliationResponse> await_reconciliation(
      const v1::Id& id, std::chrono::milliseconds patience) const;

  // AdminService
  [[nodiscard]] Result<v1::RegisterParticipantResponse> register_participant(
      const v1::RegisterParticipantRequest&) const;
  [[nodiscard]] Result<v1::UpdateParticipantResponse> update_participant(
      const v1::UpdateParticipantRequest&) const;
  [[nodiscard]] Result<v1::ListParticipantsResponse> list_participants(
      const v1::ListParticipantsRequest&) const;
  [[nodiscard]] Result<v1::RegisterAssetResponse> register_asset(
      const v1::RegisterAssetRequest&) const;
  [[nodiscard]] Result<v1::UpdateAccountResponse> update_account(
      const v1::UpdateAccountRequest&) const;
  [[nodiscard]] Result<v1::RegisterPeerResponse> register_peer(
      const v1::RegisterPeerRequest&) const;
  [[nodiscard]] Result<v1::RotateKeyResponse> rotate_key(const v1::RotateKeyRequest&) const;
  [[nodiscard]] Result<v1::ResumePeerResponse> resume_peer(const v1::ResumePeerRequest&) const;
  [[nodiscard]] Result<v1::SetRulesResponse> set_rules(const v1::SetRulesRequest&) const;
  [[nodiscard]] Result<v1::GetNodeStatusResponse> get_node_status(
      const v1::GetNodeStatusRequest&) const;

 private:
  Client(std::shared_ptr<Stubs> stubs, RetryPolicy policy);

  std::shared_ptr<Stubs> stubs_;
  RetryPolicy policy_;
  std::chrono::milliseconds timeout_{10'000};
};

/// Neither SENT nor PENDING: nothing about it changes any more.
[[nodiscard]] bool is_final(const v1::Settlement& settlement);

}  // namespace hugang::client
