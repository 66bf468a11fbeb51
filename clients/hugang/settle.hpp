// Sends an instruction to the other node's ledger and follows it to its end.
#pragma once

#include "clients/hugang/context.hpp"

namespace hugang::program {

enum class Follow { kToTheEnd, kOnlySend };

/// The settlement after the instruction was accepted: final, or as far as it came within --timeout.
/// A refusal by this node is a failure. With kOnlySend the settlement as it is right after.
[[nodiscard]] Attempt<v1::Settlement> settle(Context& context, const v1::InstructRequest& request,
                                             Follow follow);

/// Prints the settlement's path. Settled is ok; refused is a failure (exit 1), and so is one that
/// is still under way after all the waiting (exit 6).
[[nodiscard]] Attempt<ExitCode> tell(Context& context, const v1::Settlement& settlement,
                                     Follow follow);

}  // namespace hugang::program
