#include "clients/hugang/rules_file.hpp"

#include <toml++/toml.h>

#include <limits>

#include "clearing/base/long_line.hpp"
#include "clients/format/time_text.hpp"

namespace hugang::program {
namespace {

struct Place {
  const std::string& path;
  [[nodiscard]] std::string at(const toml::node& node) const {
    return path + ":" + std::to_string(node.source().begin.line) + ": ";
  }
};

Attempt<std::uint32_t> number_of(const toml::node& node, const char* name, const Place& place) {
  const auto value = node.value_exact<std::int64_t>();
  if (!value || *value < 1 || *value > std::numeric_limits<std::uint32_t>::max()) {
    return usage_failure(place.at(node) + "'" + name + "' must be a whole number above zero");
  }
  return static_cast<std::uint32_t>(*value);
}

Attempt<std::string> text_of(const toml::node& node, const char* name, const Place& place) {
  const auto value = node.value_exact<std::string>();
  if (!value) return usage_failure(place.at(node) + "'" + name + "' must be text in quotes");
  return *value;
}

Attempt<v1::Rule> read_rule(const toml::table& table, const Place& place, const AssetBook& assets) {
  v1::Rule rule;
  std::string amount_text;
  std::string asset_code;
  for (const auto& [key, node] : table) {
    if (key == "kind") {
      HG_TRY(kind, text_of(node, "kind", place));
      if (kind == "single-max") {
        rule.set_kind(v1::RULE_KIND_SINGLE_MAX);
      } else if (kind == "corridor-cap") {
        rule.set_kind(v1::RULE_KIND_CORRIDOR_CAP);
      } else {
        return usage_failure(place.at(node) + "kind is single-max or corridor-cap, not '" + kind +
                             "'");
      }
    } else if (key == "asset") {
      HG_TRY(text, text_of(node, "asset", place));
      asset_code = text;
    } else if (key == "amount") {
      HG_TRY(text, text_of(node, "amount", place));
      amount_text = text;
    } else if (key == "peer") {
      HG_TRY(peer, number_of(node, "peer", place));
      rule.set_peer_node(peer);
    } else {
      return usage_failure(place.at(node) + "unknown key '" + std::string{key.str()} +
                           "'; a rule has kind, asset, peer, amount");
    }
  }
  if (rule.kind() == v1::RULE_KIND_UNSPECIFIED || asset_code.empty() || amount_text.empty()) {
    return usage_failure(place.at(table) + "a rule needs kind, asset and amount");
  }
  if ((rule.kind() == v1::RULE_KIND_CORRIDOR_CAP) != (rule.peer_node() != 0)) {
    return usage_failure(place.at(table) + "corridor-cap needs a peer, single-max takes none");
  }
  HG_TRY(asset, assets.find(asset_code));
  HG_TRY(amount, assets.parse(asset, amount_text));
  rule.set_asset(asset.id());
  rule.set_value_minor(amount.minor());
  return rule;
}

Attempt<v1::SetRulesRequest> read_pack(const toml::table& table, const Place& place,
                                       const AssetBook& assets) {
  v1::SetRulesRequest request;
  for (const auto& [key, node] : table) {
    if (key == "version") {
      HG_TRY(version, number_of(node, "version", place));
      request.set_version(version);
    } else if (key == "effective_from") {
      HG_TRY(text, text_of(node, "effective_from", place));
      const auto at = format::parse_time(text);
      if (!at) {
        return usage_failure(place.at(node) +
                             "'effective_from' must be a time like 2026-02-01T00:00:00Z");
      }
      request.set_effective_from_ns(at->ns());
    } else if (key == "rule" && node.is_array_of_tables()) {
      for (const auto& entry : *node.as_array()) {
        HG_TRY(rule, read_rule(*entry.as_table(), place, assets));
        *request.add_rules() = rule;
      }
    } else {
      return usage_failure(place.at(node) + "unknown key '" + std::string{key.str()} +
                           "'; known are version, effective_from and [[rule]]");
    }
  }
  if (request.version() == 0) {
    return usage_failure(place.path + ": 'version' is missing: one more than the last");
  }
  return request;
}

}  // namespace

Attempt<v1::SetRulesRequest> parse_rules(std::string_view toml, const std::string& path,
                                         const AssetBook& assets) {
  if (const auto line = base::find_long_line(toml)) {
    return usage_failure(path + ":" + std::to_string(*line) + ": the line is longer than " +
                         std::to_string(base::kLineBytesMax) + " bytes");
  }
  toml::table parsed;
  try {
    parsed = toml::parse(toml, path);
  } catch (const toml::parse_error& error) {
    return usage_failure(path + ":" + std::to_string(error.source().begin.line) + ": " +
                         std::string{error.description()});
  }
  return read_pack(parsed, Place{path}, assets);
}

}  // namespace hugang::program
