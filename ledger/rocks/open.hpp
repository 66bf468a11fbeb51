// The journal on disk. RocksDB stays behind this header.
#pragma once

#include <expected>
#include <filesystem>
#include <memory>

#include "ledger/journal.hpp"
#include "ledger/rocks/disk.hpp"

namespace hugang::ledger::rocks {

/// The layout of the database (docs/FORMAT.md), kept in the directory itself. A program opens what
/// is not newer than itself.
inline constexpr std::uint32_t kDirectoryFormat = 1;

/// Opens the ledger in `directory` for this node, or creates it there when the directory is empty
/// or missing; only one process can have it open.
///
/// Before it returns: the seqnos, checksums and chain of the entries behind the newest checkpoint
/// have been read and checked. A last write that was torn by a crash is cut off (open_report says
/// so, and the removed log file is kept under `cut/`). Damage with entries behind it, and the loss
/// of entries that are known to have been durable (ledger/rocks/durable_note.hpp), is refused as
/// kDamaged with the number of the first bad entry: nothing is changed then.
[[nodiscard]] std::expected<std::unique_ptr<Journal>, LedgerError> open_journal(
    const std::filesystem::path& directory, NodeId node, const Disk& disk = {});

/// Opens a ledger's directory, or a copy of one, to read: takes no lock and writes nothing, so it
/// also works on a read-only medium and beside a running node (then it sees the entries that were
/// there when it was opened). Cuts nothing: a torn last write is not seen, other damage is told
/// when it is read, or here when RocksDB cannot open. append and put_checkpoint fail.
[[nodiscard]] std::expected<std::unique_ptr<Journal>, LedgerError> open_journal_read_only(
    const std::filesystem::path& directory, const Disk& disk = {});

}  // namespace hugang::ledger::rocks
