#include "crypto/keys.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <type_traits>

#include "crypto/digest.hpp"
#include "crypto/signature.hpp"
#include "tests/unit/crypto/fixtures.hpp"

namespace hugang::crypto {
namespace {

using Code = KeyError::Code;
using test::bytes_of;
using test::from_hex;

static_assert(!std::is_copy_constructible_v<PrivateKey>);
static_assert(std::is_nothrow_move_constructible_v<PrivateKey>);

constexpr Suite kSuites[] = {Suite::kEd25519, Suite::kSm2Sm3};

constexpr char kEd25519Prefix[] = "302a300506032b6570032100";
constexpr char kSm2Prefix[] = "3059301306072a8648ce3d020106082a811ccf5501822d03420004";

/// Whether the two sign and verify for each other.
bool belong_together(const PrivateKey& key, const PublicKey& public_key) {
  const auto message = bytes_of("m");
  return verify_raw(public_key, message, sign_raw(key, message)).has_value();
}

TEST(PublicKey, IsReadBackFromDerAndPem) {
  for (const Suite suite : kSuites) {
    const PrivateKey key = PrivateKey::generate(suite);
    const PublicKey& original = key.public_key();
    const auto from_der = PublicKey::from_der(suite, original.to_der());
    const auto from_pem = PublicKey::from_pem(original.to_pem());
    ASSERT_TRUE(from_der.has_value()) << from_der.error().sentence;
    ASSERT_TRUE(from_pem.has_value()) << from_pem.error().sentence;
    EXPECT_EQ(*from_der, original);
    EXPECT_EQ(*from_pem, original);
    EXPECT_EQ(from_der->id(), original.id());
    EXPECT_TRUE(belong_together(key, *from_pem));
  }
}

TEST(PublicKey, IsNamedByTheHashOfItsSuiteAndDer) {
  const PublicKey& key = test::rfc8032_key_1().public_key();
  base::Bytes named = from_hex("01");
  named.insert(named.end(), key.to_der().begin(), key.to_der().end());
  const base::Digest digest = sha256(named);
  std::uint64_t expected = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    expected = expected * 256 + std::to_integer<std::uint64_t>(digest.bytes[i]);
  }
  EXPECT_EQ(key.id(), base::KeyId{expected});
  EXPECT_NE(key_id_of(Suite::kEd25519, key.to_der()), key_id_of(Suite::kSm2Sm3, key.to_der()));
}

TEST(PublicKey, RefusesAKeyOfAnotherSuite) {
  const PrivateKey ed25519 = PrivateKey::generate(Suite::kEd25519);
  const PrivateKey sm2 = PrivateKey::generate(Suite::kSm2Sm3);
  EXPECT_EQ(PublicKey::from_der(Suite::kSm2Sm3, ed25519.public_key().to_der()).error().code,
            Code::kWrongSuite);
  EXPECT_EQ(PublicKey::from_der(Suite::kEd25519, sm2.public_key().to_der()).error().code,
            Code::kWrongSuite);
}

TEST(PublicKey, RefusesEveryCutAndEveryAddition) {
  for (const Suite suite : kSuites) {
    const base::Bytes der = PrivateKey::generate(suite).public_key().to_der();
    for (std::size_t size = 0; size < der.size(); ++size) {
      const base::Bytes cut(der.begin(), der.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_EQ(PublicKey::from_der(suite, cut).error().code, Code::kMalformed);
    }
    base::Bytes longer = der;
    longer.push_back(std::byte{0});
    EXPECT_EQ(PublicKey::from_der(suite, longer).error().code, Code::kMalformed);
  }
}

TEST(PublicKey, RefusesPointsOffTheSm2Curve) {
  base::Bytes der = PrivateKey::generate(Suite::kSm2Sm3).public_key().to_der();
  der.back() ^= std::byte{1};
  EXPECT_EQ(PublicKey::from_der(Suite::kSm2Sm3, der).error().code, Code::kMalformed);
  const base::Bytes zero = from_hex(kSm2Prefix + std::string(128, '0'));
  EXPECT_EQ(PublicKey::from_der(Suite::kSm2Sm3, zero).error().code, Code::kMalformed);
}

TEST(PublicKey, RefusesEd25519PointsOfSmallOrder) {
  const std::string middle(60, 'f');
  const std::string points[] = {
      std::string(64, '0'),
      "01" + std::string(62, '0'),
      "01" + std::string(60, '0') + "80",
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
      "ec" + middle + "7f",
      "ec" + middle + "ff",
      "ed" + middle + "7f",
      "ee" + middle + "ff",
  };
  for (const std::string& point : points) {
    const auto key = PublicKey::from_der(Suite::kEd25519, from_hex(kEd25519Prefix + point));
    ASSERT_FALSE(key.has_value()) << point;
    EXPECT_EQ(key.error().code, Code::kWeak) << point;
  }
}

TEST(PublicKey, RefusesTextThatIsNoKey) {
  const std::string pem = PrivateKey::generate(Suite::kEd25519).public_key().to_pem();
  for (const std::string& text :
       {std::string{}, std::string{"hello"}, pem.substr(0, pem.size() / 2),
        PrivateKey::generate(Suite::kEd25519).to_pem(), std::string(100'000, 'x')}) {
    const auto key = PublicKey::from_pem(text);
    ASSERT_FALSE(key.has_value());
    EXPECT_EQ(key.error().code, Code::kMalformed);
    EXPECT_FALSE(key.error().sentence.empty());
  }
}

TEST(PrivateKey, IsReadBackFromItsPem) {
  for (const Suite suite : kSuites) {
    const PrivateKey key = PrivateKey::generate(suite);
    const auto again = PrivateKey::from_pem(key.to_pem());
    ASSERT_TRUE(again.has_value()) << again.error().sentence;
    EXPECT_EQ(again->public_key(), key.public_key());
    EXPECT_TRUE(belong_together(*again, key.public_key()));
  }
}

TEST(PrivateKey, IsNewEachTime) {
  for (const Suite suite : kSuites) {
    EXPECT_NE(PrivateKey::generate(suite).public_key(), PrivateKey::generate(suite).public_key());
  }
}

class KeyFile : public testing::Test {
 protected:
  test::TemporaryFolder folder_;
};

TEST_F(KeyFile, IsSavedForItsOwnerAloneAndReadBack) {
  const PrivateKey key = PrivateKey::generate(Suite::kSm2Sm3);
  const auto path = folder_ / "node.pem";
  ASSERT_TRUE(key.save_pem_file(path).has_value());
  struct ::stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  const auto again = PrivateKey::load_pem_file(path);
  ASSERT_TRUE(again.has_value()) << again.error().sentence;
  EXPECT_EQ(again->public_key(), key.public_key());
}

TEST_F(KeyFile, IsNeverReplaced) {
  const auto path = folder_ / "node.pem";
  const PrivateKey first = PrivateKey::generate(Suite::kEd25519);
  ASSERT_TRUE(first.save_pem_file(path).has_value());
  const auto second = PrivateKey::generate(Suite::kEd25519).save_pem_file(path);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, Code::kFileUnreadable);
  EXPECT_EQ(PrivateKey::load_pem_file(path)->public_key(), first.public_key());
}

TEST_F(KeyFile, IsRefusedWhenOthersMayOpenIt) {
  const auto path = folder_ / "node.pem";
  ASSERT_TRUE(PrivateKey::generate(Suite::kEd25519).save_pem_file(path).has_value());
  for (const ::mode_t mode : {0640u, 0604u, 0660u, 0602u, 0644u, 0666u, 0601u}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    const auto key = PrivateKey::load_pem_file(path);
    ASSERT_FALSE(key.has_value()) << std::oct << mode;
    EXPECT_EQ(key.error().code, Code::kFilePermissions);
    EXPECT_NE(key.error().sentence.find("chmod 600 " + path.string()), std::string::npos);
  }
  for (const ::mode_t mode : {0600u, 0400u}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    EXPECT_TRUE(PrivateKey::load_pem_file(path).has_value()) << std::oct << mode;
  }
}

TEST_F(KeyFile, IsRefusedWhenAbsentAFolderOrTooLarge) {
  EXPECT_EQ(PrivateKey::load_pem_file(folder_ / "none.pem").error().code, Code::kFileUnreadable);
  EXPECT_EQ(PrivateKey::load_pem_file(folder_.path()).error().code, Code::kFileUnreadable);
  const auto large = folder_ / "large.pem";
  test::write_file(large, std::string(64 * 1024 + 1, 'x'));
  ASSERT_EQ(::chmod(large.c_str(), 0600), 0);
  EXPECT_EQ(PrivateKey::load_pem_file(large).error().code, Code::kMalformed);
  const auto pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(PrivateKey::load_pem_file(pipe).error().code, Code::kFileUnreadable);
}

TEST_F(KeyFile, ErrorsNameTheFileAndNeverTheSecret) {
  const auto path = folder_ / "broken.pem";
  std::string pem = PrivateKey::generate(Suite::kEd25519).to_pem();
  const std::string secret = pem.substr(40, 20);
  pem.resize(pem.size() - 40);
  test::write_file(path, pem);
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  const auto key = PrivateKey::load_pem_file(path);
  ASSERT_FALSE(key.has_value());
  EXPECT_NE(key.error().sentence.find(path.string()), std::string::npos);
  EXPECT_EQ(key.error().sentence.find(secret), std::string::npos);
}

}  // namespace
}  // namespace hugang::crypto
