// From a settlement to the instruction that gives it back.
#pragma once

#include <hugang/v1/settlement_service.pb.h>

#include <vector>

#include "clearing/base/amount.hpp"
#include "clients/hugang/failure.hpp"

namespace hugang::program {

struct PartialReturn {
  int leg_index = 0;  ///< of the original; in range
  base::Amount amount;
};

/// The return without its id, made by the side that `original` was read from. Without `parts`,
/// every leg with what is not given back yet. Failure where nothing is left, or where this side has
/// only to get (then the other side returns).
[[nodiscard]] Attempt<v1::InstructRequest> return_of(const v1::Settlement& original,
                                                     const std::vector<PartialReturn>& parts);

}  // namespace hugang::program
