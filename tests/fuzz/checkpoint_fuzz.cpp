// Checkpoint heads, runs of id lines and the database's keys, on arbitrary bytes and with their
// checksums put right. What is accepted is the one encoding of what is returned.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

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

void check_run(base::ByteSpan bytes) {
  const auto run = rocks::decode_id_run(bytes);
  if (!run) return;
  HG_CHECK(!run->lines.empty());
  const base::Bytes again = rocks::encode_id_run(run->first_line, run->lines);
  HG_CHECK(std::ranges::equal(again, bytes));
}

void check_keys(std::string_view key) {
  if (const auto seqno = rocks::parse_journal_key(key)) {
    HG_CHECK(rocks::journal_key(*seqno).view() == key);
  }
  if (const auto part = rocks::parse_checkpoint_key(key)) {
    HG_CHECK(rocks::checkpoint_key(*part).view() == key);
  }
  if (const auto line = rocks::parse_id_line_key(key)) {
    HG_CHECK(rocks::id_line_key(*line).view() == key);
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
  rocks::IdRunHead head;
  std::memcpy(&head, sealed.data(), sizeof head);
  head.lines_checksum = ledger::checksum_of(bytes.subspan(sizeof head));
  std::memcpy(sealed.data(), &head, sizeof head);
  check_run(sealed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteSpan bytes = fuzz::bytes_of(data, size);
  check_keys(fuzz::text_of(data, size));
  check_head(bytes);
  check_run(bytes);
  if (size >= sizeof(rocks::CheckpointHead)) {
    check_sealed_head(bytes.first(sizeof(rocks::CheckpointHead)));
  }
  if (size >= sizeof(rocks::IdRunHead)) check_sealed_run(bytes);
  return 0;
}
