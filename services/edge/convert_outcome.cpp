#include "services/edge/convert_outcome.hpp"

#include <string>

#include "clearing/base/check.hpp"
#include "services/edge/field_reader.hpp"

namespace hugang::edge {

void fill(const wire::Outcome& outcome, base::Seqno seqno, v1::Outcome& message) {
  message.set_code(static_cast<std::uint32_t>(outcome.code));
  message.set_code_name(std::string{machine::code_name(outcome.code)});
  if (outcome.code != machine::Code::kOk) {
    message.set_message(std::string{machine::code_sentence(outcome.code)});
  }
  message.set_value(outcome.value);
  message.set_decided_at_ns(outcome.at.ns());
  message.set_seqno(seqno.value());
  message.set_repeated((outcome.flags & wire::outcome_flag::kRepeated) != 0);
}

void fill(const node::Answer& answer, std::span<const std::int64_t> asked_minor,
          v1::SubmitBatchResponse& message) {
  HG_CHECK(answer.outcomes.size() == asked_minor.size());
  std::uint32_t accepted = 0;
  for (std::size_t i = 0; i < answer.outcomes.size(); ++i) {
    const wire::Outcome& outcome = answer.outcomes[i];
    const bool is_accepted = outcome.code == machine::Code::kOk;
    accepted += is_accepted ? 1 : 0;
    const bool is_plain = is_accepted && outcome.flags == 0 &&
                          outcome.value == static_cast<std::uint64_t>(asked_minor[i]);
    if (is_plain) continue;
    v1::BatchException& exception = *message.add_exceptions();
    exception.set_index(static_cast<std::uint32_t>(i));
    fill(outcome, answer.seqno, *exception.mutable_outcome());
  }
  message.set_seqno(answer.seqno.value());
  message.set_decided_at_ns(answer.first_at.ns());
  message.set_transfer_count(static_cast<std::uint32_t>(answer.outcomes.size()));
  message.set_accepted_count(accepted);
}

void fill(base::CommandId id, v1::Id& message) {
  if (!id.is_none()) message.set_value(write_u128(id.value()));
}

}  // namespace hugang::edge
