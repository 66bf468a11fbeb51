#include "clients/hugang/answer.hpp"

#include <ostream>

#include "clients/format/duration_text.hpp"
#include "clients/format/id_text.hpp"

namespace hugang::program {

Failure to_failure(const v1::Outcome& outcome) {
  Failure failure{
      .exit_code = ExitCode::kRefused, .code = outcome.code_name(), .sentence = outcome.message()};
  if (failure.sentence.empty()) failure.sentence = "the ledger refused; nothing moved";
  failure.details["outcome"] = to_json(outcome);
  return failure;
}

std::string where_text(const v1::Outcome& outcome) {
  std::string text = "entry " + std::to_string(outcome.seqno()) + " at " +
                     format::short_time_text(base::Timestamp{outcome.decided_at_ns()});
  if (outcome.repeated()) text += ", as answered before";
  return text;
}

Attempt<ExitCode> answer(Context& context, const v1::Outcome& outcome, const std::string& headline,
                         const Json& more) {
  if (outcome.code() != 0) return std::unexpected{to_failure(outcome)};
  const std::string id = format::uuid_text(context.command_id());
  if (context.wants_json()) {
    Json document{{"id", id}, {"outcome", to_json(outcome)}};
    document.update(more);
    context.print_json(document);
    return ExitCode::kOk;
  }
  const Style style = context.style();
  context.out() << style.paint(Tone::kGood, headline) << '\n'
                << style.paint(Tone::kDim, "id " + id + ", " + where_text(outcome)) << '\n';
  return ExitCode::kOk;
}

}  // namespace hugang::program
