#include "clients/library/profile.hpp"

#include <toml++/toml.h>

#include <cstdlib>

#include "clearing/base/long_line.hpp"
#include "clients/library/file_text.hpp"

namespace hugang::client {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> wrong(std::string sentence) {
  return std::unexpected{Error{.kind = ErrorKind::kConfiguration,
                               .reason = "CONFIGURATION",
                               .sentence = std::move(sentence),
                               .metadata = {}}};
}

std::string place(const fs::path& path, const toml::source_region& where) {
  return path.string() + ":" + std::to_string(where.begin.line);
}

const char* environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : nullptr;
}

Result<Profile> read_profile(const toml::table& table, const std::string& name,
                             const fs::path& path) {
  Profile profile;
  for (const auto& [key, node] : table) {
    const std::string where = place(path, node.source());
    const auto text = node.value_exact<std::string>();
    if (!text) return wrong(where + ": '" + std::string{key.str()} + "' must be text in quotes");
    const fs::path file = path.parent_path() / *text;
    if (key == "address") {
      profile.address = *text;
    } else if (key == "ca") {
      profile.ca = file;
    } else if (key == "cert") {
      profile.cert = file;
    } else if (key == "key") {
      profile.key = file;
    } else if (key == "server_name") {
      profile.server_name = *text;
    } else {
      return wrong(where + ": profile '" + name + "' has an unknown key '" +
                   std::string{key.str()} + "'; known are address, ca, cert, key, server_name");
    }
  }
  if (profile.address.empty() || profile.ca.empty() || profile.cert.empty() ||
      profile.key.empty()) {
    return wrong(place(path, table.source()) + ": profile '" + name +
                 "' needs address, ca, cert and key");
  }
  return profile;
}

}  // namespace

fs::path default_profile_path() {
  if (const char* path = environment("HUGANG_CONFIG")) return path;
  if (const char* base = environment("XDG_CONFIG_HOME")) {
    return fs::path{base} / "hugang" / "config.toml";
  }
  const char* home = environment("HOME");
  return fs::path{home != nullptr ? home : "."} / ".config" / "hugang" / "config.toml";
}

Result<ProfileFile> parse_profiles(std::string_view toml, const fs::path& path) {
  if (const auto line = base::find_long_line(toml)) {
    return wrong(path.string() + ":" + std::to_string(*line) + ": the line is longer than " +
                 std::to_string(base::kLineBytesMax) + " bytes");
  }
  toml::table parsed;
  try {
    parsed = toml::parse(toml, path.string());
  } catch (const toml::parse_error& error) {
    return wrong(place(path, error.source()) + ": " + std::string{error.description()});
  }
  ProfileFile file;
  for (const auto& [key, node] : parsed) {
    const std::string where = place(path, node.source());
    if (key == "default") {
      const auto name = node.value_exact<std::string>();
      if (!name) return wrong(where + ": 'default' must be the name of a profile in quotes");
      file.default_name = *name;
    } else if (key == "profile" && node.is_table()) {
      for (const auto& [name, entry] : *node.as_table()) {
        if (!entry.is_table()) {
          return wrong(place(path, entry.source()) +
                       ": write a profile as a table, [profile.NAME]");
        }
        const std::string text{name.str()};
        auto profile = read_profile(*entry.as_table(), text, path);
        if (!profile) return std::unexpected{profile.error()};
        file.profiles.emplace(text, std::move(*profile));
      }
    } else {
      return wrong(where + ": unknown key '" + std::string{key.str()} +
                   "'; known are default and [profile.NAME]");
    }
  }
  if (!file.default_name.empty() && !file.profiles.contains(file.default_name)) {
    return wrong(path.string() + ": the default profile '" + file.default_name +
                 "' is not in the file");
  }
  return file;
}

Result<ProfileFile> read_profiles(const fs::path& path) {
  const auto text = read_file(path);
  if (!text) {
    return wrong("cannot read the profile file " + path.string() +
                 ": create it, set HUGANG_CONFIG, or name --node, --ca, --cert and --key");
  }
  return parse_profiles(*text, path);
}

Result<Profile> find_profile(const ProfileFile& file, const std::string& name) {
  std::string wanted = name.empty() ? file.default_name : name;
  if (wanted.empty() && file.profiles.size() == 1) wanted = file.profiles.begin()->first;
  if (const auto found = file.profiles.find(wanted); found != file.profiles.end()) {
    return found->second;
  }
  std::string known;
  for (const auto& [each, profile] : file.profiles) known += (known.empty() ? "" : ", ") + each;
  if (known.empty()) known = "none";
  return wrong(wanted.empty()
                   ? "no default profile is set; name one with --profile (there are: " + known + ")"
                   : "there is no profile '" + wanted + "' (there are: " + known + ")");
}

}  // namespace hugang::client
