// SettlementService: messages to wire records.
#pragma once

#include "clearing/base/strong_id.hpp"
#include "hugang/v1/settlement_service.pb.h"
#include "services/edge/command.hpp"
#include "services/node/ports.hpp"

namespace hugang::edge {

/// `self` becomes the initiator. decide_by_ns = 0 stays 0: the core makes it definite, so that a
/// retry is the same command whenever it comes.
[[nodiscard]] CommandOrFailure to_command(const v1::InstructRequest& request, base::NodeId self);
/// Typed or packed instructions. Of packed ones only the frame and the texts of the details are
/// looked at: the ledger checks what they say.
[[nodiscard]] CommandOrFailure to_command(const v1::InstructBatchRequest& request,
                                          base::NodeId self);
[[nodiscard]] CommandOrFailure to_command(const v1::AffirmRequest& request);
[[nodiscard]] CommandOrFailure to_command(const v1::RecallRequest& request);

void fill(const node::Answer& answer, v1::InstructBatchResponse& message);

}  // namespace hugang::edge
