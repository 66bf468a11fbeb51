// The records of the account index on disk. docs/FORMAT.md shows every byte; the index is derived,
// so a program that finds another format makes it again.
#pragma once

#include <array>
#include <cstdint>

#include "ledger/entry.hpp"

namespace hugang::ledger::index {

inline constexpr std::uint64_t kIndexMagic = 0x0058'4544'4E49'4748;  ///< "HGINDEX" and a zero
inline constexpr std::uint16_t kIndexFormat = 1;

/// From what the index was built, and up to where. 128 bytes.
struct IndexHead {
  std::uint64_t magic = kIndexMagic;
  std::uint16_t format = kIndexFormat;
  std::uint16_t reserved0 = 0;
  NodeId node;
  Checksum genesis;           ///< head_checksum of entry 1
  Seqno seqno;                ///< the last entry that is in the index
  Checksum entry_checksum;    ///< head_checksum of that entry
  std::int64_t order = 0;     ///< of the last movement
  std::int64_t lead_ns = 0;   ///< of the last movement
  std::int64_t lead_max = 0;  ///< the largest there was
  std::uint32_t run_count = 0;
  std::uint32_t reserved1 = 0;
  std::array<std::uint64_t, 3> reserved2{};
  Checksum head_checksum;  ///< of the 112 bytes before it
};
static_assert(sizeof(IndexHead) == 128);

/// 72 bytes; `mark_count` marks and `filter_words` words of the filter follow.
struct RunHead {
  std::uint32_t number = 0;
  std::uint32_t mark_count = 0;
  std::int64_t first_order = 0;
  std::int64_t last_order = 0;
  std::uint64_t postings = 0;
  std::uint64_t bytes = 0;  ///< of the table
  std::uint32_t filter_form = 0;
  std::uint32_t filter_words = 0;
  std::array<std::uint64_t, 3> reserved{};
};
static_assert(sizeof(RunHead) == 72);

/// An entry and its time: between two marks lie at most kMarkBytes of journal and one entry.
struct Mark {
  Seqno seqno;
  Timestamp at;
};
static_assert(sizeof(Mark) == 16);
inline constexpr std::uint64_t kMarkBytes = 64 * 1024;

/// 32 bytes. Sections follow, then kBlockSlack zeros, so that a field may be read in one go.
struct BlockHead {
  std::uint32_t format = 1;
  std::uint32_t first_account = 0;
  std::int64_t base_order = 0;  ///< the first posting of every section counts from here
  base::u128 base_id = 0;       ///< likewise
};
static_assert(sizeof(BlockHead) == 32);
inline constexpr std::size_t kBlockSlack = 16;

/// The postings of one account in a block. 8 bytes.
struct SectionHead {
  std::uint32_t account_step = 0;  ///< from the account of the section before; 0 in the first
  std::uint16_t count = 0;
  std::uint16_t bytes = 0;
};
static_assert(sizeof(SectionHead) == 8);

/// What an open hold, or a leg of an open settlement, moves between which accounts. 16 bytes.
struct LegRecord {
  std::uint32_t debit = 0;
  std::uint32_t credit = 0;
  std::int64_t amount_minor = 0;
};
static_assert(sizeof(LegRecord) == 16);

}  // namespace hugang::ledger::index
