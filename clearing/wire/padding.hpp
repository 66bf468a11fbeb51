// Everything of variable length begins at a multiple of 8 bytes; what lies between is zero.
#pragma once

#include <cstddef>

namespace hugang::wire {

/// The next multiple of 8. Requires bytes to be at least 7 below the maximum of its type.
constexpr std::size_t padded8(std::size_t bytes) { return (bytes + 7) & ~std::size_t{7}; }

}  // namespace hugang::wire
