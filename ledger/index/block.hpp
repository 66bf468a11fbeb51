// A run's postings on disk: blocks of about 8 KiB, sorted by account and order, each readable on
// its own. docs/FORMAT.md shows every byte.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "clearing/base/bytes.hpp"
#include "ledger/index/posting.hpp"

namespace hugang::ledger::index {

/// A block is closed when it has grown past this.
inline constexpr std::size_t kBlockBytes = 8 * 1024;

/// Where a block begins; blocks are found by it.
struct BlockStart {
  AccountIndex account;
  std::int64_t order = 0;
};

/// Called with each finished block; the bytes are valid during the call.
using TakeBlock = std::move_only_function<bool(BlockStart, base::ByteSpan)>;

/// Encodes postings that come sorted by account, then order. One thread.
class BlockBuilder {
 public:
  explicit BlockBuilder(TakeBlock take);

  /// False when `take` said so: then stop.
  [[nodiscard]] bool add(AccountIndex account, const Movement& movement, Side side) {
    if (size_ >= kBlockBytes && !flush()) return false;
    if (account != account_ || size_ == 0) begin_section(account, movement);
    append(movement, side);
    return true;
  }
  /// Hands out what is left.
  [[nodiscard]] bool finish() { return size_ == 0 || flush(); }

 private:
  void begin_section(AccountIndex account, const Movement& movement);
  void append(const Movement& movement, Side side);
  [[nodiscard]] bool flush();

  TakeBlock take_;
  std::vector<std::byte> bytes_;
  std::size_t size_ = 0;     ///< 0: no block begun
  std::size_t section_ = 0;  ///< where the section's counts stand
  std::uint32_t section_count_ = 0;
  BlockStart start_;
  AccountIndex account_;  ///< of the section
  std::int64_t order_ = 0;
  base::u128 id_ = 0;
  std::int64_t base_order_ = 0;
  base::u128 base_id_ = 0;
};

/// The postings of an account in a block, oldest first, appended to `out`. False when the bytes are
/// no block; never reads outside of them.
[[nodiscard]] bool read_block(base::ByteSpan block, AccountIndex account,
                              std::vector<Posting>& out);

}  // namespace hugang::ledger::index
