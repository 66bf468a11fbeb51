#include "crypto/digest.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "tests/unit/crypto/fixtures.hpp"

namespace hugang::crypto {
namespace {

std::string hex(const base::Digest& digest) { return base::to_hex(digest.bytes); }

// FIPS 180-4 examples.
TEST(Sha256, GivesThePublishedValues) {
  EXPECT_EQ(hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256(base::as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256(base::as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex(sha256(base::as_bytes(std::string(1'000'000, 'a')))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// GB/T 32905 annex A.
TEST(Sm3, GivesThePublishedValues) {
  EXPECT_EQ(hex(sm3(base::as_bytes("abc"))),
            "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
  std::string repeated;
  for (int i = 0; i < 16; ++i) repeated += "abcd";
  EXPECT_EQ(hex(sm3(base::as_bytes(repeated))),
            "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
}

TEST(Sha256, DoesNotDependOnHowTheBytesAreDivided) {
  const std::string text(1000, 'x');
  const base::ByteSpan bytes = base::as_bytes(text);
  Sha256 hasher;
  for (const std::size_t piece : {1u, 7u, 63u, 64u, 65u, 999u}) {
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      hasher.update(bytes.subspan(at, std::min(piece, bytes.size() - at)));
    }
    EXPECT_EQ(hasher.finish(), sha256(bytes)) << piece;
  }
  EXPECT_EQ(hasher.finish(), sha256({})) << "finish begins anew";
}

TEST(Sha256, KeepsAnUnfinishedHasherApartFromOneShotCalls) {
  Sha256 hasher;
  hasher.update(base::as_bytes("a"));
  const base::Digest other = sha256(base::as_bytes("zzz"));
  hasher.update(base::as_bytes("bc"));
  EXPECT_EQ(hasher.finish(), sha256(base::as_bytes("abc")));
  EXPECT_EQ(other, sha256(base::as_bytes("zzz")));
}

TEST(ChainNext, IsSha256OfThePrefixTheValueBeforeAndTheMessage) {
  base::Digest before = sha256(base::as_bytes("before"));
  base::Bytes joined{std::byte{2}};
  joined.insert(joined.end(), before.bytes.begin(), before.bytes.end());
  for (const char c : std::string{"message"}) joined.push_back(static_cast<std::byte>(c));
  EXPECT_EQ(chain_next(before, base::as_bytes("message")), sha256(joined));
}

TEST(ChainNext, ChangesWithTheMessageTheOrderAndTheBeginning) {
  const base::Digest zero{};
  const auto a = base::as_bytes("a");
  const auto b = base::as_bytes("b");
  EXPECT_NE(chain_next(zero, a), chain_next(zero, b));
  EXPECT_NE(chain_next(chain_next(zero, a), b), chain_next(chain_next(zero, b), a));
  EXPECT_NE(chain_next(zero, {}), zero);
}

TEST(Digests, AreTheSameFromManyThreads) {
  std::vector<base::Digest> found(8);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < found.size(); ++i) {
    threads.emplace_back([&found, i] {
      for (int round = 0; round < 1000; ++round) {
        found[i] = chain_next(sm3(base::as_bytes("m")), base::as_bytes("n"));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const base::Digest& digest : found) EXPECT_EQ(digest, found[0]);
}

}  // namespace
}  // namespace hugang::crypto
