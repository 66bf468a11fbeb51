#include "services/peer/signing_keys.hpp"

#include <gtest/gtest.h>

#include "clearing/wire/envelope.hpp"
#include "crypto/envelope.hpp"
#include "tests/unit/services/peer/channel_fixture.hpp"

namespace hugang::peer::test {
namespace {

std::vector<crypto::PrivateKey> only(crypto::PrivateKey key) {
  std::vector<crypto::PrivateKey> keys;
  keys.push_back(std::move(key));
  return keys;
}

TEST(SigningKeys, ChoosesTheLastOfThoseThatAreValid) {
  std::vector<crypto::PrivateKey> keys;
  keys.push_back(crypto::PrivateKey::generate(crypto::Suite::kEd25519));
  keys.push_back(crypto::PrivateKey::generate(crypto::Suite::kSm2Sm3));
  const auto first = keys[0].public_key();
  const auto second = keys[1].public_key();
  SigningKeys signing{std::move(keys)};
  signing.announce(record_of(first, 100, 300));
  signing.announce(record_of(second, 200, 400));

  EXPECT_EQ(signing.choose(base::Timestamp{99}).key, nullptr);
  EXPECT_FALSE(signing.choose(base::Timestamp{99}).trouble.empty());
  EXPECT_EQ(signing.choose(base::Timestamp{100}).key->public_key(), first);
  EXPECT_EQ(signing.choose(base::Timestamp{199}).key->public_key(), first);
  EXPECT_EQ(signing.choose(base::Timestamp{200}).key->public_key(), second);
  EXPECT_TRUE(signing.choose(base::Timestamp{200}).trouble.empty());
  EXPECT_EQ(signing.choose(base::Timestamp{399}).key->public_key(), second);
  EXPECT_EQ(signing.choose(base::Timestamp{400}).key, nullptr);
}

TEST(SigningKeys, UsesTheOlderKeyAndSaysSoWhileTheNewersFileIsMissing) {
  auto held = crypto::PrivateKey::generate(crypto::Suite::kEd25519);
  const auto older = held.public_key();
  const auto newer = crypto::PrivateKey::generate(crypto::Suite::kEd25519).public_key();
  SigningKeys signing{only(std::move(held))};
  signing.announce(record_of(older, 100, 300));
  signing.announce(record_of(newer, 200, 400));
  const auto overlap = signing.choose(base::Timestamp{250});
  ASSERT_NE(overlap.key, nullptr);
  EXPECT_EQ(overlap.key->public_key(), older);
  EXPECT_FALSE(overlap.trouble.empty());
  EXPECT_EQ(signing.choose(base::Timestamp{300}).key, nullptr);
}

TEST(SigningKeys, PassesOverAKeyThatThePeerCannotKnowYet) {
  std::vector<crypto::PrivateKey> keys;
  keys.push_back(crypto::PrivateKey::generate(crypto::Suite::kEd25519));
  keys.push_back(crypto::PrivateKey::generate(crypto::Suite::kEd25519));
  const auto older = keys[0].public_key();
  const auto newer = keys[1].public_key();
  SigningKeys signing{std::move(keys)};
  signing.announce(record_of(older, 100, 300));
  signing.announce(record_of(newer, 200, 400));
  const std::vector<base::KeyId> unknown{newer.id()};
  EXPECT_EQ(signing.choose(base::Timestamp{250}, unknown).key->public_key(), older);
  // The older key was cut to 300 by an announcement that the peer has not applied either.
  EXPECT_EQ(signing.choose(base::Timestamp{350}, unknown).key->public_key(), older);
  EXPECT_EQ(signing.choose(base::Timestamp{99}, unknown).key, nullptr);
}

TEST(SigningKeys, ChoosesTheOneAnnouncedLastAndNotTheOneThatBeginsLast) {
  std::vector<crypto::PrivateKey> keys;
  keys.push_back(crypto::PrivateKey::generate(crypto::Suite::kEd25519));
  keys.push_back(crypto::PrivateKey::generate(crypto::Suite::kEd25519));
  const auto first = keys[0].public_key();
  const auto second = keys[1].public_key();
  SigningKeys signing{std::move(keys)};
  signing.announce(record_of(first, 200, 900));
  signing.announce(record_of(second, 100, 900));
  EXPECT_EQ(signing.choose(base::Timestamp{500}).key->public_key(), second);
}

TEST(SigningKeys, SignsNothingWithAKeyThatWasNotAnnounced) {
  SigningKeys signing{only(crypto::PrivateKey::generate(crypto::Suite::kEd25519))};
  EXPECT_EQ(signing.choose(base::Timestamp{100}).key, nullptr);
}

TEST(SigningKeys, TellsWhichFileCannotBeRead) {
  const std::vector<std::filesystem::path> files{"/nonexistent/signing.key"};
  const auto keys = SigningKeys::load(files);
  ASSERT_FALSE(keys.has_value());
  EXPECT_NE(keys.error().find("/nonexistent/signing.key"), std::string::npos);
  EXPECT_FALSE(SigningKeys::load({}).has_value());
}

TEST(KeyDirectory, FindsByIdAndPassesOverWhatIsNoKey) {
  KeyDirectory directory;
  const auto key = crypto::PrivateKey::generate(crypto::Suite::kSm2Sm3).public_key();
  directory.add(record_of(key));
  ASSERT_NE(directory.find(key.id()), nullptr);
  EXPECT_EQ(*directory.find(key.id()), key);
  wire::KeyRecord broken = record_of(key);
  broken.key_id = base::KeyId{77};
  directory.add(broken);
  EXPECT_EQ(directory.find(base::KeyId{77}), nullptr) << "an id that is not the key's own";
  broken.suite = 9;
  directory.add(broken);
  EXPECT_EQ(directory.find(base::KeyId{77}), nullptr);
}

TEST(SealBytes, MakesAnEnvelopeThatVerifies) {
  const auto key = crypto::PrivateKey::generate(crypto::Suite::kSm2Sm3);
  const auto text = base::as_bytes("payload");
  const base::Bytes bytes = seal_bytes(key, {text.begin(), text.end()});
  auto envelope = wire::decode_envelope(bytes);
  ASSERT_TRUE(envelope.has_value());
  EXPECT_TRUE(crypto::verify(key.public_key(), *std::move(envelope)).has_value());
}

}  // namespace
}  // namespace hugang::peer::test
