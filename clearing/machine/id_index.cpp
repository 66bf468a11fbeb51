#include "clearing/machine/id_index.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "clearing/base/check.hpp"
#include "clearing/machine/fingerprint.hpp"

namespace hugang::machine {
namespace {

std::uint64_t fold_step(std::uint64_t fold, std::uint64_t checksum) {
  const std::array words{fold, checksum};
  return fingerprint_bytes(std::as_bytes(std::span{words}), 0);
}

IdHash unpack_hash(const std::byte* bytes) {
  IdHash hash = 0;
  std::memcpy(&hash, bytes, kIdHashBytes);
  return hash;
}

}  // namespace

std::uint64_t checksum_of_lines(std::span<const IdLogLine> lines) {
  return fingerprint_bytes(std::as_bytes(lines), 0);
}

void pack_hashes(std::span<const IdLogLine> lines, std::uint64_t seed, base::Bytes& out) {
  std::size_t at = out.size();
  out.resize(at + lines.size() * kIdHashBytes);
  for (const IdLogLine& line : lines) {
    const IdHash hash = hash_of_id(line.id, seed);
    std::memcpy(out.data() + at, &hash, kIdHashBytes);
    at += kIdHashBytes;
  }
}

IdIndex::IdIndex(const IdIndex& other)
    : slots_{other.slots_},
      mark_{other.mark_},
      archive_{other.archive_},
      first_block_{other.first_block_},
      blocks_{other.blocks_},
      tail_{other.tail_},
      taken_blocks_{other.taken_blocks_},
      blocks_to_restore_{other.blocks_to_restore_},
      fold_to_restore_{other.fold_to_restore_},
      restored_blocks_{other.restored_blocks_},
      restored_fold_{other.restored_fold_},
      to_restore_{other.to_restore_} {
  tail_.reserve(kIdBlockLines);
}

IdIndex& IdIndex::operator=(const IdIndex& other) {
  if (this != &other) *this = IdIndex{other};
  return *this;
}

std::optional<IdRecord> IdIndex::find(base::CommandId id) const {
  std::optional<IdRecord> found;
  std::uint64_t newest = 0;
  slots_.for_each(hash_of(id), [&](std::uint64_t number) {
    if (found && number < newest) return;
    const IdLogLine candidate = line(number);
    if (candidate.id != id) return;
    found = candidate.record;
    newest = number;
  });
  return found;
}

IdLogLine IdIndex::line(std::uint64_t number) const {
  const std::uint64_t block = number / kIdBlockLines;
  if (block < first_block_) {
    HG_CHECK(archive_ != nullptr);
    return archive_->line(number);
  }
  if (block - first_block_ < blocks_.size()) {
    return blocks_[block - first_block_]->lines[number % kIdBlockLines];
  }
  return tail_[number % kIdBlockLines];
}

void IdIndex::add(base::CommandId id, const IdRecord& record) {
  HG_CHECK(!id.is_none());
  mark_.ids += 1;
  append(id, record);
}

void IdIndex::set_seed(std::uint64_t seed) {
  HG_CHECK(mark_.lines == 0);
  mark_.seed = seed;
}

void IdIndex::note(base::CommandId id, const IdRecord& record) { append(id, record); }

void IdIndex::append(base::CommandId id, const IdRecord& record) {
  slots_.insert(hash_of(id), mark_.lines);
  if (tail_.empty()) tail_.reserve(kIdBlockLines);
  tail_.push_back({id, record});
  mark_.lines += 1;
  if (tail_.size() == kIdBlockLines) close_block();
}

void IdIndex::close_block() {
  const std::uint64_t checksum = checksum_of_lines(tail_);
  mark_.fold = fold_step(mark_.fold, checksum);
  blocks_.push_back(std::make_shared<IdBlock>(std::exchange(tail_, {}), checksum));
}

IdBlocks IdIndex::take_new_blocks() {
  HG_CHECK(taken_blocks_ >= first_block_);
  IdBlocks taken{.first = taken_blocks_, .blocks = {}};
  const auto from = static_cast<std::ptrdiff_t>(taken_blocks_ - first_block_);
  taken.blocks.assign(blocks_.begin() + from, blocks_.end());
  taken_blocks_ = full_blocks();
  return taken;
}

void IdIndex::release_taken() {
  if (archive_ == nullptr) return;
  const auto count = static_cast<std::ptrdiff_t>(taken_blocks_ - first_block_);
  blocks_.erase(blocks_.begin(), blocks_.begin() + count);
  first_block_ = taken_blocks_;
}

std::optional<IdIndex> IdIndex::resume(const IdLogMark& mark, std::vector<IdLogLine> tail) {
  const bool fits = mark.lines < IdSlots::kLinesMax && mark.ids <= mark.lines &&
                    tail.size() == mark.lines % kIdBlockLines &&
                    (mark.lines >= kIdBlockLines || mark.fold == 0);
  if (!fits) return std::nullopt;
  IdIndex index;
  index.mark_ = mark;
  index.first_block_ = index.taken_blocks_ = mark.lines / kIdBlockLines;
  index.blocks_to_restore_ = index.first_block_;
  index.fold_to_restore_ = mark.fold;
  const std::uint64_t first_line = mark.lines - tail.size();
  for (std::size_t i = 0; i < tail.size(); ++i) {
    index.slots_.insert(index.hash_of(tail[i].id), first_line + i);
  }
  index.tail_ = std::move(tail);
  index.tail_.reserve(kIdBlockLines);
  return index;
}

bool IdIndex::restore_blocks(std::span<const std::uint64_t> checksums,
                             base::ByteSpan packed_hashes) {
  const std::size_t lines = checksums.size() * kIdBlockLines;
  if (packed_hashes.size() != lines * kIdHashBytes) return false;
  if (checksums.size() > blocks_to_restore_ - restored_blocks_) return false;
  // Not before: until blocks come, the number of lines is only what a snapshot says.
  constexpr std::size_t kAtOnce = std::size_t{4} << 20;
  if (restored_blocks_ == 0) {
    slots_.reserve(mark_.lines);
    to_restore_.reserve(std::min<std::uint64_t>(mark_.lines, kAtOnce + lines));
  }
  for (std::size_t i = 0; i < lines; ++i) {
    const IdHash hash = unpack_hash(packed_hashes.data() + i * kIdHashBytes);
    if (hash > kIdHashMax) return false;
    to_restore_.push_back(hash);
  }
  for (const std::uint64_t checksum : checksums) {
    restored_fold_ = fold_step(restored_fold_, checksum);
  }
  restored_blocks_ += checksums.size();
  if (to_restore_.size() >= kAtOnce || restored_blocks_ == blocks_to_restore_) {
    slots_.insert_all(to_restore_, restored_blocks_ * kIdBlockLines - to_restore_.size());
    to_restore_.clear();
    if (restored_blocks_ == blocks_to_restore_) to_restore_.shrink_to_fit();
  }
  return true;
}

}  // namespace hugang::machine
