// Journal over a RocksDB database that is open. ledger/rocks/open.hpp makes it.
#pragma once

#include <rocksdb/write_batch.h>

#include <filesystem>
#include <mutex>

#include "ledger/journal.hpp"
#include "ledger/rocks/checkpoint_codec.hpp"
#include "ledger/rocks/database.hpp"
#include "ledger/rocks/durable_note.hpp"
#include "ledger/rocks/keys.hpp"

namespace hugang::ledger::rocks {

/// Where the journal ends.
struct JournalEnd {
  Seqno seqno;
  Checksum checksum;
};

/// As Journal says.
class RocksJournal final : public Journal {
 public:
  struct Opened {
    Database database;
    NodeId node;
    JournalEnd end;
    OpenReport report;
  };
  /// To read, until start_writing.
  explicit RocksJournal(Opened opened);
  RocksJournal(const RocksJournal&) = delete;
  RocksJournal& operator=(const RocksJournal&) = delete;
  ~RocksJournal() override;

  /// For opening, when all is checked: `note` names the last entry.
  void start_writing(DurableNoteFile note);

  [[nodiscard]] NodeId node() const override { return node_; }
  [[nodiscard]] const OpenReport& open_report() const override { return report_; }
  [[nodiscard]] Seqno last_seqno() const override;
  [[nodiscard]] Checksum last_checksum() const override;
  [[nodiscard]] std::expected<void, LedgerError> append(std::span<const ByteSpan> entries) override;
  [[nodiscard]] std::expected<base::Bytes, LedgerError> read(Seqno seqno) const override;
  [[nodiscard]] std::unique_ptr<EntryCursor> read_from(Seqno from) const override;
  [[nodiscard]] std::expected<void, LedgerError> put_checkpoint(
      const Checkpoint& checkpoint) override;
  [[nodiscard]] std::expected<std::vector<CheckpointInfo>, LedgerError> checkpoints()
      const override;
  [[nodiscard]] std::expected<base::Bytes, LedgerError> read_snapshot(
      const CheckpointInfo& checkpoint) const override;
  [[nodiscard]] std::expected<void, LedgerError> read_id_hashes(
      std::uint64_t count, const TakeIdHashes& take) const override;
  [[nodiscard]] std::expected<std::vector<machine::IdLogLine>, LedgerError> read_id_block(
      std::uint64_t number) const override;

  [[nodiscard]] OpenReport& report() { return report_; }
  /// For opening: one entry as stored, without a copy. kNotFound, kDamaged, kReadFailed.
  [[nodiscard]] std::expected<void, LedgerError> get(Seqno seqno,
                                                     rocksdb::PinnableSlice& value) const;

 private:
  [[nodiscard]] std::expected<void, LedgerError> put_id_blocks(const Checkpoint& checkpoint);
  [[nodiscard]] std::expected<void, LedgerError> put_id_run(std::uint64_t first, IdBlockSpan run,
                                                            std::uint64_t seed);
  [[nodiscard]] std::expected<void, LedgerError> drop_ids_from(IdPart part, std::uint64_t block);
  [[nodiscard]] std::expected<void, LedgerError> put_snapshot(const Checkpoint& checkpoint);
  [[nodiscard]] std::expected<void, LedgerError> drop_old_checkpoints(Seqno newest);
  [[nodiscard]] std::expected<void, LedgerError> append_as_one(std::span<const ByteSpan> entries);
  [[nodiscard]] LedgerError read_only_error() const;

  Database database_;
  NodeId node_;
  OpenReport report_;
  std::optional<DurableNoteFile> note_;  ///< nothing: opened to read
  bool has_failed_ = false;              ///< an append did: nothing is known of what is on disk
  mutable std::mutex end_mutex_;
  JournalEnd end_;
  rocksdb::WriteBatch batch_;  ///< of append, kept for its memory
};

/// The last entry of the journal family; `seqno` 0 where it is empty. kDamaged when the entry there
/// cannot be read; its checksum is zero when its head is damaged.
[[nodiscard]] std::expected<JournalEnd, LedgerError> find_end(const Database& database);

}  // namespace hugang::ledger::rocks
