// What people write for the command line: profile files, rule packs, and public keys in PEM. What
// is refused is refused with a sentence that names the file; what is accepted is complete.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "clearing/base/check.hpp"
#include "clients/hugang/public_key.hpp"
#include "clients/hugang/rules_file.hpp"
#include "clients/library/profile.hpp"
#include "tests/fuzz/input.hpp"

namespace {

using namespace hugang;

const std::string kFile = "folder/file";

void check_profiles(std::string_view text) {
  const auto file = client::parse_profiles(text, kFile);
  if (!file) {
    HG_CHECK(file.error().kind == client::ErrorKind::kConfiguration);
    HG_CHECK(file.error().sentence.starts_with(kFile));
    return;
  }
  for (const auto& [name, profile] : file->profiles) {
    HG_CHECK(!profile.address.empty());
    HG_CHECK(!profile.ca.empty() && !profile.cert.empty() && !profile.key.empty());
    // An empty name asks for the default.
    if (!name.empty()) HG_CHECK(client::find_profile(*file, name).has_value());
  }
  if (!file->default_name.empty()) HG_CHECK(client::find_profile(*file, "").has_value());
}

program::AssetBook some_assets() {
  v1::ListAssetsResponse response;
  for (std::uint32_t id = 1; id <= 2; ++id) {
    v1::Asset& asset = *response.add_assets();
    asset.set_id(id);
    asset.set_code(id == 1 ? "CNY.D" : "HKD");
    asset.set_scale(2);
  }
  return program::AssetBook{response};
}

void check_rules(std::string_view text) {
  static const program::AssetBook kAssets = some_assets();
  const auto pack = program::parse_rules(text, kFile, kAssets);
  if (!pack) {
    HG_CHECK(!pack.error().sentence.empty());
    return;
  }
  HG_CHECK(pack->version() > 0);
  for (const v1::Rule& rule : pack->rules()) {
    HG_CHECK(rule.asset() == 1 || rule.asset() == 2);
    HG_CHECK(rule.value_minor() > 0 && rule.value_minor() <= base::Amount::kMaxMinor);
    HG_CHECK((rule.kind() == v1::RULE_KIND_CORRIDOR_CAP) == (rule.peer_node() != 0));
  }
}

void check_public_key(std::string_view text) {
  const auto key = program::parse_public_key(text, kFile);
  if (!key) {
    HG_CHECK(key.error().sentence.starts_with(kFile));
    return;
  }
  HG_CHECK(!key->der.empty());
  HG_CHECK(key->suite == "ed25519" || key->suite == "sm2-sm3");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  check_profiles(text);
  check_rules(text);
  check_public_key(text);
  return 0;
}
