// The checkpoint half of RocksJournal.
#include <algorithm>

#include "clearing/base/check.hpp"
#include "crypto/digest.hpp"
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
  HG_CHECK(checkpoint.info.id_lines >= checkpoint.id_lines.size());
  if (auto put = put_id_lines(checkpoint); !put) return put;
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

std::expected<void, LedgerError> RocksJournal::put_id_lines(const Checkpoint& checkpoint) {
  std::span<const machine::IdLogLine> rest{checkpoint.id_lines};
  std::uint64_t first_line = checkpoint.info.id_lines - rest.size();
  if (auto dropped = drop_id_lines_from(first_line); !dropped) return dropped;
  while (!rest.empty()) {
    const auto run = rest.first(std::min(rest.size(), kIdLinesPerRunMax));
    const base::Bytes bytes = encode_id_run(first_line, run);
    const auto status = database_.db().Put(synced(false), database_.ids(),
                                           slice(id_line_key(first_line).view()), slice(bytes));
    if (!status.ok()) return std::unexpected{write_error("the id log", status)};
    first_line += run.size();
    rest = rest.subspan(run.size());
  }
  return {};
}

/// Lines of a checkpoint that was never finished, or of one that recovery passed over.
std::expected<void, LedgerError> RocksJournal::drop_id_lines_from(std::uint64_t first_line) {
  const IdLineKey begin = id_line_key(first_line);
  const std::unique_ptr<rocksdb::Iterator> it{
      database_.db().NewIterator(rocksdb::ReadOptions{}, database_.ids())};
  rocksdb::WriteBatch batch;
  for (it->Seek(slice(begin.view())); it->Valid(); it->Next()) {
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

std::expected<void, LedgerError> RocksJournal::read_id_lines(std::uint64_t count,
                                                             const TakeIdLines& take) const {
  const std::unique_ptr<rocksdb::Iterator> it{
      database_.db().NewIterator(rocksdb::ReadOptions{}, database_.ids())};
  std::uint64_t next_line = 0;
  for (it->SeekToFirst(); it->Valid() && next_line < count; it->Next()) {
    const auto run = decode_id_run(bytes_of(it->value()));
    if (!run || parse_id_line_key(it->key().ToStringView()) != run->first_line) {
      return std::unexpected{
          LedgerError{.code = Code::kDamaged,
                      .sentence = "the id log is damaged at line " + std::to_string(next_line),
                      .entry = {}}};
    }
    if (run->first_line != next_line) break;
    std::span<const machine::IdLogLine> lines{run->lines};
    lines = lines.first(std::min<std::uint64_t>(lines.size(), count - next_line));
    take(lines);
    next_line += lines.size();
  }
  if (!it->status().ok()) return std::unexpected{read_error("the id log", it->status())};
  if (next_line < count) {
    return std::unexpected{LedgerError{
        .code = Code::kDamaged,
        .sentence =
            "the id log ends at line " + std::to_string(next_line) + " of " + std::to_string(count),
        .entry = {}}};
  }
  return {};
}

}  // namespace hugang::ledger::rocks
