#include "services/runtime/config.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

#include "clearing/base/account_number.hpp"
#include "clearing/base/long_line.hpp"
#include "services/runtime/config_sections.hpp"
#include "services/runtime/toml_table.hpp"

namespace hugang::runtime {
namespace {

constexpr IntegerRange kNodeIds{1, base::kAccountNumberNodeMax};

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// The code of a node is the host of its hugang:// names, hence lower case.
void check_node_code(TomlTable& table, std::string_view value) {
  const bool is_good =
      !value.empty() && value.size() <= 16 && value.front() >= 'a' && value.front() <= 'z' &&
      std::ranges::all_of(value, [](char c) { return is_lower_or_digit(c) || c == '-'; });
  if (!value.empty() && !is_good) {
    table.complain("code", "must be 1 to 16 of a-z, 0-9 and -, beginning with a letter");
  }
}

class Reader {
 public:
  Reader(const toml::table& file, ErrorList& errors)
      : top_{&file, "", 1, errors}, folder_{errors.file().parent_path()} {
    config_.file = errors.file();
  }

  Config read() {
    read_node();
    read_ledger();
    read_addresses();
    read_tls();
    read_signing();
    for (auto& peer : top_.tables("peer")) read_peer(peer);
    read_queue();
    read_log();
    config_.genesis = read_genesis(top_.table("genesis"), config_);
    top_.finish();
    return std::move(config_);
  }

 private:
  std::filesystem::path required_path(TomlTable& table, std::string_view key) {
    const auto text = table.required_text(key);
    return text.empty() ? std::filesystem::path{} : folder_ / text;
  }

  static Address required_address(TomlTable& table, std::string_view key) {
    const auto text = table.required_text(key);
    if (text.empty()) return {};
    const auto address = parse_address(text);
    if (!address) {
      table.complain(key, "'" + text + "' is no address; write host:port or [IPv6 host]:port");
    }
    return address.value_or(Address{});
  }

  static KeyValidity read_validity(TomlTable& table) {
    KeyValidity validity;
    if (const auto from = table.time("valid_from")) validity.from = *from;
    if (const auto to = table.time("valid_to")) validity.to = *to;
    if (validity.to <= validity.from) table.complain("valid_to", "must be after valid_from");
    return validity;
  }

  void read_node() {
    auto table = top_.table("node");
    config_.node.id =
        base::NodeId{static_cast<std::uint32_t>(table.required_integer("id", kNodeIds))};
    config_.node.code = table.required_text("code");
    check_node_code(table, config_.node.code);
    config_.node.name = table.required_text("name");
    check_name(table, "name", config_.node.name, sizeof(wire::Genesis{}.name));
    table.finish();
  }

