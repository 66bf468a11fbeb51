// The hashes of the newest messages of one incoming direction: what a repetition is held against.
#pragma once

#include <cstddef>
#include <deque>

#include "clearing/base/bytes.hpp"
#include "clearing/base/strong_id.hpp"
#include "clearing/machine/limits.hpp"

namespace hugang::machine {

/// Chain hashes after the newest messages, oldest first, one a message, at most kChainsRemembered.
/// A peer that repeats one of these messages with other content has signed two histories; beyond
/// them a repetition is passed over unseen, which moves nothing.
struct ChainHistory {
  std::deque<base::Digest> hashes;

  void push(const base::Digest& after) {
    hashes.push_back(after);
    if (hashes.size() > kChainsRemembered) hashes.pop_front();
  }

  /// The hash after message `seqno` (0: before the first), where `newest` is the last message
  /// pushed; nullptr when it is no longer, or not yet, known.
  [[nodiscard]] const base::Digest* find(base::ChannelSeqno seqno,
                                         base::ChannelSeqno newest) const {
    static constexpr base::Digest kBeforeTheFirst{};
    if (seqno.is_none()) return &kBeforeTheFirst;
    if (seqno > newest) return nullptr;
    const std::uint64_t back = newest.value() - seqno.value();
    return back < hashes.size() ? &hashes[hashes.size() - 1 - static_cast<std::size_t>(back)]
                                : nullptr;
  }
};

}  // namespace hugang::machine
