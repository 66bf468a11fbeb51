// What a client can tell by itself from the first answer to a command, without looking at a ledger.
#pragma once

#include <optional>
#include <string>

#include "tests/simulation/workload/book.hpp"

namespace hugang::simulation {

/// `request.answer` is what it was answered the first time. An answer that is given moves what was
/// asked, no more and no less; a hold outlives its own command; an open chain moves nothing;
/// members happen one after another; and what was only ever refused as by a full queue left no
/// trace.
[[nodiscard]] std::optional<std::string> first_broken_by_answer(const Request& request);

}  // namespace hugang::simulation
