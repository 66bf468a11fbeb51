#include <algorithm>
#include <cstddef>

#include "clearing/base/amount.hpp"
#include "clearing/machine/limits.hpp"
#include "services/runtime/config_sections.hpp"

namespace hugang::runtime {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_upper_or_digit(char c) { return is_digit(c) || is_upper(c); }

constexpr IntegerRange kAssetIds{1, UINT32_MAX};

class GenesisReader {
 public:
  GenesisReader(TomlTable table, const Config& config)
      : table_{std::move(table)}, config_{config} {}

  GenesisSection read() {
    auto operator_table = table_.table("operator");
    genesis_.operator_participant = read_participant(operator_table);
    genesis_.operator_participant.roles = wire::role::kOperator;
    operator_table.finish();
    for (auto& asset : table_.tables("asset")) read_asset(asset);
    for (auto& participant : table_.tables("participant")) read_other_participant(participant);
    for (auto& corridor : table_.tables("corridor")) read_corridor(corridor);
    for (auto& reserve : table_.tables("reserve")) read_reserve(reserve);
    auto rules = table_.table("rules");
    read_rules(rules);
    table_.finish();
    return std::move(genesis_);
  }

 private:
  [[nodiscard]] bool is_peer(base::NodeId id) const {
    return std::ranges::any_of(config_.peers, [&](const auto& peer) { return peer.id == id; });
  }

  [[nodiscard]] const GenesisAsset* asset(base::AssetId id) const {
    const auto found = std::ranges::find(genesis_.assets, id, &GenesisAsset::id);
    return found == genesis_.assets.end() ? nullptr : &*found;
  }

