// The newest movements, in memory, until they are written out as a sorted table. One thread adds;
// any thread reads meanwhile what was published.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "ledger/index/posting.hpp"
#include "ledger/index/radix_sort.hpp"

namespace hugang::ledger::index {

inline constexpr std::uint32_t kChunkBits = 16;
inline constexpr std::uint32_t kChunkRows = 1U << kChunkBits;

/// What the two postings of a movement share, in half a cache line. `what` holds the amount in the
/// low 57 bits, the kind above, and whether another row with more about this one follows.
struct alignas(32) Row {
  base::u128 id;
  std::uint64_t what;
  std::int64_t order;
};
static_assert(sizeof(Row) == 32);

/// The rows of a chunk: exactly a huge page, where the system gives one. Rows are read in the order
/// of accounts when a run is written, and each would miss the table of small pages.
class RowBlock {
 public:
  RowBlock();
  RowBlock(const RowBlock&) = delete;
  RowBlock& operator=(const RowBlock&) = delete;
  ~RowBlock();
  [[nodiscard]] Row& operator[](std::size_t index) const { return rows_[index]; }

 private:
  Row* rows_;
};

/// 65,536 rows and, once it is full, who is in it by account: 56 bytes a row.
struct Chunk {
  std::unique_ptr<std::uint32_t[]> debits =
      std::make_unique_for_overwrite<std::uint32_t[]>(kChunkRows);
  std::unique_ptr<std::uint32_t[]> credits =
      std::make_unique_for_overwrite<std::uint32_t[]>(kChunkRows);
  RowBlock rows;
  std::vector<SortKey> by_account;  ///< place: row * 2 + side; valid when is_sorted
  std::atomic<bool> is_sorted{false};
};

class MovementBuffer {
 public:
  /// A larger entry than this many rows behind the wanted size cannot come: see kChunksMax.
  static constexpr std::uint32_t kChunksMax = 1'024;

  /// Chunks come from and go back to a pool, so that memory is not given back and fetched again.
  class Pool {
   public:
    [[nodiscard]] std::unique_ptr<Chunk> take();
    void give(std::unique_ptr<Chunk> chunk);

   private:
    static constexpr std::size_t kKept = 40;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Chunk>> free_;
  };

  explicit MovementBuffer(std::shared_ptr<Pool> pool);
  ~MovementBuffer();
  MovementBuffer(const MovementBuffer&) = delete;
  MovementBuffer& operator=(const MovementBuffer&) = delete;

  /// Not seen by readers before publish().
  void add(const Movement& movement) {
    if (row_ % kChunkRows >= kChunkRows - 1) next_chunk();
    append(movement);
  }
  /// Everything that was added may be read from now on.
  void publish() { published_.store(row_, std::memory_order_release); }

  [[nodiscard]] std::uint32_t rows_added() const { return row_; }

  // Any thread.
  [[nodiscard]] std::uint32_t rows() const { return published_.load(std::memory_order_acquire); }
  /// Full chunks that were published: they do not change any more.
  [[nodiscard]] std::uint32_t full_chunks() const { return rows() >> kChunkBits; }
  [[nodiscard]] Chunk& chunk(std::uint32_t index) const { return *chunks_[index]; }
  /// The movement in a row. Requires row < rows() and is_movement(row).
  [[nodiscard]] Movement movement(std::uint32_t row) const;
  /// The same where the account on one side is known: a memory access less.
  [[nodiscard]] Movement movement(std::uint32_t row, Side side, AccountIndex account) const {
    const Chunk& in = chunk(row >> kChunkBits);
    const std::uint32_t at = row % kChunkRows;
    const auto& others = side == Side::kDebit ? in.credits : in.debits;
    const AccountIndex other{others[at]};
    return side == Side::kDebit ? make(in, at, account, other) : make(in, at, other, account);
  }
  /// Asks the memory for what movement(row, side, ...) will touch.
  void prefetch(std::uint32_t row, Side side) const {
    const Chunk& in = chunk(row >> kChunkBits);
    const std::uint32_t at = row % kChunkRows;
    __builtin_prefetch(&in.rows[at]);
    __builtin_prefetch(side == Side::kDebit ? &in.credits[at] : &in.debits[at]);
  }
  /// Rows that only say more about the one before name no account.
  [[nodiscard]] bool is_movement(std::uint32_t row) const {
    return chunk(row >> kChunkBits).debits[row % kChunkRows] != 0;
  }
  [[nodiscard]] const Row& row(std::uint32_t row) const {
    return chunk(row >> kChunkBits).rows[row % kChunkRows];
  }

