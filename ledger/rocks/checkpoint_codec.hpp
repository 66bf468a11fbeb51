// Heads of checkpoints and of runs of id lines, as they lie in the database.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <span>

#include "clearing/machine/state.hpp"
#include "ledger/journal.hpp"

namespace hugang::ledger::rocks {

/// Snapshots are cut into pieces of this size, so that writing one never holds up an append for
/// long.
inline constexpr std::size_t kSnapshotChunkBytes = std::size_t{1} << 20;
/// 1 MiB less the head and a bit.
inline constexpr std::size_t kIdLinesPerRunMax = 21'840;

/// The ASCII bytes "HGCHKPT" and a zero.
inline constexpr std::uint64_t kCheckpointMagic = 0x0054'504B'4843'4748;
/// The ASCII bytes "HGIDLOG" and a zero.
inline constexpr std::uint64_t kIdRunMagic = 0x0047'4F4C'4449'4748;
inline constexpr std::uint16_t kCheckpointFormat = 1;
inline constexpr std::uint16_t kIdRunFormat = 1;

/// Part 0 of a checkpoint. 128 bytes.
struct CheckpointHead {
  std::uint64_t magic = kCheckpointMagic;
  std::uint16_t format = kCheckpointFormat;
  std::uint16_t reserved0 = 0;
  std::uint32_t chunk_count = 0;
  Seqno seqno;
  Timestamp at;
  Checksum entry_checksum;
  Digest digest;
  std::uint64_t snapshot_bytes = 0;
  std::uint64_t id_lines = 0;
  std::array<std::byte, 16> reserved{};
  Checksum head_checksum;  ///< of the 112 bytes before it
};
static_assert(sizeof(CheckpointHead) == 128);

/// Head of a run of id lines; the lines of 48 bytes follow. 48 bytes.
struct IdRunHead {
  std::uint64_t magic = kIdRunMagic;
  std::uint16_t format = kIdRunFormat;
  std::uint16_t reserved0 = 0;
  std::uint32_t line_count = 0;
  std::uint64_t first_line = 0;
  Checksum lines_checksum;
  std::uint64_t reserved1 = 0;
};
static_assert(sizeof(IdRunHead) == 48);

[[nodiscard]] CheckpointHead make_head(const CheckpointInfo& info);
/// Nothing when the head is damaged, of a newer format, or carries something that is reserved.
[[nodiscard]] std::optional<CheckpointInfo> read_head(ByteSpan bytes);

[[nodiscard]] base::Bytes encode_id_run(std::uint64_t first_line,
                                        std::span<const machine::IdLogLine> lines);
struct IdRun {
  std::uint64_t first_line = 0;
  std::vector<machine::IdLogLine> lines;
};
/// Nothing when the run is damaged, of a newer format, or carries something that is reserved.
[[nodiscard]] std::optional<IdRun> decode_id_run(ByteSpan bytes);

}  // namespace hugang::ledger::rocks
