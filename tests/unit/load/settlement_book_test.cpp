#include "clients/load/settlement_book.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include "clients/load/messages.hpp"

namespace hugang::load {
namespace {

constexpr IdMaker::Place kPlace{.run = 50, .thread = 1, .threads = 3};
constexpr std::uint32_t kBatch = 4;

class Book : public testing::Test {
 protected:
  Book() {
    for (int i = 0; i < 100; ++i) ids_.push_back(maker_.next());
  }
  static Answer held(std::uint64_t accepted) {
    Answer answer;
    answer.accepted = accepted;
    if (accepted < kBatch) report::add_code(answer.refused, "NO_FUNDS", kBatch - accepted);
    return answer;
  }
  std::optional<SettledBatch> settle(int i) {
    return book_.ended(ids_[static_cast<std::size_t>(i)], nullptr);
  }

  // Never looked into: the book only hands it back.
  StreamLane* const lane_ = reinterpret_cast<StreamLane*>(this);
  SettlementBook book_{kPlace, kBatch};
  IdMaker maker_{IdOrder::kInOrder, 1, kPlace};
  std::vector<base::CommandId> ids_;
};

TEST_F(Book, ABatchIsOverWithItsLastEnd) {
  EXPECT_EQ(book_.begin(*lane_, {10, 11, 0}), 0u);
  EXPECT_EQ(book_.begin(*lane_, {20, 21, 0}), 1u);
  EXPECT_FALSE(book_.held(0, held(4)));
  EXPECT_FALSE(book_.held(1, held(4)));
  // Of the second batch three, then all of the first.
  for (const int i : {4, 5, 6, 3, 1, 0}) EXPECT_FALSE(settle(i)) << i;
  const std::string name = "LATE";
  const auto first = book_.ended(ids_[2], &name);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->moments.intended, 10);
  EXPECT_EQ(first->answer.accepted, 3u);
  EXPECT_EQ(first->answer.refused, (report::CodeCounts{{"LATE", 1}}));
  const auto second = settle(7);
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->moments.intended, 20);
  EXPECT_EQ(second->answer.accepted, 4u);
  EXPECT_EQ(second->lane, lane_);
}

TEST_F(Book, EndsMayBeToldBeforeTheBatchIsAnswered) {
  book_.begin(*lane_, {10, 11, 0});
  for (const int i : {0, 1, 2}) EXPECT_FALSE(settle(i)) << i;
  const auto over = book_.held(0, held(3));
  ASSERT_TRUE(over.has_value());
  EXPECT_EQ(over->answer.accepted, 3u);
  EXPECT_EQ(over->answer.refused, (report::CodeCounts{{"NO_FUNDS", 1}}));
}

TEST_F(Book, ABatchThatIsRefusedWholeIsOverAtOnce) {
  book_.begin(*lane_, {10, 11, 0});
  EXPECT_TRUE(book_.held(0, held(0)));
}

TEST_F(Book, PassesOverSettlementsOfOthersAndLostBatches) {
  book_.begin(*lane_, {10, 11, 0});
  book_.lost(0);
  book_.begin(*lane_, {20, 21, 0});
  book_.held(1, held(4));
  EXPECT_FALSE(settle(0)) << "of the lost batch";
  EXPECT_FALSE(settle(99)) << "never begun";
  EXPECT_FALSE(book_.ended(base::CommandId{base::make_u128(51, 4)}, nullptr)) << "another run's";
  EXPECT_FALSE(book_.ended(base::CommandId{base::make_u128(50, 5)}, nullptr)) << "another thread's";
  EXPECT_FALSE(book_.ended(base::CommandId{base::make_u128(50, 1)}, nullptr)) << "before the first";
  for (const int i : {4, 5, 6}) EXPECT_FALSE(settle(i));
  EXPECT_TRUE(settle(7));
}

TEST(Instruction, IsWrittenAsTheJournalHasIt) {
  wire::Transfer payment;
  payment.id = base::CommandId{base::make_u128(1, 2)};
  payment.debit = base::make_account_number({base::NodeId{1}, base::AccountIndex{5}});
  payment.amount_minor = 77;
  payment.asset = base::AssetId{3};
  const auto payee = base::make_account_number({base::NodeId{2}, base::AccountIndex{9}});
  std::array<std::byte, kInstructBytes> bytes{};
  write_instruction(payment, payee, base::NodeId{1}, bytes);
  wire::InstructHead head;
  wire::Leg leg;
  std::memcpy(&head, bytes.data(), sizeof head);
  std::memcpy(&leg, bytes.data() + sizeof head, sizeof leg);
  EXPECT_EQ(head.id, payment.id);
  EXPECT_EQ(head.initiator, base::NodeId{1});
  EXPECT_EQ(head.responder, base::NodeId{2});
  EXPECT_EQ(head.kind, wire::SettlementKind::kPayment);
  EXPECT_EQ(head.leg_count, 1);
  EXPECT_EQ(head.details_bytes, 0u);
  EXPECT_EQ(leg.initiator_account, payment.debit);
  EXPECT_EQ(leg.responder_account, payee);
  EXPECT_EQ(leg.amount_minor, 77);
  EXPECT_EQ(leg.asset, base::AssetId{3});
  EXPECT_EQ(leg.direction, wire::Direction::kOut);
}

}  // namespace
}  // namespace hugang::load
