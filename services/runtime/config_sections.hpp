// How single sections are read; internal to config*.cpp.
#pragma once

#include <string>
#include <string_view>

#include "services/runtime/config.hpp"
#include "services/runtime/toml_table.hpp"

namespace hugang::runtime {

/// [genesis] and what is below it. Node and peers must have been read.
[[nodiscard]] GenesisSection read_genesis(TomlTable genesis, const Config& config);

/// A node's or participant's code: 1 to 16 letters, digits and hyphens, as it stands in
/// certificates.
void check_code(TomlTable& table, std::string_view key, std::string_view value);

/// A name for people: UTF-8 (TOML sees to that) without control characters, at most `bytes_max`.
void check_name(TomlTable& table, std::string_view key, std::string_view value,
                std::size_t bytes_max);

/// ISO 9362: 4 letters or digits, country, 2 letters or digits, and 3 more for a branch.
[[nodiscard]] bool is_bic(std::string_view text);

/// ISO 17442: 18 letters or digits and two check digits, ISO 7064 MOD 97-10.
[[nodiscard]] bool is_lei(std::string_view text);

}  // namespace hugang::runtime
