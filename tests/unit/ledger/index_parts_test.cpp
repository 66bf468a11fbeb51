// The parts of the account index: sorting, blocks, filters, the buffer in memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "ledger/index/block.hpp"
#include "ledger/index/movement_buffer.hpp"
#include "ledger/index/presence.hpp"
#include "ledger/index/radix_sort.hpp"

namespace hugang::ledger::index {
namespace {

using Random = std::mt19937_64;

TEST(SortByAccount, IsAStableSort) {
  Random random{7};
  std::vector<SortKey> scratch;
  for (const std::uint32_t accounts : {1U, 2U, 300U, 10'000U, 5'000'000U, UINT32_MAX}) {
    for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{70'000}}) {
      std::vector<SortKey> keys;
      for (std::uint32_t i = 0; i < count; ++i) {
        keys.push_back(make_key(static_cast<std::uint32_t>(random() % accounts) + 1, i));
      }
      auto expected = keys;
      std::ranges::stable_sort(expected, {}, account_of);
      sort_by_account(keys, scratch);
      ASSERT_EQ(keys, expected) << accounts << " accounts, " << count << " keys";
    }
  }
}

TEST(Presence, NeverMissesAndSeldomHitsFalsely) {
  Random random{3};
  for (const std::uint32_t highest : {50U, 20'000U, 50'000'000U}) {
    std::vector<std::uint32_t> accounts;
    for (int i = 0; i < 5'000; ++i) {
      accounts.push_back(static_cast<std::uint32_t>(random() % highest) + 1);
    }
    std::ranges::sort(accounts);
    accounts.erase(std::ranges::unique(accounts).begin(), accounts.end());
    const Presence presence{accounts};
    for (const std::uint32_t account : accounts) {
      EXPECT_TRUE(presence.may_hold(base::AccountIndex{account}));
    }
    const Presence copy{presence.form(), {presence.words().begin(), presence.words().end()}};
    int hits = 0;
    for (int i = 0; i < 10'000; ++i) {
      const auto other = static_cast<std::uint32_t>(random());
      const bool is_there = std::ranges::binary_search(accounts, other);
      const bool may = presence.may_hold(base::AccountIndex{other});
      EXPECT_EQ(may, copy.may_hold(base::AccountIndex{other}));
      hits += may && !is_there ? 1 : 0;
    }
    EXPECT_LT(hits, 300) << highest;
    EXPECT_LE(presence.words().size() * 64, accounts.size() * 10 + 64);
  }
  EXPECT_FALSE(Presence{}.may_hold(base::AccountIndex{1}));
}

/// A number whose size in bytes is drawn first, so that all sizes occur.
std::uint64_t any_size(Random& random, unsigned bits_max) {
  return random() >> (64 - random() % bits_max - 1);
}

Movement any_movement(Random& random, std::int64_t order, std::uint32_t accounts) {
  Movement movement;
  const bool is_wild = random() % 3 == 0;
  movement.id = base::CommandId{is_wild ? base::make_u128(any_size(random, 64), random())
                                        : base::make_u128(17, random() % 100'000)};
  movement.amount_minor = static_cast<std::int64_t>(any_size(random, 56));
  movement.order = order;
  movement.debit = AccountIndex{static_cast<std::uint32_t>(random() % accounts) + 1};
  do {
    movement.credit = AccountIndex{static_cast<std::uint32_t>(random() % accounts) + 1};
  } while (movement.credit == movement.debit);
  movement.kind = static_cast<PostingKind>(random() % 9 + 1);
  movement.released_minor = movement.amount_minor;
  if (movement.kind == PostingKind::kHoldPosted && random() % 2 == 0) {
    movement.released_minor = static_cast<std::int64_t>(any_size(random, 56));
  }
  if (random() % 10 == 0) movement.lead_ns = static_cast<std::int64_t>(random() % 1'000);
  return movement;
}

std::vector<Movement> any_movements(Random& random, std::size_t count, std::uint32_t accounts) {
  std::vector<Movement> all;
  std::int64_t order = 1'800'000'000'000'000'000;
  for (std::size_t i = 0; i < count; ++i) {
    order += 1 + static_cast<std::int64_t>(any_size(random, 40));
    all.push_back(any_movement(random, order, accounts));
  }
  return all;
}

/// Oldest first.
std::map<std::uint32_t, std::vector<Posting>> by_account(const std::vector<Movement>& all) {
  std::map<std::uint32_t, std::vector<Posting>> postings;
  for (const Movement& movement : all) {
    postings[movement.debit.value()].push_back(posting_of(movement, Side::kDebit));
    postings[movement.credit.value()].push_back(posting_of(movement, Side::kCredit));
  }
  return postings;
}

struct Block {
  BlockStart start;
  base::Bytes bytes;
};

std::vector<Block> blocks_of(const std::vector<Movement>& all) {
  std::vector<Block> blocks;
  BlockBuilder builder{[&](BlockStart start, base::ByteSpan bytes) {
    blocks.push_back({start, {bytes.begin(), bytes.end()}});
    return true;
  }};
  std::map<std::uint32_t, std::vector<std::pair<const Movement*, Side>>> sorted;
  for (const Movement& movement : all) {
    sorted[movement.debit.value()].emplace_back(&movement, Side::kDebit);
    sorted[movement.credit.value()].emplace_back(&movement, Side::kCredit);
  }
  for (const auto& [account, list] : sorted) {
    for (const auto& [movement, side] : list) {
      EXPECT_TRUE(builder.add(AccountIndex{account}, *movement, side));
    }
  }
  EXPECT_TRUE(builder.finish());
  return blocks;
}

TEST(Block, GivesBackWhatWasPutIn) {
  Random random{11};
  for (const std::uint32_t accounts : {2U, 40U, 3'000U, UINT32_MAX - 1}) {
    const auto all = any_movements(random, 6'000, accounts);
    const auto blocks = blocks_of(all);
    EXPECT_GT(blocks.size(), 10u);
    std::map<std::uint32_t, std::vector<Posting>> found;
    const auto expected = by_account(all);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      EXPECT_LT(blocks[i].bytes.size(), kBlockBytes + 200);
      const auto first = expected.lower_bound(blocks[i].start.account.value());
      for (auto at = first; at != expected.end(); ++at) {
        if (i + 1 < blocks.size() && at->first > blocks[i + 1].start.account.value()) break;
        ASSERT_TRUE(read_block(blocks[i].bytes, AccountIndex{at->first}, found[at->first]));
      }
    }
    EXPECT_EQ(found, expected);
  }
}

TEST(Block, DamagedBytesAreReadWithinTheirBounds) {
  Random random{13};
  const auto all = any_movements(random, 2'000, 30);
  for (const Block& block : blocks_of(all)) {
    for (int i = 0; i < 200; ++i) {
      // In memory of its own size, so that a sanitizer sees a read behind it.
      base::Bytes bytes{block.bytes.begin(), block.bytes.end()};
      if (i % 2 == 0) bytes.resize(random() % bytes.size());
      for (int flips = 0; flips < 3 && !bytes.empty(); ++flips) {
        bytes[random() % bytes.size()] = static_cast<std::byte>(random());
      }
      std::vector<Posting> ignored;
      static_cast<void>(
          read_block(bytes, AccountIndex{static_cast<std::uint32_t>(random() % 31)}, ignored));
    }
  }
  std::vector<Posting> none;
  EXPECT_FALSE(read_block({}, AccountIndex{1}, none));
}

TEST(MovementBuffer, ReadsNewestFirstSortedOrNot) {
  Random random{17};
  constexpr std::uint32_t kAccounts = 50;
  const auto all = any_movements(random, 3 * kChunkRows, kAccounts);
  MovementBuffer buffer{std::make_shared<MovementBuffer::Pool>()};
  std::size_t published = 0;
  for (const Movement& movement : all) {
    buffer.add(movement);
    if (++published == all.size() - 1'000) break;
  }
  buffer.publish();
  for (std::size_t i = published; i < all.size(); ++i) buffer.add(all[i]);

  const auto expected =
      by_account({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(published)});
  const auto check = [&] {
    for (std::uint32_t account = 1; account <= kAccounts; ++account) {
      auto newest_first = expected.at(account);
      std::ranges::reverse(newest_first);
      std::vector<Posting> found;
      buffer.read(AccountIndex{account}, INT64_MAX, SIZE_MAX, found);
      ASSERT_EQ(found, newest_first);
      const std::size_t skip = random() % newest_first.size();
      const std::size_t limit = random() % 300 + 1;
      found.clear();
      buffer.read(AccountIndex{account}, newest_first[skip].order, limit, found);
      newest_first.erase(newest_first.begin(),
                         newest_first.begin() + static_cast<std::ptrdiff_t>(skip) + 1);
      newest_first.resize(std::min(limit, newest_first.size()));
      ASSERT_EQ(found, newest_first);
    }
    std::vector<Posting> nothing;
    buffer.read(AccountIndex{kAccounts + 1}, INT64_MAX, SIZE_MAX, nothing);
    EXPECT_TRUE(nothing.empty());
  };
  check();
  std::vector<SortKey> scratch;
  ASSERT_GE(buffer.full_chunks(), 2u);
  for (std::uint32_t i = 0; i < buffer.full_chunks(); ++i) buffer.sort_chunk(i, scratch);
  check();
}

}  // namespace
}  // namespace hugang::ledger::index
