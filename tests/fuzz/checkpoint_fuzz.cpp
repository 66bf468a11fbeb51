// Checkpoint heads, runs of the id log and the database's keys, on arbitrary bytes and with their
// checksums put right. What is accepted is the one encoding of what is returned.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "clearing/base/check.hpp"
#include "ledger/entry.hpp"
#include "ledger/rocks/checkpoint_codec.hpp"
#include "ledger/rocks/keys.hpp"
#include "tests/fuzz/input.hpp"

namespace {

using namespace hugang;
namespace rocks = ledger::rocks;

void check_head(base::ByteSpan bytes) {
  const auto info = rocks::read_head(bytes);
  if (!info) return;
  const rocks::CheckpointHead again = rocks::make_head(*info);
  HG_CHECK(std::ranges::equal(std::as_bytes(std::span{&again, 1}), bytes));
}

rocks::IdHead id_head_of(base::ByteSpan bytes) {
  rocks::IdHead head;
  if (bytes.size() >= sizeof head) std::memcpy(&head, bytes.data(), sizeof head);
  return head;
}

void check_lines(base::ByteSpan bytes) {
  const rocks::IdHead head = id_head_of(bytes);
  std::vector<std::shared_ptr<const machine::IdBlock>> blocks;
  while (auto lines =
             rocks::decode_id_lines(head.first_block, head.first_block + blocks.size(), bytes)) {
    blocks.push_back(std::make_shared<const machine::IdBlock>(
        machine::IdBlock{.lines = *std::move(lines), .checksum = 0}));
  }
  if (blocks.empty()) return;
  const base::Bytes again = rocks::encode_id_lines(head.first_block, blocks);
  HG_CHECK(std::ranges::equal(again, bytes));
}

/// Hashes go into an index that waits for as many: it takes them or says no.
void check_hashes(base::ByteSpan bytes) {
  const auto hashes = rocks::decode_id_hashes(id_head_of(bytes).first_block, bytes);
  if (!hashes) return;
  HG_CHECK(!hashes->checksums.empty());
  auto index = machine::IdIndex::resume(
      {.lines = hashes->checksums.size() * machine::kIdBlockLines, .fold = 1}, {});
  HG_CHECK(index.has_value());
  const bool is_taken = index->restore_blocks(hashes->checksums, hashes->packed_hashes);
  HG_CHECK(!is_taken || !index->is_restored());  // no fold is 1 by chance
}

void check_keys(std::string_view key) {
  if (const auto seqno = rocks::parse_journal_key(key)) {
    HG_CHECK(rocks::journal_key(*seqno).view() == key);
  }
  if (const auto part = rocks::parse_checkpoint_key(key)) {
    HG_CHECK(rocks::checkpoint_key(*part).view() == key);
  }
  for (const rocks::IdPart part : {rocks::IdPart::kLines, rocks::IdPart::kHashes}) {
    if (const auto block = rocks::parse_id_key(part, key)) {
      HG_CHECK(rocks::id_key(part, *block).view() == key);
    }
  }
}

void check_sealed_head(base::ByteSpan bytes) {
  rocks::CheckpointHead head;
  std::memcpy(&head, bytes.data(), sizeof head);
  const auto whole = std::as_bytes(std::span{&head, 1});
  head.head_checksum =
      ledger::checksum_of(whole.first(offsetof(rocks::CheckpointHead, head_checksum)));
  check_head(whole);
}

void check_sealed_run(base::ByteSpan bytes) {
  base::Bytes sealed{bytes.begin(), bytes.end()};
  rocks::IdHead head = id_head_of(bytes);
  head.body = ledger::checksum_of(bytes.subspan(sizeof head));
  std::memcpy(sealed.data(), &head, sizeof head);
  check_lines(sealed);
  check_hashes(sealed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteSpan bytes = fuzz::bytes_of(data, size);
  check_keys(fuzz::text_of(data, size));
  check_head(bytes);
  check_lines(bytes);
  check_hashes(bytes);
  if (size >= sizeof(rocks::CheckpointHead)) {
    check_sealed_head(bytes.first(sizeof(rocks::CheckpointHead)));
  }
  if (size >= sizeof(rocks::IdHead)) check_sealed_run(bytes);
  return 0;
}
