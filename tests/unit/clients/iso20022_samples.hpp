// Where the third-party schemas and samples lie, and how to break a message of our own.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/clients/iso20022_messages.hpp"

namespace hugang::iso20022::test {

/// The folder of third-party material, from HUGANG_SHARED or beside the project.
inline std::filesystem::path conformance_folder() {
  const char* const shared = std::getenv("HUGANG_SHARED");
  const std::filesystem::path root =
      shared != nullptr ? std::filesystem::path{shared}
                        : std::filesystem::path{HUGANG_SOURCE_DIR} / ".." / "shared";
  return root / "conformance" / "iso20022";
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

struct Sample {
  std::string name;
  std::string text;
  [[nodiscard]] bool is_header() const { return name.starts_with("head."); }
  /// "pacs.008.001.08"
  [[nodiscard]] std::string message() const { return name.substr(0, name.find("__")); }
};

/// All samples of a folder ("valid", "invalid") by name; empty when the material is absent.
inline std::vector<Sample> samples(std::string_view kind) {
  std::vector<Sample> found;
  const auto folder = conformance_folder() / "samples" / kind;
  if (!std::filesystem::is_directory(folder)) return found;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    found.push_back({entry.path().filename().string(), read_file(entry.path())});
  }
  std::ranges::sort(found, {}, &Sample::name);
  return found;
}

inline std::string with(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) std::abort();  // the test itself is wrong
  return text.replace(at, from.size(), to);
}

/// The text from its root element on, to be put into an envelope.
inline std::string without_declaration(const std::string& text) {
  return text.starts_with("<?xml") ? text.substr(text.find("?>") + 2) : text;
}

}  // namespace hugang::iso20022::test
