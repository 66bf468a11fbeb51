#include "services/edge/convert_transfer.hpp"

#include <gtest/gtest.h>

#include "clearing/base/amount.hpp"
#include "clearing/wire/batch.hpp"
#include "field_table.hpp"
#include "services/edge/convert_outcome.hpp"

namespace hugang::edge {
namespace {

v1::Transfer good_transfer() {
  v1::Transfer transfer;
  *transfer.mutable_id() = id_message(1);
  transfer.set_debit_account(1'000'000'000'145);
  transfer.set_credit_account(1'000'000'000'242);
  transfer.set_asset(3);
  transfer.set_amount_minor(500);
  return transfer;
}

TEST(ConvertTransfer, CarriesEveryField) {
  v1::Transfer message = good_transfer();
  *message.mutable_pending_id() = id_message(2);
  message.set_expires_at_ns(77);
  message.set_value_date_ns(88);
  message.set_reference(id_bytes(3));
  message.set_purpose(65'535);
  message.set_linked(true);
  message.set_phase(v1::TRANSFER_PHASE_HOLD);
  message.set_balancing_debit(true);
  message.set_balancing_credit(true);
  const auto record = to_record(message);
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->id, command_id(1));
  EXPECT_EQ(record->pending_id, command_id(2));
  EXPECT_EQ(record->reference, command_id(3).value());
  EXPECT_EQ(record->debit.value(), 1'000'000'000'145u);
  EXPECT_EQ(record->credit.value(), 1'000'000'000'242u);
  EXPECT_EQ(record->amount_minor, 500);
  EXPECT_EQ(record->expires_at.ns(), 77);
  EXPECT_EQ(record->value_date.ns(), 88);
  EXPECT_EQ(record->asset.value(), 3u);
  EXPECT_EQ(record->purpose, 65'535);
  namespace flag = wire::transfer_flag;
  EXPECT_EQ(record->flags,
            flag::kLinked | flag::kHold | flag::kBalancingDebit | flag::kBalancingCredit);
}

TEST(ConvertTransfer, TurnsEachPhaseIntoItsFlag) {
  const auto flags = [](v1::TransferPhase phase) {
    v1::Transfer message = good_transfer();
    message.set_phase(phase);
    return to_record(message)->flags;
  };
  EXPECT_EQ(flags(v1::TRANSFER_PHASE_UNSPECIFIED), 0);
  EXPECT_EQ(flags(v1::TRANSFER_PHASE_HOLD), wire::transfer_flag::kHold);
  EXPECT_EQ(flags(v1::TRANSFER_PHASE_POST), wire::transfer_flag::kPostHold);
  EXPECT_EQ(flags(v1::TRANSFER_PHASE_VOID), wire::transfer_flag::kVoidHold);
}

TEST(ConvertTransfer, LeavesToTheLedgerWhatIsItsToRefuse) {
  v1::Transfer message;
  message.mutable_id()->set_value(std::string(16, '\0'));
  const auto record = to_record(message);
  ASSERT_TRUE(record.has_value());  // reserved id, no accounts, amount 0: journaled refusals
  EXPECT_TRUE(record->id.is_none());
}

TEST(ConvertTransfer, TellsEveryFieldThatIsMalformed) {
  using Fault = FieldFault<v1::Transfer>;
  const std::vector<Fault> faults{
      {"id", EdgeError::kFieldMissing, [](auto& m) { m.clear_id(); }},
      {"id", EdgeError::kFieldMissing, [](auto& m) { m.mutable_id()->clear_value(); }},
      {"id", EdgeError::kIdMalformed, [](auto& m) { m.mutable_id()->set_value("short"); }},
      {"id", EdgeError::kIdMalformed,
       [](auto& m) { m.mutable_id()->set_value(std::string(17, 'x')); }},
      {"pending_id", EdgeError::kIdMalformed,
       [](auto& m) { m.mutable_pending_id()->set_value(std::string(4'000'000, 'x')); }},
      {"reference", EdgeError::kLengthWrong, [](auto& m) { m.set_reference("15 bytes is bad"); }},
      {"amount_minor", EdgeError::kNumberOutOfRange, [](auto& m) { m.set_amount_minor(-1); }},
      {"amount_minor", EdgeError::kNumberOutOfRange,
       [](auto& m) { m.set_amount_minor(INT64_MIN); }},
      {"amount_minor", EdgeError::kNumberOutOfRange,
       [](auto& m) { m.set_amount_minor(base::Amount::kMaxMinor + 1); }},
      {"expires_at_ns", EdgeError::kNumberOutOfRange, [](auto& m) { m.set_expires_at_ns(-1); }},
      {"value_date_ns", EdgeError::kNumberOutOfRange, [](auto& m) { m.set_value_date_ns(-1); }},
      {"purpose", EdgeError::kNumberOutOfRange, [](auto& m) { m.set_purpose(65'536); }},
      {"phase", EdgeError::kChoiceUnknown,
       [](auto& m) { m.set_phase(static_cast<v1::TransferPhase>(4)); }},
      {"phase", EdgeError::kChoiceUnknown,
       [](auto& m) { m.set_phase(static_cast<v1::TransferPhase>(-1)); }},
  };
  expect_faults(good_transfer(), faults, to_record);
}

TEST(ConvertTransfer, TakesTheLargestAmount) {
  v1::Transfer message = good_transfer();
  message.set_amount_minor(base::Amount::kMaxMinor);
  EXPECT_TRUE(to_record(message).has_value());
}

TEST(ConvertBatch, NamesThePlaceOfTheTransferThatIsMalformed) {
  v1::SubmitRequest single;
  EXPECT_EQ(metadata_of(to_command(single).error(), "field"), "transfer");
  *single.mutable_transfer() = good_transfer();
  single.mutable_transfer()->set_amount_minor(-5);
  EXPECT_EQ(metadata_of(to_command(single).error(), "field"), "transfer.amount_minor");
  EXPECT_EQ(metadata_of(to_command(single).error(), "got"), "-5");

  v1::SubmitBatchRequest batch;
  for (int i = 0; i < 3; ++i) *batch.add_transfers() = good_transfer();
  batch.mutable_transfers(2)->clear_id();
  EXPECT_EQ(metadata_of(to_command(batch).error(), "field"), "transfers[2].id");
}

TEST(ConvertBatch, LaysTypedTransfersOneAfterAnother) {
  v1::SubmitBatchRequest batch;
  for (int i = 0; i < 3; ++i) {
    *batch.add_transfers() = good_transfer();
    batch.mutable_transfers(i)->set_amount_minor(100 + i);
  }
  const auto command = to_command(batch);
  ASSERT_TRUE(command.has_value());
  EXPECT_EQ(command->count, 3u);
  ASSERT_EQ(command->records.size(), 3 * sizeof(wire::Transfer));
  EXPECT_EQ(asked_minor(*command), (std::vector<std::int64_t>{100, 101, 102}));
  const auto second =
      wire::read_record<wire::Transfer>(base::ByteSpan{command->records}.subspan(96, 96));
  EXPECT_EQ(second.amount_minor, 101);
}

TEST(ConvertBatch, TakesPackedRecordsAsTheyAre) {
  v1::SubmitBatchRequest batch;
  std::string packed(std::size_t{96} * 8'190, '\x7f');
  batch.set_packed_transfers(packed);
  const auto command = to_command(batch);
  ASSERT_TRUE(command.has_value());
  EXPECT_EQ(command->count, 8'190u);
  EXPECT_EQ(base::as_text(command->records), packed);
}

TEST(ConvertBatch, TellsEveryFaultOfABatch) {
  v1::SubmitBatchRequest good;
  *good.add_transfers() = good_transfer();
  using Fault = FieldFault<v1::SubmitBatchRequest>;
  const std::vector<Fault> faults{
      {"transfers", EdgeError::kFieldMissing, [](auto& m) { m.clear_transfers(); }},
      {"packed_transfers", EdgeError::kFieldNotAllowed,
       [](auto& m) { m.set_packed_transfers(std::string(96, 'x')); }},
      {"packed_transfers", EdgeError::kLengthWrong,
       [](auto& m) {
         m.clear_transfers();
         m.set_packed_transfers(std::string(95, 'x'));
       }},
      {"packed_transfers", EdgeError::kTooMany,
       [](auto& m) {
         m.clear_transfers();
         m.set_packed_transfers(std::string(std::size_t{96} * 8'191, 'x'));
       }},
      {"transfers", EdgeError::kTooMany,
       [](auto& m) {
         while (m.transfers_size() < 8'191) m.add_transfers();
       }},
  };
  expect_faults(good, faults,
                [](const v1::SubmitBatchRequest& request) { return to_command(request); });
}

TEST(ConvertOutcome, ListsOnlyWhatIsNotPlainlyAccepted) {
  node::Answer answer{.seqno = base::Seqno{12}, .first_at = base::Timestamp{1'000}, .outcomes = {}};
  answer.outcomes = {
      {.value = 10, .at = base::Timestamp{1'000}},
      {.code = machine::Code::kInsufficientFunds, .at = base::Timestamp{1'001}},
      {.flags = wire::outcome_flag::kRepeated, .value = 30, .at = base::Timestamp{5}},
      {.value = 7, .at = base::Timestamp{1'003}},
  };
  const std::vector<std::int64_t> asked{10, 20, 30, 40};
  v1::SubmitBatchResponse response;
  fill(answer, asked, response);
  EXPECT_EQ(response.seqno(), 12u);
  EXPECT_EQ(response.decided_at_ns(), 1'000);
  EXPECT_EQ(response.transfer_count(), 4u);
  EXPECT_EQ(response.accepted_count(), 3u);
  ASSERT_EQ(response.exceptions_size(), 3);
  EXPECT_EQ(response.exceptions(0).index(), 1u);
  EXPECT_EQ(response.exceptions(0).outcome().code_name(), "INSUFFICIENT_FUNDS");
  EXPECT_FALSE(response.exceptions(0).outcome().message().empty());
  EXPECT_EQ(response.exceptions(1).index(), 2u);
  EXPECT_TRUE(response.exceptions(1).outcome().repeated());
  EXPECT_EQ(response.exceptions(1).outcome().decided_at_ns(), 5);
  EXPECT_EQ(response.exceptions(2).index(), 3u);
  EXPECT_EQ(response.exceptions(2).outcome().value(), 7u);
  EXPECT_EQ(response.exceptions(2).outcome().code_name(), "OK");
}

}  // namespace
}  // namespace hugang::edge
