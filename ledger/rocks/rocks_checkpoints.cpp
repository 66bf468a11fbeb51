// The checkpoint half of RocksJournal.
#include <algorithm>

#include "clearing/base/check.hpp"
#include "crypto/digest.hpp"
#include "ledger/id_archive.hpp"
#include "ledger/rocks/checkpoint_codec.hpp"
#include "ledger/rocks/keys.hpp"
#include "ledger/rocks/rocks_journal.hpp"

namespace hugang::ledger::rocks {
namespace {

using Code = LedgerError::Code;

std::string checkpoint_name(Seqno seqno) {
  return "the checkpoint at entry " + std::to_string(seqno.value());
}

rocksdb::WriteOptions synced(bool is_synced) {
  rocksdb::WriteOptions options;
  options.sync = is_synced;
  return options;
}

LedgerError damaged(Seqno seqno, std::string_view what) {
  return {.code = Code::kDamaged,
          .sentence = checkpoint_name(seqno) + " is damaged: " + std::string{what},
          .entry = seqno};
}

}  // namespace

std::expected<void, LedgerError> RocksJournal::put_checkpoint(const Checkpoint& checkpoint) {
  if (!note_) return std::unexpected{read_only_error()};
  HG_CHECK(checkpoint.info.seqno <= last_seqno());
  HG_CHECK(checkpoint.info.snapshot_bytes == checkpoint.snapshot.size());
  if (auto put = put_id_blocks(checkpoint); !put) return put;
  if (auto put = put_snapshot(checkpoint); !put) return put;
  // The head makes the checkpoint visible, and its sync makes durable what was logged before it.
  const CheckpointHead head = make_head(checkpoint.info);
  const auto status =
      database_.db().Put(synced(true), database_.checkpoints(),
                         slice(checkpoint_key({.seqno = checkpoint.info.seqno, .part = 0}).view()),
                         slice(std::as_bytes(std::span{&head, 1})));
  if (!status.ok()) {
    return std::unexpected{write_error(checkpoint_name(checkpoint.info.seqno), status)};
  }
  return drop_old_checkpoints(checkpoint.info.seqno);
}

std::expected<void, LedgerError> RocksJournal::put_id_blocks(const Checkpoint& checkpoint) {
  const machine::IdBlocks& ids = checkpoint.id_blocks;
  for (const IdPart part : {IdPart::kLines, IdPart::kHashes}) {
    if (auto dropped = drop_ids_from(part, ids.first); !dropped) return dropped;
  }
  const IdBlockSpan all{ids.blocks};
  for (std::size_t i = 0; i < all.size(); i += kIdBlocksPerHashesMax) {
    const auto run = all.subspan(i, std::min(all.size() - i, kIdBlocksPerHashesMax));
    if (auto put = put_id_run(ids.first + i, run, checkpoint.id_seed); !put) return put;
  }
  return {};
}

/// Hashes and lines, in writes small enough not to hold up an append.
std::expected<void, LedgerError> RocksJournal::put_id_run(std::uint64_t first, IdBlockSpan run,
                                                          std::uint64_t seed) {
  constexpr std::size_t kWriteBytes = 1'000'000;
  rocksdb::WriteBatch batch;
  const auto write = [&](IdPart part, std::uint64_t block, const base::Bytes& bytes) {
    return batch.Put(database_.ids(), slice(id_key(part, block).view()), slice(bytes));
  };
  rocksdb::Status status = write(IdPart::kHashes, first, encode_id_hashes(first, run, seed));
  for (std::size_t i = 0; i < run.size() && status.ok(); i += kIdBlocksPerLinesMax) {
    const auto lines = run.subspan(i, std::min(run.size() - i, kIdBlocksPerLinesMax));
    status = write(IdPart::kLines, first + i, encode_id_lines(first + i, lines));
    const bool is_last = i + lines.size() == run.size();
    if (!status.ok() || (!is_last && batch.GetDataSize() < kWriteBytes)) continue;
    status = database_.db().Write(synced(false), &batch);
    batch.Clear();
  }
  if (!status.ok()) return std::unexpected{write_error("the id log", status)};
  return {};
}

/// Blocks of a checkpoint that was never finished, or of one that recovery passed over.
std::expected<void, LedgerError> RocksJournal::drop_ids_from(IdPart part, std::uint64_t block) {
  const IdKey begin = id_key(part, block);
  const std::unique_ptr<rocksdb::Iterator> it{
      database_.db().NewIterator(rocksdb::ReadOptions{}, database_.ids())};
  rocksdb::WriteBatch batch;
  for (it->Seek(slice(begin.view())); it->Valid(); it->Next()) {
    if (!parse_id_key(part, it->key().ToStringView())) break;
    const auto deleted = batch.Delete(database_.ids(), it->key());
    if (!deleted.ok()) return std::unexpected{write_error("the id log", deleted)};
  }
  if (!it->status().ok()) return std::unexpected{read_error("the id log", it->status())};
  if (batch.Count() == 0) return {};
  const auto status = database_.db().Write(synced(false), &batch);
  if (!status.ok()) return std::unexpected{write_error("the id log", status)};
  return {};
}

std::expected<void, LedgerError> RocksJournal::put_snapshot(const Checkpoint& checkpoint) {
  ByteSpan rest{checkpoint.snapshot};
  CheckpointPart part{.seqno = checkpoint.info.seqno, .part = 0};
  while (!rest.empty()) {
    ++part.part;
    const ByteSpan chunk = rest.first(std::min(rest.size(), kSnapshotChunkBytes));
    const auto status = database_.db().Put(synced(false), database_.checkpoints(),
                                           slice(checkpoint_key(part).view()), slice(chunk));
    if (!status.ok()) {
      return std::unexpected{write_error(checkpoint_name(part.seqno), status)};
    }
    rest = rest.subspan(chunk.size());
  }
  return {};
}

std::expected<void, LedgerError> RocksJournal::drop_old_checkpoints(Seqno newest) {
  const auto infos = checkpoints();
  if (!infos) return std::unexpected{infos.error()};
  std::size_t kept = 0;
  Seqno oldest_kept = newest;
  for (const CheckpointInfo& info : *infos) {
    if (info.seqno > newest || kept == kCheckpointsKept) continue;
    oldest_kept = info.seqno;
    ++kept;
  }
  if (kept < kCheckpointsKept) return {};
  // Everything before the oldest that is kept, pieces of unfinished ones included.
  const CheckpointKey begin = checkpoint_key({.seqno = Seqno{0}, .part = 0});
  const CheckpointKey end = checkpoint_key({.seqno = oldest_kept, .part = 0});
  const auto status = database_.db().DeleteRange(synced(false), database_.checkpoints(),
                                                 slice(begin.view()), slice(end.view()));
  if (!status.ok()) return std::unexpected{write_error("the list of checkpoints", status)};
  return {};
}

std::expected<std::vector<CheckpointInfo>, LedgerError> RocksJournal::checkpoints() const {
  std::vector<CheckpointInfo> infos;
  const std::unique_ptr<rocksdb::Iterator> it{
      database_.db().NewIterator(rocksdb::ReadOptions{}, database_.checkpoints())};
  for (it->SeekToFirst(); it->Valid();) {
    const auto part = parse_checkpoint_key(it->key().ToStringView());
    if (!part) {
      it->Next();
      continue;
    }
    if (part->part == 0) {
      const auto info = read_head(bytes_of(it->value()));
      if (info && info->seqno == part->seqno) infos.push_back(*info);
    }
    if (part->seqno.value() == UINT64_MAX) break;
    it->Seek(slice(checkpoint_key({.seqno = Seqno{part->seqno.value() + 1}, .part = 0}).view()));
  }
  if (!it->status().ok()) {
    return std::unexpected{read_error("the list of checkpoints", it->status())};
  }
  std::ranges::reverse(infos);
  return infos;
}

std::expected<base::Bytes, LedgerError> RocksJournal::read_snapshot(
    const CheckpointInfo& checkpoint) const {
  base::Bytes snapshot;
  CheckpointPart part{.seqno = checkpoint.seqno, .part = 0};
  rocksdb::PinnableSlice value;
  while (snapshot.size() < checkpoint.snapshot_bytes) {
    ++part.part;
    value.Reset();
    const auto status = database_.db().Get(rocksdb::ReadOptions{}, database_.checkpoints(),
                                           slice(checkpoint_key(part).view()), &value);
    if (status.IsNotFound()) {
      return std::unexpected{damaged(part.seqno, "a piece of it is missing")};
    }
    if (!status.ok()) {
      return std::unexpected{read_error(checkpoint_name(part.seqno), status, part.seqno)};
    }
    const ByteSpan chunk = bytes_of(value);
    if (chunk.empty() || chunk.size() > checkpoint.snapshot_bytes - snapshot.size()) {
      return std::unexpected{damaged(part.seqno, "a piece of it has the wrong size")};
    }
    snapshot.insert(snapshot.end(), chunk.begin(), chunk.end());
  }
  if (crypto::sha256(snapshot) != checkpoint.digest) {
    return std::unexpected{damaged(part.seqno, "its snapshot does not match its digest")};
  }
  return snapshot;
}

std::expected<void, LedgerError> RocksJournal::read_id_hashes(std::uint64_t count,
                                                              const TakeIdHashes& take) const {
  const std::unique_ptr<rocksdb::Iterator> it{
      database_.db().NewIterator(rocksdb::ReadOptions{}, database_.ids())};
  std::uint64_t next = 0;
  const IdKey begin = id_key(IdPart::kHashes, 0);
  for (it->Seek(slice(begin.view())); it->Valid() && next < count; it->Next()) {
    if (parse_id_key(IdPart::kHashes, it->key().ToStringView()) != next) break;
    const auto hashes = decode_id_hashes(next, bytes_of(it->value()));
    if (!hashes || hashes->checksums.size() > count - next ||
        !take(hashes->checksums, hashes->packed_hashes)) {
      return std::unexpected{damaged_id_block(next)};
    }
    next += hashes->checksums.size();
  }
  if (!it->status().ok()) return std::unexpected{read_error("the id log", it->status())};
  if (next < count) return std::unexpected{damaged_id_block(next)};
  return {};
}

std::expected<std::vector<machine::IdLogLine>, LedgerError> RocksJournal::read_id_block(
    std::uint64_t number) const {
  // The run that holds the block begins at or before it.
  const std::unique_ptr<rocksdb::Iterator> it{
      database_.db().NewIterator(rocksdb::ReadOptions{}, database_.ids())};
  it->SeekForPrev(slice(id_key(IdPart::kLines, number).view()));
  if (!it->status().ok()) {
    return std::unexpected{
        read_error("block " + std::to_string(number) + " of the id log", it->status())};
  }
  if (!it->Valid()) return std::unexpected{damaged_id_block(number)};
  const auto first = parse_id_key(IdPart::kLines, it->key().ToStringView());
  auto lines = first ? decode_id_lines(*first, number, bytes_of(it->value())) : std::nullopt;
  if (!lines) return std::unexpected{damaged_id_block(number)};
  return *std::move(lines);
}

}  // namespace hugang::ledger::rocks
