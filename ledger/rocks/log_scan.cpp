#include "ledger/rocks/log_scan.hpp"

#include <rocksdb/file_checksum.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <map>

#include "ledger/entry.hpp"

namespace hugang::ledger::rocks {
namespace {

constexpr std::size_t kBlockBytes = 32 * 1024;
constexpr std::size_t kFragmentHeadBytes = 7;
/// A record's payload is a batch: the number of its first change, and how many there are.
constexpr std::size_t kBatchHeadBytes = 12;

enum class FragmentType : std::uint8_t { kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

struct Fragment {
  FragmentType type;
  base::ByteSpan payload;
};

/// CRC-32C by RocksDB's own code, masked as its logs do it.
std::uint32_t masked_crc32c(base::ByteSpan bytes) {
  static const auto factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  const auto generator = factory->CreateFileChecksumGenerator({});
  generator->Update(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  generator->Finalize();
  const std::string text = generator->GetChecksum();
  std::uint32_t crc = 0;
  for (const char c : text) crc = (crc << 8) | static_cast<unsigned char>(c);
  return ((crc >> 15) | (crc << 17)) + 0xA282EAD8U;
}

/// Whether RocksDB takes what begins here for a part of a log file that is used again, which ours
/// never are, before it looks at the checksum.
bool looks_used_again(base::ByteSpan rest) {
  constexpr unsigned kFirstOfUsedAgain = 5;
  constexpr unsigned kLastOfUsedAgain = 8;
  if (rest.size() < kFragmentHeadBytes) return false;
  const auto type = std::to_integer<unsigned>(rest[6]);
  return type >= kFirstOfUsedAgain && type <= kLastOfUsedAgain;
}

/// The undamaged fragment that begins at the head of `rest` (which ends with its block), or
/// nothing.
std::optional<Fragment> read_fragment(base::ByteSpan rest) {
  if (rest.size() < kFragmentHeadBytes) return std::nullopt;
  const auto type = std::to_integer<std::uint8_t>(rest[6]);
  if (type < 1 || type > 4) return std::nullopt;
  std::uint16_t length = 0;
  std::memcpy(&length, rest.data() + 4, sizeof length);
  if (kFragmentHeadBytes + length > rest.size()) return std::nullopt;
  std::uint32_t stored = 0;
  std::memcpy(&stored, rest.data(), sizeof stored);
  if (masked_crc32c(rest.subspan(6, std::size_t{1} + length)) != stored) return std::nullopt;
  return Fragment{.type = static_cast<FragmentType>(type),
                  .payload = rest.subspan(kFragmentHeadBytes, length)};
}

/// Without the zeros at its end: what is left over at a block's end, and preallocated space.
base::ByteSpan without_trailing_zeros(base::ByteSpan bytes) {
  while (!bytes.empty() && bytes.back() == std::byte{0}) bytes = bytes.first(bytes.size() - 1);
  return bytes;
}

std::vector<Seqno> find_entries(base::ByteSpan payload) {
  std::vector<Seqno> found;
  const auto* const magic = reinterpret_cast<const std::byte*>(&kEntryMagic);
  auto at = payload.begin();
  while (true) {
    at = std::search(at, payload.end(), magic, magic + sizeof kEntryMagic);
    if (at == payload.end()) return found;
    if (const auto head =
            read_entry_head(payload.subspan(static_cast<std::size_t>(at - payload.begin())))) {
      found.push_back(head->seqno);
    }
    ++at;
  }
}

/// Puts fragments together to records.
class Assembler {
 public:
  void take(const Fragment& fragment) {
    const bool begins =
        fragment.type == FragmentType::kFull || fragment.type == FragmentType::kFirst;
    const bool ends = fragment.type == FragmentType::kFull || fragment.type == FragmentType::kLast;
    if (begins) {
      finish(false);
      is_open_ = true;
    }
    // The rest of a record whose beginning is damaged says nothing about what is behind it.
    if (!is_open_) {
      has_unfinished_ = true;
      return;
    }
    payload_.insert(payload_.end(), fragment.payload.begin(), fragment.payload.end());
    if (ends) finish(true);
  }
  /// Something between fragments is damaged: what is open stays incomplete.
  void lose() { finish(false); }

  /// Whether a record began that did not end, or a fragment stood alone.
  [[nodiscard]] bool has_unfinished() const { return is_open_ || has_unfinished_; }
  std::vector<LogRecord> take_records() {
    finish(false);
    return std::move(records_);
  }

 private:
  void finish(bool is_complete) {
    if (!is_open_) return;
    LogRecord record{.is_complete = is_complete, .entries = find_entries(payload_)};
    if (is_complete && payload_.size() >= kBatchHeadBytes) {
      std::memcpy(&record.first_change, payload_.data(), sizeof record.first_change);
      std::memcpy(&record.changes, payload_.data() + sizeof record.first_change,
                  sizeof record.changes);
    }
    records_.push_back(std::move(record));
    payload_.clear();
    is_open_ = false;
    if (!is_complete) has_unfinished_ = true;
  }
  std::vector<LogRecord> records_;
  base::Bytes payload_;
  bool is_open_ = false;
  bool has_unfinished_ = false;
};

bool are_in_order(const std::vector<LogRecord>& records) {
  std::uint64_t next_change = 0;
  for (const LogRecord& record : records) {
    if (!record.is_complete) continue;
    if (record.first_change < next_change) return false;
    next_change = record.first_change + record.changes;
  }
  return true;
}

}  // namespace

LogScan scan_log(base::ByteSpan file) {
  Assembler assembler;
  bool is_clean = true;
  bool can_be_read_around = true;
  for (std::size_t begin = 0; begin < file.size(); begin += kBlockBytes) {
    base::ByteSpan block = file.subspan(begin, std::min(kBlockBytes, file.size() - begin));
    const auto* const end_of_data = block.data() + without_trailing_zeros(block).size();
    bool is_block_clean = true;
    while (block.data() < end_of_data) {
      if (const auto fragment = read_fragment(block)) {
        assembler.take(*fragment);
        block = block.subspan(kFragmentHeadBytes + fragment->payload.size());
        continue;
      }
      assembler.lose();
      // RocksDB leaves the rest of the block alone.
      if (is_block_clean && looks_used_again(block)) can_be_read_around = false;
      is_clean = is_block_clean = false;
      block = block.subspan(1);
    }
  }
  if (assembler.has_unfinished()) is_clean = false;
  LogScan scan{.records = assembler.take_records(), .is_clean = is_clean};
  scan.is_in_order = are_in_order(scan.records);
  scan.can_be_read_around = can_be_read_around;
  return scan;
}

std::vector<std::filesystem::path> log_files(const std::filesystem::path& directory) {
  std::map<std::uint64_t, std::filesystem::path> by_number;
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator{directory, error}) {
    const std::filesystem::path& path = file.path();
    const std::string stem = path.stem().string();
    const bool is_number = !stem.empty() && stem.size() < 20 &&
                           std::ranges::all_of(stem, [](char c) { return c >= '0' && c <= '9'; });
    if (path.extension() == ".log" && is_number) by_number.emplace(std::stoull(stem), path);
  }
  std::vector<std::filesystem::path> files;
  for (auto& [number, path] : by_number) files.push_back(std::move(path));
  return files;
}

std::expected<LogScan, LedgerError> scan_log_file(const std::filesystem::path& file) {
  std::ifstream stream{file, std::ios::binary};
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  base::Bytes bytes(error ? 0 : size);
  if (error || !stream ||
      !stream.read(reinterpret_cast<char*>(bytes.data()),
                   static_cast<std::streamsize>(bytes.size()))) {
    return std::unexpected{LedgerError{.code = LedgerError::Code::kReadFailed,
                                       .sentence = "the log file " + file.string() +
                                                   " cannot be read: check the disk and its "
                                                   "permissions",
                                       .entry = {}}};
  }
  return scan_log(bytes);
}

}  // namespace hugang::ledger::rocks
