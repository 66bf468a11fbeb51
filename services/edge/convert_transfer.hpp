// TransferService: messages to wire records.
#pragma once

#include <cstdint>
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

}  // namespace hugang::edge
