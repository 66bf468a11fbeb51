// How the answer of one command is told: accepted with a headline, or refused with the ledger's
// reason.
#pragma once

#include <string>

#include "clients/hugang/context.hpp"
#include "clients/hugang/to_json.hpp"

namespace hugang::program {

/// The refusal as a failure: code, sentence, and the outcome for --json.
[[nodiscard]] Failure to_failure(const v1::Outcome& outcome);

/// Prints the headline with id, time and journal entry; with --json the id, the outcome and what
/// `more` holds. A refusal is answered as a failure.
[[nodiscard]] Attempt<ExitCode> answer(Context& context, const v1::Outcome& outcome,
                                       const std::string& headline,
                                       const Json& more = Json::object());

/// "entry 17 at 2026-01-05 09:30:00.123", with ", as answered before" where it repeats.
[[nodiscard]] std::string where_text(const v1::Outcome& outcome);

}  // namespace hugang::program
