#include "crypto/envelope.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <type_traits>
#include <vector>

#include "crypto/signature.hpp"
#include "tests/unit/crypto/fixtures.hpp"

namespace hugang::crypto {
namespace {

using test::bytes_of;

static_assert(!std::is_default_constructible_v<VerifiedEnvelope>);
static_assert(!std::is_constructible_v<VerifiedEnvelope, SignedEnvelope>);

class EnvelopeOfEachSuite : public testing::TestWithParam<Suite> {
 protected:
  PrivateKey key_ = PrivateKey::generate(GetParam());
};

INSTANTIATE_TEST_SUITE_P(Suites, EnvelopeOfEachSuite,
                         testing::Values(Suite::kEd25519, Suite::kSm2Sm3), [](const auto& suite) {
                           return suite.param == Suite::kEd25519 ? "Ed25519" : "Sm2Sm3";
                         });

TEST_P(EnvelopeOfEachSuite, BecomesEvidenceThatKeepsEverything) {
  const SignedEnvelope envelope = seal(key_, bytes_of("pay"));
  const auto verified = verify(key_.public_key(), envelope);
  ASSERT_TRUE(verified.has_value());
  EXPECT_EQ(verified->envelope(), envelope);
  EXPECT_EQ(base::as_text(verified->payload()), "pay");
  EXPECT_EQ(verified->key_id(), key_.public_key().id());
  EXPECT_EQ(verified->suite(), GetParam());
}

TEST_P(EnvelopeOfEachSuite, SignsEmptyAndLargestPayloads) {
  EXPECT_TRUE(verify(key_.public_key(), seal(key_, {})).has_value());
  base::Bytes largest(wire::kEnvelopePayloadBytesMax, std::byte{0xA5});
  EXPECT_TRUE(verify(key_.public_key(), seal(key_, std::move(largest))).has_value());
}

TEST_P(EnvelopeOfEachSuite, RefusesATooLargePayload) {
  SignedEnvelope envelope = seal(key_, bytes_of("pay"));
  envelope.payload.resize(wire::kEnvelopePayloadBytesMax + 1);
  EXPECT_EQ(verify(key_.public_key(), envelope).error(), VerifyError::kPayloadTooLarge);
}

TEST_P(EnvelopeOfEachSuite, RefusesEveryFlippedBitOfItsEncoding) {
  const base::Bytes good = wire::encode_envelope(seal(key_, bytes_of("pay 100")));
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      base::Bytes bytes = good;
      bytes[at] ^= static_cast<std::byte>(1u << bit);
      const auto decoded = wire::decode_envelope(bytes);
      if (!decoded) continue;
      EXPECT_FALSE(verify(key_.public_key(), *decoded).has_value()) << at << " bit " << bit;
      EXPECT_FALSE(check(key_.public_key(), wire::view_of(*decoded)).has_value());
    }
  }
}

TEST_P(EnvelopeOfEachSuite, NamesAChangedPayloadABadSignature) {
  SignedEnvelope envelope = seal(key_, bytes_of("pay 100"));
  envelope.payload.back() = std::byte{'9'};
  EXPECT_EQ(verify(key_.public_key(), envelope).error(), VerifyError::kBadSignature);
}

TEST_P(EnvelopeOfEachSuite, RefusesAnotherKeyOfTheSameSuite) {
  const PrivateKey other = PrivateKey::generate(GetParam());
  SignedEnvelope envelope = seal(key_, bytes_of("pay"));
  EXPECT_EQ(verify(other.public_key(), envelope).error(), VerifyError::kWrongKey);
  envelope.key_id = other.public_key().id();
  EXPECT_EQ(verify(other.public_key(), envelope).error(), VerifyError::kBadSignature);
}

TEST_P(EnvelopeOfEachSuite, RefusesAnotherSuite) {
  SignedEnvelope envelope = seal(key_, bytes_of("pay"));
  envelope.suite = GetParam() == Suite::kEd25519 ? Suite::kSm2Sm3 : Suite::kEd25519;
  EXPECT_EQ(verify(key_.public_key(), envelope).error(), VerifyError::kWrongKey);
}

TEST_P(EnvelopeOfEachSuite, RefusesSignaturesOfAnotherForm) {
  const SignedEnvelope good = seal(key_, bytes_of("pay"));
  std::vector<base::Bytes> forms{{}, base::Bytes(1), base::Bytes(63), base::Bytes(65)};
  forms.push_back(good.signature);
  forms.back().push_back(std::byte{0});
  forms.push_back(good.signature);
  forms.back().pop_back();
  forms.push_back(base::Bytes(1'000'000, std::byte{0x30}));
  for (const base::Bytes& form : forms) {
    SignedEnvelope envelope = good;
    envelope.signature = form;
    EXPECT_EQ(verify(key_.public_key(), envelope).error(), VerifyError::kMalformedSignature)
        << form.size();
  }
}

TEST_P(EnvelopeOfEachSuite, RefusesASignatureOfThePayloadWithoutItsContext) {
  SignedEnvelope envelope = seal(key_, bytes_of("pay"));
  envelope.signature = sign_raw(key_, envelope.payload);
  EXPECT_EQ(verify(key_.public_key(), envelope).error(), VerifyError::kBadSignature);
}

TEST_P(EnvelopeOfEachSuite, IsSignedAndVerifiedByManyThreadsWithOneKey) {
  const PublicKey public_key = key_.public_key();
  std::vector<int> good(4);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < good.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 20; ++round) {
        const auto payload = bytes_of(std::to_string(i) + "/" + std::to_string(round));
        if (verify(public_key, seal(key_, payload)).has_value()) ++good[i];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, (std::vector<int>{20, 20, 20, 20}));
}

TEST(Sm2Envelope, RefusesRawRAndSInsteadOfDer) {
  const PrivateKey key = PrivateKey::generate(Suite::kSm2Sm3);
  SignedEnvelope envelope = seal(key, bytes_of("pay"));
  envelope.signature.assign(64, std::byte{0x11});
  EXPECT_EQ(verify(key.public_key(), envelope).error(), VerifyError::kMalformedSignature);
}

TEST(Sm2Envelope, RefusesZeroAndOverlargeNumbers) {
  const PrivateKey key = PrivateKey::generate(Suite::kSm2Sm3);
  SignedEnvelope envelope = seal(key, bytes_of("pay"));
  const std::string order = "00fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123";
  for (const std::string& der : {std::string{"3006020100020100"}, std::string{"3006020101020100"},
                                 "30460221" + order + "0221" + order}) {
    envelope.signature = test::from_hex(der);
    EXPECT_EQ(verify(key.public_key(), envelope).error(), VerifyError::kBadSignature) << der;
  }
  // A needless leading zero, negative numbers, a length in the long form: second forms of a
  // signature, refused as such.
  for (const char* const der : {"300702020001020101", "30060201ff0201ff", "308106020101020101"}) {
    envelope.signature = test::from_hex(der);
    EXPECT_EQ(verify(key.public_key(), envelope).error(), VerifyError::kMalformedSignature) << der;
  }
}

TEST(VerifyErrors, HaveSentences) {
  for (const VerifyError error : {VerifyError::kWrongKey, VerifyError::kPayloadTooLarge,
                                  VerifyError::kMalformedSignature, VerifyError::kBadSignature}) {
    EXPECT_GT(to_text(error).size(), 20u);
  }
}

}  // namespace
}  // namespace hugang::crypto
