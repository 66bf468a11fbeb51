#include "ledger/index/block.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "ledger/index/layout.hpp"

namespace hugang::ledger::index {
namespace {

/// No posting is larger: two head bytes, amount, counter, order, id, and the three rare fields.
constexpr std::size_t kPostingBytesMax = 2 + 8 + 4 + 8 + 16 + 1 + 8 + 8;
constexpr std::array<std::uint8_t, 8> kIdBytes = {1, 2, 3, 4, 8, 12, 14, 16};
constexpr std::uint8_t kMoreKind = 15;

using base::u128;

unsigned bytes_of(std::uint64_t value) {
  return (static_cast<unsigned>(std::bit_width(value | 1)) + 7) / 8;
}

/// Small distances in either direction become small numbers.
u128 zigzag(u128 delta) { return (delta << 1) ^ (u128{0} - (delta >> 127)); }
std::uint64_t zigzag(std::uint64_t delta) { return (delta << 1) ^ (0 - (delta >> 63)); }
u128 unzigzag(u128 value) { return (value >> 1) ^ (u128{0} - (value & 1)); }

/// The smallest class of kIdBytes that holds so many bytes.
constexpr std::array<std::uint8_t, 17> kIdClass = [] {
  std::array<std::uint8_t, 17> classes{};
  for (std::size_t n = 0; n <= 16; ++n) {
    std::uint8_t c = 0;
    while (kIdBytes[c] < n) ++c;
    classes[n] = c;
  }
  return classes;
}();

std::byte* put64(std::byte* at, std::uint64_t value, unsigned bytes) {
  std::memcpy(at, &value, sizeof value);
  return at + bytes;
}

std::uint64_t get64(const std::byte* at, unsigned bytes) {
  std::uint64_t value;
  std::memcpy(&value, at, sizeof value);
  return bytes == 8 ? value : value & ((1ULL << (8 * bytes)) - 1);
}

u128 get128(const std::byte* at, unsigned bytes) {
  u128 value;
  std::memcpy(&value, at, sizeof value);
  return bytes == 16 ? value : value & ((u128{1} << (8 * bytes)) - 1);
}

}  // namespace

BlockBuilder::BlockBuilder(TakeBlock take)
    : take_{std::move(take)}, bytes_(kBlockBytes + 2 * kPostingBytesMax + 64) {}

void BlockBuilder::begin_section(AccountIndex account, const Movement& movement) {
  SectionHead head;
  if (size_ == 0) {
    base_order_ = movement.order;
    base_id_ = movement.id.value();
    BlockHead block;
    block.first_account = account.value();
    block.base_order = base_order_;
    block.base_id = base_id_;
    std::memcpy(bytes_.data(), &block, sizeof block);
    size_ = sizeof block;
    start_ = {account, movement.order};
  } else {
    head.account_step = account.value() - account_.value();
  }
  account_ = account;
  section_ = size_;
  section_count_ = 0;
  std::memcpy(bytes_.data() + size_, &head, sizeof head);
  size_ += sizeof head;
  order_ = base_order_;
  id_ = base_id_;
}

void BlockBuilder::append(const Movement& movement, Side side) {
  std::byte* const begin = bytes_.data() + size_;
  std::byte* at = begin + 2;
  const auto amount = static_cast<std::uint64_t>(movement.amount_minor);
  const std::uint32_t counter = (side == Side::kDebit ? movement.credit : movement.debit).value();
  // The first posting of a section may lie on either side of the block's base.
  const std::uint64_t order = zigzag(static_cast<std::uint64_t>(movement.order - order_));
  const u128 id = zigzag(movement.id.value() - id_);
  const unsigned amount_bytes = bytes_of(amount);
  const unsigned counter_bytes = bytes_of(counter);
  const unsigned order_bytes = bytes_of(order);
  const std::uint64_t high = base::high64(id);
  const unsigned id_width = high != 0 ? 8 + bytes_of(high) : bytes_of(base::low64(id));
  const unsigned id_class = kIdClass[id_width];
  const bool is_plain = movement.lead_ns == 0 && movement.released_minor == movement.amount_minor;
  const auto kind = static_cast<unsigned>(movement.kind);
  begin[0] = static_cast<std::byte>((amount_bytes - 1) | (counter_bytes - 1) << 3 |
                                    (order_bytes - 1) << 5);
  begin[1] = static_cast<std::byte>((is_plain ? kind : kMoreKind) |
                                    static_cast<unsigned>(side) << 4 | id_class << 5);
  at = put64(at, amount, amount_bytes);
  at = put64(at, counter, counter_bytes);
  at = put64(at, order, order_bytes);
  std::memcpy(at, &id, sizeof id);
  at += kIdBytes[id_class];
  if (!is_plain) {
    *at++ = static_cast<std::byte>(kind);
    at = put64(at, static_cast<std::uint64_t>(movement.released_minor), 8);
    at = put64(at, static_cast<std::uint64_t>(movement.lead_ns), 8);
  }
  order_ = movement.order;
  id_ = movement.id.value();
  section_count_ += 1;
  size_ = static_cast<std::size_t>(at - bytes_.data());
  const auto section_bytes = static_cast<std::uint32_t>(size_ - section_ - sizeof(SectionHead));
  const std::uint32_t counts = section_count_ | section_bytes << 16;
  std::memcpy(bytes_.data() + section_ + offsetof(SectionHead, count), &counts, sizeof counts);
}

bool BlockBuilder::flush() {
  std::memset(bytes_.data() + size_, 0, kBlockSlack);
  const base::ByteSpan block{bytes_.data(), size_ + kBlockSlack};
  size_ = 0;
  return take_(start_, block);
}

namespace {

/// One posting after another out of a section.
class SectionReader {
 public:
  SectionReader(base::ByteSpan postings, const BlockHead& head)
      : at_{postings.data()},
        end_{at_ + postings.size()},
        order_{head.base_order},
        id_{head.base_id} {}

