// A journal in memory that fails on demand: for simulation and tests.
#pragma once

#include <functional>
#include <map>
#include <mutex>

#include "ledger/journal.hpp"

namespace hugang::ledger {

/// What an append, or the writing of a checkpoint, does instead of succeeding.
enum class AppendFault : std::uint8_t {
  kNone,
  kRefused,         ///< disk full: nothing is written, the caller gets an error
  kDiesBeforeSync,  ///< written but not durable: the caller gets an error, a crash loses it
  kDiesAfterSync,   ///< durable, but the caller gets an error and must not rely on either
};

/// As Journal says. What is not durable is lost by crash(). Any thread.
class MemoryJournal final : public Journal {
 public:
  explicit MemoryJournal(NodeId node) : node_{node} {}

  /// Asked before each append with the first seqno of it, or before each checkpoint with its seqno.
  using FaultHook = std::function<AppendFault(Seqno first)>;
  void set_fault_hook(FaultHook hook);
  void set_checkpoint_fault_hook(FaultHook hook);

  /// What a power failure does: forgets what is not durable, or finds that it had reached the disk
  /// all the same. The object then is what a restarted process would open.
  void crash(bool unsynced_survives = false);

  /// Flips bits of one stored byte: `offset` counts from the entry's head.
  void damage_entry(Seqno seqno, std::size_t offset, std::byte flip);
  void damage_snapshot(Seqno seqno, std::size_t offset, std::byte flip);

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

 private:
  struct StoredCheckpoint {
    CheckpointInfo info;
    base::Bytes snapshot;
  };

  mutable std::mutex mutex_;
  NodeId node_;
  OpenReport report_;
  FaultHook fault_hook_;
  FaultHook checkpoint_fault_hook_;
  std::vector<base::Bytes> entries_;  ///< [0] is entry 1
  std::size_t durable_ = 0;           ///< how many of them survive a crash
  Checksum last_checksum_;
  std::map<Seqno, StoredCheckpoint> checkpoints_;
  std::vector<std::shared_ptr<const machine::IdBlock>> id_blocks_;
  std::uint64_t id_seed_ = 0;
};

}  // namespace hugang::ledger
