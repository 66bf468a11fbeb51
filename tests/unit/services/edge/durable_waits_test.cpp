#include "services/edge/durable_waits.hpp"

#include <gtest/gtest.h>

#include <future>

#include "clearing/wire/outcome.hpp"

namespace hugang::edge {
namespace {

using namespace std::chrono_literals;

template <class Event>
void append(base::Bytes& events, wire::EventKind kind, const Event& event) {
  const wire::EventHead head{.kind = kind, .bytes = sizeof event, .at = base::Timestamp{1}};
  for (const auto part :
       {std::as_bytes(std::span{&head, 1}), std::as_bytes(std::span{&event, 1})}) {
    events.insert(events.end(), part.begin(), part.end());
  }
}

void tell(DurableWaits& waits, const base::Bytes& events) {
  waits.on_durable({.seqno = base::Seqno{1},
                    .at = base::Timestamp{1},
                    .commands = {},
                    .outcomes = {},
                    .events = events});
}

void tell_settlement(DurableWaits& waits, unsigned id, wire::SettlementStatus status) {
  wire::SettlementChanged event;
  event.settlement = base::CommandId{id};
  event.status = status;
  base::Bytes events;
  append(events, wire::EventKind::kHoldExpired, wire::HoldExpired{});
  append(events, wire::EventKind::kSettlementChanged, event);
  tell(waits, events);
}

class DurableWaitsTest : public ::testing::Test {
 protected:
  std::optional<DurableWaits::Ticket> add(unsigned id, std::chrono::milliseconds within = 1h) {
    return waits_.add(base::CommandId{id}, DurableWaits::Clock::now() + within,
                      [this] { ++ended_; });
  }
  DurableWaits waits_{3};
  std::atomic<int> ended_{0};
};

TEST_F(DurableWaitsTest, EndWithTheSettlementThatTheyAreFor) {
  (void)add(1);
  (void)add(1);
  (void)add(2);
  tell_settlement(waits_, 1, wire::SettlementStatus::kPending);
  EXPECT_EQ(ended_, 0);
  tell_settlement(waits_, 1, wire::SettlementStatus::kRefused);
  EXPECT_EQ(ended_, 2);
  EXPECT_EQ(waits_.count(), 1u);
  tell_settlement(waits_, 1, wire::SettlementStatus::kSettled);
  EXPECT_EQ(ended_, 2);
}

TEST_F(DurableWaitsTest, EndWithAReconciliation) {
  (void)add(5);
  wire::Reconciled event;
  event.id = base::CommandId{5};
  base::Bytes events;
  append(events, wire::EventKind::kReconciled, event);
  tell(waits_, events);
  EXPECT_EQ(ended_, 1);
}

TEST_F(DurableWaitsTest, EndWhenTheirTimeIsOver) {
  std::promise<void> first;
  std::promise<void> second;
  const auto now = DurableWaits::Clock::now();
  // The earlier comes later: the timer must look again.
  (void)waits_.add(base::CommandId{1}, now + 60ms, [&] { second.set_value(); });
  (void)waits_.add(base::CommandId{2}, now + 20ms, [&] { first.set_value(); });
  EXPECT_EQ(first.get_future().wait_for(10s), std::future_status::ready);
  EXPECT_GE(DurableWaits::Clock::now(), now + 20ms);
  EXPECT_EQ(second.get_future().wait_for(10s), std::future_status::ready);
  EXPECT_GE(DurableWaits::Clock::now(), now + 60ms);
  EXPECT_EQ(waits_.count(), 0u);
}

TEST_F(DurableWaitsTest, AreBoundedAndForgotten) {
  const auto first = add(1);
  (void)add(1);
  (void)add(1);
  EXPECT_FALSE(add(1).has_value());
  waits_.remove(*first);
  waits_.remove(*first);
  EXPECT_TRUE(add(1).has_value());
  tell_settlement(waits_, 1, wire::SettlementStatus::kSettled);
  EXPECT_EQ(ended_, 3);
}

TEST_F(DurableWaitsTest, AllEndWithTheServer) {
  (void)add(1);
  (void)add(2);
  waits_.stop();
  EXPECT_EQ(ended_, 2);
  (void)add(3);
  EXPECT_EQ(ended_, 3);
}

}  // namespace
}  // namespace hugang::edge
