// The envelope's bytes against files in tests/golden/envelope. Ed25519 gives the same signature
// each time, so whole envelopes can be compared; SM2 does not, so its file carries a made-up
// signature.
#include <gtest/gtest.h>

#include <cstdlib>

#include "crypto/envelope.hpp"
#include "tests/unit/crypto/fixtures.hpp"

namespace hugang::crypto {
namespace {

using test::bytes_of;
using test::from_hex;

/// 16 bytes a line, so that a change is seen in a diff.
std::string hex_lines(base::ByteSpan bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 16) {
    text += base::to_hex(bytes.subspan(at, std::min<std::size_t>(16, bytes.size() - at))) + "\n";
  }
  return text;
}

void expect_golden(const std::string& name, const SignedEnvelope& envelope) {
  const std::filesystem::path path =
      std::filesystem::path{HUGANG_SOURCE_DIR} / "tests/golden/envelope" / (name + ".hex");
  const std::string encoded = hex_lines(wire::encode_envelope(envelope));
  if (const char* const update = std::getenv("HG_UPDATE_GOLDEN");
      update != nullptr && std::string{update} == "1") {
    test::write_file(path, encoded);
  }
  const std::string golden = test::read_file(path);
  ASSERT_FALSE(golden.empty()) << path << " is missing; HG_UPDATE_GOLDEN=1 writes it";
  EXPECT_EQ(encoded, golden) << path;
  EXPECT_EQ(wire::decode_envelope(from_hex(golden)), envelope) << path;
}

TEST(EnvelopeGolden, Ed25519IsUnchanged) {
  expect_golden("ed25519", seal(test::rfc8032_key_1(), bytes_of("settle 1.00 CNY")));
}

TEST(EnvelopeGolden, AnEmptyPayloadIsUnchanged) {
  expect_golden("empty_payload", seal(test::rfc8032_key_1(), {}));
}

TEST(EnvelopeGolden, Sm2IsUnchanged) {
  const SignedEnvelope envelope{
      .suite = Suite::kSm2Sm3,
      .key_id = base::KeyId{0x1122334455667788},
      .payload = bytes_of("结算"),
      .signature = from_hex("3006020101020102"),
  };
  expect_golden("sm2_sm3", envelope);
}

TEST(EnvelopeGolden, TheFileOfEd25519StillVerifies) {
  const auto path = std::filesystem::path{HUGANG_SOURCE_DIR} / "tests/golden/envelope/ed25519.hex";
  const auto envelope = wire::decode_envelope(from_hex(test::read_file(path)));
  ASSERT_TRUE(envelope.has_value());
  EXPECT_TRUE(verify(test::rfc8032_key_1().public_key(), *envelope).has_value());
}

}  // namespace
}  // namespace hugang::crypto
