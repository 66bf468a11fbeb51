// The journal entry's decoder on arbitrary bytes, and on the same bytes with both checksums put
// right, because a fuzzer does not guess them. What is accepted is the one encoding of what is
// returned; a head alone is accepted exactly where magic and checksum stand.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "clearing/base/check.hpp"
#include "ledger/entry.hpp"
#include "tests/fuzz/input.hpp"

namespace {

using namespace hugang;
using ledger::EntryHead;

base::Bytes encoded_again(const ledger::EntryView& view) {
  std::vector<wire::Outcome> outcomes;
  for (std::uint32_t i = 0; i < view.head.command_count; ++i) {
    outcomes.push_back(view.outcome(i));
  }
  return ledger::encode_entry({.context = {view.head.seqno, view.head.at},
                               .node = view.head.node,
                               .previous = view.head.previous,
                               .command_count = view.head.command_count,
                               .group_count = view.head.group_count,
                               .commands = view.commands,
                               .outcomes = outcomes,
                               .events = view.events});
}

void check(base::ByteSpan bytes) {
  const auto entry = ledger::decode_entry(bytes);
  if (!entry) {
    HG_CHECK(!ledger::to_text(entry.error()).empty());
    return;
  }
  HG_CHECK(ledger::read_entry_head(bytes).has_value());
  HG_CHECK(std::ranges::equal(encoded_again(*entry), bytes));
}

base::Bytes with_right_checksums(base::ByteSpan bytes) {
  base::Bytes sealed{bytes.begin(), bytes.end()};
  EntryHead head;
  std::memcpy(&head, sealed.data(), sizeof head);
  head.magic = ledger::kEntryMagic;
  head.body = ledger::checksum_of(bytes.subspan(sizeof head));
  const auto head_bytes = std::as_bytes(std::span{&head, 1});
  head.head_checksum = ledger::checksum_of(head_bytes.first(offsetof(EntryHead, head_checksum)));
  std::memcpy(sealed.data(), &head, sizeof head);
  return sealed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteSpan bytes = fuzz::bytes_of(data, size);
  check(bytes);
  if (size >= sizeof(EntryHead)) check(with_right_checksums(bytes));
  return 0;
}
