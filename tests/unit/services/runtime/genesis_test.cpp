#include "services/runtime/genesis.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "crypto/digest.hpp"
#include "ledger/memory_journal.hpp"
#include "services/node/node.hpp"
#include "tests/unit/services/runtime/config_text.hpp"

namespace hugang::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Config config_of(std::string_view text) {
  auto config = parse_config(text, "city.toml");
  EXPECT_TRUE(config.has_value());
  return std::move(*config);
}

ConfiguredKeys new_keys() {
  ConfiguredKeys keys{.own = crypto::PrivateKey::generate(wire::Suite::kSm2Sm3).public_key(),
                      .peers = {}};
  keys.peers.push_back(crypto::PrivateKey::generate(wire::Suite::kEd25519).public_key());
  return keys;
}

machine::Machine empty_machine() {
  return machine::Machine{machine::Hashing{&crypto::sha256, &crypto::chain_next}};
}

/// Applies the steps `first`..`last`-1 to a machine as one entry; the outcomes' codes.
std::vector<machine::Code> apply(node::Sequencer& sequencer, std::vector<GenesisStep> steps,
                                 std::size_t first, std::size_t last) {
  for (std::size_t i = first; i < last; ++i) {
    sequencer.add(std::move(steps[i].submission), [](const auto&) {});
  }
  const auto entry = sequencer.cut(base::Timestamp{1'800'000'000'000'000'000});
  std::vector<machine::Code> codes;
  for (const auto& outcome : entry->effects.outcomes) codes.push_back(outcome.code);
  return codes;
}

class GenesisTest : public ::testing::Test {
 protected:
  Config config_ = config_of(testing::kGoodConfig);
  ConfiguredKeys keys_ = new_keys();
  node::Sequencer sequencer_{empty_machine(), base::NodeId{1}, {}};
};

TEST_F(GenesisTest, MakesTheLedgerThatTheConfigurationDescribes) {
  auto steps = genesis_steps(config_, keys_);
  const auto count = steps.size();
  EXPECT_THAT(apply(sequencer_, std::move(steps), 0, count), ::testing::Each(machine::Code::kOk));

  const auto& state = sequencer_.state();
  EXPECT_EQ(state.self, base::NodeId{1});
  EXPECT_EQ(state.code.view(), "shanghai");
  ASSERT_EQ(state.own_keys.size(), 1u);
  EXPECT_EQ(state.own_keys[0].record.key_id, keys_.own.id());
  ASSERT_EQ(state.participants.size(), 2u);
  EXPECT_EQ(state.participants[0].roles, wire::role::kOperator);
  EXPECT_EQ(state.participants[1].lei.view(), "5493001KJTIIGC8Y1R12");
  EXPECT_EQ(state.assets.size(), 2u);
  ASSERT_TRUE(state.peers.contains(base::NodeId{2}));
  EXPECT_EQ(state.peers.at(base::NodeId{2}).keys[0].record.key_id, keys_.peers[0].id());
  EXPECT_EQ(state.peers.at(base::NodeId{2}).corridors.size(), 2u);
  EXPECT_FALSE(state.assets.at(base::AssetId{1}).reserve.is_none());
  EXPECT_EQ(state.accounts.size(), 3u);
  EXPECT_EQ(state.aliases[1].view(), "hongkong CNY.D");
  EXPECT_EQ(state.rules.version, 3u);
  EXPECT_EQ(state.rules.rules.size(), 1u);
  EXPECT_TRUE(is_genesis_complete(state, base::NodeId{1}));
  EXPECT_FALSE(is_genesis_complete(state, base::NodeId{2}));
  EXPECT_THAT(differences(config_, keys_, state), IsEmpty());
}

TEST_F(GenesisTest, IsFinishedByTheNextStartWhereverACrashCutIt) {
  const auto count = genesis_steps(config_, keys_).size();
  for (std::size_t done = 1; done < count; ++done) {
    node::Sequencer sequencer{empty_machine(), base::NodeId{1}, {}};
    (void)apply(sequencer, genesis_steps(config_, keys_), 0, done);
    EXPECT_FALSE(is_genesis_complete(sequencer.state(), base::NodeId{1})) << done;
    const auto codes = apply(sequencer, genesis_steps(config_, keys_), 0, count);
    EXPECT_THAT(codes, ::testing::Each(machine::Code::kOk)) << done;
    EXPECT_TRUE(is_genesis_complete(sequencer.state(), base::NodeId{1})) << done;
    EXPECT_EQ(sequencer.state().accounts.size(), 3u) << done;
  }
}

