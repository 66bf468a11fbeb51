// The keys of the database. Numbers are big-endian, so that RocksDB's byte order is their order.
// docs/FORMAT.md lists them; tests/golden/journal/keys.hex holds the bytes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "clearing/base/strong_id.hpp"

namespace hugang::ledger::rocks {

// Column families, besides RocksDB's own "default", which stays empty.
inline constexpr const char* kMetaFamily = "meta";                ///< what the directory is
inline constexpr const char* kJournalFamily = "journal";          ///< seqno -> entry
inline constexpr const char* kCheckpointsFamily = "checkpoints";  ///< (seqno, part) -> head, chunk
inline constexpr const char* kIdsFamily = "ids";  ///< (kind, block) -> lines, hashes

inline constexpr std::string_view kFormatKey = "format";  ///< u32 little-endian
inline constexpr std::string_view kNodeKey = "node";      ///< u32 little-endian

/// A key on the stack.
template <std::size_t N>
struct Key {
  std::array<char, N> chars{};
  [[nodiscard]] std::string_view view() const { return {chars.data(), N}; }
};

using SeqnoKey = Key<8>;
using CheckpointKey = Key<12>;
using IdKey = Key<9>;

namespace detail {
template <class Number>
constexpr void put_big_endian(char* out, Number value) {
  for (std::size_t i = sizeof(Number); i-- > 0;) {
    out[i] = static_cast<char>(value & 0xFF);
    value = static_cast<Number>(value >> 8);
  }
}
template <class Number>
constexpr Number get_big_endian(std::string_view text) {
  Number value = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i) {
    value = static_cast<Number>((value << 8) | static_cast<unsigned char>(text[i]));
  }
  return value;
}
}  // namespace detail

[[nodiscard]] constexpr SeqnoKey journal_key(base::Seqno seqno) {
  SeqnoKey key;
  detail::put_big_endian(key.chars.data(), seqno.value());
  return key;
}

/// Nothing when the key has another length.
[[nodiscard]] constexpr std::optional<base::Seqno> parse_journal_key(std::string_view key) {
  if (key.size() != 8) return std::nullopt;
  return base::Seqno{detail::get_big_endian<std::uint64_t>(key)};
}

/// Part 0 is the checkpoint's head, which is written last; 1..n are the snapshot's chunks.
struct CheckpointPart {
  base::Seqno seqno;
  std::uint32_t part = 0;
};

[[nodiscard]] constexpr CheckpointKey checkpoint_key(CheckpointPart part) {
  CheckpointKey key;
  detail::put_big_endian(key.chars.data(), part.seqno.value());
  detail::put_big_endian(key.chars.data() + 8, part.part);
  return key;
}

[[nodiscard]] constexpr std::optional<CheckpointPart> parse_checkpoint_key(std::string_view key) {
  if (key.size() != 12) return std::nullopt;
  return CheckpointPart{.seqno = base::Seqno{detail::get_big_endian<std::uint64_t>(key)},
                        .part = detail::get_big_endian<std::uint32_t>(key.substr(8))};
}

/// What is kept of a block of the id log: its lines, and in another run what finds its ids, which
/// is all that a start needs.
enum class IdPart : char { kLines = 'l', kHashes = 'h' };

/// `block` is the number of the run's first block, from 0.
[[nodiscard]] constexpr IdKey id_key(IdPart part, std::uint64_t block) {
  IdKey key;
  key.chars[0] = static_cast<char>(part);
  detail::put_big_endian(key.chars.data() + 1, block);
  return key;
}

/// Nothing when the key is of another part.
[[nodiscard]] constexpr std::optional<std::uint64_t> parse_id_key(IdPart part,
                                                                  std::string_view key) {
  if (key.size() != 9 || key[0] != static_cast<char>(part)) return std::nullopt;
  return detail::get_big_endian<std::uint64_t>(key.substr(1));
}

}  // namespace hugang::ledger::rocks
