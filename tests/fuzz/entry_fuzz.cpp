// The decoders of what lies on disk, on arbitrary bytes: entries, checkpoint heads, runs of id
// lines and RocksDB's raw log. None reads outside of its bytes, and what decodes is whole.
#include <cstddef>
#include <cstdint>
#include <span>

#include "clearing/base/check.hpp"
#include "ledger/entry.hpp"
#include "ledger/rocks/checkpoint_codec.hpp"
#include "ledger/rocks/log_scan.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hugang;
  const base::ByteSpan bytes = std::as_bytes(std::span{data, size});
  if (const auto entry = ledger::decode_entry(bytes)) {
    HG_CHECK(sizeof(ledger::EntryHead) + entry->commands.size() + entry->outcomes.size() +
                 entry->events.size() ==
             bytes.size());
    HG_CHECK(ledger::read_entry_head(bytes).has_value());
  }
  if (const auto info = ledger::rocks::read_head(bytes)) {
    const ledger::rocks::CheckpointHead again = ledger::rocks::make_head(*info);
    HG_CHECK(ledger::rocks::read_head(std::as_bytes(std::span{&again, 1})).has_value());
  }
  if (const auto run = ledger::rocks::decode_id_run(bytes)) HG_CHECK(!run->lines.empty());
  const ledger::rocks::LogScan scan = ledger::rocks::scan_log(bytes);
  HG_CHECK(scan.records.size() <= bytes.size());
  return 0;
}
