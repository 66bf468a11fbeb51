#include "ledger/index/journal_search.hpp"

#include "clearing/wire/batch.hpp"

namespace hugang::ledger::index {
namespace {

/// The command of an entry at that place, if it is a transfer.
std::optional<FoundTransfer> transfer_at(const EntryView& entry, std::uint32_t index) {
  const auto groups = wire::read_batch(entry.commands);
  if (!groups) return std::nullopt;
  std::uint32_t first = 0;
  for (const wire::GroupView& group : *groups) {
    if (index < first + group.count) {
      if (group.kind != wire::CommandKind::kTransfer) return std::nullopt;
      return FoundTransfer{.seqno = entry.head.seqno,
                           .index = index,
                           .caller = group.caller,
                           .record = wire::read_record<wire::Transfer>(group.record(index - first)),
                           .outcome = entry.outcome(index)};
    }
    first += group.count;
  }
  return std::nullopt;
}

/// The time of an entry's first command.
std::expected<Timestamp, LedgerError> time_of(const Journal& journal, Seqno seqno) {
  const auto bytes = journal.read(seqno);
  if (!bytes) return std::unexpected{bytes.error()};
  const auto head = read_entry_head(*bytes);
  if (head) return head->at;
  return std::unexpected{LedgerError{
      .code = LedgerError::Code::kDamaged,
      .sentence = "entry " + std::to_string(seqno.value()) +
                  " of the journal has no valid head. Run hugang-audit verify on a copy",
      .entry = seqno}};
}

}  // namespace

std::expected<std::optional<FoundTransfer>, LedgerError> find_transfer(const Journal& journal,
                                                                       Timestamp at, Seqno from,
                                                                       Seqno until) {
  while (from.value() + kReadThrough < until.value()) {
    const Seqno middle{from.value() + (until.value() - from.value()) / 2};
    const auto time = time_of(journal, middle);
    if (!time) return std::unexpected{time.error()};
    (*time <= at ? from : until) = middle;
  }
  const auto cursor = journal.read_from(from);
  for (;;) {
    const auto entry = cursor->next();
    if (!entry) return std::unexpected{entry.error()};
    if (*entry == nullptr || (*entry)->head.at > at) return std::nullopt;
    const std::int64_t index = (at - (*entry)->head.at).count_ns();
    if (index < (*entry)->head.command_count) {
      return transfer_at(**entry, static_cast<std::uint32_t>(index));
    }
    if ((*entry)->head.seqno >= until) return std::nullopt;
  }
}

}  // namespace hugang::ledger::index
