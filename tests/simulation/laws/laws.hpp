// The laws between ledgers and clients, checked apart from the code that must obey them. The laws
// within one ledger are clearing/machine/invariants.hpp; the world checks those after every entry.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/engine/city.hpp"
#include "tests/simulation/workload/book.hpp"

namespace hugang::simulation {

using Cities = std::vector<std::unique_ptr<City>>;

/// At any time: what an initiator holds for decided is what the responder decided, and a corridor
/// and its mirror differ by exactly the decisions under way. Cities that are down are passed over.
[[nodiscard]] std::optional<std::string> first_broken_between(const Cities& cities);

/// After quiet, all cities up: nothing is open, every mirror agrees to the last unit, every
/// reconciliation agreed, every posted balance is the sum of what clients were answered and of what
/// settled, every journal replays from its first entry to the state in memory, and the oracle,
/// which knows nothing of the machine, comes to the same answers, events and state. What is open or
/// differs with a lying peer (book.liar) is its own affair.
[[nodiscard]] std::optional<std::string> first_broken_at_rest(const Cities& cities,
                                                              const Book& book);

/// Whether everything that was begun has ended: what must become true after the faults stop.
[[nodiscard]] bool is_at_rest(const Cities& cities, const Book& book);

}  // namespace hugang::simulation
