#include "crypto/signature.hpp"

#include <gtest/gtest.h>

#include "tests/unit/crypto/fixtures.hpp"

namespace hugang::crypto {
namespace {

using test::bytes_of;
using test::from_hex;

struct Rfc8032Vector {
  const char* secret;
  const char* public_point;
  const char* message;
  const char* signature;
};

// RFC 8032 section 7.1, tests 1 to 3.
constexpr Rfc8032Vector kRfc8032[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
     "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
};

TEST(Ed25519, GivesTheSignaturesOfRfc8032) {
  for (const Rfc8032Vector& vector : kRfc8032) {
    const PrivateKey key = test::ed25519_key(vector.secret);
    const base::ByteSpan der = key.public_key().to_der();
    EXPECT_EQ(base::to_hex(der.last(32)), vector.public_point);
    const base::Bytes message = from_hex(vector.message);
    const base::Bytes signature = sign_raw(key, message);
    EXPECT_EQ(base::to_hex(signature), vector.signature);
    EXPECT_TRUE(verify_raw(key.public_key(), message, signature).has_value());
  }
}

TEST(Ed25519, RefusesASignatureWhoseNumberIsNotReduced) {
  // S + L in place of S signs the same message by the equation; RFC 8032 5.1.7 demands S < L.
  const PrivateKey key = test::rfc8032_key_1();
  base::Bytes signature = from_hex(kRfc8032[0].signature);
  const base::Bytes order =
      from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += std::to_integer<unsigned>(signature[32 + i]) + std::to_integer<unsigned>(order[i]);
    signature[32 + i] = static_cast<std::byte>(carry & 0xFF);
    carry >>= 8;
  }
  ASSERT_EQ(carry, 0u);
  EXPECT_EQ(verify_raw(key.public_key(), {}, signature).error(), SignatureError::kBad);
}

class Gmt0003 : public testing::Test {
 protected:
  void SetUp() override {
    message_ = test::read_file(test::shared_file("conformance/sm2/gmt0003.5_msg.bin"));
    signature_ = test::read_file(test::shared_file("conformance/sm2/gmt0003.5_sig.der"));
    pem_ = test::read_file(test::shared_file("conformance/sm2/gmt0003.5_pub.pem"));
    if (message_.empty() || signature_.empty() || pem_.empty()) {
      GTEST_SKIP() << "no conformance/sm2 at " << test::shared_file("")
                   << "; set HUGANG_SHARED to where the third-party test data are";
    }
  }
  std::string message_;
  std::string signature_;
  std::string pem_;
};

TEST_F(Gmt0003, PublishedSignatureVerifies) {
  const auto key = PublicKey::from_pem(pem_);
  ASSERT_TRUE(key.has_value()) << key.error().sentence;
  EXPECT_EQ(key->suite(), Suite::kSm2Sm3);
  EXPECT_TRUE(verify_raw(*key, base::as_bytes(message_), base::as_bytes(signature_)).has_value());
}

TEST_F(Gmt0003, PublishedSignatureOfAnotherMessageOrFormIsRefused) {
  const auto key = PublicKey::from_pem(pem_);
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(verify_raw(*key, base::as_bytes(message_ + "!"), base::as_bytes(signature_)).error(),
            SignatureError::kBad);
  EXPECT_EQ(verify_raw(*key, base::as_bytes(message_), base::as_bytes(signature_ + '\0')).error(),
            SignatureError::kMalformed);
}

TEST(Sm2, SignsDifferentlyEachTimeAndVerifiesEachTime) {
  const PrivateKey key = PrivateKey::generate(Suite::kSm2Sm3);
  const base::Bytes message = bytes_of("message");
  const base::Bytes first = sign_raw(key, message);
  EXPECT_NE(first, sign_raw(key, message));
  for (int round = 0; round < 100; ++round) {
    const base::Bytes signature = sign_raw(key, message);
    EXPECT_LE(signature.size(), 72u);
    EXPECT_TRUE(verify_raw(key.public_key(), message, signature).has_value());
  }
}

}  // namespace
}  // namespace hugang::crypto
