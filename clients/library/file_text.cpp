#include "clients/library/file_text.hpp"

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

}  // namespace hugang::client
