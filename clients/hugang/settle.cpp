#include "clients/hugang/settle.hpp"

#include <ostream>

#include "clients/hugang/answer.hpp"
#include "clients/hugang/timeline.hpp"

namespace hugang::program {
namespace {

Failure failure_of(const v1::Settlement& settlement, const AssetBook& assets) {
  Failure failure;
  failure.details["settlement"] = to_json(settlement, assets);
  if (settlement.status() == v1::SETTLEMENT_STATUS_REFUSED) {
    failure.exit_code = ExitCode::kRefused;
    failure.code = settlement.code_name();
    failure.sentence = "the settlement was refused and nothing moved; a new one needs a new id";
  } else {
    failure.exit_code = ExitCode::kUnknown;
    failure.code = "NOT_FINAL_YET";
    failure.sentence =
        "it is still under way, with your side on hold: look again with hugang status " +
        id_text(settlement.id());
  }
  return failure;
}

}  // namespace

Attempt<v1::Settlement> settle(Context& context, const v1::InstructRequest& request,
                               Follow follow) {
  HG_TRY(node, context.node());
  HG_TRY(response, attempt(node.instruct(request)));
  if (response.outcome().code() != 0) return std::unexpected{to_failure(response.outcome())};
  const auto patience =
      follow == Follow::kToTheEnd ? context.patience() : std::chrono::milliseconds{0};
  auto answer = attempt(node.await_settlement(request.id(), patience));
  if (answer) return std::move(*answer->mutable_settlement());
  Failure failure = std::move(answer.error());
  failure.exit_code = ExitCode::kUnknown;
  failure.sentence =
      "the instruction was accepted and is under way, but its end could not be seen: " +
      failure.sentence + "; look again with hugang status " + id_text(request.id());
  return std::unexpected{std::move(failure)};
}

Attempt<ExitCode> tell(Context& context, const v1::Settlement& settlement, Follow follow) {
  HG_TRY(assets, context.assets());
  const bool is_fine = settlement.status() == v1::SETTLEMENT_STATUS_SETTLED ||
                       (follow == Follow::kOnlySend && !client::is_final(settlement));
  if (!context.wants_json()) {
    print_settlement(context.out(), context.style(), assets, settlement, std::nullopt);
  } else if (is_fine) {
    context.print_json(
        {{"id", id_text(settlement.id())}, {"settlement", to_json(settlement, assets)}});
  }
  if (!is_fine) return std::unexpected{failure_of(settlement, assets)};
  return ExitCode::kOk;
}

}  // namespace hugang::program
