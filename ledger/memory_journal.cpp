#include "ledger/memory_journal.hpp"

#include <algorithm>

#include "clearing/base/check.hpp"
#include "crypto/digest.hpp"
#include "ledger/chain.hpp"
#include "ledger/id_archive.hpp"

namespace hugang::ledger {
namespace {

using Code = LedgerError::Code;

/// Reads entry by entry through the journal, so it sees what is appended meanwhile.
class MemoryCursor final : public EntryCursor {
 public:
  MemoryCursor(const MemoryJournal& journal, Seqno from) : journal_{journal} {
    HG_CHECK(!from.is_none());
    place_ = {.seqno = from,
              .node = journal.node(),
              .previous = from == Seqno{1} ? std::optional{Checksum{}} : std::nullopt};
  }

  std::expected<const EntryView*, LedgerError> next() override {
    if (place_.seqno > journal_.last_seqno()) return nullptr;
    auto bytes = journal_.read(place_.seqno);
    if (!bytes) return std::unexpected{bytes.error()};
    bytes_ = std::move(*bytes);
    auto view = check_entry(place_, bytes_);
    if (!view) return std::unexpected{view.error()};
    view_ = *view;
    place_.seqno = Seqno{place_.seqno.value() + 1};
    place_.previous = view_.head.head_checksum;
    return &view_;
  }

