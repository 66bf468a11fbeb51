// Peers by number or by code.
#pragma once

#include <cstdint>
#include <string>

#include "clients/hugang/context.hpp"

namespace hugang::program {

/// A number is taken as it is; a code is looked up in the node's status.
[[nodiscard]] Attempt<std::uint32_t> peer_number(Context& context, const std::string& name);

}  // namespace hugang::program
