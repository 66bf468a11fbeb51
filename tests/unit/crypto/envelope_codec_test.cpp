#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "clearing/wire/envelope.hpp"
#include "tests/unit/crypto/fixtures.hpp"

namespace hugang::wire {
namespace {

using crypto::test::bytes_of;

SignedEnvelope small_envelope() {
  return {.suite = Suite::kSm2Sm3,
          .key_id = base::KeyId{0x0102030405060708},
          .payload = bytes_of("hello"),
          .signature = bytes_of("signature of seventeen")};
}

EnvelopeError decode_error(base::ByteSpan bytes) {
  const auto decoded = decode_envelope_view(bytes);
  HG_CHECK(!decoded.has_value());
  return decoded.error();
}

TEST(Suite, IsNamedAndNumbered) {
  for (const Suite suite : {Suite::kEd25519, Suite::kSm2Sm3}) {
    EXPECT_EQ(suite_from_text(to_text(suite)), suite);
    EXPECT_EQ(suite_from_number(static_cast<std::uint8_t>(suite)), suite);
  }
  EXPECT_EQ(to_text(Suite::kEd25519), "ed25519");
  EXPECT_EQ(to_text(Suite::kSm2Sm3), "sm2-sm3");
  for (const char* const other : {"", "unknown", "Ed25519", "ed25519 ", "sm2"}) {
    EXPECT_EQ(suite_from_text(other), std::nullopt) << other;
  }
  for (const int number : {0, 3, 255}) {
    EXPECT_EQ(suite_from_number(static_cast<std::uint8_t>(number)), std::nullopt);
  }
}

TEST(EnvelopeCodec, ReadsBackWhatItWroteForEveryPaddingLength) {
  for (std::size_t size = 0; size < 20; ++size) {
    SignedEnvelope envelope = small_envelope();
    envelope.payload.assign(size, std::byte{0x5A});
    const base::Bytes bytes = encode_envelope(envelope);
    EXPECT_EQ(bytes.size() % 8, 0u);
    EXPECT_EQ(bytes.size(), encoded_bytes(view_of(envelope)));
    EXPECT_EQ(decode_envelope(bytes), envelope) << size;
  }
}

TEST(EnvelopeCodec, AppendsAfterWhatIsAlreadyThere) {
  base::Bytes out = bytes_of("abc");
  append_envelope(out, view_of(small_envelope()));
  EXPECT_EQ(base::as_text(base::ByteSpan{out}.first(3)), "abc");
  EXPECT_EQ(decode_envelope(base::ByteSpan{out}.subspan(3)), small_envelope());
}

TEST(EnvelopeCodec, RefusesEveryShorterAndEveryLongerInput) {
  base::Bytes bytes = encode_envelope(small_envelope());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    // A block of exactly that size, so that a sanitizer sees a read behind the end.
    const base::Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(decode_error(cut), EnvelopeError::kTooShort) << size;
  }
  for (int extra = 0; extra < 9; ++extra) {
    bytes.push_back(std::byte{0});
    EXPECT_EQ(decode_error(bytes), EnvelopeError::kTrailingBytes) << extra;
  }
}

struct ChangedByte {
  std::size_t offset;
  unsigned value;
  EnvelopeError expected;
};

TEST(EnvelopeCodec, NamesTheFirstThingThatIsWrong) {
  const base::Bytes good = encode_envelope(small_envelope());
  ASSERT_EQ(good.size(), 24u + 5 + 22 + 5);
  const ChangedByte table[] = {
      {0, 'h', EnvelopeError::kWrongMagic},        {3, 0, EnvelopeError::kWrongMagic},
      {4, 2, EnvelopeError::kUnknownVersion},      {4, 0, EnvelopeError::kUnknownVersion},
      {5, 1, EnvelopeError::kUnknownVersion},      {6, 0, EnvelopeError::kUnknownSuite},
      {6, 3, EnvelopeError::kUnknownSuite},        {7, 1, EnvelopeError::kReservedNotZero},
      {16, 4, EnvelopeError::kReservedNotZero},  // The signature moves into the padding.
      {16, 13, EnvelopeError::kTooShort},          {18, 0x41, EnvelopeError::kPayloadTooLarge},
      {19, 0xFF, EnvelopeError::kPayloadTooLarge}, {20, 0, EnvelopeError::kSignatureSize},
      {20, 129, EnvelopeError::kSignatureSize},    {23, 0xFF, EnvelopeError::kSignatureSize},
      {20, 1, EnvelopeError::kTrailingBytes},      {20, 128, EnvelopeError::kTooShort},
      {51, 1, EnvelopeError::kReservedNotZero},    {55, 0x80, EnvelopeError::kReservedNotZero},
  };
  for (const ChangedByte& row : table) {
    base::Bytes bytes = good;
    bytes[row.offset] = static_cast<std::byte>(row.value);
    EXPECT_EQ(decode_error(bytes), row.expected) << row.offset << " := " << row.value;
    EXPECT_FALSE(to_text(row.expected).empty());
  }
}

TEST(EnvelopeCodec, TakesTheLargestEnvelopeAndNothingLarger) {
  SignedEnvelope envelope = small_envelope();
  envelope.payload.assign(kEnvelopePayloadBytesMax, std::byte{7});
  envelope.signature.assign(kEnvelopeSignatureBytesMax, std::byte{8});
  const base::Bytes bytes = encode_envelope(envelope);
  EXPECT_EQ(bytes.size(), kEnvelopeBytesMax);
  EXPECT_EQ(decode_envelope(bytes), envelope);

  envelope.payload.push_back(std::byte{7});
  EXPECT_FALSE(is_encodable(view_of(envelope)));
  envelope.payload.clear();
  EXPECT_TRUE(is_encodable(view_of(envelope)));
  envelope.signature.push_back(std::byte{8});
  EXPECT_FALSE(is_encodable(view_of(envelope)));
  envelope.signature.clear();
  EXPECT_FALSE(is_encodable(view_of(envelope)));
}

TEST(EnvelopeCodecDeathTest, StopsTheProcessRatherThanWriteWhatItCouldNotRead) {
  SignedEnvelope envelope = small_envelope();
  envelope.signature.clear();
  EXPECT_DEATH((void)encode_envelope(envelope), "is_encodable");
}

TEST(EnvelopeCodec, EncodesToTheSameBytesWhateverItAccepts) {
  std::mt19937 random{20250101};
  const base::Bytes good = encode_envelope(small_envelope());
  int accepted = 0;
  for (int round = 0; round < 200'000; ++round) {
    base::Bytes bytes = good;
    const std::size_t changes = 1 + random() % 3;
    for (std::size_t i = 0; i < changes; ++i) {
      bytes[random() % bytes.size()] = static_cast<std::byte>(random() & 0xFF);
    }
    const auto decoded = decode_envelope(bytes);
    if (!decoded) continue;
    ++accepted;
    ASSERT_EQ(encode_envelope(*decoded), bytes);
  }
  EXPECT_GT(accepted, 1000);
}

}  // namespace
}  // namespace hugang::wire
