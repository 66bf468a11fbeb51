// Reads that several commands need, all pages of them.
#pragma once

#include <cstdint>
#include <vector>

#include "clients/hugang/context.hpp"

namespace hugang::program {

/// `owner` 0: all that the caller may see.
[[nodiscard]] Attempt<std::vector<v1::Account>> fetch_accounts(Context& context,
                                                               std::uint32_t owner);
[[nodiscard]] Attempt<v1::Account> fetch_account(Context& context, std::uint64_t number);

/// The node's number in an account number; 0 where the check digits are wrong.
[[nodiscard]] std::uint32_t node_of_account(std::uint64_t number);

}  // namespace hugang::program
