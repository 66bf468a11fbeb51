#include "ledger/index/movement_buffer.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

#include "clearing/base/check.hpp"

namespace hugang::ledger::index {
namespace {

/// Rows of 64 in which the account occurs are looked at one by one. The inner loop has no branch,
/// so that it becomes a few wide comparisons.
bool is_in_64(const std::uint32_t* debits, const std::uint32_t* credits, std::uint32_t account) {
  std::uint32_t hit = 0;
  for (unsigned i = 0; i < 64; ++i) {
    hit |= static_cast<std::uint32_t>(debits[i] == account) |
           static_cast<std::uint32_t>(credits[i] == account);
  }
  return hit != 0;
}

}  // namespace

RowBlock::RowBlock() {
  constexpr std::size_t kBytes = std::size_t{kChunkRows} * sizeof(Row);
  rows_ = static_cast<Row*>(std::aligned_alloc(kBytes, kBytes));
  if (rows_ == nullptr) throw std::bad_alloc{};
  madvise(rows_, kBytes, MADV_HUGEPAGE);  // a hint: without it, it is only slower
}

RowBlock::~RowBlock() { std::free(rows_); }

std::unique_ptr<Chunk> MovementBuffer::Pool::take() {
  {
    const std::lock_guard lock{mutex_};
    if (!free_.empty()) {
      auto chunk = std::move(free_.back());
      free_.pop_back();
      chunk->is_sorted.store(false, std::memory_order_relaxed);
      return chunk;
    }
  }
  return std::make_unique<Chunk>();
}

void MovementBuffer::Pool::give(std::unique_ptr<Chunk> chunk) {
  const std::lock_guard lock{mutex_};
  if (free_.size() < kKept) free_.push_back(std::move(chunk));
}

MovementBuffer::MovementBuffer(std::shared_ptr<Pool> pool)
    : pool_{std::move(pool)}, chunks_{std::make_unique<std::unique_ptr<Chunk>[]>(kChunksMax)} {
  chunks_[0] = pool_->take();
}

MovementBuffer::~MovementBuffer() {
  for (std::uint32_t i = 0; i < kChunksMax && chunks_[i]; ++i) pool_->give(std::move(chunks_[i]));
}

/// A movement and the row that says more about it lie in one chunk: where only one row is left, it
/// stays empty.
void MovementBuffer::next_chunk() {
  const std::uint32_t at = row_ % kChunkRows;
  if (at == kChunkRows - 1) {
    Chunk& chunk = *chunks_[row_ >> kChunkBits];
    chunk.debits[at] = 0;
    chunk.credits[at] = 0;
    row_ += 1;
  }
  const std::uint32_t index = row_ >> kChunkBits;
  HG_CHECK(index < kChunksMax);
  if (!chunks_[index]) chunks_[index] = pool_->take();
}

void MovementBuffer::append_more(const Movement& movement) {
  Chunk& chunk = *chunks_[row_ >> kChunkBits];
  const std::uint32_t at = row_ % kChunkRows;
  HG_CHECK(at != 0);
  chunk.rows[at - 1].what |= detail::kHasMore;
  chunk.debits[at] = 0;
  chunk.credits[at] = 0;
  chunk.rows[at].what = static_cast<std::uint64_t>(movement.released_minor);
  chunk.rows[at].order = movement.lead_ns;
  row_ += 1;
  // A row that is a movement's must not be the chunk's last.
  if (row_ % kChunkRows == 0) next_chunk();
}

Movement MovementBuffer::movement(std::uint32_t row) const {
  const Chunk& in = chunk(row >> kChunkBits);
  const std::uint32_t at = row % kChunkRows;
  return make(in, at, AccountIndex{in.debits[at]}, AccountIndex{in.credits[at]});
}

void MovementBuffer::read(AccountIndex account, std::int64_t below, std::size_t limit,
                          std::vector<Posting>& out) const {
  const std::uint32_t end = rows();
  if (end == 0) return;
  for (std::uint32_t index = (end - 1) >> kChunkBits;; --index) {
    const std::uint32_t count = std::min(end - (index << kChunkBits), kChunkRows);
    read_chunk(index, count, account, below, limit, out);
    if (index == 0 || out.size() >= limit) return;
  }
}

void MovementBuffer::read_chunk(std::uint32_t index, std::uint32_t rows, AccountIndex account,
                                std::int64_t below, std::size_t limit,
                                std::vector<Posting>& out) const {
  const Chunk& in = chunk(index);
  const std::uint32_t base = index << kChunkBits;
  const auto take = [&](std::uint32_t row, Side side) {
    if (in.rows[row].order >= below || out.size() >= limit) return;
    out.push_back(posting_of(movement(base + row), side));
  };
  if (in.is_sorted.load(std::memory_order_acquire)) {
    const auto& places = in.by_account;
    auto place = std::ranges::upper_bound(places, make_key(account.value(), UINT32_MAX));
    while (place != places.begin() && account_of(*--place) == account.value()) {
      if (out.size() >= limit) return;
      const std::uint32_t at = place_of(*place);
      take(at >> 1, static_cast<Side>(at & 1));
    }
    return;
  }
  const std::uint32_t wanted = account.value();
  for (std::uint32_t end = rows; end > 0 && out.size() < limit;) {
    const std::uint32_t begin = (end - 1) / 64 * 64;
    const bool is_whole = end - begin == 64;
    if (!is_whole || is_in_64(&in.debits[begin], &in.credits[begin], wanted)) {
      for (std::uint32_t row = end; row-- > begin;) {
        if (in.debits[row] == wanted) take(row, Side::kDebit);
        if (in.credits[row] == wanted) take(row, Side::kCredit);
      }
    }
    end = begin;
  }
}

void MovementBuffer::sort_chunk(std::uint32_t index, std::vector<SortKey>& scratch) const {
  Chunk& in = chunk(index);
  if (in.is_sorted.load(std::memory_order_relaxed)) return;
  auto& keys = in.by_account;
  keys.clear();
  keys.reserve(std::size_t{2} * kChunkRows);
  for (std::uint32_t row = 0; row < kChunkRows; ++row) {
    if (in.debits[row] == 0) continue;
    keys.push_back(make_key(in.debits[row], row * 2));
    keys.push_back(make_key(in.credits[row], row * 2 + 1));
  }
  sort_by_account(keys, scratch);
  in.is_sorted.store(true, std::memory_order_release);
}

void MovementBuffer::sorted_places(std::vector<SortKey>& keys,
                                   std::vector<SortKey>& scratch) const {
  const std::uint32_t end = rows();
  keys.clear();
  keys.reserve(std::size_t{2} * end);
  for (std::uint32_t row = 0; row < end; ++row) {
    const Chunk& in = chunk(row >> kChunkBits);
    const std::uint32_t at = row % kChunkRows;
    if (in.debits[at] == 0) continue;
    keys.push_back(make_key(in.debits[at], row * 2));
    keys.push_back(make_key(in.credits[at], row * 2 + 1));
  }
  sort_by_account(keys, scratch);
}

}  // namespace hugang::ledger::index
