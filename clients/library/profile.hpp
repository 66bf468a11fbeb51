// Where a node is and as whom to speak to it. Profiles have names and lie in one TOML file.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "clients/library/error.hpp"

namespace hugang::client {

/// Paths of PEM files; all three are needed, since nodes speak mutual TLS only.
struct Profile {
  std::string address;  ///< host:port
  std::filesystem::path ca, cert, key;
  /// The name to expect in the node's certificate where it differs from the address's host.
  std::string server_name;
};

struct ProfileFile {
  std::map<std::string, Profile> profiles;
  std::string default_name;  ///< empty: the only one, where there is only one
};

/// HUGANG_CONFIG, else $XDG_CONFIG_HOME/hugang/config.toml, else ~/.config/hugang/config.toml.
[[nodiscard]] std::filesystem::path default_profile_path();

/// The file's profiles:
///
///     default = "alice"
///     [profile.alice]
///     address = "127.0.0.1:7401"
///     ca = "pki/shanghai/ca.pem"      # relative to this file's folder
///     cert = "pki/shanghai/clients/ALICE.pem"
///     key = "pki/shanghai/clients/ALICE.key"
///
/// Unknown keys are errors: a mistyped one would be passed over silently. Error kConfiguration
/// names file and line.
[[nodiscard]] Result<ProfileFile> read_profiles(const std::filesystem::path& path);
[[nodiscard]] Result<ProfileFile> parse_profiles(std::string_view toml,
                                                 const std::filesystem::path& path);

/// The profile of that name, or the default for an empty name. Error kConfiguration lists what
/// there is.
[[nodiscard]] Result<Profile> find_profile(const ProfileFile& file, const std::string& name);

}  // namespace hugang::client
