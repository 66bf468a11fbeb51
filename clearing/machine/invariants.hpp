// The conservation laws, checked apart from the code that must obey them. After every batch in
// debug and simulation builds (HUGANG_CHECK_LAWS), and by the auditor.
#pragma once

#include <optional>
#include <string>

#include "clearing/machine/state.hpp"

namespace hugang::machine {

/// The first law that does not hold, in a sentence with the figures, or nothing. Laws:
///  1. per asset: debits posted = credits posted, debits pending = credits pending;
///  2. per account: what is pending = its open holds + its legs of open settlements;
///  3. per account: the balance flags hold (no debit balance, no credit balance, closed is empty);
///  4. per asset issued here: what the reserve backs = what all other accounts hold;
///  5. every open hold and open settlement with a deadline is in the deadline index, and nothing
///  else;
///  6. outbox seqnos are gapless from acknowledged + 1 to sent, and their chain links.
/// Cost: all accounts, holds and settlements.
[[nodiscard]] std::optional<std::string> first_broken_law(const State& state);

}  // namespace hugang::machine
