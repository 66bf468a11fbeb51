#include "services/runtime/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/runtime/config_sections.hpp"
#include "tests/unit/services/runtime/config_text.hpp"

namespace hugang::runtime {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using testing::kGoodConfig;
using testing::with;

std::vector<std::string> errors_of(std::string_view text) {
  const auto config = parse_config(text, "city.toml");
  return config ? std::vector<std::string>{} : config.error();
}

TEST(Config, ReadsEveryKey) {
  const auto config = parse_config(kGoodConfig, "/etc/hugang/city.toml");
  ASSERT_TRUE(config.has_value()) << config.error().front();
  EXPECT_EQ(config->node.id, base::NodeId{1});
  EXPECT_EQ(config->node.code, "shanghai");
  EXPECT_EQ(config->node.name, "Shanghai 上海");
  EXPECT_EQ(config->ledger.checkpoint.entries, 5'000u);
  EXPECT_EQ(config->ledger.checkpoint.journal_bytes, std::uint64_t{64} << 20);
  EXPECT_EQ(config->grpc_listen.text(), "127.0.0.1:7001");
  ASSERT_TRUE(config->operations_listen.has_value());
  EXPECT_EQ(config->operations_listen->host, "::1");
  EXPECT_EQ(config->operations_listen->text(), "[::1]:7011");
  ASSERT_EQ(config->signing.keys.size(), 2u);
  EXPECT_EQ(config->signing.validity.to, base::Timestamp{1'924'992'000'000'000'000});
  ASSERT_EQ(config->peers.size(), 1u);
  EXPECT_EQ(config->peers[0].id, base::NodeId{2});
  EXPECT_EQ(config->peers[0].address.text(), "node.example:7002");
  EXPECT_EQ(config->peers[0].suite, wire::Suite::kEd25519);
  EXPECT_EQ(config->queue.commands_max, 20'000u);
  EXPECT_EQ(config->queue.bytes_max, std::uint64_t{16} << 20);
  EXPECT_EQ(config->queue.reads_max, 100u);
  EXPECT_EQ(config->log.level, LogLevel::kWarning);
  EXPECT_EQ(config->log.format, LogFormat::kJson);
  EXPECT_EQ(config->genesis.operator_participant.roles, wire::role::kOperator);
  ASSERT_EQ(config->genesis.assets.size(), 2u);
  EXPECT_EQ(config->genesis.assets[1].issuer, base::NodeId{2});
  ASSERT_EQ(config->genesis.participants.size(), 1u);
  EXPECT_EQ(config->genesis.participants[0].local_name, "外滩银行");
  EXPECT_EQ(config->genesis.corridors.size(), 2u);
  EXPECT_EQ(config->genesis.reserves, std::vector{base::AssetId{1}});
  EXPECT_EQ(config->genesis.rules.version, 3u);
  ASSERT_EQ(config->genesis.rules.rules.size(), 1u);
  EXPECT_EQ(config->genesis.rules.rules[0].kind, wire::RuleKind::kCorridorCap);
  EXPECT_EQ(config->genesis.rules.rules[0].value, 500'000);
}

TEST(Config, TakesPathsFromTheFolderOfTheFile) {
  const auto config = parse_config(kGoodConfig, "/etc/hugang/city.toml");
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->ledger.directory, "/etc/hugang/ledger");
  EXPECT_EQ(config->tls.key, "/etc/hugang/pki/node.key");
  EXPECT_EQ(config->signing.keys[1], "/etc/hugang/pki/next.key");
  const auto absolute = parse_config(with("\"ledger\"", "\"/var/lib/ledger\""), "/etc/city.toml");
  ASSERT_TRUE(absolute.has_value());
  EXPECT_EQ(absolute->ledger.directory, "/var/lib/ledger");
}

TEST(Config, LeavesOutWhatHasADefault) {
  auto text = with("[operations]\nlisten = \"[::1]:7011\"\n", "");
  const auto queue = text.find("[queue]");
  text.erase(queue, text.find("[genesis.operator]") - queue);
  const auto config = parse_config(text, "city.toml");
  ASSERT_TRUE(config.has_value()) << config.error().front();
  EXPECT_FALSE(config->operations_listen.has_value());
  EXPECT_EQ(config->queue.commands_max, node::QueueLimits{}.commands_max);
  EXPECT_EQ(config->log.level, LogLevel::kInfo);
}

struct Mistake {
  const char* from;
  const char* to;
  const char* sentence;  ///< a part of one of the errors
};

class ConfigMistake : public ::testing::TestWithParam<Mistake> {};

TEST_P(ConfigMistake, IsToldWithItsLine) {
  const auto& [from, to, sentence] = GetParam();
  const auto text = with(from, to);
  ASSERT_FALSE(text.empty()) << from;
  EXPECT_THAT(errors_of(text), Contains(HasSubstr(sentence)));
}

constexpr Mistake kMistakes[] = {
    // Keys and types.
    {"listen = \"127", "lisen = \"127",
     "city.toml:12: [grpc] knows no key 'lisen'; did you mean 'listen'?"},
    {"listen = \"127", "lisen = \"127", "city.toml:11: [grpc] needs the key 'listen'"},
    {"[queue]", "[que]", "the file knows no key 'que'; did you mean 'queue'?"},
    {"reads = 100", "zebra = 1", "[queue] knows no key 'zebra'; it knows: commands mib reads"},
    {"id = 1", "id = \"1\"", "city.toml:2: [node] id: must be a whole number from 1 to 9999"},
    {"id = 1", "id = 10_000", "city.toml:2: [node] id: must be a whole number from 1 to 9999"},
    {"id = 1", "id =", "city.toml:2: "},
    {"keys = [\"pki/signing.key\", \"pki/next.key\"]", "keys = [1]", "must be a list of texts"},
    {"keys = [\"pki/signing.key\", \"pki/next.key\"]", "keys = []",
     "[signing] needs the key 'keys'"},
    {"[[peer]]", "[peer]", "must be sections [[peer]]"},
    {"[genesis.operator]\ncode = \"operator\"\nname = \"Operator\"", "[genesis]\noperator = 1",
     "must be a section, [genesis.operator]"},
    // Values.
    {"\"shanghai\"", "\"Shang hai\"", "must be 1 to 16 of a-z, 0-9 and -"},
    {"\"shanghai\"", "\"\"", "[node] code: must not be empty"},
    {"Shanghai 上海", "a\\nb", "must not hold line breaks"},
    {"127.0.0.1:7001", "127.0.0.1", "is no address; write host:port"},
    {"127.0.0.1:7001", "::1:7001", "is no address; write host:port"},
    {"127.0.0.1:7001", "localhost:70000", "is no address; write host:port"},
    {"node.example:7002", "node.example:0", "port 0 cannot be dialled"},
    {"checkpoint_mib = 64", "checkpoint_mib = 0", "must be a whole number from 1 to 65536"},
    {"commands = 20_000", "commands = 100", "[queue] commands: must be a whole number from 16383"},
    {"\"ed25519\"", "\"rsa\"", "must be \"ed25519\" or \"sm2-sm3\""},
    {"2031-01-01", "\"2031-01-01\"", "must be a date from 1970-01-01"},
    {"2031-01-01", "2019-01-01", "must be after valid_from"},
    {"level = \"warning\"", "level = \"loud\"",
     "must be \"debug\", \"info\", \"warning\" or \"error\""},
    {"format = \"json\"", "format = \"xml\"", "must be \"text\" or \"json\""},
    // Peers.
    {"id = 2\ncode = \"hongkong\"", "id = 1\ncode = \"hongkong\"",
     "[[peer]] id: is this node's own"},
    {"code = \"hongkong\"", "code = \"shanghai\"", "[[peer]] code: is this node's own"},
    {"[queue]",
     "[[peer]]\nid = 2\ncode = \"singapore\"\naddress = \"a:1\"\npublic_key = \"k\"\n[queue]",
     "[[peer]] id: 2 has been given to the peer in line 26"},
    // Genesis.
    {"code = \"operator\"\nname = \"Operator\"", "name = \"Operator\"",
     "[genesis.operator] needs the key 'code'"},
    {"code = \"HKD\"\nissuer = 2", "code = \"HKD\"\nissuer = 3",
     "must be this node or the id of a [[peer]]"},
    {"code = \"HKD\"", "code = \"hkd\"", "must be 1 to 8 capital letters"},
    {"code = \"HKD\"", "code = \"CNY.D\"", "'CNY.D' is given to two assets"},
    {"id = 2\ncode = \"HKD\"", "id = 1\ncode = \"HKD\"", "1 is given to two assets"},
    {"scale = 2", "scale = 13", "must be a whole number from 0 to 12"},
    {"roles = [\"participant\"]", "roles = [\"king\"]", "'king' is none of"},
    {"code = \"HGSHCNSHXXX\"", "code = \"operator\"", "is the operator's own"},
    {"bic = \"HGSHCNSHXXX\"", "bic = \"HGSHCNS\"", "is no BIC of 8 or 11 characters"},
    {"5493001KJTIIGC8Y1R12", "5493001KJTIIGC8Y1R13", "is no LEI"},
    {"[[genesis.reserve]]\nasset = 1", "[[genesis.reserve]]\nasset = 2",
     "the issuer of HKD is node 2"},
    {"[[genesis.reserve]]\nasset = 1", "[[genesis.reserve]]\nasset = 9",
     "9 stands in no [[genesis.asset]]"},
    {"[[genesis.corridor]]\npeer = 2\nasset = 2", "[[genesis.corridor]]\npeer = 2\nasset = 1",
     "this corridor stands here twice"},
    {"[[genesis.corridor]]\npeer = 2", "[[genesis.corridor]]\npeer = 7",
     "must be the id of a [[peer]]"},
    {"kind = \"corridor-cap\"", "kind = \"tax\"", "must be \"single-max\" or \"corridor-cap\""},
    {"value = 500_000", "value = -1", "must be a whole number from 0 to 100000000000000000"},
};

INSTANTIATE_TEST_SUITE_P(Table, ConfigMistake, ::testing::ValuesIn(kMistakes));

TEST(Config, TellsAllMistakesInTheOrderOfTheLines) {
  auto text = with("127.0.0.1:7001", "nowhere");
  text.replace(text.find("level = \"warning\""), 17, "level = \"loud\"");
  text.replace(text.find("id = 1"), 6, "id = 0");
  const auto errors = errors_of(text);
  ASSERT_EQ(errors.size(), 3u);
  EXPECT_THAT(errors[0], HasSubstr("city.toml:2: "));
  EXPECT_THAT(errors[1], HasSubstr("city.toml:12: "));
  EXPECT_THAT(errors[2], HasSubstr("[log] level"));
}

TEST(Config, RefusesKeysNestedWithoutEnd) {
  std::string key = "node = 1\na";
  for (int i = 0; i < 100'000; ++i) key += ".a";
  const auto errors = errors_of(key + " = 1\n");
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_THAT(errors[0], HasSubstr("city.toml:2: is longer than 4096 bytes"));
  // The longest that is let in is followed to its end.
  EXPECT_FALSE(errors_of(key.substr(0, 4'000) + "a = 1\n").empty());
}

TEST(Config, SaysWhichFileCannotBeRead) {
  const auto config = load_config("/nonexistent/city.toml");
  ASSERT_FALSE(config.has_value());
  EXPECT_THAT(config.error().front(), HasSubstr("/nonexistent/city.toml"));
}

TEST(Config, RefusesADirectoryAsItsFile) {
  const auto config = load_config("/");
  ASSERT_FALSE(config.has_value());
  EXPECT_THAT(config.error().front(), HasSubstr("cannot read the configuration file"));
}

TEST(Identifiers, AreCheckedByForm) {
  EXPECT_TRUE(is_bic("HGSHCNSH"));
  EXPECT_TRUE(is_bic("HGSHCNSHXXX"));
  EXPECT_FALSE(is_bic("HGSH12SH"));
  EXPECT_FALSE(is_bic("hgshcnsh"));
  EXPECT_TRUE(is_lei("5493001KJTIIGC8Y1R12"));
  EXPECT_FALSE(is_lei("5493001KJTIIGC8Y1R21"));
  EXPECT_FALSE(is_lei("5493001KJTIIGC8Y1R1"));
}

}  // namespace
}  // namespace hugang::runtime
