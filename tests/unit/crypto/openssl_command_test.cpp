// Keys and envelopes against OpenSSL's own command line: what we write it verifies, with the very
// commands that crypto/envelope.hpp documents, and the keys it makes we read.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "crypto/envelope.hpp"
#include "crypto/signature.hpp"
#include "tests/unit/crypto/fixtures.hpp"

namespace hugang::crypto {
namespace {

using test::bytes_of;

class OpensslCommand : public testing::Test {
 protected:
  void SetUp() override {
    if (!test::has_openssl_command()) GTEST_SKIP() << "no openssl command in PATH";
  }

  /// Runs `command` in the test's folder; true if it exits with 0.
  bool succeeds(const std::string& command) {
    return test::run_command("cd '" + folder_.path().string() + "' && umask 077 && { " + command +
                             "; } >output.txt 2>&1") == 0;
  }
  std::string output() { return test::read_file(folder_ / "output.txt"); }

  test::TemporaryFolder folder_;
};

/// The commands of the header's first lines.
constexpr char kTakeApart[] = R"sh(set -- $(od -An -tu4 --endian=little -j16 -N8 message.hgev)
{ printf 'hugang/envelope/v1\n'; tail -c +25 message.hgev | head -c "$1"; } > signed.bin
tail -c +"$((25 + $1))" message.hgev | head -c "$2" > signature.bin)sh";
constexpr char kVerify[] =
    "openssl pkeyutl -verify -rawin -pubin -inkey signer.pem -in signed.bin -sigfile signature.bin";
constexpr char kSm2Options[] = " -digest sm3 -pkeyopt distid:1234567812345678";

TEST_F(OpensslCommand, TheHeaderDocumentsTheCommandsThatAreTestedHere) {
  std::string header =
      test::read_file(std::filesystem::path{HUGANG_SOURCE_DIR} / "crypto/envelope.hpp");
  for (const std::string& line : {std::string{"{ printf 'hugang/envelope/v1\\n'; tail -c +25 "
                                              "message.hgev | head -c \"$1\"; } > signed.bin"},
                                  std::string{kVerify}, std::string{kSm2Options}.substr(1)}) {
    EXPECT_NE(header.find(line), std::string::npos) << line;
  }
}

TEST_F(OpensslCommand, VerifiesAnEnvelopeOfEachSuiteAndRefusesAChangedOne) {
  for (const Suite suite : {Suite::kEd25519, Suite::kSm2Sm3}) {
    const PrivateKey key = PrivateKey::generate(suite);
    const SignedEnvelope envelope =
        seal(key, bytes_of(std::string_view{"付款 100.00 CNY\n\0 and more", 28}));
    test::write_file(folder_ / "signer.pem", key.public_key().to_pem());
    test::write_file(folder_ / "message.hgev", base::as_text(wire::encode_envelope(envelope)));
    ASSERT_TRUE(succeeds(kTakeApart)) << output();
    const std::string verify_command =
        std::string{kVerify} + (suite == Suite::kSm2Sm3 ? kSm2Options : "");
    EXPECT_TRUE(succeeds(verify_command)) << to_text(suite) << ": " << output();

    test::write_file(folder_ / "signed.bin", test::read_file(folder_ / "signed.bin") + "!");
    EXPECT_FALSE(succeeds(verify_command)) << to_text(suite);
  }
}

TEST_F(OpensslCommand, MakesSignaturesThatWeVerify) {
  for (const Suite suite : {Suite::kEd25519, Suite::kSm2Sm3}) {
    const PrivateKey key = PrivateKey::generate(suite);
    ASSERT_TRUE(key.save_pem_file(folder_ / (std::string{to_text(suite)} + ".pem")).has_value());
    test::write_file(folder_ / "in.bin", "message");
    ASSERT_TRUE(succeeds("openssl pkeyutl -sign -rawin -inkey " + std::string{to_text(suite)} +
                         ".pem -in in.bin -out out.bin" +
                         (suite == Suite::kSm2Sm3 ? kSm2Options : "")))
        << output();
    const std::string signature = test::read_file(folder_ / "out.bin");
    EXPECT_TRUE(
        verify_raw(key.public_key(), bytes_of("message"), base::as_bytes(signature)).has_value())
        << to_text(suite);
  }
}

struct KeyCommand {
  const char* command;
  Suite suite;
};

TEST_F(OpensslCommand, MakesPrivateKeysThatWeReadInEveryUsualForm) {
  const KeyCommand table[] = {
      {"openssl genpkey -algorithm ED25519 -out key.pem", Suite::kEd25519},
      {"openssl genpkey -algorithm SM2 -out key.pem", Suite::kSm2Sm3},
      {"openssl ecparam -name SM2 -genkey -out key.pem", Suite::kSm2Sm3},
      {"openssl ecparam -name SM2 -genkey -noout -out key.pem", Suite::kSm2Sm3},
      {"openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:SM2 -out key.pem", Suite::kSm2Sm3},
      {"openssl ecparam -name SM2 -genkey -noout -conv_form compressed -out key.pem",
       Suite::kSm2Sm3},
  };
  for (const KeyCommand& row : table) {
    ASSERT_TRUE(succeeds(std::string{"rm -f key.pem; "} + row.command)) << output();
    const auto key = PrivateKey::load_pem_file(folder_ / "key.pem");
    ASSERT_TRUE(key.has_value()) << row.command << ": " << key.error().sentence;
    EXPECT_EQ(key->suite(), row.suite) << row.command;

    ASSERT_TRUE(succeeds("openssl pkey -in key.pem -pubout -out public.pem")) << output();
    const auto public_key = PublicKey::from_pem(test::read_file(folder_ / "public.pem"));
    ASSERT_TRUE(public_key.has_value()) << row.command << ": " << public_key.error().sentence;
    EXPECT_EQ(*public_key, key->public_key()) << row.command;
    const auto message = bytes_of("m");
    EXPECT_TRUE(verify_raw(*public_key, message, sign_raw(*key, message)).has_value());
  }
}

TEST_F(OpensslCommand, MakesACompressedPublicKeyThatHasTheSameId) {
  ASSERT_TRUE(
      succeeds("openssl genpkey -algorithm SM2 -out key.pem && openssl ec -in key.pem "
               "-pubout -conv_form compressed -out public.pem"))
      << output();
  const auto key = PrivateKey::load_pem_file(folder_ / "key.pem");
  const auto public_key = PublicKey::from_pem(test::read_file(folder_ / "public.pem"));
  ASSERT_TRUE(key.has_value());
  ASSERT_TRUE(public_key.has_value()) << public_key.error().sentence;
  EXPECT_EQ(public_key->id(), key->public_key().id());
}

TEST_F(OpensslCommand, MakesKeysOfOtherAlgorithmsThatWeRefuse) {
  for (const char* const command :
       {"openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem",
        "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out key.pem",
        "openssl genpkey -algorithm X25519 -out key.pem",
        "openssl genpkey -algorithm ED448 -out key.pem"}) {
    ASSERT_TRUE(succeeds(std::string{"rm -f key.pem; "} + command)) << output();
    const auto key = PrivateKey::load_pem_file(folder_ / "key.pem");
    ASSERT_FALSE(key.has_value()) << command;
    EXPECT_EQ(key.error().code, KeyError::Code::kWrongSuite) << command;
    ASSERT_TRUE(succeeds("openssl pkey -in key.pem -pubout -out public.pem")) << output();
    const auto public_key = PublicKey::from_pem(test::read_file(folder_ / "public.pem"));
    ASSERT_FALSE(public_key.has_value()) << command;
    EXPECT_EQ(public_key.error().code, KeyError::Code::kWrongSuite) << command;
  }
}

TEST_F(OpensslCommand, HalvesOfTwoSm2KeysPutTogetherAreRefused) {
  // In the DER form of an EC key (RFC 5915) the public point is the last 64 bytes.
  ASSERT_TRUE(
      succeeds("for i in 1 2; do openssl genpkey -algorithm SM2 -outform DER -out $i.der; done; "
               "{ head -c -64 1.der; tail -c 64 2.der; } > mixed.der; "
               "{ head -c -64 1.der; tail -c 64 1.der; } > same.der; "
               "for i in mixed same; do { echo '-----BEGIN EC PRIVATE KEY-----'; base64 $i.der; "
               "echo '-----END EC PRIVATE KEY-----'; } > $i.pem; done"))
      << output();
  const auto same = PrivateKey::load_pem_file(folder_ / "same.pem");
  EXPECT_TRUE(same.has_value()) << same.error().sentence;
  const auto mixed = PrivateKey::load_pem_file(folder_ / "mixed.pem");
  ASSERT_FALSE(mixed.has_value());
  EXPECT_EQ(mixed.error().code, KeyError::Code::kMalformed);
  EXPECT_NE(mixed.error().sentence.find("do not belong together"), std::string::npos);
}

TEST_F(OpensslCommand, MakesKeysUnderAPassphraseThatWeRefuseWithoutAsking) {
  for (const char* const command :
       {"openssl genpkey -algorithm ED25519 -aes256 -pass pass:secret -out key.pem",
        "openssl ecparam -name SM2 -genkey -noout | openssl ec -aes256 -passout pass:secret "
        "-out key.pem"}) {
    ASSERT_TRUE(succeeds(std::string{"rm -f key.pem; "} + command)) << output();
    const auto key = PrivateKey::load_pem_file(folder_ / "key.pem");
    ASSERT_FALSE(key.has_value()) << command;
    EXPECT_NE(key.error().sentence.find("passphrase"), std::string::npos) << command;
  }
}

}  // namespace
}  // namespace hugang::crypto
