// Heads of checkpoints and of runs of id lines, as they lie in the database.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "clearing/machine/state.hpp"
#include "ledger/journal.hpp"

namespace hugang::ledger::rocks {

/// Snapshots are cut into pieces of this size, so that writing one never holds up an append for
/// long.
inline constexpr std::size_t kSnapshotChunkBytes = std::size_t{1} << 20;
/// Blocks in one run of lines: 1.5 KiB each. Small, since one line is looked up by reading its run.
inline constexpr std::size_t kIdBlocksPerLinesMax = 16;
/// Blocks in one run of hashes: 200 bytes each. Large, since a start reads them all.
inline constexpr std::size_t kIdBlocksPerHashesMax = 4'096;

/// The ASCII bytes "HGCHKPT" and a zero.
inline constexpr std::uint64_t kCheckpointMagic = 0x0054'504B'4843'4748;
/// The ASCII bytes "HGIDLOG" and a zero.
inline constexpr std::uint64_t kIdLinesMagic = 0x0047'4F4C'4449'4748;
/// The ASCII bytes "HGIDHSH" and a zero.
inline constexpr std::uint64_t kIdHashesMagic = 0x0048'5348'4449'4748;
inline constexpr std::uint16_t kCheckpointFormat = 1;
inline constexpr std::uint16_t kIdFormat = 2;

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

/// Head of a run of blocks of the id log. 48 bytes. Behind it: for each block its 32 lines of 48
/// bytes; or, in a run of hashes, for each block a u64 checksum of its lines
/// (machine::checksum_of_lines), and then for each line a hash of 6 bytes.
struct IdHead {
  std::uint64_t magic = kIdLinesMagic;
  std::uint16_t format = kIdFormat;
  std::uint16_t reserved0 = 0;
  std::uint32_t block_count = 0;
  std::uint64_t first_block = 0;
  Checksum body;
  std::uint64_t reserved1 = 0;
};
static_assert(sizeof(IdHead) == 48);

[[nodiscard]] CheckpointHead make_head(const CheckpointInfo& info);
/// Nothing when the head is damaged, of a newer format, or carries something that is reserved.
[[nodiscard]] std::optional<CheckpointInfo> read_head(ByteSpan bytes);

using IdBlockSpan = std::span<const std::shared_ptr<const machine::IdBlock>>;

/// Requires 1 to kIdBlocksPerLinesMax blocks.
[[nodiscard]] base::Bytes encode_id_lines(std::uint64_t first_block, IdBlockSpan blocks);
/// The lines of block `number`; nothing when it is not in the run, or the run is damaged, of a
/// newer format, or carries something that is reserved.
[[nodiscard]] std::optional<std::vector<machine::IdLogLine>> decode_id_lines(
    std::uint64_t first_block, std::uint64_t number, ByteSpan bytes);

/// Requires 1 to kIdBlocksPerHashesMax blocks.
[[nodiscard]] base::Bytes encode_id_hashes(std::uint64_t first_block, IdBlockSpan blocks,
                                           std::uint64_t seed);
struct IdHashes {
  std::vector<std::uint64_t> checksums;
  ByteSpan packed_hashes;  ///< points into the bytes
};
/// As decode_id_lines.
[[nodiscard]] std::optional<IdHashes> decode_id_hashes(std::uint64_t first_block, ByteSpan bytes);

}  // namespace hugang::ledger::rocks
