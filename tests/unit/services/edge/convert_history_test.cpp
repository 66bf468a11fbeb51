// Transfers and pages of history as messages, and the tokens between pages.
#include "services/edge/convert_history.hpp"

#include <gtest/gtest.h>

#include "field_table.hpp"

namespace hugang::edge {
namespace {

TEST(GetTransfer, FactsAreOfTransfersAlone) {
  machine::State state;
  machine::IdRecord record;
  record.at = base::Timestamp{9};
  state.ids.add(command_id(1), record);
  state.holds[command_id(1)] = {};
  record.hold_end = machine::Code::kHoldVoided;
  state.ids.add(command_id(2), record);
  record.kind = wire::CommandKind::kOpenAccount;
  state.ids.add(command_id(3), record);

  const auto open = transfer_facts(state, command_id(1));
  ASSERT_TRUE(open.has_value());
  EXPECT_EQ(open->at, base::Timestamp{9});
  EXPECT_TRUE(open->is_open_hold);
  const auto voided = transfer_facts(state, command_id(2));
  ASSERT_TRUE(voided.has_value());
  EXPECT_FALSE(voided->is_open_hold);
  EXPECT_EQ(voided->hold_end, machine::Code::kHoldVoided);
  EXPECT_FALSE(transfer_facts(state, command_id(3)).has_value());
  EXPECT_FALSE(transfer_facts(state, command_id(4)).has_value());
}

TEST(GetTransfer, TellsWhatWasAskedAndWhatBecameOfIt) {
  history::JournaledTransfer found;
  found.seqno = base::Seqno{4};
  found.index = 17;
  found.caller = base::ParticipantId{2};
  found.record.id = command_id(1);
  found.record.pending_id = command_id(2);
  found.record.reference = 5;
  found.record.debit = base::AccountNumber{11};
  found.record.credit = base::AccountNumber{22};
  found.record.amount_minor = 700;
  found.record.expires_at = base::Timestamp{8};
  found.record.value_date = base::Timestamp{6};
  found.record.asset = base::AssetId{3};
  found.record.purpose = 12;
  found.record.flags = wire::transfer_flag::kPostHold | wire::transfer_flag::kLinked;
  found.outcome.value = 500;
  found.outcome.at = base::Timestamp{9};
  v1::GetTransferResponse message;
  fill(found, {.at = base::Timestamp{9}, .hold_end = machine::Code::kHoldPosted}, message);
  EXPECT_TRUE(message.found());
  EXPECT_EQ(message.hold_state(), "HOLD_POSTED");
  EXPECT_EQ(message.outcome().value(), 500u);
  EXPECT_EQ(message.outcome().seqno(), 4u);
  EXPECT_EQ(message.outcome().decided_at_ns(), 9);
  EXPECT_TRUE(message.outcome().repeated());
  EXPECT_EQ(message.index(), 17u);
  EXPECT_EQ(message.submitter(), 2u);
  const v1::Transfer& transfer = message.transfer();
  EXPECT_EQ(transfer.id().value(), id_bytes(1));
  EXPECT_EQ(transfer.pending_id().value(), id_bytes(2));
  EXPECT_EQ(transfer.debit_account(), 11u);
  EXPECT_EQ(transfer.credit_account(), 22u);
  EXPECT_EQ(transfer.asset(), 3u);
  EXPECT_EQ(transfer.amount_minor(), 700);
  EXPECT_EQ(transfer.expires_at_ns(), 8);
  EXPECT_EQ(transfer.value_date_ns(), 6);
  EXPECT_EQ(transfer.reference(), std::string(15, '\0') + '\5');
  EXPECT_EQ(transfer.purpose(), 12u);
  EXPECT_TRUE(transfer.linked());
  EXPECT_EQ(transfer.phase(), v1::TRANSFER_PHASE_POST);

  v1::GetTransferResponse open;
  fill(found, {.at = base::Timestamp{9}, .is_open_hold = true}, open);
  EXPECT_EQ(open.hold_state(), "open");
}

TEST(ListTransfers, BadFieldsAreTold) {
  v1::ListTransfersRequest good;
  good.set_account(11);
  expect_faults<v1::ListTransfersRequest>(
      good,
      {{"account", EdgeError::kFieldMissing, [](auto& r) { r.set_account(0); }},
       {"from_ns", EdgeError::kNumberOutOfRange, [](auto& r) { r.set_from_ns(-1); }},
       {"to_ns", EdgeError::kNumberOutOfRange, [](auto& r) { r.set_to_ns(-1); }},
       {"page_size", EdgeError::kNumberOutOfRange, [](auto& r) { r.set_page_size(1'001); }},
       {"page_token", EdgeError::kPageTokenUnknown, [](auto& r) { r.set_page_token("x"); }},
       {"page_token", EdgeError::kPageTokenUnknown,
        [](auto& r) { r.set_page_token(std::string(32, 'g')); }},
       {"page_token", EdgeError::kPageTokenUnknown,
        [](auto& r) { r.set_page_token(std::string(32, '0')); }},
       {"page_token", EdgeError::kPageTokenUnknown,
        [](auto& r) { r.set_page_token(std::string(32, 'f')); }}},
      [](const v1::ListTransfersRequest& request) { return to_request(request); });
}

history::Page some_page(bool has_more) {
  history::Page page;
  page.has_more = has_more;
  page.seqno = base::Seqno{44};
  page.postings.push_back({.order = 1'003,
                           .at = base::Timestamp{1'001},
                           .id = command_id(1),
                           .counter = base::AccountIndex{2},
                           .kind = history::PostingKind::kHoldPosted,
                           .side = history::Side::kDebit,
                           .posted_minor = 30,
                           .pending_minor = -50});
  page.postings.push_back({.order = 900,
                           .at = base::Timestamp{900},
                           .id = command_id(2),
                           .counter = base::AccountIndex{3},
                           .kind = history::PostingKind::kSettlementReceived,
                           .side = history::Side::kCredit,
                           .posted_minor = 7});
  return page;
}

TEST(ListTransfers, TellsEveryLine) {
  v1::ListTransfersResponse message;
  fill(some_page(false), {.account = base::AccountNumber{11}, .question = {}}, base::NodeId{1},
       message);
  EXPECT_EQ(message.seqno(), 44u);
  EXPECT_TRUE(message.next_page_token().empty());
  ASSERT_EQ(message.postings_size(), 2);
  const v1::Posting& first = message.postings(0);
  EXPECT_EQ(first.at_ns(), 1'001);
  EXPECT_EQ(first.id().value(), id_bytes(1));
  EXPECT_EQ(first.kind(), v1::POSTING_KIND_HOLD_POSTED);
  EXPECT_EQ(first.side(), v1::POSTING_SIDE_DEBIT);
  EXPECT_EQ(first.counter_account(), 1000000000242u);
  EXPECT_EQ(first.posted_minor(), 30);
  EXPECT_EQ(first.pending_minor(), -50);
  EXPECT_EQ(message.postings(1).kind(), v1::POSTING_KIND_SETTLEMENT_POSTED);
  EXPECT_EQ(message.postings(1).side(), v1::POSTING_SIDE_CREDIT);
}

TEST(ListTransfers, ATokenContinuesItsOwnQuestionOnly) {
  v1::ListTransfersRequest request;
  request.set_account(11);
  request.set_from_ns(5);
  request.set_to_ns(5'000);
  const auto question = to_request(request);
  ASSERT_TRUE(question.has_value());
  EXPECT_EQ(question->question.limit, 100u);
  v1::ListTransfersResponse response;
  fill(some_page(true), *question, base::NodeId{1}, response);
  request.set_page_token(response.next_page_token());
  request.set_page_size(3);  // may change from page to page
  const auto next = to_request(request);
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->question.before, 900);
  EXPECT_EQ(next->question.limit, 3u);

  for (const auto& change : std::vector<std::function<void(v1::ListTransfersRequest&)>>{
           [](auto& r) { r.set_account(12); }, [](auto& r) { r.set_from_ns(6); },
           [](auto& r) { r.set_to_ns(0); }}) {
    v1::ListTransfersRequest other = request;
    change(other);
    const auto refused = to_request(other);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().error, EdgeError::kPageTokenUnknown);
  }
}

}  // namespace
}  // namespace hugang::edge
