// A ledger's directory in the hands of a test: opened, copied, damaged, changed by a stranger.
#pragma once

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "ledger/rocks/durable_note.hpp"
#include "ledger/rocks/log_scan.hpp"
#include "ledger/rocks/open.hpp"
#include "tests/unit/ledger/entries.hpp"

namespace hugang::ledger::rocks {

namespace fs = std::filesystem;

inline std::unique_ptr<Journal> open_or_fail(const fs::path& directory) {
  auto journal = open_journal(directory, test::kNode);
  EXPECT_TRUE(journal) << journal.error().sentence;
  return journal ? std::move(*journal) : nullptr;
}

inline base::Bytes read_file(const fs::path& file) {
  base::Bytes bytes(fs::file_size(file));
  std::ifstream{file, std::ios::binary}.read(reinterpret_cast<char*>(bytes.data()),
                                             static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

inline void write_file(const fs::path& file, ByteSpan bytes) {
  std::ofstream{file, std::ios::binary}.write(reinterpret_cast<const char*>(bytes.data()),
                                              static_cast<std::streamsize>(bytes.size()));
}

inline fs::path only_log(const fs::path& directory) {
  const auto files = log_files(directory);
  EXPECT_EQ(files.size(), 1u);
  return files.back();
}

/// What a power cut does to the note of what is durable when it had not come to disk yet.
inline void lose_note(const fs::path& directory) { fs::remove(directory / kDurableNoteFile); }

inline void copy_directory(const fs::path& from, const fs::path& to) {
  fs::remove_all(to);
  fs::copy(from, to, fs::copy_options::recursive);
}

/// Opens the database as a stranger would, and writes `batch_of(family)` to it.
template <class BatchOf>
void change_raw(const fs::path& directory, const char* family, BatchOf batch_of) {
  std::vector<std::string> names;
  ASSERT_TRUE(rocksdb::DB::ListColumnFamilies({}, directory.string(), &names).ok());
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const auto& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions{});
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* raw = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open({}, directory.string(), families, &handles, &raw).ok());
  const std::unique_ptr<rocksdb::DB> db{raw};
  for (auto* handle : handles) {
    if (handle->GetName() == family) {
      rocksdb::WriteBatch batch = batch_of(handle);
      ASSERT_TRUE(db->Write({}, &batch).ok());
    }
    db->DestroyColumnFamilyHandle(handle);
  }
}

inline void put_raw(const fs::path& directory, const char* family, std::string_view key,
                    std::string_view value) {
  change_raw(directory, family, [&](rocksdb::ColumnFamilyHandle* handle) {
    rocksdb::WriteBatch batch;
    EXPECT_TRUE(batch.Put(handle, {key.data(), key.size()}, {value.data(), value.size()}).ok());
    return batch;
  });
}

inline void remove_raw(const fs::path& directory, const char* family, std::string_view key) {
  change_raw(directory, family, [&](rocksdb::ColumnFamilyHandle* handle) {
    rocksdb::WriteBatch batch;
    EXPECT_TRUE(batch.Delete(handle, {key.data(), key.size()}).ok());
    return batch;
  });
}

}  // namespace hugang::ledger::rocks
