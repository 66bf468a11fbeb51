#include "services/edge/convert_settlement.hpp"

#include <gtest/gtest.h>

#include "callers.hpp"
#include "clearing/machine/limits.hpp"
#include "clearing/wire/batch.hpp"
#include "field_table.hpp"
#include "services/edge/convert_position.hpp"
#include "services/edge/settlement_view.hpp"

namespace hugang::edge {
namespace {

constexpr base::NodeId kSelf{1};

v1::InstructRequest good_request() {
  v1::InstructRequest request;
  *request.mutable_id() = id_message(1);
  request.set_responder_node(2);
  request.set_kind(v1::SETTLEMENT_KIND_PVP);
  for (const auto direction : {v1::LEG_DIRECTION_OUT, v1::LEG_DIRECTION_IN}) {
    v1::Leg& leg = *request.add_legs();
    leg.set_initiator_account(11);
    leg.set_responder_account(22);
    leg.set_asset(3);
    leg.set_amount_minor(400);
    leg.set_direction(direction);
    leg.set_purpose(7);
  }
  request.set_decide_by_ns(5'000);
  request.set_value_date_ns(6'000);
  request.mutable_details()->set_end_to_end_id("E2E-1");
  request.mutable_details()->mutable_debtor()->set_local_name("上海某公司");
  request.mutable_details()->add_remittance("invoice 7");
  return request;
}

CommandOrFailure convert(const v1::InstructRequest& request) { return to_command(request, kSelf); }

TEST(ConvertInstruct, CarriesEveryField) {
  const auto request = good_request();
  const auto command = convert(request);
  ASSERT_TRUE(command.has_value());
  EXPECT_EQ(command->kind, wire::CommandKind::kInstruct);
  EXPECT_EQ(command->count, 1u);
  const auto view = wire::decode_instruct(command->records);
  ASSERT_TRUE(view.has_value());
  EXPECT_EQ(view->head.id, command_id(1));
  EXPECT_TRUE(view->head.original_id.is_none());
  EXPECT_EQ(view->head.initiator, kSelf);
  EXPECT_EQ(view->head.responder, base::NodeId{2});
  EXPECT_EQ(view->head.kind, wire::SettlementKind::kPvp);
  EXPECT_EQ(view->head.decide_by.ns(), 5'000);
  EXPECT_EQ(view->head.value_date.ns(), 6'000);
  ASSERT_EQ(view->legs.size(), 2u);
  EXPECT_EQ(view->legs[0].initiator_account.value(), 11u);
  EXPECT_EQ(view->legs[0].responder_account.value(), 22u);
  EXPECT_EQ(view->legs[0].amount_minor, 400);
  EXPECT_EQ(view->legs[0].direction, wire::Direction::kOut);
  EXPECT_EQ(view->legs[1].direction, wire::Direction::kIn);
  EXPECT_EQ(view->legs[1].purpose, 7);
  v1::PaymentDetails details;
  ASSERT_TRUE(details.ParseFromString(std::string{base::as_text(view->details)}));
  EXPECT_EQ(details.debtor().local_name(), "上海某公司");
}

TEST(ConvertInstruct, IsTheSameCommandOnARetry) {
  auto request = good_request();
  request.set_decide_by_ns(0);
  EXPECT_EQ(convert(request)->records, convert(request)->records);
  EXPECT_TRUE(wire::decode_instruct(convert(request)->records)->head.decide_by.is_none());
}

TEST(ConvertInstruct, TellsEveryFieldThatIsMalformed) {
  using Fault = FieldFault<v1::InstructRequest>;
  const auto unknown_kind = static_cast<v1::SettlementKind>(77);
  const auto unknown_direction = static_cast<v1::LegDirection>(3);
  const std::vector<Fault> faults{
      {"id", EdgeError::kFieldMissing, [](auto& m) { m.clear_id(); }},
      {"id", EdgeError::kIdMalformed, [](auto& m) { m.mutable_id()->set_value("no"); }},
      {"responder_node", EdgeError::kFieldMissing, [](auto& m) { m.set_responder_node(0); }},
      {"kind", EdgeError::kFieldMissing, [](auto& m) { m.clear_kind(); }},
      {"kind", EdgeError::kChoiceUnknown, [&](auto& m) { m.set_kind(unknown_kind); }},
      {"original_id", EdgeError::kFieldNotAllowed,
       [](auto& m) { *m.mutable_original_id() = id_message(9); }},
      {"original_id", EdgeError::kFieldMissing,
       [](auto& m) { m.set_kind(v1::SETTLEMENT_KIND_RETURN); }},
      {"decide_by_ns", EdgeError::kNumberOutOfRange, [](auto& m) { m.set_decide_by_ns(-1); }},
      {"value_date_ns", EdgeError::kNumberOutOfRange, [](auto& m) { m.set_value_date_ns(-1); }},
      {"legs", EdgeError::kFieldMissing, [](auto& m) { m.clear_legs(); }},
      {"legs", EdgeError::kTooMany,
       [](auto& m) {
         while (m.legs_size() < 17) m.add_legs();
       }},
      {"legs[1].initiator_account", EdgeError::kFieldMissing,
       [](auto& m) { m.mutable_legs(1)->set_initiator_account(0); }},
      {"legs[0].responder_account", EdgeError::kFieldMissing,
       [](auto& m) { m.mutable_legs(0)->set_responder_account(0); }},
      {"legs[0].asset", EdgeError::kFieldMissing, [](auto& m) { m.mutable_legs(0)->set_asset(0); }},
      {"legs[1].amount_minor", EdgeError::kNumberOutOfRange,
       [](auto& m) { m.mutable_legs(1)->set_amount_minor(-400); }},
      {"legs[0].direction", EdgeError::kFieldMissing,
       [](auto& m) { m.mutable_legs(0)->clear_direction(); }},
      {"legs[0].direction", EdgeError::kChoiceUnknown,
       [&](auto& m) { m.mutable_legs(0)->set_direction(unknown_direction); }},
      {"legs[0].purpose", EdgeError::kNumberOutOfRange,
       [](auto& m) { m.mutable_legs(0)->set_purpose(70'000); }},
      {"details", EdgeError::kTextTooLong,
       [](auto& m) { m.mutable_details()->add_remittance(std::string(4'096, 'r')); }},
      {"details.remittance[1]", EdgeError::kTextMalformed,
       [](auto& m) { m.mutable_details()->add_remittance("a\nb"); }},
      {"details.end_to_end_id", EdgeError::kTextMalformed,
       [](auto& m) { m.mutable_details()->set_end_to_end_id("\x1b[31m"); }},
      {"details.creditor.address[0]", EdgeError::kTextMalformed,
       [](auto& m) { m.mutable_details()->mutable_creditor()->add_address("\t"); }},
      {"details.debtor.country", EdgeError::kTextMalformed,
       [](auto& m) { m.mutable_details()->mutable_debtor()->set_country("\x01"); }},
  };
  expect_faults(good_request(), faults, convert);
}

std::string packed_twice(const v1::InstructRequest& request) {
  const auto command = convert(request);
  const std::string record{base::as_text(command->records)};
  return record + record;
}

TEST(ConvertInstructBatch, TypedAndPackedAreTheSameCommand) {
  v1::InstructBatchRequest typed;
  for (int i = 0; i < 2; ++i) *typed.add_instructions() = good_request();
  v1::InstructBatchRequest packed;
  packed.set_packed_instructions(packed_twice(good_request()));
  const auto command = to_command(typed, kSelf);
  ASSERT_TRUE(command.has_value());
  EXPECT_EQ(command->kind, wire::CommandKind::kInstruct);
  EXPECT_EQ(command->count, 2u);
  EXPECT_EQ(base::as_text(command->records), packed.packed_instructions());
  EXPECT_EQ(to_command(packed, kSelf)->records, command->records);
  EXPECT_EQ(to_command(packed, kSelf)->count, 2u);
}

TEST(ConvertInstructBatch, TellsEveryFieldThatIsMalformed) {
  using Fault = FieldFault<v1::InstructBatchRequest>;
  v1::InstructBatchRequest good;
  *good.add_instructions() = good_request();
  auto dirty = good_request();
  dirty.mutable_details()->set_end_to_end_id(std::string{"E2E-1"});
  std::string with_control = packed_twice(dirty);
  with_control[with_control.rfind("E2E-1")] = '\x1b';
  std::string with_other_bytes = packed_twice(dirty);
  with_other_bytes[with_other_bytes.rfind("E2E-1") - 2] = '\x07';
  const auto pack = [](const std::string& bytes) {
    return [bytes](auto& m) {
      m.clear_instructions();
      m.set_packed_instructions(bytes);
    };
  };
  const std::vector<Fault> faults{
      {"instructions", EdgeError::kFieldMissing, [](auto& m) { m.clear_instructions(); }},
      {"instructions[0].legs[1].asset", EdgeError::kFieldMissing,
       [](auto& m) { m.mutable_instructions(0)->mutable_legs(1)->set_asset(0); }},
      {"instructions", EdgeError::kTooMany,
       [](auto& m) {
         while (m.instructions_size() < 8'191) *m.add_instructions() = m.instructions(0);
       }},
      {"packed_instructions", EdgeError::kFieldNotAllowed,
       [](auto& m) { m.set_packed_instructions("both"); }},
      {"packed_instructions[0]", EdgeError::kLengthWrong, pack("short")},
      {"packed_instructions[1]", EdgeError::kLengthWrong,
       pack(packed_twice(good_request()).substr(0, packed_twice(good_request()).size() - 8))},
      {"packed_instructions", EdgeError::kLengthWrong, pack(std::string(3'145'736, '\0'))},
      {"packed_instructions", EdgeError::kTooMany,
       pack(std::string(std::size_t{8'191} * 80, '\0'))},
      {"packed_instructions[1].details.end_to_end_id", EdgeError::kTextMalformed,
       pack(with_control)},
      {"packed_instructions[1].details", EdgeError::kTextMalformed, pack(with_other_bytes)},
  };
  expect_faults(good, faults,
                [](const v1::InstructBatchRequest& m) { return to_command(m, kSelf); });
}

TEST(ConvertInstruct, TakesSixteenLegsAndNamesTheOriginalOfAReturn) {
  auto request = good_request();
  while (request.legs_size() < 16) *request.add_legs() = request.legs(0);
  request.set_kind(v1::SETTLEMENT_KIND_RETURN);
  *request.mutable_original_id() = id_message(9);
  const auto command = convert(request);
  ASSERT_TRUE(command.has_value());
  EXPECT_EQ(wire::decode_instruct(command->records)->head.original_id, command_id(9));
}

TEST(ConvertAffirmAndRecall, TellEveryFieldThatIsMalformed) {
  v1::AffirmRequest affirm;
  *affirm.mutable_id() = id_message(1);
  *affirm.mutable_settlement_id() = id_message(2);
  affirm.set_decline(true);
  EXPECT_EQ(wire::read_record<wire::Affirm>(to_command(affirm)->records).decline, 1u);
  affirm.clear_settlement_id();
  EXPECT_EQ(metadata_of(to_command(affirm).error(), "field"), "settlement_id");

  v1::RecallRequest good;
  *good.mutable_id() = id_message(1);
  *good.mutable_settlement_id() = id_message(2);
  good.set_reason("DUPL");
  using Fault = FieldFault<v1::RecallRequest>;
  const std::vector<Fault> faults{
      {"settlement_id", EdgeError::kIdMalformed,
       [](auto& m) { m.mutable_settlement_id()->set_value("z"); }},
      {"reason", EdgeError::kFieldMissing, [](auto& m) { m.clear_reason(); }},
      {"reason", EdgeError::kLengthWrong, [](auto& m) { m.set_reason("DUP"); }},
      {"reason", EdgeError::kLengthWrong, [](auto& m) { m.set_reason("DUPLI"); }},
      {"reason", EdgeError::kTextMalformed, [](auto& m) { m.set_reason("dupl"); }},
  };
  expect_faults(good, faults, [](const v1::RecallRequest& request) { return to_command(request); });
}

TEST(ConvertReconcile, TakesDaysOfTheCalendarAlone) {
  for (const std::uint32_t day : {20260228u, 20240229u, 20000101u, 21991231u}) {
    EXPECT_TRUE(is_business_date(day)) << day;
  }
  for (const std::uint32_t day :
       {0u, 1u, 20260229u, 20261301u, 20260001u, 20260100u, 19991231u, 22000101u, UINT32_MAX}) {
    EXPECT_FALSE(is_business_date(day)) << day;
  }
  v1::ReconcileRequest good;
  *good.mutable_id() = id_message(1);
  good.set_peer_node(2);
  good.set_business_date(20260228);
  using Fault = FieldFault<v1::ReconcileRequest>;
  const std::vector<Fault> faults{
      {"id", EdgeError::kFieldMissing, [](auto& m) { m.clear_id(); }},
      {"peer_node", EdgeError::kFieldMissing, [](auto& m) { m.set_peer_node(0); }},
      {"business_date", EdgeError::kFieldMissing, [](auto& m) { m.set_business_date(0); }},
      {"business_date", EdgeError::kNumberOutOfRange,
       [](auto& m) { m.set_business_date(20260230); }},
  };
  expect_faults(good, faults,
                [](const v1::ReconcileRequest& request) { return to_command(request); });
}

TEST(Positions, AreTheCorridorAccountsWithTheirSign) {
  machine::State state;
  state.self = base::NodeId{1};
  machine::Account account;
  account.balance = {.debits_posted = 9, .credits_posted = 4, .debits_pending = 1};
  state.accounts.push_back(account);
  state.peers[base::NodeId{2}].corridors[base::AssetId{3}] = base::AccountIndex{1};
  const auto positions = position_facts(state);
  ASSERT_EQ(positions.size(), 1u);
  v1::CorridorPosition message;
  fill(positions[0], message);
  EXPECT_EQ(message.peer_node(), 2u);
  EXPECT_EQ(message.asset(), 3u);
  EXPECT_EQ(message.net_minor(), "-5");
  EXPECT_EQ(message.debits_pending_minor(), "1");
}

/// Settlements 1 .. count, two to an entry, of participants 2 and 3 by turns.
machine::State state_with(std::uint32_t count) {
  machine::State state;
  state.self = base::NodeId{1};
  for (std::uint32_t i = 1; i <= count; ++i) {
    machine::Settlement settlement;
    settlement.id = base::CommandId{i};
    settlement.is_initiator = true;
    settlement.submitter = base::ParticipantId{2 + i % 2};
    settlement.received_seqno = base::Seqno{1 + i / 2};
    state.settlements.add(settlement);
  }
  return state;
}

std::vector<std::uint64_t> look(const machine::State& state, const SettlementPage& page,
                                const Caller& caller, SettlementList& list) {
  while (!list.is_complete) look_for_settlements(state, page, caller, list);
  std::vector<std::uint64_t> ids;
  for (const auto& facts : list.settlements) {
    ids.push_back(base::low64(facts.settlement.id.value()));
  }
  return ids;
}

TEST(ListSettlements, GoesFromTheNewestToTheOldest) {
  const auto state = state_with(7);
  SettlementList first;
  EXPECT_EQ(look(state, {.size = 3, .after = {}}, operator_caller(), first),
            (std::vector<std::uint64_t>{7, 6, 5}));
  EXPECT_TRUE(first.has_more);
  SettlementList rest;
  EXPECT_EQ(look(state, {.size = 100, .after = base::CommandId{5}}, operator_caller(), rest),
            (std::vector<std::uint64_t>{4, 3, 2, 1}));
  EXPECT_FALSE(rest.has_more);
}

TEST(ListSettlements, ShowsAParticipantItsOwnAlone) {
  const auto state = state_with(6);
  SettlementList list;
  EXPECT_EQ(look(state, {.size = 100, .after = {}}, participant_caller(3), list),
            (std::vector<std::uint64_t>{5, 3, 1}));
  SettlementList from_anothers;
  look(state, {.size = 100, .after = base::CommandId{2}}, participant_caller(3), from_anothers);
  EXPECT_TRUE(from_anothers.is_start_unknown);
}

TEST(ListSettlements, ShowsWhatIsOpenAndWhatWaitsForTheCaller) {
  auto state = state_with(3);
  machine::Account account;
  account.owner = base::ParticipantId{2};
  state.accounts.push_back(account);
  state.settlements.at(base::CommandId{1}).status = wire::SettlementStatus::kSettled;
  auto& waiting = state.settlements.at(base::CommandId{3});
  waiting.is_initiator = false;
  waiting.status = wire::SettlementStatus::kPending;
  waiting.legs.emplace_back();
  waiting.legs[0].customer = base::AccountIndex{1};
  waiting.legs[0].needs_affirmation = true;

  SettlementList open;
  EXPECT_EQ(look(state, {.open_only = true, .size = 9, .after = {}}, operator_caller(), open),
            (std::vector<std::uint64_t>{3, 2}));
  const SettlementPage awaiting{.awaiting_affirmation_only = true, .size = 9, .after = {}};
  SettlementList mine;
  EXPECT_EQ(look(state, awaiting, participant_caller(2), mine), (std::vector<std::uint64_t>{3}));
  SettlementList not_mine;
  EXPECT_TRUE(look(state, awaiting, participant_caller(3), not_mine).empty());
  waiting.legs[0].is_affirmed = true;
  SettlementList affirmed;
  EXPECT_TRUE(look(state, awaiting, participant_caller(2), affirmed).empty());
}

TEST(ListSettlements, NeverHoldsUpTheCoreForLong) {
  const auto state = state_with(2 * kSettlementsPerLook);
  SettlementList list;
  look_for_settlements(state, {.size = 1, .after = {}}, participant_caller(9), list);
  EXPECT_FALSE(list.is_complete);
  EXPECT_EQ(*list.position, kSettlementsPerLook);
}

std::string steps_of(const machine::Settlement& settlement) {
  v1::Settlement message;
  fill({.settlement = settlement,
        .own_accounts = std::vector<base::AccountNumber>(settlement.legs.size())},
       message);
  std::string steps;
  for (const auto& step : message.steps()) {
    steps += (steps.empty() ? "" : " ") + step.step() + "@" + std::to_string(step.at_ns());
    if (!step.code_name().empty()) steps += ":" + step.code_name();
  }
  return steps;
}

TEST(Tracker, TellsTheStepsOfBothSides) {
  machine::Settlement settlement;
  settlement.received_at = base::Timestamp{10};
  settlement.is_initiator = true;
  EXPECT_EQ(steps_of(settlement), "held@10 sent@10");
  settlement.status = wire::SettlementStatus::kSettled;
  settlement.decided_at = base::Timestamp{20};
  settlement.closed_at = base::Timestamp{30};
  EXPECT_EQ(steps_of(settlement), "held@10 sent@10 decided@20 posted@30");
  settlement.is_recall_requested = true;
  settlement.extra.edit().recalled_at = base::Timestamp{40};
  settlement.recall_answer = machine::Code::kAlreadySettled;
  settlement.extra.edit().recall_answered_at = base::Timestamp{50};
  EXPECT_EQ(steps_of(settlement),
            "held@10 sent@10 decided@20 posted@30 recall-asked@40 "
            "recall-answered@50:ALREADY_SETTLED");

  machine::Settlement received;
  received.received_at = base::Timestamp{10};
  received.extra.edit().affirmed_at = base::Timestamp{12};
  received.is_recall_requested = true;
  received.extra.edit().recalled_at = base::Timestamp{15};
  received.status = wire::SettlementStatus::kRefused;
  received.code = machine::Code::kRecalled;
  received.decided_at = received.closed_at = base::Timestamp{15};
  EXPECT_EQ(steps_of(received),
            "received@10 affirmed@12 recall-asked@15 decided@15:RECALLED released@15");
}

TEST(Tracker, TurnsLegsToTheInitiatorsView) {
  for (const bool is_initiator : {true, false}) {
    machine::Settlement settlement;
    settlement.is_initiator = is_initiator;
    settlement.legs.emplace_back();
    settlement.legs[0].pays = is_initiator;  // the initiator's side pays, whichever we are
    settlement.legs[0].other_account = base::AccountNumber{99};
    v1::Settlement message;
    fill({.settlement = settlement, .own_accounts = {base::AccountNumber{11}}}, message);
    ASSERT_EQ(message.legs_size(), 1);
    EXPECT_EQ(message.legs(0).direction(), v1::LEG_DIRECTION_OUT);
    EXPECT_EQ(message.legs(0).initiator_account(), is_initiator ? 11u : 99u);
    EXPECT_EQ(message.legs(0).responder_account(), is_initiator ? 99u : 11u);
  }
}

TEST(Tracker, LeavesOutDetailsThatCannotBeRead) {
  machine::Settlement settlement;
  settlement.extra.edit().details.assign(7, std::byte{0xFF});
  v1::Settlement message;
  fill({.settlement = settlement, .own_accounts = {}}, message);
  EXPECT_FALSE(message.has_details());
}

}  // namespace
}  // namespace hugang::edge
