#include "tests/simulation/laws/answer_law.hpp"

#include "clearing/wire/batch.hpp"
#include "tests/simulation/workload/words.hpp"

namespace hugang::simulation {
namespace {

namespace flag = wire::transfer_flag;
using Broken = std::optional<std::string>;

std::string name_of(const Request& request, base::CommandId id) {
  return "command " + std::to_string(name_of_id(id)) + " of node " +
         std::to_string(request.city.value());
}

/// The value of an accepted transfer is what it moved, held or gave back.
Broken moves_what_was_asked(const wire::Transfer& transfer, const wire::Outcome& outcome) {
  const auto value = static_cast<std::int64_t>(outcome.value);
  const bool is_balancing =
      (transfer.flags & (flag::kBalancingDebit | flag::kBalancingCredit)) != 0;
  const bool is_second = (transfer.flags & (flag::kPostHold | flag::kVoidHold)) != 0;
  const bool is_open_amount = is_second && transfer.amount_minor == 0;
  if (is_open_amount) return std::nullopt;
  const bool is_right =
      is_balancing ? value > 0 && value <= transfer.amount_minor : value == transfer.amount_minor;
  if (is_right) return std::nullopt;
  return "asked for " + std::to_string(transfer.amount_minor) + ", was given " +
         std::to_string(value);
}

Broken broken_by_transfer(const wire::Transfer& transfer, const wire::Outcome& outcome,
                          bool leaves_chain_open) {
  if (outcome.code != machine::Code::kOk) return std::nullopt;
  if (leaves_chain_open) return "a chain that nobody closed was carried out";
  if (!transfer.expires_at.is_none() && transfer.expires_at <= outcome.at) {
    return "a hold was accepted that had expired";
  }
  return moves_what_was_asked(transfer, outcome);
}

wire::Transfer member(const Request& request, std::size_t index) {
  return wire::read_record<wire::Transfer>(base::ByteSpan{request.submission.records}.subspan(
      index * sizeof(wire::Transfer), sizeof(wire::Transfer)));
}

Broken broken_by_transfers(const Request& request) {
  const std::size_t count = request.answer.size();
  bool leaves_chain_open = (member(request, count - 1).flags & flag::kLinked) != 0;
  for (std::size_t i = count; i-- > 0;) {
    const wire::Transfer transfer = member(request, i);
    leaves_chain_open = leaves_chain_open && (transfer.flags & flag::kLinked) != 0;
    const auto broken = broken_by_transfer(transfer, request.answer[i], leaves_chain_open);
    if (broken) return name_of(request, transfer.id) + ": " + *broken;
  }
  return std::nullopt;
}

}  // namespace

Broken first_broken_by_answer(const Request& request) {
  if (request.answer.size() != request.submission.count) {
    return "node " + std::to_string(request.city.value()) + " gave " +
           std::to_string(request.answer.size()) + " outcomes for " +
           std::to_string(request.submission.count) + " commands";
  }
  const auto id = wire::read_record<base::CommandId>(
      base::ByteSpan{request.submission.records}.first(sizeof(base::CommandId)));
  // The id of a reconciliation is made from the day: somebody else may have used it.
  const bool is_own_id = request.submission.kind != wire::CommandKind::kReconcile;
  for (std::size_t i = 0; i < request.answer.size(); ++i) {
    const bool is_repeated = (request.answer[i].flags & wire::outcome_flag::kRepeated) != 0;
    if (is_repeated && is_own_id && !request.was_lost) {
      return name_of(request, id) + ": was carried out though every answer until now refused it";
    }
    if (!is_repeated && i > 0 && request.answer[i].at <= request.answer[i - 1].at) {
      return name_of(request, id) + ": member " + std::to_string(i + 1) +
             " did not happen behind the one before it";
    }
  }
  if (request.submission.kind != wire::CommandKind::kTransfer) return std::nullopt;
  return broken_by_transfers(request);
}

}  // namespace hugang::simulation