  static base::NodeId required_node(TomlTable& table, std::string_view key) {
    return base::NodeId{static_cast<std::uint32_t>(table.required_integer(key, {1, 9'999}))};
  }

  /// An asset that stands in [[genesis.asset]].
  base::AssetId required_asset(TomlTable& table) {
    const base::AssetId id{static_cast<std::uint32_t>(table.required_integer("asset", kAssetIds))};
    if (asset(id) == nullptr) {
      table.complain("asset", std::to_string(id.value()) + " stands in no [[genesis.asset]]");
    }
    return id;
  }

  static GenesisParticipant read_participant(TomlTable& table) {
    GenesisParticipant participant;
    participant.code = table.required_text("code");
    check_code(table, "code", participant.code);
    participant.name = table.required_text("name");
    check_name(table, "name", participant.name, sizeof(wire::RegisterParticipant{}.name));
    participant.local_name = table.text("local_name").value_or("");
    check_name(table, "local_name", participant.local_name,
               sizeof(wire::RegisterParticipant{}.local_name));
    participant.bic = table.text("bic").value_or("");
    if (!participant.bic.empty() && !is_bic(participant.bic)) {
      table.complain("bic", "'" + participant.bic + "' is no BIC of 8 or 11 characters");
    }
    participant.lei = table.text("lei").value_or("");
    if (!participant.lei.empty() && !is_lei(participant.lei)) {
      table.complain("lei", "'" + participant.lei +
                                "' is no LEI: 20 characters, the last two are check digits");
    }
    return participant;
  }

  void read_other_participant(TomlTable& table) {
    auto participant = read_participant(table);
    participant.roles = read_roles(table);
    if (participant.code == genesis_.operator_participant.code) {
      table.complain("code", "is the operator's own");
    }
    for (const auto& other : genesis_.participants) {
      if (other.code == participant.code) {
        table.complain("code", "'" + participant.code + "' stands here twice");
      }
    }
    table.finish();
    genesis_.participants.push_back(std::move(participant));
  }

  static std::uint32_t read_roles(TomlTable& table) {
    std::uint32_t roles = 0;
    for (const auto& role : table.texts("roles")) {
      if (role == "operator") {
        roles |= wire::role::kOperator;
      } else if (role == "participant") {
        roles |= wire::role::kParticipant;
      } else if (role == "regulator") {
        roles |= wire::role::kRegulator;
      } else if (role == "monitor") {
        roles |= wire::role::kMonitor;
      } else {
        table.complain("roles", "'" + role +
                                    "' is none of \"operator\", \"participant\", \"regulator\" "
                                    "and \"monitor\"");
      }
    }
    return roles == 0 ? wire::role::kParticipant : roles;
  }

  void read_asset(TomlTable& table) {
    GenesisAsset entry;
    entry.id = base::AssetId{static_cast<std::uint32_t>(table.required_integer("id", kAssetIds))};
    entry.code = table.required_text("code");
    const auto good = [](char c) { return is_upper_or_digit(c) || c == '.'; };
    if (entry.code.size() > sizeof(wire::RegisterAsset{}.code) ||
        !std::ranges::all_of(entry.code, good)) {
      table.complain("code", "must be 1 to 8 capital letters, digits and dots, e.g. \"CNY.D\"");
    }
    entry.issuer = required_node(table, "issuer");
    if (entry.issuer != config_.node.id && !is_peer(entry.issuer)) {
      table.complain("issuer", "must be this node or the id of a [[peer]]");
    }
    entry.scale = static_cast<std::uint8_t>(table.required_integer("scale", {0, 12}));
    for (const auto& other : genesis_.assets) {
      if (other.id == entry.id) {
        table.complain("id", std::to_string(entry.id.value()) + " is given to two assets");
      }
      if (other.code == entry.code) {
        table.complain("code", "'" + entry.code + "' is given to two assets");
      }
    }
    table.finish();
    genesis_.assets.push_back(std::move(entry));
  }

  void read_corridor(TomlTable& table) {
    const GenesisCorridor corridor{.peer = required_node(table, "peer"),
                                   .asset = required_asset(table)};
    if (!is_peer(corridor.peer)) table.complain("peer", "must be the id of a [[peer]]");
    for (const auto& other : genesis_.corridors) {
      if (other.peer == corridor.peer && other.asset == corridor.asset) {
        table.complain("asset", "this corridor stands here twice");
      }
    }
    table.finish();
    genesis_.corridors.push_back(corridor);
  }

  void read_reserve(TomlTable& table) {
    const base::AssetId id = required_asset(table);
    if (const auto* known = asset(id); known != nullptr && known->issuer != config_.node.id) {
      table.complain("asset", "a reserve backs an asset that this node issues; the issuer of " +
                                  known->code + " is node " +
                                  std::to_string(known->issuer.value()));
    }
    if (std::ranges::find(genesis_.reserves, id) != genesis_.reserves.end()) {
      table.complain("asset", "this reserve stands here twice");
    }
    table.finish();
    genesis_.reserves.push_back(id);
  }

  void read_rules(TomlTable& table) {
    if (const auto version = table.integer("version", {1, UINT32_MAX})) {
      genesis_.rules.version = static_cast<std::uint32_t>(*version);
    }
    for (auto& rule : table.tables("rule")) read_rule(rule);
    if (genesis_.rules.rules.size() > machine::kRulesPerPackMax) {
      table.complain("rule",
                     "at most " + std::to_string(machine::kRulesPerPackMax) + " rules fit a pack");
    }
    table.finish();
  }

  void read_rule(TomlTable& table) {
    wire::Rule rule;
    const auto kind = table.required_text("kind");
    rule.asset = required_asset(table);
    rule.value = table.required_integer("value", {0, base::Amount::kMaxMinor});
    if (kind == "single-max") {
      rule.kind = wire::RuleKind::kSingleMax;
    } else if (kind == "corridor-cap") {
      rule.kind = wire::RuleKind::kCorridorCap;
      rule.peer = required_node(table, "peer");
      if (!is_peer(rule.peer)) table.complain("peer", "must be the id of a [[peer]]");
    } else if (!kind.empty()) {
      table.complain("kind", "must be \"single-max\" or \"corridor-cap\"");
    }
    table.finish();
    genesis_.rules.rules.push_back(rule);
  }

  TomlTable table_;
  const Config& config_;
  GenesisSection genesis_;
};

}  // namespace

GenesisSection read_genesis(TomlTable genesis, const Config& config) {
  return GenesisReader{std::move(genesis), config}.read();
}

void check_code(TomlTable& table, std::string_view key, std::string_view value) {
  const auto good = [](char c) {
    return is_upper_or_digit(c) || (c >= 'a' && c <= 'z') || c == '-';
  };
  if (value.size() > 16 || !std::ranges::all_of(value, good) || value.starts_with('-')) {
    table.complain(key, "must be 1 to 16 letters, digits and -, as in the certificate");
  }
}

void check_name(TomlTable& table, std::string_view key, std::string_view value,
                std::size_t bytes_max) {
  if (value.size() > bytes_max) {
    table.complain(key, "is longer than " + std::to_string(bytes_max) + " bytes in UTF-8");
  }
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::ranges::any_of(value, is_control)) {
    table.complain(key, "must not hold line breaks or other control characters");
  }
}

bool is_bic(std::string_view text) {
  if (text.size() != 8 && text.size() != 11) return false;
  return std::ranges::all_of(text, is_upper_or_digit) && is_upper(text[4]) && is_upper(text[5]);
}

bool is_lei(std::string_view text) {
  if (text.size() != 20 || !std::ranges::all_of(text, is_upper_or_digit)) return false;
  if (!is_digit(text[18]) || !is_digit(text[19])) return false;
  unsigned remainder = 0;
  for (const char c : text) {
    // Letters count as two digits, A = 10 to Z = 35.
    const auto value = static_cast<unsigned>(is_digit(c) ? c - '0' : c - 'A' + 10);
    remainder = (remainder * (value < 10 ? 10 : 100) + value) % 97;
  }
  return remainder == 1;
}

}  // namespace hugang::runtime
