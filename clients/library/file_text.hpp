// Files that a person names: read whole, and what cannot be read is an answer, not an exception.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace hugang::client {

/// The bytes of the file; nothing when it is missing, a directory, or not to be read. Pipes are
/// read to their end. Any thread.
[[nodiscard]] std::optional<std::string> read_file(const std::filesystem::path& path);

}  // namespace hugang::client
