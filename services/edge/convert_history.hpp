// What lies in the past, as messages: one transfer as it was journaled, pages of an account's
// history, and the tokens that continue them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "clearing/machine/state.hpp"
#include "hugang/v1/transfer_service.pb.h"
#include "services/edge/directory.hpp"
#include "services/edge/errors.hpp"
#include "services/history/port.hpp"

namespace hugang::edge {

/// What the state remembers of a transfer's id.
struct TransferFacts {
  base::Timestamp at;  ///< of its first outcome: where the journal has it
  machine::Code hold_end = machine::Code::kOk;
  bool is_open_hold = false;
};
/// Nothing when no transfer has the id.
[[nodiscard]] std::optional<TransferFacts> transfer_facts(const machine::State& state,
                                                          base::CommandId id);

/// The owners of two accounts; none where there is no such account.
struct Owners {
  base::ParticipantId debit;
  base::ParticipantId credit;
};
[[nodiscard]] Owners owners_of(const machine::State& state, const wire::Transfer& transfer);

/// `found.record` carries the hold's accounts where it is a second phase.
void fill(const history::JournaledTransfer& found, const TransferFacts& facts,
          v1::GetTransferResponse& message);
void fill(const wire::Transfer& record, v1::Transfer& message);

/// What ListTransfers asks for; whether the account exists and may be seen is looked at later.
struct HistoryRequest {
  base::AccountNumber account;
  history::PageQuestion question;  ///< without the account's index
};
[[nodiscard]] std::expected<HistoryRequest, Failure> to_request(
    const v1::ListTransfersRequest& request);

/// Requires the node of the accounts.
void fill(const history::Page& page, const HistoryRequest& request, base::NodeId self,
          v1::ListTransfersResponse& message);

[[nodiscard]] EdgeError to_edge_error(history::HistoryError error);

}  // namespace hugang::edge
