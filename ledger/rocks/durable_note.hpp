// A small file beside the database that tells how far the journal was known to be durable. It is
// written after each append and synced now and then, so what it says is true and at most old: an
// entry that it names and that is not there was lost, and not torn by a crash.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>

#include "ledger/entry.hpp"
#include "ledger/error.hpp"
#include "ledger/rocks/disk.hpp"

namespace hugang::ledger::rocks {

inline constexpr const char* kDurableNoteFile = "durable-note";
/// The ASCII bytes "HGNOTED" and a zero.
inline constexpr std::uint64_t kDurableNoteMagic = 0x0044'4554'4F4E'4748;
inline constexpr std::uint16_t kDurableNoteFormat = 1;

/// The whole file. 64 bytes: less than a sector, so a disk writes all of it or nothing.
struct DurableNote {
  std::uint64_t magic = kDurableNoteMagic;
  std::uint16_t format = kDurableNoteFormat;
  std::uint16_t reserved0 = 0;
  NodeId node;
  Seqno seqno;              ///< entries 1 to this one were durable; 0: none
  Checksum entry_checksum;  ///< head_checksum of that entry; zeros with 0
  std::uint64_t reserved1 = 0;
  Checksum note_checksum;  ///< of the 48 bytes before it
};
static_assert(sizeof(DurableNote) == 64);

[[nodiscard]] DurableNote make_note(NodeId node, Seqno seqno, Checksum entry_checksum);

/// The directory's note; nothing where there is none or it is damaged: nothing is known then.
/// kReadFailed when the disk fails.
[[nodiscard]] std::expected<std::optional<DurableNote>, LedgerError> read_note(
    const std::filesystem::path& directory, const Disk& disk);

/// The note of a ledger that is open for writing. One thread.
class DurableNoteFile {
 public:
  /// Writes and syncs `note`, which names what is durable now; makes the file where it is missing.
  [[nodiscard]] static std::expected<DurableNoteFile, LedgerError> open(
      const std::filesystem::path& directory, const Disk& disk, const DurableNote& note);

  /// Requires what it names to be durable. Not synced: an older note does no harm.
  [[nodiscard]] std::expected<void, LedgerError> put(const DurableNote& note);
  [[nodiscard]] std::expected<void, LedgerError> sync();

  DurableNoteFile(DurableNoteFile&&) noexcept;
  DurableNoteFile& operator=(DurableNoteFile&&) noexcept;
  ~DurableNoteFile();

 private:
  struct File;
  explicit DurableNoteFile(std::unique_ptr<File> file);
  std::unique_ptr<File> file_;
};

}  // namespace hugang::ledger::rocks
