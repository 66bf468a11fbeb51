// TransferService: messages to wire records, and what the ledger remembers of an id.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "clearing/machine/state.hpp"
#include "hugang/v1/transfer_service.pb.h"
#include "services/edge/command.hpp"
#include "services/edge/directory.hpp"

namespace hugang::edge {

[[nodiscard]] std::expected<wire::Transfer, Failure> to_record(const v1::Transfer& message);

[[nodiscard]] CommandOrFailure to_command(const v1::SubmitRequest& request);

/// Typed or packed transfers. Packed ones are only counted: the ledger checks what they say.
[[nodiscard]] CommandOrFailure to_command(const v1::SubmitBatchRequest& request);

/// The amounts that the transfers ask for, in order. Requires a command of transfers.
[[nodiscard]] std::vector<std::int64_t> asked_minor(const Command& command);

/// What is kept of a transfer under an id, copied out of the state.
struct TransferFacts {
  machine::IdRecord record;
  bool is_open_hold = false;
};
/// Nothing when no transfer has the id. An id is shown to whoever knows it: the ledger does not
/// keep who chose it, and an id that its chooser did not tell cannot be guessed.
[[nodiscard]] std::optional<TransferFacts> transfer_facts(const machine::State& state,
                                                          base::CommandId id);
void fill(const std::optional<TransferFacts>& facts, base::Seqno read_at,
          v1::GetTransferResponse& message);

}  // namespace hugang::edge
