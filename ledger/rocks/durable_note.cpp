#include "ledger/rocks/durable_note.hpp"

#include <rocksdb/file_system.h>

#include <cstring>

#include "ledger/rocks/database.hpp"

namespace hugang::ledger::rocks {
namespace {

constexpr const char* kName = "the note of what is durable";

Checksum checksum_of_note(const DurableNote& note) {
  return checksum_of(
      std::as_bytes(std::span{&note, 1}).first(offsetof(DurableNote, note_checksum)));
}

rocksdb::Slice bytes_of_note(const DurableNote& note) {
  return slice(std::as_bytes(std::span{&note, 1}));
}

/// A new file, durable with its name.
rocksdb::Status create(rocksdb::FileSystem& files, const std::filesystem::path& directory,
                       const DurableNote& note) {
  std::unique_ptr<rocksdb::FSWritableFile> file;
  rocksdb::IOStatus status =
      files.NewWritableFile((directory / kDurableNoteFile).string(), {}, &file, nullptr);
  if (status.ok()) status = file->Append(bytes_of_note(note), {}, nullptr);
  if (status.ok()) status = file->Sync({}, nullptr);
  if (status.ok()) status = file->Close({}, nullptr);
  std::unique_ptr<rocksdb::FSDirectory> folder;
  if (status.ok()) status = files.NewDirectory(directory.string(), {}, &folder, nullptr);
  if (status.ok()) status = folder->FsyncWithDirOptions({}, nullptr, {});
  return status;
}

}  // namespace

struct DurableNoteFile::File {
  std::unique_ptr<rocksdb::FSRandomRWFile> file;
};

DurableNoteFile::DurableNoteFile(std::unique_ptr<File> file) : file_{std::move(file)} {}
DurableNoteFile::DurableNoteFile(DurableNoteFile&&) noexcept = default;
DurableNoteFile& DurableNoteFile::operator=(DurableNoteFile&&) noexcept = default;
DurableNoteFile::~DurableNoteFile() = default;

DurableNote make_note(NodeId node, Seqno seqno, Checksum entry_checksum) {
  DurableNote note;
  note.node = node;
  note.seqno = seqno;
  note.entry_checksum = entry_checksum;
  note.note_checksum = checksum_of_note(note);
  return note;
}

std::expected<std::optional<DurableNote>, LedgerError> read_note(
    const std::filesystem::path& directory, const Disk& disk) {
  const std::string name = (directory / kDurableNoteFile).string();
  const auto& files = env_of(disk).GetFileSystem();
  const rocksdb::IOStatus exists = files->FileExists(name, {}, nullptr);
  if (exists.IsNotFound()) return std::nullopt;
  std::string bytes;
  const rocksdb::IOStatus read = rocksdb::ReadFileToString(files.get(), name, &bytes);
  if (!read.ok()) return std::unexpected{read_error(kName, read)};
  DurableNote note;
  if (bytes.size() != sizeof note) return std::nullopt;
  std::memcpy(&note, bytes.data(), sizeof note);
  const bool is_whole = note.magic == kDurableNoteMagic && note.format == kDurableNoteFormat &&
                        note.note_checksum == checksum_of_note(note);
  if (!is_whole) return std::nullopt;
  return note;
}

std::expected<DurableNoteFile, LedgerError> DurableNoteFile::open(
    const std::filesystem::path& directory, const Disk& disk, const DurableNote& note) {
  const std::string name = (directory / kDurableNoteFile).string();
  const auto& files = env_of(disk).GetFileSystem();
  std::uint64_t size = 0;
  const rocksdb::IOStatus sized = files->GetFileSize(name, {}, &size, nullptr);
  if (!sized.ok() || size != sizeof note) {
    const rocksdb::Status created = create(*files, directory, note);
    if (!created.ok()) return std::unexpected{write_error(kName, created)};
  }
  auto file = std::make_unique<File>();
  const rocksdb::IOStatus opened = files->NewRandomRWFile(name, {}, &file->file, nullptr);
  if (!opened.ok()) return std::unexpected{write_error(kName, opened)};
  DurableNoteFile made{std::move(file)};
  if (auto put = made.put(note); !put) return std::unexpected{put.error()};
  if (auto synced = made.sync(); !synced) return std::unexpected{synced.error()};
  return made;
}

std::expected<void, LedgerError> DurableNoteFile::put(const DurableNote& note) {
  const rocksdb::IOStatus status = file_->file->Write(0, bytes_of_note(note), {}, nullptr);
  if (!status.ok()) return std::unexpected{write_error(kName, status, note.seqno)};
  return {};
}

std::expected<void, LedgerError> DurableNoteFile::sync() {
  const rocksdb::IOStatus status = file_->file->Sync({}, nullptr);
  if (!status.ok()) return std::unexpected{write_error(kName, status)};
  return {};
}

}  // namespace hugang::ledger::rocks
