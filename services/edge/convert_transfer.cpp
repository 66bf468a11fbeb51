#include "services/edge/convert_transfer.hpp"

#include <cstring>
#include <string>

#include "clearing/base/check.hpp"
#include "clearing/machine/limits.hpp"
#include "services/edge/convert_outcome.hpp"
#include "services/edge/field_reader.hpp"

namespace hugang::edge {
namespace {

constexpr std::size_t kRecordBytes = sizeof(wire::Transfer);

std::uint16_t phase_flag(v1::TransferPhase phase, FieldReader& fields) {
  switch (phase) {
    case v1::TRANSFER_PHASE_UNSPECIFIED:
      return 0;
    case v1::TRANSFER_PHASE_HOLD:
      return wire::transfer_flag::kHold;
    case v1::TRANSFER_PHASE_POST:
      return wire::transfer_flag::kPostHold;
    case v1::TRANSFER_PHASE_VOID:
      return wire::transfer_flag::kVoidHold;
    default:  // proto3 enums are open: any number may come
      fields.fail(
          Failure{EdgeError::kChoiceUnknown, "phase"}.with("got", std::to_string(int{phase})));
      return 0;
  }
}

Failure too_many(std::string_view field, std::size_t got) {
  return Failure{EdgeError::kTooMany, field}
      .with("limit", std::to_string(machine::kTransfersPerBatchMax))
      .with("got", std::to_string(got));
}

CommandOrFailure packed_command(const std::string& packed) {
  if (packed.size() % kRecordBytes != 0) {
    return std::unexpected{Failure{EdgeError::kLengthWrong, "packed_transfers"}
                               .with("limit", "a multiple of " + std::to_string(kRecordBytes))
                               .with("got", std::to_string(packed.size()))};
  }
  const std::size_t count = packed.size() / kRecordBytes;
  if (count > machine::kTransfersPerBatchMax) {
    return std::unexpected{too_many("packed_transfers", count)};
  }
  const auto bytes = base::as_bytes(packed);
  return Command{.kind = wire::CommandKind::kTransfer,
                 .count = static_cast<std::uint32_t>(count),
                 .records = base::Bytes{bytes.begin(), bytes.end()}};
}

CommandOrFailure typed_command(const v1::SubmitBatchRequest& request) {
  const int count = request.transfers_size();
  if (static_cast<std::uint32_t>(count) > machine::kTransfersPerBatchMax) {
    return std::unexpected{too_many("transfers", static_cast<std::size_t>(count))};
  }
  Command command{.kind = wire::CommandKind::kTransfer,
                  .count = static_cast<std::uint32_t>(count),
                  .records = {}};
  command.records.resize(static_cast<std::size_t>(count) * kRecordBytes);
  std::byte* at = command.records.data();
  for (int i = 0; i < count; ++i, at += kRecordBytes) {
    const auto record = to_record(request.transfers(i));
    if (!record) return std::unexpected{inside(record.error(), element_name("transfers", i))};
    std::memcpy(at, &*record, kRecordBytes);
  }
  return command;
}

}  // namespace

std::expected<wire::Transfer, Failure> to_record(const v1::Transfer& message) {
  FieldReader fields;
  wire::Transfer record;
  record.id = fields.id("id", message.id());
  record.pending_id = fields.optional_id("pending_id", message.pending_id());
  record.reference = fields.reference("reference", message.reference());
  record.debit = base::AccountNumber{message.debit_account()};
  record.credit = base::AccountNumber{message.credit_account()};
  record.amount_minor = fields.amount("amount_minor", message.amount_minor());
  record.expires_at = fields.time("expires_at_ns", message.expires_at_ns());
  record.value_date = fields.time("value_date_ns", message.value_date_ns());
  record.asset = base::AssetId{message.asset()};
  record.purpose =
      static_cast<std::uint16_t>(fields.number("purpose", message.purpose(), 0, UINT16_MAX));
  unsigned flags = phase_flag(message.phase(), fields);
  if (message.linked()) flags |= wire::transfer_flag::kLinked;
  if (message.balancing_debit()) flags |= wire::transfer_flag::kBalancingDebit;
  if (message.balancing_credit()) flags |= wire::transfer_flag::kBalancingCredit;
  record.flags = static_cast<std::uint16_t>(flags);
  if (fields.has_failed()) return std::unexpected{fields.failure()};
  return record;
}

CommandOrFailure to_command(const v1::SubmitRequest& request) {
  if (!request.has_transfer()) {
    return std::unexpected{Failure{EdgeError::kFieldMissing, "transfer"}};
  }
  const auto record = to_record(request.transfer());
  if (!record) return std::unexpected{inside(record.error(), "transfer")};
  return one_command(wire::CommandKind::kTransfer, *record);
}

CommandOrFailure to_command(const v1::SubmitBatchRequest& request) {
  const bool is_typed = request.transfers_size() > 0;
  const bool is_packed = !request.packed_transfers().empty();
  if (is_typed && is_packed) {
    return std::unexpected{Failure{EdgeError::kFieldNotAllowed, "packed_transfers"}.with(
        "limit", "either transfers or packed_transfers")};
  }
  if (is_packed) return packed_command(request.packed_transfers());
  if (is_typed) return typed_command(request);
  return std::unexpected{Failure{EdgeError::kFieldMissing, "transfers"}};
}

std::vector<std::int64_t> asked_minor(const Command& command) {
  HG_CHECK(command.kind == wire::CommandKind::kTransfer);
  HG_CHECK(command.records.size() == command.count * kRecordBytes);
  std::vector<std::int64_t> amounts(command.count);
  const std::byte* at = command.records.data() + offsetof(wire::Transfer, amount_minor);
  for (std::int64_t& amount : amounts) {
    std::memcpy(&amount, at, sizeof amount);
    at += kRecordBytes;
  }
  return amounts;
}

}  // namespace hugang::edge
