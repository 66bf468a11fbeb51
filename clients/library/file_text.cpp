#include "clients/library/file_text.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <ios>
#include <iterator>
#include <system_error>

namespace hugang::client {

std::optional<std::string> read_file(const std::filesystem::path& path) {
  std::error_code failure;
  if (std::filesystem::is_directory(path, failure)) {
    errno = EISDIR;
    return std::nullopt;
  }
  std::ifstream in{path, std::ios::binary};
  if (!in) return std::nullopt;
  // The library throws where the disk fails in the middle, whatever the stream's settings are.
  try {
    return std::string{std::istreambuf_iterator<char>{in}, {}};
  } catch (const std::ios_base::failure&) {
    return std::nullopt;
  }
}

std::optional<std::uint32_t> find_long_line(std::string_view text) {
  for (std::uint32_t line = 1;; ++line) {
    const auto end = text.find('\n');
    if (std::min(end, text.size()) > kLineBytesMax) return line;
    if (end == std::string_view::npos) return std::nullopt;
    text.remove_prefix(end + 1);
  }
}

}  // namespace hugang::client