  /// False when the bytes are no posting. kBlockSlack bytes behind the section may be read.
  bool next(Posting& posting) {
    if (end_ - at_ < 2) return false;
    const auto b0 = std::to_integer<unsigned>(at_[0]);
    const auto b1 = std::to_integer<unsigned>(at_[1]);
    const unsigned amount_bytes = (b0 & 7) + 1;
    const unsigned counter_bytes = (b0 >> 3 & 3) + 1;
    const unsigned order_bytes = (b0 >> 5) + 1;
    const unsigned id_bytes = kIdBytes[b1 >> 5];
    const unsigned kind = b1 & 0xF;
    const unsigned more = kind == kMoreKind ? 17 : 0;
    const std::byte* at = at_ + 2;
    const unsigned size = 2 + amount_bytes + counter_bytes + order_bytes + id_bytes + more;
    if (end_ - at_ < static_cast<std::ptrdiff_t>(size)) return false;
    Movement movement;
    movement.amount_minor = static_cast<std::int64_t>(get64(at, amount_bytes));
    movement.released_minor = movement.amount_minor;
    at += amount_bytes;
    const AccountIndex counter{static_cast<std::uint32_t>(get64(at, counter_bytes))};
    at += counter_bytes;
    order_ = static_cast<std::int64_t>(static_cast<std::uint64_t>(order_) +
                                       base::low64(unzigzag(get64(at, order_bytes))));
    at += order_bytes;
    id_ += unzigzag(get128(at, id_bytes));
    at += id_bytes;
    movement.kind = static_cast<PostingKind>(kind);
    if (more != 0) {
      movement.kind = static_cast<PostingKind>(at[0]);
      movement.released_minor = static_cast<std::int64_t>(get64(at + 1, 8));
      movement.lead_ns = static_cast<std::int64_t>(get64(at + 9, 8));
    }
    if (!is_known(movement.kind)) return false;
    movement.order = order_;
    movement.id = CommandId{id_};
    const auto side = static_cast<Side>(b1 >> 4 & 1);
    (side == Side::kDebit ? movement.credit : movement.debit) = counter;
    posting = posting_of(movement, side);
    at_ += size;
    return true;
  }

 private:
  static bool is_known(PostingKind kind) {
    return kind >= PostingKind::kTransfer && kind <= PostingKind::kSettlementReceived;
  }
  const std::byte* at_;
  const std::byte* end_;
  std::int64_t order_;
  u128 id_;
};

}  // namespace

bool read_block(base::ByteSpan block, AccountIndex account, std::vector<Posting>& out) {
  BlockHead head;
  if (block.size() < sizeof head + kBlockSlack) return false;
  std::memcpy(&head, block.data(), sizeof head);
  if (head.format != BlockHead{}.format) return false;
  base::ByteSpan rest = block.subspan(sizeof head, block.size() - sizeof head - kBlockSlack);
  std::uint32_t at = head.first_account;
  while (!rest.empty()) {
    SectionHead section;
    if (rest.size() < sizeof section) return false;
    std::memcpy(&section, rest.data(), sizeof section);
    rest = rest.subspan(sizeof section);
    if (rest.size() < section.bytes) return false;
    at += section.account_step;
    if (at == account.value()) {
      SectionReader reader{rest.first(section.bytes), head};
      for (std::uint16_t i = 0; i < section.count; ++i) {
        if (!reader.next(out.emplace_back())) return false;
      }
      return true;
    }
    if (at > account.value()) return true;
    rest = rest.subspan(section.bytes);
  }
  return true;
}

}  // namespace hugang::ledger::index
