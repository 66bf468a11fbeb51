// Kinds of operations as a record tells them apart.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hugang::load {

enum class Kind : std::uint8_t {
  kTransfer,
  kHold,
  kPost,
  kVoid,
  kChain,
  kBalancing,
  kBatch,
  kSettlement,  ///< from the instruction to the answer that it is final
};
inline constexpr std::size_t kKinds = 8;

inline constexpr std::array<std::string_view, kKinds> kKindNames{
    "transfer", "hold", "post", "void", "chain", "balancing", "batch", "settlement"};

[[nodiscard]] constexpr std::size_t index_of(Kind kind) { return static_cast<std::size_t>(kind); }
[[nodiscard]] constexpr std::string_view name_of(Kind kind) { return kKindNames[index_of(kind)]; }

}  // namespace hugang::load
