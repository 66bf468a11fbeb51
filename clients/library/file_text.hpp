// Files that a person names: read whole, and what cannot be read is an answer, not an exception.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace hugang::client {

/// The bytes of the file; nothing when it is missing, a directory, or not to be read. Pipes are
/// read to their end. Any thread.
[[nodiscard]] std::optional<std::string> read_file(const std::filesystem::path& path);

/// Far above what a line of a file that people write holds. It bounds how deep the dotted keys of a
/// TOML file nest (a key stands on one line), which the TOML library follows with a call for each.
inline constexpr std::size_t kLineBytesMax = 4'096;

/// The number of the first line that is longer than kLineBytesMax, or nothing.
[[nodiscard]] std::optional<std::uint32_t> find_long_line(std::string_view text);

}  // namespace hugang::client