  /// The newest postings of an account with an order below `below`, newest first, appended to
  /// `out` until it holds `limit`.
  void read(AccountIndex account, std::int64_t below, std::size_t limit,
            std::vector<Posting>& out) const;

  /// Sorts what of a full chunk is where. One thread; readers may be in the chunk.
  void sort_chunk(std::uint32_t index, std::vector<SortKey>& scratch) const;

  /// All places by account; places are row * 2 + side. Only while nothing is added.
  void sorted_places(std::vector<SortKey>& keys, std::vector<SortKey>& scratch) const;

 private:
  [[nodiscard]] static Movement make(const Chunk& in, std::uint32_t at, AccountIndex debit,
                                     AccountIndex credit);
  void next_chunk();
  void append(const Movement& movement);
  void append_more(const Movement& movement);
  void read_chunk(std::uint32_t index, std::uint32_t rows, AccountIndex account, std::int64_t below,
                  std::size_t limit, std::vector<Posting>& out) const;

  std::shared_ptr<Pool> pool_;
  std::unique_ptr<std::unique_ptr<Chunk>[]> chunks_;
  std::uint32_t row_ = 0;  ///< of the next movement
  std::atomic<std::uint32_t> published_{0};
};

namespace detail {
inline constexpr unsigned kAmountBits = 57;  // 10^17 and more
inline constexpr std::uint64_t kAmountMask = (1ULL << kAmountBits) - 1;
inline constexpr std::uint64_t kHasMore = 1ULL << 63;

[[nodiscard]] inline std::uint64_t pack(std::int64_t amount, PostingKind kind) {
  return static_cast<std::uint64_t>(amount) | (static_cast<std::uint64_t>(kind) << kAmountBits);
}
[[nodiscard]] inline std::int64_t amount_in(std::uint64_t what) {
  return static_cast<std::int64_t>(what & kAmountMask);
}
[[nodiscard]] inline PostingKind kind_in(std::uint64_t what) {
  return static_cast<PostingKind>((what >> kAmountBits) & 0xF);
}
}  // namespace detail

inline void MovementBuffer::append(const Movement& movement) {
  Chunk& chunk = *chunks_[row_ >> kChunkBits];
  const std::uint32_t at = row_ % kChunkRows;
  chunk.debits[at] = movement.debit.value();
  chunk.credits[at] = movement.credit.value();
  Row& row = chunk.rows[at];
  row.id = movement.id.value();
  row.what = detail::pack(movement.amount_minor, movement.kind);
  row.order = movement.order;
  row_ += 1;
  const bool is_plain = movement.lead_ns == 0 && movement.released_minor == movement.amount_minor;
  if (!is_plain) append_more(movement);
}

inline Movement MovementBuffer::make(const Chunk& in, std::uint32_t at, AccountIndex debit,
                                     AccountIndex credit) {
  const Row& found = in.rows[at];
  Movement movement;
  movement.id = CommandId{found.id};
  movement.amount_minor = detail::amount_in(found.what);
  movement.kind = detail::kind_in(found.what);
  movement.order = found.order;
  movement.debit = debit;
  movement.credit = credit;
  movement.released_minor = movement.amount_minor;
  if ((found.what & detail::kHasMore) != 0) {
    movement.released_minor = static_cast<std::int64_t>(in.rows[at + 1].what);
    movement.lead_ns = in.rows[at + 1].order;
  }
  return movement;
}

}  // namespace hugang::ledger::index
