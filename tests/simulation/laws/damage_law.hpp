// What must hold when something that is stored was damaged while a node was down: it never starts
// on a state that is not the journal's, and it names the entry that is bad.
#pragma once

#include <optional>
#include <string>

#include "ledger/memory_journal.hpp"
#include "tests/simulation/engine/random.hpp"

namespace hugang::simulation {

/// Damages a byte or a block of an entry or of a checkpoint, recovers from what is left, judges
/// that, and mends the damage, as a restore from a backup does. Requires that no node runs on it.
[[nodiscard]] std::optional<std::string> first_broken_by_damage(ledger::MemoryJournal& journal,
                                                                Random& random);

}  // namespace hugang::simulation