TEST_F(GenesisTest, RunsThroughANodeAsOneEntryAndNamesWhatWasRefused) {
  ledger::MemoryJournal journal{base::NodeId{1}};
  const node::SystemClock clock;
  node::Node node{{}, journal, clock, empty_machine(), [](const auto&) {}};
  GenesisRun first{genesis_steps(config_, keys_), node};
  node.start();
  EXPECT_TRUE(first.wait().has_value());
  EXPECT_EQ(journal.last_seqno(), base::Seqno{1});

  GenesisRun again{genesis_steps(config_, keys_), node};
  EXPECT_TRUE(again.wait().has_value());

  GenesisRun other{genesis_steps(config_, new_keys()), node};
  const auto refused = other.wait();
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error(), HasSubstr("genesis, signing key"));
  EXPECT_THAT(refused.error(), HasSubstr("remove the ledger's directory"));
  node.stop();
}

TEST_F(GenesisTest, RefusesTheLedgerOfAnotherNode) {
  EXPECT_TRUE(check_same_node(config_, sequencer_.state()).has_value());  // empty
  auto steps = genesis_steps(config_, keys_);
  const auto count = steps.size();
  (void)apply(sequencer_, std::move(steps), 0, count);
  EXPECT_TRUE(check_same_node(config_, sequencer_.state()).has_value());
  config_.node.code = "suzhou";
  const auto refused = check_same_node(config_, sequencer_.state());
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error(), HasSubstr("is that of node 1 (shanghai)"));
  EXPECT_THAT(refused.error(), HasSubstr("says node 1 (suzhou)"));
}

TEST_F(GenesisTest, SaysWhatALaterConfigurationNamesAndTheLedgerLacks) {
  auto steps = genesis_steps(config_, keys_);
  const auto count = steps.size();
  (void)apply(sequencer_, std::move(steps), 0, count);

  config_.genesis.assets.push_back(
      {.id = base::AssetId{3}, .code = "XAU.G", .issuer = base::NodeId{1}, .scale = 4});
  config_.genesis.corridors.push_back({.peer = base::NodeId{2}, .asset = base::AssetId{3}});
  PeerSection singapore = config_.peers[0];
  singapore.id = base::NodeId{3};
  singapore.code = "singapore";
  config_.peers.push_back(singapore);
  keys_.peers.push_back(keys_.peers[0]);
  EXPECT_THAT(differences(config_, keys_, sequencer_.state()),
              ElementsAre(HasSubstr("peer 3 (singapore)"), HasSubstr("asset XAU.G"),
                          HasSubstr("corridor with hongkong in XAU.G")));
}

class KeyFilesTest : public ::testing::Test {
 protected:
  KeyFilesTest() {
    std::string name = (std::filesystem::temp_directory_path() / "hugang-keys-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    auto parsed = parse_config(testing::kGoodConfig, folder_ / "city.toml");
    EXPECT_TRUE(parsed.has_value());
    config_ = std::move(*parsed);
    std::filesystem::create_directory(folder_ / "pki");
  }
  ~KeyFilesTest() override { std::filesystem::remove_all(folder_); }

  void write(const std::filesystem::path& path, const std::string& text) {
    std::ofstream{path} << text;
  }

  std::filesystem::path folder_;
  Config config_;
};

TEST_F(KeyFilesTest, AreReadAndComparedWithTheNamedSuite) {
  const auto missing = load_configured_keys(config_);
  ASSERT_FALSE(missing.has_value());
  EXPECT_THAT(missing.error(), HasSubstr("signing.key"));

  const auto own = crypto::PrivateKey::generate(wire::Suite::kEd25519);
  const auto next = crypto::PrivateKey::generate(wire::Suite::kSm2Sm3);
  const auto peer = crypto::PrivateKey::generate(wire::Suite::kEd25519);
  ASSERT_TRUE(own.save_pem_file(config_.signing.keys[0]).has_value());
  ASSERT_TRUE(next.save_pem_file(config_.signing.keys[1]).has_value());
  write(config_.peers[0].public_key, peer.public_key().to_pem());
  const auto keys = load_configured_keys(config_);
  ASSERT_TRUE(keys.has_value()) << keys.error();
  EXPECT_EQ(keys->own, own.public_key());
  EXPECT_EQ(keys->peers.at(0), peer.public_key());

  write(config_.peers[0].public_key, next.public_key().to_pem());
  const auto other_suite = load_configured_keys(config_);
  ASSERT_FALSE(other_suite.has_value());
  EXPECT_THAT(other_suite.error(), HasSubstr("the key is of suite sm2-sm3"));

  write(config_.peers[0].public_key, "nonsense");
  EXPECT_FALSE(load_configured_keys(config_).has_value());
}

}  // namespace
}  // namespace hugang::runtime
