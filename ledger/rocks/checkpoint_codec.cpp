#include "ledger/rocks/checkpoint_codec.hpp"

#include <algorithm>
#include <cstring>

#include "clearing/base/check.hpp"

namespace hugang::ledger::rocks {
namespace {

constexpr std::size_t kBlockBytes = machine::kIdBlockLines * sizeof(machine::IdLogLine);
constexpr std::size_t kBlockHashesBytes =
    sizeof(std::uint64_t) + machine::kIdBlockLines * machine::kIdHashBytes;
static_assert(sizeof(IdHead) + kIdBlocksPerHashesMax * kBlockHashesBytes <= kSnapshotChunkBytes);

void put_head(base::Bytes& bytes, IdHead head) {
  head.body = checksum_of(ByteSpan{bytes}.subspan(sizeof head));
  std::memcpy(bytes.data(), &head, sizeof head);
}

/// The head, when it is what it should be and the body matches it.
std::optional<IdHead> read_id_head(std::uint64_t magic, std::uint64_t first_block, ByteSpan bytes) {
  if (bytes.size() < sizeof(IdHead)) return std::nullopt;
  IdHead head;
  std::memcpy(&head, bytes.data(), sizeof head);
  const bool is_ours = head.magic == magic && head.format == kIdFormat && head.reserved0 == 0 &&
                       head.reserved1 == 0 && head.first_block == first_block &&
                       head.body == checksum_of(bytes.subspan(sizeof head));
  return is_ours ? std::optional{head} : std::nullopt;
}

Checksum checksum_of_head(const CheckpointHead& head) {
  return checksum_of(
      std::as_bytes(std::span{&head, 1}).first(offsetof(CheckpointHead, head_checksum)));
}

bool has_reserved_zero(const CheckpointHead& head) {
  return head.reserved0 == 0 &&
         std::ranges::all_of(head.reserved, [](std::byte b) { return b == std::byte{0}; });
}

std::uint32_t chunk_count_of(std::uint64_t snapshot_bytes) {
  return static_cast<std::uint32_t>((snapshot_bytes + kSnapshotChunkBytes - 1) /
                                    kSnapshotChunkBytes);
}

}  // namespace

CheckpointHead make_head(const CheckpointInfo& info) {
  CheckpointHead head;
  head.chunk_count = chunk_count_of(info.snapshot_bytes);
  head.seqno = info.seqno;
  head.at = info.at;
  head.entry_checksum = info.entry_checksum;
  head.digest = info.digest;
  head.snapshot_bytes = info.snapshot_bytes;
  head.id_lines = info.id_lines;
  head.head_checksum = checksum_of_head(head);
  return head;
}

std::optional<CheckpointInfo> read_head(ByteSpan bytes) {
  if (bytes.size() != sizeof(CheckpointHead)) return std::nullopt;
  CheckpointHead head;
  std::memcpy(&head, bytes.data(), sizeof head);
  const bool is_ours = head.magic == kCheckpointMagic && head.format == kCheckpointFormat &&
                       head.head_checksum == checksum_of_head(head) && has_reserved_zero(head) &&
                       head.chunk_count == chunk_count_of(head.snapshot_bytes);
  if (!is_ours) return std::nullopt;
  return CheckpointInfo{.seqno = head.seqno,
                        .at = head.at,
                        .entry_checksum = head.entry_checksum,
                        .digest = head.digest,
                        .snapshot_bytes = head.snapshot_bytes,
                        .id_lines = head.id_lines};
}

base::Bytes encode_id_lines(std::uint64_t first_block, IdBlockSpan blocks) {
  HG_CHECK(!blocks.empty() && blocks.size() <= kIdBlocksPerLinesMax);
  base::Bytes bytes(sizeof(IdHead) + blocks.size() * kBlockBytes);
  std::byte* at = bytes.data() + sizeof(IdHead);
  for (const auto& block : blocks) {
    HG_CHECK(block->lines.size() == machine::kIdBlockLines);
    std::memcpy(at, block->lines.data(), kBlockBytes);
    at += kBlockBytes;
  }
  put_head(bytes, {.block_count = static_cast<std::uint32_t>(blocks.size()),
                   .first_block = first_block,
                   .body = {}});
  return bytes;
}

std::optional<std::vector<machine::IdLogLine>> decode_id_lines(std::uint64_t first_block,
                                                               std::uint64_t number,
                                                               ByteSpan bytes) {
  const auto head = read_id_head(kIdLinesMagic, first_block, bytes);
  if (!head || head->block_count > kIdBlocksPerLinesMax) return std::nullopt;
  if (bytes.size() != sizeof(IdHead) + head->block_count * kBlockBytes) return std::nullopt;
  if (number < first_block || number - first_block >= head->block_count) return std::nullopt;
  std::vector<machine::IdLogLine> lines(machine::kIdBlockLines);
  std::memcpy(lines.data(), bytes.data() + sizeof(IdHead) + (number - first_block) * kBlockBytes,
              kBlockBytes);
  return lines;
}

base::Bytes encode_id_hashes(std::uint64_t first_block, IdBlockSpan blocks, std::uint64_t seed) {
  HG_CHECK(!blocks.empty() && blocks.size() <= kIdBlocksPerHashesMax);
  base::Bytes bytes(sizeof(IdHead));
  bytes.reserve(sizeof(IdHead) + blocks.size() * kBlockHashesBytes);
  for (const auto& block : blocks) {
    const auto checksum = std::as_bytes(std::span{&block->checksum, 1});
    bytes.insert(bytes.end(), checksum.begin(), checksum.end());
  }
  for (const auto& block : blocks) machine::pack_hashes(block->lines, seed, bytes);
  put_head(bytes, {.magic = kIdHashesMagic,
                   .block_count = static_cast<std::uint32_t>(blocks.size()),
                   .first_block = first_block,
                   .body = {}});
  return bytes;
}

std::optional<IdHashes> decode_id_hashes(std::uint64_t first_block, ByteSpan bytes) {
  const auto head = read_id_head(kIdHashesMagic, first_block, bytes);
  if (!head || head->block_count == 0 || head->block_count > kIdBlocksPerHashesMax) {
    return std::nullopt;
  }
  const std::size_t blocks = head->block_count;
  if (bytes.size() != sizeof(IdHead) + blocks * kBlockHashesBytes) return std::nullopt;
  IdHashes hashes{.checksums = std::vector<std::uint64_t>(blocks),
                  .packed_hashes = bytes.subspan(sizeof(IdHead) + blocks * sizeof(std::uint64_t))};
  std::memcpy(hashes.checksums.data(), bytes.data() + sizeof(IdHead),
              blocks * sizeof(std::uint64_t));
  return hashes;
}

}  // namespace hugang::ledger::rocks
