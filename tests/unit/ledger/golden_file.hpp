// Named byte strings in a text file under tests/golden: "name bytes" and then lines of hexadecimal.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "clearing/base/bytes.hpp"

namespace hugang::test {

class GoldenFile {
 public:
  explicit GoldenFile(std::string name)
      : path_{std::string{HUGANG_SOURCE_DIR} + "/tests/golden/journal/" + std::move(name)} {}

  void add(const std::string& name, base::ByteSpan bytes) {
    text_ += name + " " + std::to_string(bytes.size()) + "\n";
    constexpr std::size_t kLineBytes = 32;
    for (std::size_t at = 0; at < bytes.size(); at += kLineBytes) {
      const auto line = bytes.subspan(at, std::min(kLineBytes, bytes.size() - at));
      text_ += "  " + base::to_hex(line) + "\n";
    }
  }

  /// Compares what was added with the file; with HG_UPDATE_GOLDEN=1 writes the file instead.
  void check() const {
    if (std::getenv("HG_UPDATE_GOLDEN") != nullptr) {
      std::ofstream{path_} << text_;
      GTEST_SKIP() << path_ << " was written: review the difference";
    }
    std::ifstream file{path_};
    ASSERT_TRUE(file) << path_;
    const std::string stored{std::istreambuf_iterator<char>{file}, {}};
    EXPECT_EQ(text_, stored) << path_
                             << " differs: ledgers that exist could no longer be read. Only a new "
                                "format number may change bytes";
  }

 private:
  std::string path_;
  std::string text_;
};

}  // namespace hugang::test
