#include "ledger/index/tables.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>

#include <bit>
#include <cstdarg>
#include <cstring>
#include <system_error>
#include <utility>

#include "clearing/base/check.hpp"

namespace hugang::ledger::index {
namespace {

constexpr const char* kPostingsFamily = "postings";
constexpr const char* kIncoming = "incoming";
constexpr const char* kHeadKey = "head";
constexpr char kRunKey = 'R';
/// Syncs go out in small steps: a large one would hold up the journal's.
constexpr std::uint64_t kSyncBytes = std::uint64_t{512} << 10;

/// RocksDB's own log would only say what comes as a status anyway.
class SilentLogger final : public rocksdb::Logger {
 public:
  SilentLogger() : rocksdb::Logger{rocksdb::InfoLogLevel::FATAL_LEVEL} {}
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

rocksdb::Slice slice(base::ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
base::ByteSpan bytes_of(const rocksdb::Slice& slice) {
  return base::as_bytes({slice.data(), slice.size()});
}

template <class Number>
void append_big_endian(std::string& text, Number value) {
  for (std::size_t i = sizeof value; i-- > 0;) {
    text.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i)));
  }
}

std::string run_key(std::uint32_t number) {
  std::string key(1, kRunKey);
  append_big_endian(key, number);
  return key;
}

/// 16 bytes: numbers that sort as bytes.
std::string block_key(std::uint32_t run, BlockStart start) {
  std::string key;
  append_big_endian(key, run);
  append_big_endian(key, start.account.value());
  append_big_endian(key, start.order);
  return key;
}
constexpr std::size_t kBlockKeyBytes = 16;

std::uint32_t read_big_endian32(const rocksdb::Slice& key, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value = value << 8 | static_cast<unsigned char>(key[at + i]);
  }
  return value;
}

LedgerError damaged(const std::string& what) {
  return {.code = LedgerError::Code::kDamaged,
          .sentence = "the account index is damaged (" + what +
                      "): the node makes it again from the journal",
          .entry = {}};
}

/// What no other try and no other permission would make better.
bool is_damage(const rocksdb::Status& status) {
  return status.IsCorruption() || status.IsNotFound() || status.IsPathNotFound() ||
         status.IsInvalidArgument() || status.IsNotSupported();
}

LedgerError error_of(const rocksdb::Status& status, bool is_write) {
  if (!is_write && is_damage(status)) return damaged(status.ToString());
  if (is_write) {
    return {.code = LedgerError::Code::kWriteFailed,
            .sentence = "the account index cannot be written: " + status.ToString() +
                        ". Make room on the disk or repair it, then start the node again; the "
                        "ledger itself is not affected",
            .entry = {}};
  }
  return {.code = LedgerError::Code::kReadFailed,
          .sentence = "the account index cannot be read: " + status.ToString() +
                      ". Check the disk and the permissions of the directory; the index may be "
                      "deleted while the node is stopped, it is then made again",
          .entry = {}};
}

rocksdb::ColumnFamilyOptions meta_family() {
  rocksdb::ColumnFamilyOptions options;
  options.compression = rocksdb::kNoCompression;
  options.write_buffer_size = std::size_t{8} << 20;
  return options;
}