 private:
  const MemoryJournal& journal_;
  EntryPlace place_;
  base::Bytes bytes_;
  EntryView view_;
};

LedgerError write_failed(Seqno first, std::string_view why) {
  return {.code = Code::kWriteFailed, .sentence = std::string{why}, .entry = first};
}

}  // namespace

void MemoryJournal::set_fault_hook(FaultHook hook) {
  const std::scoped_lock lock{mutex_};
  fault_hook_ = std::move(hook);
}

void MemoryJournal::set_checkpoint_fault_hook(FaultHook hook) {
  const std::scoped_lock lock{mutex_};
  checkpoint_fault_hook_ = std::move(hook);
}

void MemoryJournal::crash(bool unsynced_survives) {
  const std::scoped_lock lock{mutex_};
  if (unsynced_survives) durable_ = entries_.size();
  entries_.resize(durable_);
  last_checksum_ = {};
  if (!entries_.empty()) {
    // A damaged last head has no checksum to continue from; the cursor will refuse it.
    if (const auto head = read_entry_head(entries_.back())) last_checksum_ = head->head_checksum;
  }
}

void MemoryJournal::damage_entry(Seqno seqno, std::size_t offset, std::byte flip) {
  const std::scoped_lock lock{mutex_};
  entries_.at(seqno.value() - 1).at(offset) ^= flip;
}

void MemoryJournal::damage_snapshot(Seqno seqno, std::size_t offset, std::byte flip) {
  const std::scoped_lock lock{mutex_};
  checkpoints_.at(seqno).snapshot.at(offset) ^= flip;
}

Seqno MemoryJournal::last_seqno() const {
  const std::scoped_lock lock{mutex_};
  return Seqno{entries_.size()};
}

Checksum MemoryJournal::last_checksum() const {
  const std::scoped_lock lock{mutex_};
  return last_checksum_;
}

std::expected<void, LedgerError> MemoryJournal::append(std::span<const ByteSpan> entries) {
  const std::scoped_lock lock{mutex_};
  const Seqno first{entries_.size() + 1};
  HG_CHECK(durable_ == entries_.size());  // after a failed append only crash() is allowed
  const AppendFault fault = fault_hook_ ? fault_hook_(first) : AppendFault::kNone;
  if (fault == AppendFault::kRefused) {
    return std::unexpected{write_failed(first, "the disk is full")};
  }
  for (const ByteSpan bytes : entries) {
    const auto head = read_entry_head(bytes);
    HG_CHECK(head.has_value());
    HG_CHECK(head->seqno.value() == entries_.size() + 1);
    HG_CHECK(head->previous == last_checksum_);
    HG_CHECK(head->node == node_);
    entries_.emplace_back(bytes.begin(), bytes.end());
    last_checksum_ = head->head_checksum;
  }
  if (fault == AppendFault::kDiesBeforeSync) {
    return std::unexpected{write_failed(first, "the machine died before the entry was durable")};
  }
  durable_ = entries_.size();
  if (fault == AppendFault::kDiesAfterSync) {
    return std::unexpected{write_failed(first, "the machine died when the entry was durable")};
  }
  return {};
}

std::expected<base::Bytes, LedgerError> MemoryJournal::read(Seqno seqno) const {
  const std::scoped_lock lock{mutex_};
  if (seqno.is_none() || seqno.value() > entries_.size()) {
    return std::unexpected{
        LedgerError{.code = Code::kNotFound,
                    .sentence = "there is no entry " + std::to_string(seqno.value()),
                    .entry = seqno}};
  }
  return entries_[seqno.value() - 1];
}

std::unique_ptr<EntryCursor> MemoryJournal::read_from(Seqno from) const {
  return std::make_unique<MemoryCursor>(*this, from);
}

std::expected<void, LedgerError> MemoryJournal::put_checkpoint(const Checkpoint& checkpoint) {
  const std::scoped_lock lock{mutex_};
  HG_CHECK(checkpoint.id_blocks.first <= id_blocks_.size());
  HG_CHECK(checkpoint.info.seqno.value() <= durable_);
  const Seqno seqno = checkpoint.info.seqno;
  const AppendFault fault =
      checkpoint_fault_hook_ ? checkpoint_fault_hook_(seqno) : AppendFault::kNone;
  if (fault == AppendFault::kRefused || fault == AppendFault::kDiesBeforeSync) {
    return std::unexpected{write_failed(seqno, "the checkpoint could not be written")};
  }
  // The id log follows from the journal: what is there already is what would be written again.
  id_blocks_.resize(checkpoint.id_blocks.first);
  id_blocks_.insert(id_blocks_.end(), checkpoint.id_blocks.blocks.begin(),
                    checkpoint.id_blocks.blocks.end());
  id_seed_ = checkpoint.id_seed;
  checkpoints_.insert_or_assign(
      checkpoint.info.seqno,
      StoredCheckpoint{.info = checkpoint.info, .snapshot = checkpoint.snapshot});
  while (checkpoints_.size() > kCheckpointsKept) checkpoints_.erase(checkpoints_.begin());
  if (fault == AppendFault::kDiesAfterSync) {
    return std::unexpected{write_failed(seqno, "the machine died when the checkpoint was durable")};
  }
  return {};
}

std::expected<std::vector<CheckpointInfo>, LedgerError> MemoryJournal::checkpoints() const {
  const std::scoped_lock lock{mutex_};
  std::vector<CheckpointInfo> infos;
  for (const auto& [seqno, stored] : checkpoints_) infos.push_back(stored.info);
  std::ranges::reverse(infos);
  return infos;
}

std::expected<base::Bytes, LedgerError> MemoryJournal::read_snapshot(
    const CheckpointInfo& checkpoint) const {
  const std::scoped_lock lock{mutex_};
  const auto found = checkpoints_.find(checkpoint.seqno);
  if (found == checkpoints_.end()) {
    return std::unexpected{LedgerError{.code = Code::kNotFound,
                                       .sentence = "there is no such checkpoint",
                                       .entry = checkpoint.seqno}};
  }
  if (crypto::sha256(found->second.snapshot) != checkpoint.digest) {
    return std::unexpected{LedgerError{.code = Code::kDamaged,
                                       .sentence = "its snapshot does not match its digest",
                                       .entry = checkpoint.seqno}};
  }
  return found->second.snapshot;
}

std::expected<void, LedgerError> MemoryJournal::read_id_hashes(std::uint64_t count,
                                                               const TakeIdHashes& take) const {
  for (std::uint64_t number = 0; number < count; ++number) {
    const auto lines = read_id_block(number);
    if (!lines) return std::unexpected{lines.error()};
    const std::uint64_t checksum = machine::checksum_of_lines(*lines);
    base::Bytes hashes;
    machine::pack_hashes(*lines, id_seed_, hashes);
    if (!take(std::span{&checksum, 1}, hashes)) return std::unexpected{damaged_id_block(number)};
  }
  return {};
}

std::expected<std::vector<machine::IdLogLine>, LedgerError> MemoryJournal::read_id_block(
    std::uint64_t number) const {
  const std::scoped_lock lock{mutex_};
  if (number >= id_blocks_.size()) return std::unexpected{damaged_id_block(number)};
  return id_blocks_[number]->lines;
}

}  // namespace hugang::ledger
