#include "services/edge/convert_history.hpp"

#include <charconv>

#include "services/edge/convert_outcome.hpp"
#include "services/edge/field_reader.hpp"

namespace hugang::edge {
namespace {

constexpr std::uint32_t kPageDefault = 100;
constexpr std::uint32_t kPageMax = 1'000;
/// Order and check, 16 hexadecimal digits each.
constexpr std::size_t kTokenDigits = 32;

/// Ties a token to the question that it continues. No secret: who forges one only asks for another
/// page of what it may see anyway.
std::uint64_t check_of(const HistoryRequest& request, std::int64_t order) {
  std::uint64_t x = 0x6875'6761'6E67'0001;
  for (const std::uint64_t part :
       {request.account.value(), static_cast<std::uint64_t>(request.question.from.ns()),
        static_cast<std::uint64_t>(request.question.to.ns()), static_cast<std::uint64_t>(order)}) {
    x = (x ^ part) * 0x9E37'79B9'7F4A'7C15;
    x ^= x >> 29;
  }
  return x;
}

std::string hex(std::uint64_t value) {
  std::string text(16, '0');
  for (std::size_t i = text.size(); i-- > 0; value >>= 4) text[i] = "0123456789abcdef"[value & 0xF];
  return text;
}

std::optional<std::uint64_t> parse_hex(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string token_of(const HistoryRequest& request, std::int64_t order) {
  return hex(static_cast<std::uint64_t>(order)) + hex(check_of(request, order));
}

/// The order that a token continues behind; nothing when it is none of this question.
std::optional<std::int64_t> read_token(const HistoryRequest& request, std::string_view token) {
  if (token.size() != kTokenDigits) return std::nullopt;
  const auto order = parse_hex(token.substr(0, 16));
  const auto check = parse_hex(token.substr(16));
  if (!order || !check || *order == 0 || *order > INT64_MAX) return std::nullopt;
  if (*check != check_of(request, static_cast<std::int64_t>(*order))) return std::nullopt;
  return static_cast<std::int64_t>(*order);
}

v1::PostingKind to_message(history::PostingKind kind) {
  using history::PostingKind;
  switch (kind) {
    case PostingKind::kTransfer:
      return v1::POSTING_KIND_TRANSFER;
    case PostingKind::kHold:
      return v1::POSTING_KIND_HOLD;
    case PostingKind::kHoldPosted:
      return v1::POSTING_KIND_HOLD_POSTED;
    case PostingKind::kHoldVoided:
      return v1::POSTING_KIND_HOLD_VOIDED;
    case PostingKind::kHoldExpired:
      return v1::POSTING_KIND_HOLD_EXPIRED;
    case PostingKind::kSettlementHeld:
      return v1::POSTING_KIND_SETTLEMENT_HELD;
    case PostingKind::kSettlementPosted:
    case PostingKind::kSettlementReceived:
      return v1::POSTING_KIND_SETTLEMENT_POSTED;
    case PostingKind::kSettlementReleased:
      return v1::POSTING_KIND_SETTLEMENT_RELEASED;
  }
  return v1::POSTING_KIND_UNSPECIFIED;
}

v1::TransferPhase phase_of(std::uint16_t flags) {
  if ((flags & wire::transfer_flag::kHold) != 0) return v1::TRANSFER_PHASE_HOLD;
  if ((flags & wire::transfer_flag::kPostHold) != 0) return v1::TRANSFER_PHASE_POST;
  if ((flags & wire::transfer_flag::kVoidHold) != 0) return v1::TRANSFER_PHASE_VOID;
  return v1::TRANSFER_PHASE_UNSPECIFIED;
}

base::ParticipantId owner_of(const machine::State& state, base::AccountNumber number) {
  const auto parts = base::parse_account_number(number);
  if (!parts || parts->node != state.self) return {};
  if (parts->index.value() > state.accounts.size()) return {};
  return state.account(parts->index).owner;
}

}  // namespace

std::optional<TransferFacts> transfer_facts(const machine::State& state, base::CommandId id) {
  const auto record = state.ids.find(id);
  if (!record || record->kind != wire::CommandKind::kTransfer) return std::nullopt;
  return TransferFacts{
      .at = record->at, .hold_end = record->hold_end, .is_open_hold = state.holds.contains(id)};
}

Owners owners_of(const machine::State& state, const wire::Transfer& transfer) {
  return {.debit = owner_of(state, transfer.debit), .credit = owner_of(state, transfer.credit)};
}

void fill(const wire::Transfer& record, v1::Transfer& message) {
  fill(record.id, *message.mutable_id());
  if (!record.pending_id.is_none()) fill(record.pending_id, *message.mutable_pending_id());
  message.set_debit_account(record.debit.value());
  message.set_credit_account(record.credit.value());
  message.set_asset(record.asset.value());
  message.set_amount_minor(record.amount_minor);
  message.set_expires_at_ns(record.expires_at.ns());
  message.set_value_date_ns(record.value_date.ns());
  if (record.reference != 0) message.set_reference(write_u128(record.reference));
  message.set_purpose(record.purpose);
  message.set_linked((record.flags & wire::transfer_flag::kLinked) != 0);
  message.set_phase(phase_of(record.flags));
  message.set_balancing_debit((record.flags & wire::transfer_flag::kBalancingDebit) != 0);
  message.set_balancing_credit((record.flags & wire::transfer_flag::kBalancingCredit) != 0);
}

void fill(const history::JournaledTransfer& found, const TransferFacts& facts,
          v1::GetTransferResponse& message) {
  message.set_found(true);
  wire::Outcome outcome = found.outcome;
  outcome.flags |= wire::outcome_flag::kRepeated;
  fill(outcome, found.seqno, *message.mutable_outcome());
  if (facts.is_open_hold) {
    message.set_hold_state("open");
  } else if (facts.hold_end != machine::Code::kOk) {
    message.set_hold_state(std::string{machine::code_name(facts.hold_end)});
  }
  fill(found.record, *message.mutable_transfer());
  message.set_index(found.index);
  message.set_submitter(found.caller.value());
}

std::expected<HistoryRequest, Failure> to_request(const v1::ListTransfersRequest& request) {
  FieldReader fields;
  HistoryRequest wanted;
  wanted.account = fields.needed<base::AccountNumber>("account", request.account());
  wanted.question.from = fields.time("from_ns", request.from_ns());
  wanted.question.to = fields.time("to_ns", request.to_ns());
  wanted.question.limit = request.page_size() == 0
                              ? kPageDefault
                              : fields.number("page_size", request.page_size(), 1, kPageMax);
  if (!request.page_token().empty()) {
    const auto before = read_token(wanted, request.page_token());
    if (before) wanted.question.before = *before;
    if (!before) fields.fail(Failure{EdgeError::kPageTokenUnknown, "page_token"});
  }
  if (fields.has_failed()) return std::unexpected{fields.failure()};
  return wanted;
}

void fill(const history::Page& page, const HistoryRequest& request, base::NodeId self,
          v1::ListTransfersResponse& message) {
  for (const history::Posting& posting : page.postings) {
    v1::Posting& line = *message.add_postings();
    line.set_at_ns(posting.at.ns());
    fill(posting.id, *line.mutable_id());
    line.set_kind(to_message(posting.kind));
    line.set_side(posting.side == history::Side::kDebit ? v1::POSTING_SIDE_DEBIT
                                                        : v1::POSTING_SIDE_CREDIT);
    line.set_counter_account(base::make_account_number({self, posting.counter}).value());
    line.set_posted_minor(posting.posted_minor);
    line.set_pending_minor(posting.pending_minor);
  }
  if (page.has_more) message.set_next_page_token(token_of(request, page.postings.back().order));
  message.set_seqno(page.seqno.value());
}

EdgeError to_edge_error(history::HistoryError error) {
  switch (error) {
    case history::HistoryError::kBuilding:
      return EdgeError::kHistoryBuilding;
    case history::HistoryError::kFailed:
      return EdgeError::kHistoryUnavailable;
    case history::HistoryError::kOverloaded:
      return EdgeError::kOverloaded;
    case history::HistoryError::kStopping:
      return EdgeError::kStopping;
  }
  return EdgeError::kHistoryUnavailable;
}

}  // namespace hugang::edge
