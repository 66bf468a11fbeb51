// What tests do with an account index: feed it a journal, read whole histories, add them up.
#pragma once

#include <vector>

#include "clearing/machine/state.hpp"
#include "ledger/index/history_index.hpp"

namespace hugang::ledger::test {

/// Adds what the journal has more, and does all the work.
inline void feed(index::HistoryIndex& index, const Journal& journal) {
  const auto cursor = journal.read_from(Seqno{index.seqno().value() + 1});
  for (;;) {
    const auto entry = cursor->next();
    HG_CHECK(entry.has_value());
    if (*entry == nullptr) return;
    const bool is_added = index.add({.seqno = (*entry)->head.seqno,
                                     .at = (*entry)->head.at,
                                     .commands = (*entry)->commands,
                                     .outcomes = (*entry)->outcomes,
                                     .events = (*entry)->events});
    HG_CHECK(is_added);
    for (;;) {
      const auto worked = index.work();
      HG_CHECK(worked.has_value());
      if (!*worked) break;
    }
  }
}

/// All pages one after the other; `question.limit` is the size of a page. Newest first.
inline std::vector<index::Posting> read_history(const index::HistoryIndex& index,
                                                index::PageQuestion question) {
  std::vector<index::Posting> all;
  for (;;) {
    const auto page = index.page(question);
    HG_CHECK(page.has_value());
    HG_CHECK(page->postings.size() <= question.limit);
    all.insert(all.end(), page->postings.begin(), page->postings.end());
    if (!page->has_more) return all;
    question.before = page->postings.back().order;
  }
}

/// What a history adds up to.
inline machine::Balance sum_of(const std::vector<index::Posting>& history) {
  machine::Balance sum;
  for (const index::Posting& posting : history) {
    const bool is_debit = posting.side == index::Side::kDebit;
    (is_debit ? sum.debits_posted : sum.credits_posted) +=
        static_cast<base::u128>(posting.posted_minor);
    (is_debit ? sum.debits_pending : sum.credits_pending) +=
        static_cast<base::u128>(base::i128{posting.pending_minor});
  }
  return sum;
}

}  // namespace hugang::ledger::test
