// Identifiers that cannot be mixed up: each has a type of its own and no arithmetic.
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "clearing/base/int128.hpp"

namespace hugang::base {

template <class Tag, class Rep>
class StrongId {
 public:
  using rep = Rep;

  /// Zero, which no identifier of this project uses: it means "none".
  constexpr StrongId() noexcept = default;
  constexpr explicit StrongId(Rep value) noexcept : value_{value} {}
  StrongId(std::same_as<bool> auto) = delete;

  /// For codecs and printing.
  [[nodiscard]] constexpr Rep value() const noexcept { return value_; }
  [[nodiscard]] constexpr bool is_none() const noexcept { return value_ == Rep{0}; }
  friend constexpr bool operator==(const StrongId&, const StrongId&) = default;
  friend constexpr auto operator<=>(const StrongId& a, const StrongId& b) {
    return a.value_ <=> b.value_;
  }

 private:
  Rep value_{0};
};

/// Chosen by whoever submits; makes every command idempotent. For cross-border settlements it is
/// the UETR (UUID v4) in big-endian reading order. 0 and 2^128-1 are refused.
using CommandId = StrongId<struct CommandIdTag, u128>;

/// What customers see: index and check digits, see base/account_number.hpp.
using AccountNumber = StrongId<struct AccountNumberTag, std::uint64_t>;

/// Position in the dense account array, counted from 1.
using AccountIndex = StrongId<struct AccountIndexTag, std::uint32_t>;

using AssetId = StrongId<struct AssetIdTag, std::uint32_t>;

/// Assigned by the ledger, counted from 1. Participant 1 is the operator.
using ParticipantId = StrongId<struct ParticipantIdTag, std::uint32_t>;

/// One operator's node; agreed between the operators, e.g. 1 Shanghai, 2 Hong Kong.
using NodeId = StrongId<struct NodeIdTag, std::uint32_t>;

/// Position in the journal, counted from 1.
using Seqno = StrongId<struct SeqnoTag, std::uint64_t>;

/// Position in one direction between two nodes, counted from 1.
using ChannelSeqno = StrongId<struct ChannelSeqnoTag, std::uint64_t>;

/// First 8 bytes, big-endian, of SHA-256(suite byte ‖ public key in SubjectPublicKeyInfo DER).
using KeyId = StrongId<struct KeyIdTag, std::uint64_t>;

static_assert(sizeof(AccountNumber) == sizeof(std::uint64_t));
static_assert(!std::is_convertible_v<AssetId, ParticipantId>);
static_assert(!std::is_constructible_v<AssetId, ParticipantId>);

}  // namespace hugang::base

template <class Tag, class Rep>
struct std::hash<hugang::base::StrongId<Tag, Rep>> {
  using is_avalanching = void;  // Boost.Unordered then does not mix again
  std::size_t operator()(const hugang::base::StrongId<Tag, Rep>& id) const noexcept {
    // Ids are chosen by clients, so low bits alone are no hash: mix both halves (splitmix64
    // finaliser).
    std::uint64_t x;
    if constexpr (sizeof(Rep) == 16) {
      x = hugang::base::low64(id.value()) ^
          (hugang::base::high64(id.value()) * 0x9E3779B97F4A7C15ULL);
    } else {
      x = static_cast<std::uint64_t>(id.value());
    }
    x ^= x >> 30;
    x *= 0xBF58476D1CE4E5B9ULL;
    x ^= x >> 27;
    x *= 0x94D049BB133111EBULL;
    x ^= x >> 31;
    return static_cast<std::size_t>(x);
  }
};

namespace hugang::base {

/// What Boost's hash tables ask for.
template <class Tag, class Rep>
[[nodiscard]] std::size_t hash_value(const StrongId<Tag, Rep>& id) noexcept {
  return std::hash<StrongId<Tag, Rep>>{}(id);
}

}  // namespace hugang::base
