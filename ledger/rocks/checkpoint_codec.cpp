#include "ledger/rocks/checkpoint_codec.hpp"

#include <algorithm>
#include <cstring>

namespace hugang::ledger::rocks {
namespace {

constexpr std::size_t kLineBytes = sizeof(machine::IdLogLine);
static_assert(sizeof(IdRunHead) + kIdLinesPerRunMax * kLineBytes <= kSnapshotChunkBytes);

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

base::Bytes encode_id_run(std::uint64_t first_line, std::span<const machine::IdLogLine> lines) {
  IdRunHead head;
  head.line_count = static_cast<std::uint32_t>(lines.size());
  head.first_line = first_line;
  head.lines_checksum = checksum_of(std::as_bytes(lines));
  base::Bytes bytes;
  bytes.reserve(sizeof head + lines.size_bytes());
  const auto head_bytes = std::as_bytes(std::span{&head, 1});
  const auto line_bytes = std::as_bytes(lines);
  bytes.insert(bytes.end(), head_bytes.begin(), head_bytes.end());
  bytes.insert(bytes.end(), line_bytes.begin(), line_bytes.end());
  return bytes;
}

std::optional<IdRun> decode_id_run(ByteSpan bytes) {
  if (bytes.size() < sizeof(IdRunHead)) return std::nullopt;
  IdRunHead head;
  std::memcpy(&head, bytes.data(), sizeof head);
  const ByteSpan lines = bytes.subspan(sizeof head);
  const bool is_ours = head.magic == kIdRunMagic && head.format == kIdRunFormat &&
                       head.reserved0 == 0 && head.reserved1 == 0 && head.line_count > 0 &&
                       lines.size() == head.line_count * kLineBytes &&
                       head.lines_checksum == checksum_of(lines);
  if (!is_ours) return std::nullopt;
  IdRun run{.first_line = head.first_line, .lines = {}};
  run.lines.resize(head.line_count);
  std::memcpy(run.lines.data(), lines.data(), lines.size());
  return run;
}

}  // namespace hugang::ledger::rocks
