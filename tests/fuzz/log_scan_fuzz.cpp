// The scan of RocksDB's raw log: on arbitrary bytes it reads nothing outside of them; on a log that
// the input describes it finds every record, and after damage every record that the damage did not
// touch. The log is written here by the format's description, apart from the code under test.
#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "clearing/base/check.hpp"
#include "ledger/entry.hpp"
#include "ledger/rocks/log_scan.hpp"
#include "tests/fuzz/input.hpp"

namespace {

using namespace hugang;
using ledger::rocks::LogScan;

constexpr std::size_t kBlockBytes = 32 * 1024;
constexpr std::size_t kFragmentHeadBytes = 7;

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0x82F6'3B78U : 0U);
    table[i] = crc;
  }
  return table;
}

/// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78), rotated and offset as LevelDB's logs do.
std::uint32_t masked_crc(base::ByteSpan bytes) {
  static constexpr auto kTable = make_crc_table();
  std::uint32_t crc = ~0U;
  for (const std::byte b : bytes) {
    crc = (crc >> 8) ^ kTable[(crc ^ std::to_integer<std::uint32_t>(b)) & 0xFFU];
  }
  crc = ~crc;
  return ((crc >> 15) | (crc << 17)) + 0xA282'EAD8U;
}

/// A log and where its records lie in it.
struct Log {
  struct Record {
    std::vector<base::Seqno> entries;
    std::vector<std::pair<std::size_t, std::size_t>> extents;  ///< begin and end of its fragments
  };
  base::Bytes bytes;
  std::vector<Record> records;

  void append(base::ByteSpan payload, std::vector<base::Seqno> entries) {
    Record record{.entries = std::move(entries), .extents = {}};
    bool begins = true;
    do {
      std::size_t room = kBlockBytes - bytes.size() % kBlockBytes;
      if (room < kFragmentHeadBytes) {
        bytes.resize(bytes.size() + room);
        room = kBlockBytes;
      }
      const std::size_t length = std::min(payload.size(), room - kFragmentHeadBytes);
      const bool ends = length == payload.size();
      const int type = begins ? (ends ? 1 : 2) : (ends ? 4 : 3);
      record.extents.emplace_back(bytes.size(), bytes.size() + kFragmentHeadBytes + length);
      append_fragment(static_cast<std::byte>(type), payload.first(length));
      payload = payload.subspan(length);
      begins = false;
    } while (!payload.empty());
    records.push_back(std::move(record));
  }

 private:
  void append_fragment(std::byte type, base::ByteSpan payload) {
    base::Bytes covered{type};
    covered.insert(covered.end(), payload.begin(), payload.end());
    const std::uint32_t crc = masked_crc(covered);
    for (int shift = 0; shift < 32; shift += 8) {
      bytes.push_back(static_cast<std::byte>((crc >> shift) & 0xFF));
    }
    bytes.push_back(static_cast<std::byte>(payload.size() & 0xFF));
    bytes.push_back(static_cast<std::byte>(payload.size() >> 8));
    bytes.insert(bytes.end(), covered.begin(), covered.end());
  }
};

base::Bytes entry_bytes(base::Seqno seqno, base::ByteSpan events) {
  return ledger::encode_entry({.context = {seqno, base::Timestamp{1}},
                               .node = base::NodeId{1},
                               .previous = {},
                               .command_count = 0,
                               .group_count = 0,
                               .commands = {},
                               .outcomes = {},
                               .events = events});
}

/// Each record: how many bytes stand before, between and behind how many entries.
Log described_log(fuzz::Source& source) {
  Log log;
  std::uint64_t seqno = 0;
  const std::uint32_t count = source.below(8);
  for (std::uint32_t i = 0; i < count; ++i) {
    base::Bytes payload;
    std::vector<base::Seqno> entries;
    const std::uint32_t parts = source.below(4);
    for (std::uint32_t part = 0; part < parts; ++part) {
      // Up to 65 KiB of one value, so that few bytes of input cross blocks.
      const std::size_t filler = std::size_t{source.byte()} * (source.below(2) == 0 ? 1 : 257);
      payload.resize(payload.size() + filler, static_cast<std::byte>(source.byte()));
      const base::Bytes entry = entry_bytes(base::Seqno{++seqno}, source.rest(source.below(32)));
      payload.insert(payload.end(), entry.begin(), entry.end());
      entries.emplace_back(seqno);
    }
    log.append(payload, std::move(entries));
  }
  return log;
}

void check_whole(const Log& log) {
  const LogScan scan = ledger::rocks::scan_log(log.bytes);
  HG_CHECK(scan.is_clean);
  HG_CHECK(scan.records.size() == log.records.size());
  for (std::size_t i = 0; i < scan.records.size(); ++i) {
    HG_CHECK(scan.records[i].is_complete);
    HG_CHECK(scan.records[i].entries == log.records[i].entries);
  }
}

/// Every record with an entry that `is_touched` does not hold stands in the scan, in order.
template <class IsTouched>
void check_untouched(const Log& log, const LogScan& scan, IsTouched is_touched) {
  auto at = scan.records.begin();
  for (const Log::Record& record : log.records) {
    if (record.entries.empty() || std::ranges::any_of(record.extents, is_touched)) continue;
    at = std::find_if(at, scan.records.end(), [&](const ledger::rocks::LogRecord& found) {
      return found.is_complete && found.entries == record.entries;
    });
    HG_CHECK(at != scan.records.end());
    ++at;
  }
}

void check_damaged(Log log, fuzz::Source& source) {
  if (log.bytes.empty()) return;
  const std::size_t place =
      (source.byte() | std::size_t{source.byte()} << 8 | std::size_t{source.byte()} << 16) %
      log.bytes.size();
  const auto change = static_cast<std::byte>(1 + source.below(255));
  log.bytes[place] ^= change;
  const LogScan scan = ledger::rocks::scan_log(log.bytes);
  check_untouched(log, scan, [&](const auto& extent) {
    return extent.first <= place && place < extent.second;
  });
  // The file ends early: what lies wholly before the end is there.
  log.bytes[place] ^= change;
  log.bytes.resize(place);
  check_untouched(log, ledger::rocks::scan_log(log.bytes),
                  [&](const auto& extent) { return extent.second > place; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteSpan bytes = fuzz::bytes_of(data, size);
  const LogScan scan = ledger::rocks::scan_log(bytes);
  HG_CHECK(scan.records.size() <= bytes.size() / kFragmentHeadBytes);
  fuzz::Source source{data, size};
  const Log log = described_log(source);
  check_whole(log);
  check_damaged(log, source);
  return 0;
}
