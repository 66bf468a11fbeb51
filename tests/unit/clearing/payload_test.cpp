#include <gtest/gtest.h>

#include <cstring>

#include "clearing/machine/limits.hpp"
#include "clearing/wire/message.hpp"

namespace hugang::wire {
namespace {

base::Bytes example() {
  PayloadHead head;
  head.from = NodeId{1};
  head.to = NodeId{2};
  head.first_seqno = base::ChannelSeqno{1};
  const auto one = encode_message(MessageKind::kDecision, Decision{});
  const auto two = encode_message(static_cast<MessageKind>(99), base::as_bytes("odd"));
  return encode_payload(head, std::vector<base::ByteSpan>{one, two});
}

TEST(Payload, GivesBackItsMessages) {
  const base::Bytes bytes = example();
  const auto view = decode_payload(bytes);
  ASSERT_TRUE(view.has_value());
  ASSERT_EQ(view->messages.size(), 2U);
  EXPECT_EQ(view->messages[0].body.size(), sizeof(Decision));
  EXPECT_EQ(base::as_text(view->messages[1].body), "odd");
  EXPECT_EQ(view->messages[1].whole.size(), 16U);
}

TEST(Payload, RefusesATruncationAtEveryByte) {
  const base::Bytes bytes = example();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_payload(base::ByteSpan{bytes}.first(size)).has_value()) << size;
  }
}

TEST(Payload, NamesWhatIsWrong) {
  const auto spoiled = [](std::size_t at, int value) {
    base::Bytes bytes = example();
    bytes[at] = static_cast<std::byte>(value);
    const auto view = decode_payload(bytes);
    return view ? PayloadError{255} : view.error();
  };
  EXPECT_EQ(spoiled(0, 0), PayloadError::kMagic);
  EXPECT_EQ(spoiled(4, 2), PayloadError::kVersion);
  EXPECT_EQ(spoiled(6, 1), PayloadError::kReservedNotZero);
  EXPECT_EQ(spoiled(111, 1), PayloadError::kReservedNotZero);
  EXPECT_EQ(spoiled(18, 1), PayloadError::kCount);
  EXPECT_EQ(spoiled(20, 0), PayloadError::kTrailingBytes) << "messages_bytes";
  EXPECT_EQ(spoiled(16, 1), PayloadError::kTrailingBytes) << "one message fewer than there is";
  EXPECT_EQ(spoiled(16, 3), PayloadError::kTruncated) << "one more";
  EXPECT_EQ(spoiled(112 + 6, 1), PayloadError::kReservedNotZero) << "a message's reserved";
  EXPECT_EQ(spoiled(112 + 3, 255), PayloadError::kTruncated) << "a message's length";
  EXPECT_EQ(spoiled(example().size() - 1, 1), PayloadError::kPadding);
}

}  // namespace
}  // namespace hugang::wire
