#include "services/edge/settlement_watch.hpp"

#include <gtest/gtest.h>

#include "callers.hpp"

namespace hugang::edge {
namespace {

constexpr std::uint32_t kPerEntry = 3;

/// Ends in order of id, three in an entry; every fifth is refused, every second one came from the
/// peer.
machine::State state_with_ends(std::uint32_t count) {
  machine::State state;
  for (std::uint32_t i = 0; i < count; ++i) {
    machine::Settlement settlement;
    settlement.id = base::CommandId{i + 1};
    settlement.is_initiator = i % 2 == 0;
    settlement.submitter = base::ParticipantId{2};
    settlement.status =
        i % 5 == 4 ? wire::SettlementStatus::kRefused : wire::SettlementStatus::kSettled;
    settlement.code = i % 5 == 4 ? machine::Code::kDeclined : machine::Code::kOk;
    settlement.closed_seqno = base::Seqno{10 + i / kPerEntry};
    state.settlements.note_end(state.settlements.add(settlement));
  }
  state.last_seqno = base::Seqno{10 + count / kPerEntry + 5};
  return state;
}

TEST(LookForEnds, GoesThroughManyInSeveralLooks) {
  constexpr std::uint32_t kCount = 2 * kEndsPerLook + 100;
  const machine::State state = state_with_ends(kCount);
  WatchPlace place{.side = v1::SETTLEMENT_SIDE_UNSPECIFIED, .after = base::Seqno{}, .next_end = {}};
  std::uint32_t told = 0;
  base::CommandId last_settled;
  for (int look = 1; look <= 3; ++look) {
    const WatchFind found = look_for_ends(state, place, regulator_caller());
    EXPECT_EQ(found.has_more, look < 3);
    told += static_cast<std::uint32_t>(found.settled.size() + found.refused.size());
    EXPECT_LE(found.settled.size() + found.refused.size(), kEndsPerLook);
    for (const base::CommandId id : found.settled) {
      EXPECT_LT(last_settled, id);
      last_settled = id;
    }
    // No entry counts as told before its last end is.
    const std::uint64_t whole_entries = told / kPerEntry;
    EXPECT_EQ(found.told.value(), look < 3 ? 10 + whole_entries - 1 : state.last_seqno.value());
    place = found.place;
  }
  EXPECT_EQ(told, kCount);
  EXPECT_TRUE(look_for_ends(state, place, regulator_caller()).settled.empty());
}

TEST(LookForEnds, BeginsBehindTheEntryThatWasToldLast) {
  const machine::State state = state_with_ends(9);
  const auto first_after = [&](std::uint64_t seqno) {
    const WatchPlace place{.side = {}, .after = base::Seqno{seqno}, .next_end = {}};
    const WatchFind found = look_for_ends(state, place, regulator_caller());
    return found.settled.empty() ? base::CommandId{} : found.settled.front();
  };
  EXPECT_EQ(first_after(0), base::CommandId{1});
  EXPECT_EQ(first_after(9), base::CommandId{1});
  EXPECT_EQ(first_after(10), base::CommandId{4});
  EXPECT_EQ(first_after(11), base::CommandId{7});
  EXPECT_EQ(first_after(12), base::CommandId{});
  EXPECT_EQ(first_after(UINT64_MAX), base::CommandId{});
}

TEST(LookForEnds, TellsOneSideAndTheRefusals) {
  const machine::State state = state_with_ends(10);
  WatchPlace place{.side = v1::SETTLEMENT_SIDE_INITIATOR, .after = base::Seqno{}, .next_end = {}};
  WatchFind found = look_for_ends(state, place, regulator_caller());
  EXPECT_EQ(found.settled, (std::vector{base::CommandId{1}, base::CommandId{3}, base::CommandId{7},
                                        base::CommandId{9}}));
  ASSERT_EQ(found.refused.size(), 1u);
  EXPECT_EQ(found.refused[0].id, base::CommandId{5});
  EXPECT_EQ(found.refused[0].code, machine::Code::kDeclined);
  v1::WatchSettlementsResponse message;
  fill(found, message);
  EXPECT_EQ(message.settled_ids().size(), 4u * 16);
  EXPECT_EQ(message.settled_ids()[31], '\x03');
  EXPECT_EQ(message.refused(0).code_name(), "DECLINED");
  EXPECT_EQ(message.seqno(), state.last_seqno.value());

  place.side = v1::SETTLEMENT_SIDE_RESPONDER;
  found = look_for_ends(state, place, regulator_caller());
  EXPECT_EQ(found.settled.size(), 4u);
  EXPECT_EQ(found.refused.size(), 1u);
}

}  // namespace
}  // namespace hugang::edge
