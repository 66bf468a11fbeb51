#include "tests/simulation/adversary/voice.hpp"

#include <utility>

#include "clearing/base/check.hpp"
#include "crypto/digest.hpp"

namespace hugang::simulation {

std::uint64_t Voice::say(base::Bytes message, bool is_breach) {
  const base::Digest before = chain;
  chain = crypto::chain_next(chain, message);
  said.push_back({.bytes = std::move(message), .before = before, .is_breach = is_breach});
  return said.size();
}

wire::PayloadHead Voice::head_at(std::uint64_t first) const {
  HG_CHECK(first >= 1 && first <= said.size() + 1);
  wire::PayloadHead head;
  head.from = self;
  head.to = victim;
  head.first_seqno = base::ChannelSeqno{first};
  head.acknowledged = base::ChannelSeqno{acks_backwards ? 0 : applied};
  head.chain_before =
      first == said.size() + 1 ? chain : said[static_cast<std::size_t>(first - 1)].before;
  return head;
}

base::Bytes Voice::payload(std::uint64_t first, std::uint64_t last) const {
  HG_CHECK(first <= last && last <= said.size());
  std::vector<base::ByteSpan> messages;
  for (std::uint64_t n = first; n <= last; ++n) {
    messages.emplace_back(said[static_cast<std::size_t>(n - 1)].bytes);
  }
  return wire::encode_payload(head_at(first), messages);
}

void Voice::forget_breach() {
  if (cursor >= said.size() || !said[static_cast<std::size_t>(cursor)].is_breach) return;
  const auto at = said.begin() + static_cast<std::ptrdiff_t>(cursor);
  std::vector<Said> behind(std::make_move_iterator(at + 1), std::make_move_iterator(said.end()));
  chain = at->before;
  said.erase(at, said.end());
  for (auto& [number, seqno] : announced) {
    if (seqno > cursor) --seqno;
  }
  for (Said& message : behind) say(std::move(message.bytes), message.is_breach);
  sent = std::min<std::uint64_t>(sent, cursor);
}

void Voice::adopt(std::uint64_t applied_there, const base::Digest& chain_there) {
  said.resize(static_cast<std::size_t>(applied_there));
  chain = chain_there;
  cursor = sent = applied_there;
  demands.clear();
  demand_order.clear();
  own.clear();
  std::erase_if(announced, [&](const auto& entry) { return entry.second > applied_there; });
}

}  // namespace hugang::simulation
