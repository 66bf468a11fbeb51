// Durable answers as messages.
#pragma once

#include <cstdint>
#include <span>

#include "clearing/wire/outcome.hpp"
#include "hugang/v1/transfer_service.pb.h"
#include "hugang/v1/types.pb.h"
#include "services/node/ports.hpp"

namespace hugang::edge {

void fill(const wire::Outcome& outcome, base::Seqno seqno, v1::Outcome& message);

/// `asked_minor`: the amount that each transfer of the batch asked for, in order.
void fill(const node::Answer& answer, std::span<const std::int64_t> asked_minor,
          v1::SubmitBatchResponse& message);

void fill(base::CommandId id, v1::Id& message);

}  // namespace hugang::edge
