// SettlementService: messages to wire records.
#pragma once

#include "clearing/base/timestamp.hpp"
#include "hugang/v1/settlement_service.pb.h"
#include "services/edge/command.hpp"

namespace hugang::edge {

/// What decide_by_ns = 0 means: the first full hour a day from now. A full hour, so that a retry
/// carries the same bytes as the first time even where nothing is left to look them up by.
[[nodiscard]] base::Timestamp default_decide_by(base::Timestamp now);

/// `self` becomes the initiator; `decide_by_default` is taken where the request says 0.
[[nodiscard]] CommandOrFailure to_command(const v1::InstructRequest& request, base::NodeId self,
                                          base::Timestamp decide_by_default);
[[nodiscard]] CommandOrFailure to_command(const v1::AffirmRequest& request);
[[nodiscard]] CommandOrFailure to_command(const v1::RecallRequest& request);

}  // namespace hugang::edge