/// Tables come in whole and in order: nothing is ever compacted.
rocksdb::ColumnFamilyOptions postings_family(std::size_t cache_bytes) {
  rocksdb::BlockBasedTableOptions table;
  table.block_size = 4096;  // below a block of ours: each gets one of RocksDB's
  table.block_cache = rocksdb::NewLRUCache(cache_bytes);
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.metadata_block_size = 4096;
  table.format_version = 5;
  rocksdb::ColumnFamilyOptions options;
  options.compression = rocksdb::kNoCompression;
  options.disable_auto_compactions = true;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

rocksdb::DBOptions database_options() {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.info_log = std::make_shared<SilentLogger>();
  options.max_background_jobs = 1;
  options.bytes_per_sync = kSyncBytes;
  options.max_open_files = 1'024;
  options.skip_stats_update_on_db_open = true;
  options.skip_checking_sst_file_sizes_on_db_open = false;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

class RocksWriter final : public Tables::Writer {
 public:
  RocksWriter(const rocksdb::Options& options, rocksdb::ColumnFamilyHandle* family,
              std::uint32_t number)
      // What was just written is what is asked for most: it stays in the system's cache.
      : writer_{rocksdb::EnvOptions{rocksdb::DBOptions{options}}, options, family,
                /*invalidate_page_cache=*/false},
        number_{number} {}

  rocksdb::Status open(const std::filesystem::path& file) { return writer_.Open(file.string()); }

  bool add(BlockStart start, base::ByteSpan block) override {
    status_ = writer_.Put(block_key(number_, start), slice(block));
    return status_.ok();
  }
  rocksdb::Status finish(std::uint64_t& bytes) {
    if (!status_.ok()) return status_;
    rocksdb::ExternalSstFileInfo info;
    status_ = writer_.Finish(&info);
    bytes = info.file_size;
    return status_;
  }

 private:
  rocksdb::SstFileWriter writer_;
  std::uint32_t number_;
  rocksdb::Status status_;
};

class RocksTables final : public Tables {
 public:
  explicit RocksTables(std::filesystem::path directory) : directory_{std::move(directory)} {}
  RocksTables(const RocksTables&) = delete;
  RocksTables& operator=(const RocksTables&) = delete;
  ~RocksTables() override {
    if (!db_) return;
    for (rocksdb::ColumnFamilyHandle* family : families_) {
      db_->DestroyColumnFamilyHandle(family).PermitUncheckedError();
    }
  }

  rocksdb::Status open(TableSettings settings) {
    options_ = rocksdb::Options{database_options(), postings_family(settings.cache_bytes)};
    rocksdb::DB* db = nullptr;
    const auto status =
        rocksdb::DB::Open(rocksdb::DBOptions{options_}, directory_.string(),
                          {{rocksdb::kDefaultColumnFamilyName, meta_family()},
                           {kPostingsFamily, rocksdb::ColumnFamilyOptions{options_}}},
                          &families_, &db);
    db_.reset(db);
    return status;
  }

  std::expected<Contents, LedgerError> load() override;
  std::expected<std::unique_ptr<Writer>, LedgerError> begin(std::uint32_t number) override;
  std::expected<void, LedgerError> finish(std::unique_ptr<Writer> writer, NewRun& run) override;
  std::expected<void, LedgerError> read(std::uint32_t run, AccountIndex account, std::int64_t below,
                                        std::size_t limit,
                                        std::vector<Posting>& out) const override;

 private:
  [[nodiscard]] rocksdb::ColumnFamilyHandle* meta() const { return families_[0]; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* postings() const { return families_[1]; }
  [[nodiscard]] std::filesystem::path incoming(std::uint32_t number) const {
    return directory_ / kIncoming / ("run-" + std::to_string(number) + ".sst");
  }
  rocksdb::Status drop_runs_from(std::uint32_t number);
  static bool load_pair(base::ByteSpan key, base::ByteSpan value, Contents& contents);
  static bool load_run(base::ByteSpan value, Contents& contents);

  const std::filesystem::path directory_;
  rocksdb::Options options_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
};

std::expected<Tables::Contents, LedgerError> RocksTables::load() {
  Contents contents;
  const std::unique_ptr<rocksdb::Iterator> it{db_->NewIterator(rocksdb::ReadOptions{}, meta())};
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    if (!load_pair(bytes_of(it->key()), bytes_of(it->value()), contents)) {
      return std::unexpected{damaged("an unknown record")};
    }
  }
  if (!it->status().ok()) return std::unexpected{error_of(it->status(), false)};
  const std::uint32_t runs = contents.head ? contents.head->run_count : 0;
  if (contents.runs.size() != runs) return std::unexpected{damaged("runs are missing")};
  // A table that came in and was not counted any more: it will be made again.
  if (const auto status = drop_runs_from(runs); !status.ok()) {
    return std::unexpected{error_of(status, true)};
  }
  return contents;
}

rocksdb::Status RocksTables::drop_runs_from(std::uint32_t number) {
  const std::string from = block_key(number, {});
  const std::unique_ptr<rocksdb::Iterator> it{db_->NewIterator(rocksdb::ReadOptions{}, postings())};
  it->Seek(from);
  if (!it->Valid()) return it->status();
  return db_->DeleteRange(rocksdb::WriteOptions{}, postings(), from,
                          std::string(kBlockKeyBytes + 1, '\xff'));
}

bool RocksTables::load_pair(base::ByteSpan key, base::ByteSpan value, Contents& contents) {
  if (base::as_text(key) == kHeadKey) {
    IndexHead head;
    if (value.size() != sizeof head) return false;
    std::memcpy(&head, value.data(), sizeof head);
    if (head.magic != kIndexMagic ||
        head.head_checksum != checksum_of(value.first(offsetof(IndexHead, head_checksum)))) {
      return false;
    }
    contents.head = head;
    return true;
  }
  if (!key.empty() && static_cast<char>(key[0]) == kRunKey) return load_run(value, contents);
  return contents.open.load(key, value);
}

bool RocksTables::load_run(base::ByteSpan value, Contents& contents) {
  RunHead head;
  if (value.size() < sizeof head) return false;
  std::memcpy(&head, value.data(), sizeof head);
  const std::size_t marks_bytes = std::size_t{head.mark_count} * sizeof(Mark);
  const std::size_t filter_bytes = std::size_t{head.filter_words} * sizeof(std::uint64_t);
  if (value.size() != sizeof head + marks_bytes + filter_bytes) return false;
  if (head.number != contents.runs.size()) return false;
  const auto form = static_cast<Presence::Form>(head.filter_form);
  if (form != Presence::Form::kBitmap && form != Presence::Form::kBloom) return false;
  const std::size_t first_mark = contents.marks.size();
  contents.marks.resize(first_mark + head.mark_count);
  if (marks_bytes > 0) {
    std::memcpy(&contents.marks[first_mark], value.data() + sizeof head, marks_bytes);
  }
  std::vector<std::uint64_t> words(head.filter_words);
  if (filter_bytes > 0) {
    std::memcpy(words.data(), value.data() + sizeof head + marks_bytes, filter_bytes);
  }
  contents.runs.push_back({.number = head.number,
                           .first_order = head.first_order,
                           .last_order = head.last_order,
                           .postings = head.postings,
                           .bytes = head.bytes,
                           .presence = Presence{form, std::move(words)}});
  return true;
}

std::expected<std::unique_ptr<Tables::Writer>, LedgerError> RocksTables::begin(
    std::uint32_t number) {
  std::error_code failed;
  std::filesystem::create_directories(directory_ / kIncoming, failed);
  std::filesystem::remove(incoming(number), failed);
  auto writer = std::make_unique<RocksWriter>(options_, postings(), number);
  if (const auto status = writer->open(incoming(number)); !status.ok()) {
    return std::unexpected{error_of(status, true)};
  }
  return std::unique_ptr<Writer>{std::move(writer)};
}

std::expected<void, LedgerError> RocksTables::finish(std::unique_ptr<Writer> writer, NewRun& run) {
  auto& table = static_cast<RocksWriter&>(*writer);
  if (const auto status = table.finish(run.run.bytes); !status.ok()) {
    return std::unexpected{error_of(status, true)};
  }
  rocksdb::IngestExternalFileOptions ingest;
  ingest.move_files = true;
  ingest.snapshot_consistency = false;
  const auto ingested =
      db_->IngestExternalFile(postings(), {incoming(run.run.number).string()}, ingest);
  if (!ingested.ok()) return std::unexpected{error_of(ingested, true)};

  IndexHead head = run.head;
  head.head_checksum =
      checksum_of(std::as_bytes(std::span{&head, 1}).first(offsetof(IndexHead, head_checksum)));
  const auto words = run.run.presence.words();
  const RunHead run_head{.number = run.run.number,
                         .mark_count = static_cast<std::uint32_t>(run.marks.size()),
                         .first_order = run.run.first_order,
                         .last_order = run.run.last_order,
                         .postings = run.run.postings,
                         .bytes = run.run.bytes,
                         .filter_form = static_cast<std::uint32_t>(run.run.presence.form()),
                         .filter_words = static_cast<std::uint32_t>(words.size())};
  std::string record;
  for (const base::ByteSpan part : {std::as_bytes(std::span{&run_head, 1}),
                                    std::as_bytes(std::span{run.marks}), std::as_bytes(words)}) {
    record.append(base::as_text(part));
  }
  rocksdb::WriteBatch batch;
  rocksdb::Status status = batch.Put(meta(), run_key(run.run.number), record);
  for (const auto& [key, value] : run.open.put) {
    if (status.ok()) status = batch.Put(meta(), key, value);
  }
  for (const std::string& key : run.open.removed) {
    if (status.ok()) status = batch.Delete(meta(), key);
  }
  if (status.ok()) {
    status = batch.Put(meta(), kHeadKey, slice(std::as_bytes(std::span{&head, 1})));
  }
  rocksdb::WriteOptions durable;
  durable.sync = true;
  if (status.ok()) status = db_->Write(durable, &batch);
  if (!status.ok()) return std::unexpected{error_of(status, true)};
  return {};
}

std::expected<void, LedgerError> RocksTables::read(std::uint32_t run, AccountIndex account,
                                                   std::int64_t below, std::size_t limit,
                                                   std::vector<Posting>& out) const {
  rocksdb::ReadOptions options;
  options.total_order_seek = true;
  const std::unique_ptr<rocksdb::Iterator> it{db_->NewIterator(options, postings())};
  std::vector<Posting> found;
  for (it->SeekForPrev(block_key(run, {account, below - 1})); it->Valid() && out.size() < limit;
       it->Prev()) {
    if (it->key().size() != kBlockKeyBytes) return std::unexpected{damaged("a key")};
    if (read_big_endian32(it->key(), 0) != run) return {};
    found.clear();
    if (!read_block(bytes_of(it->value()), account, found)) {
      return std::unexpected{damaged("a block")};
    }
    for (std::size_t i = found.size(); i-- > 0 && out.size() < limit;) {
      if (found[i].order < below) out.push_back(found[i]);
    }
    if (read_big_endian32(it->key(), 4) != account.value()) return {};
  }
  if (!it->status().ok()) return std::unexpected{error_of(it->status(), false)};
  return {};
}

}  // namespace

std::expected<std::unique_ptr<Tables>, LedgerError> Tables::open(
    const std::filesystem::path& directory, TableSettings settings) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  auto tables = std::make_unique<RocksTables>(directory);
  if (const auto status = tables->open(settings); !status.ok()) {
    return std::unexpected{error_of(status, false)};
  }
  return std::unique_ptr<Tables>{std::move(tables)};
}

void Tables::remove(const std::filesystem::path& directory) {
  std::error_code failed;
  std::filesystem::remove_all(directory, failed);
}

}  // namespace hugang::ledger::index
