// What the honest nodes begin with for a peer that turns out to lie: its key, its asset, corridors
// both ways and accounts; and the accounts that it claims to keep.
#pragma once

#include "tests/simulation/adversary/liar.hpp"
#include "tests/simulation/laws/laws.hpp"
#include "tests/simulation/workload/book.hpp"

namespace hugang::simulation {

/// The asset that the liar issues, on paper.
[[nodiscard]] base::AssetId asset_of_liar();

/// After set_up of the cities, which are up and have nobody but each other for peers. Every command
/// must be accepted. The liar gets to know all of them, and book.liar names it.
void set_up_liar(Cities& cities, Liar& liar, Book& book);

}  // namespace hugang::simulation
