// A ledger's directory in the hands of a test: opened, copied, damaged, changed by a stranger.
#pragma once

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <filesystem>
#include <fstream>
#include <memory>

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

inline void copy_directory(const fs::path& from, const fs::path& to) {
  fs::remove_all(to);
  fs::copy(from, to, fs::copy_options::recursive);
}

/// Opens the database as a stranger would, to change it.
inline void put_raw(const fs::path& directory, const char* family, std::string_view key,
                    std::string_view value) {
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
      ASSERT_TRUE(db->Put({}, handle, rocksdb::Slice{key.data(), key.size()},
                          rocksdb::Slice{value.data(), value.size()})
                      .ok());
    }
    db->DestroyColumnFamilyHandle(handle);
  }
}

}  // namespace hugang::ledger::rocks