  void read_ledger() {
    auto table = top_.table("ledger");
    config_.ledger.directory = required_path(table, "directory");
    auto& checkpoint = config_.ledger.checkpoint;
    if (const auto entries = table.integer("checkpoint_entries", {1, 1'000'000'000})) {
      checkpoint.entries = static_cast<std::uint64_t>(*entries);
    }
    if (const auto mib = table.integer("checkpoint_mib", {1, 65'536})) {
      checkpoint.journal_bytes = static_cast<std::uint64_t>(*mib) << 20;
    }
    table.finish();
  }

  void read_addresses() {
    auto grpc = top_.table("grpc");
    config_.grpc_listen = required_address(grpc, "listen");
    grpc.finish();
    auto operations = top_.table("operations");
    if (operations.is_there()) config_.operations_listen = required_address(operations, "listen");
    operations.finish();
  }

  void read_tls() {
    auto table = top_.table("tls");
    config_.tls.certificate = required_path(table, "certificate");
    config_.tls.key = required_path(table, "key");
    config_.tls.client_ca = required_path(table, "client_ca");
    table.finish();
  }

  void read_signing() {
    auto table = top_.table("signing");
    for (const auto& key : table.texts("keys")) config_.signing.keys.push_back(folder_ / key);
    if (config_.signing.keys.empty()) table.complain_missing("keys");
    config_.signing.validity = read_validity(table);
    table.finish();
  }

  void read_peer(TomlTable& table) {
    PeerSection peer;
    peer.line = table.line();
    peer.id = base::NodeId{static_cast<std::uint32_t>(table.required_integer("id", kNodeIds))};
    peer.code = table.required_text("code");
    check_node_code(table, peer.code);
    peer.address = required_address(table, "address");
    if (!peer.address.host.empty() && peer.address.port == 0) {
      table.complain("address", "port 0 cannot be dialled");
    }
    peer.public_key = required_path(table, "public_key");
    if (const auto name = table.text("suite")) {
      peer.suite = wire::suite_from_text(*name);
      if (!peer.suite) table.complain("suite", "must be \"ed25519\" or \"sm2-sm3\"");
    }
    peer.validity = read_validity(table);
    if (peer.id == config_.node.id) table.complain("id", "is this node's own");
    if (peer.code == config_.node.code) table.complain("code", "is this node's own");
    for (const auto& other : config_.peers) {
      const auto where = " has been given to the peer in line " + std::to_string(other.line);
      if (other.id == peer.id) table.complain("id", std::to_string(peer.id.value()) + where);
      if (other.code == peer.code) table.complain("code", "'" + peer.code + "'" + where);
    }
    table.finish();
    config_.peers.push_back(std::move(peer));
  }

  void read_queue() {
    auto table = top_.table("queue");
    if (const auto commands =
            table.integer("commands", {node::kSubmissionCommandsMax, 100'000'000})) {
      config_.queue.commands_max = static_cast<std::uint32_t>(*commands);
    }
    if (const auto mib = table.integer("mib", {8, 65'536})) {
      config_.queue.bytes_max = static_cast<std::uint64_t>(*mib) << 20;
    }
    if (const auto reads = table.integer("reads", {1, 10'000'000})) {
      config_.queue.reads_max = static_cast<std::uint32_t>(*reads);
    }
    table.finish();
  }

  void read_log() {
    auto table = top_.table("log");
    if (const auto level = table.text("level")) {
      if (*level == "debug") {
        config_.log.level = LogLevel::kDebug;
      } else if (*level == "info") {
        config_.log.level = LogLevel::kInfo;
      } else if (*level == "warning") {
        config_.log.level = LogLevel::kWarning;
      } else if (*level == "error") {
        config_.log.level = LogLevel::kError;
      } else {
        table.complain("level", "must be \"debug\", \"info\", \"warning\" or \"error\"");
      }
    }
    if (const auto format = table.text("format")) {
      if (*format == "json") {
        config_.log.format = LogFormat::kJson;
      } else if (*format != "text") {
        table.complain("format", "must be \"text\" or \"json\"");
      }
    }
    table.finish();
  }

  TomlTable top_;
  std::filesystem::path folder_;
  Config config_;
};

static_assert((std::size_t{8} << 20) >= node::kSubmissionBytesMax, "the smallest queue.mib");

}  // namespace

std::string Address::text() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::optional<Address> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt;
  }
  const auto bad = [](char c) { return c <= ' ' || c == '/' || c == '[' || c == ']'; };
  if (host.empty() || host.size() > 253 || std::ranges::any_of(host, bad)) return std::nullopt;
  const auto digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size()) return std::nullopt;
  return Address{std::string{host}, port};
}

std::expected<Config, std::vector<std::string>> parse_config(std::string_view text,
                                                             const std::filesystem::path& file) {
  ErrorList errors{file};
  if (const auto line = base::find_long_line(text)) {
    errors.add(*line,
               "is longer than " + std::to_string(base::kLineBytesMax) + " bytes: break it up");
    return std::unexpected{errors.sentences()};
  }
  toml::table table;
  try {
    table = toml::parse(text, file.string());
  } catch (const toml::parse_error& error) {
    errors.add(error.source().begin.line, std::string{error.description()});
    return std::unexpected{errors.sentences()};
  }
  Config config = Reader{table, errors}.read();
  if (!errors.is_empty()) return std::unexpected{errors.sentences()};
  return config;
}

std::expected<Config, std::vector<std::string>> load_config(const std::filesystem::path& file) {
  std::error_code failure;
  std::ifstream stream{file, std::ios::binary};
  // Reading a directory would throw.
  if (!stream || std::filesystem::is_directory(file, failure)) {
    return std::unexpected{std::vector{"cannot read the configuration file " + file.string() +
                                       "; check the path and the permissions"}};
  }
  const std::string text{std::istreambuf_iterator<char>{stream}, {}};
  return parse_config(text, file);
}

}  // namespace hugang::runtime
