// Money back: ask for it (recall), or give it (return).
#include <memory>
#include <ostream>

#include "clients/format/id_text.hpp"
#include "clients/hugang/answer.hpp"
#include "clients/hugang/command_line.hpp"
#include "clients/hugang/return_legs.hpp"
#include "clients/hugang/settle.hpp"
#include "clients/hugang/timeline.hpp"
#include "clients/library/id.hpp"

namespace hugang::program {
namespace {

struct RecallOptions {
  std::string settlement, reason;
  bool no_wait = false;
};

Attempt<ExitCode> recall(Context& context, const RecallOptions& options) {
  const auto settlement_id = format::parse_uuid(options.settlement);
  if (!settlement_id) return usage_failure("'" + options.settlement + "' is no id");
  v1::RecallRequest request;
  *request.mutable_id() = client::to_proto(context.command_id());
  *request.mutable_settlement_id() = client::to_proto(*settlement_id);
  request.set_reason(options.reason);
  HG_TRY(node, context.node());
  HG_TRY(response, attempt(node.recall(request)));
  const std::string asked = "asked to recall " + options.settlement;
  if (response.outcome().code() != 0 || options.no_wait) {
    return answer(context, response.outcome(), asked, {{"settlement_id", options.settlement}});
  }
  HG_TRY(assets, context.assets());
  HG_TRY(after, attempt(node.await_recall(request.settlement_id(), context.patience())));
  const v1::Settlement& settlement = after.settlement();
  if (!context.wants_json()) {
    print_settlement(context.out(), context.style(), assets, settlement, std::nullopt);
  }
  // RECALLED says that nothing moved; every other answer says that the money did not come back.
  if (settlement.recall_code_name() == "RECALLED" || settlement.code_name() == "RECALLED") {
    return answer(context, response.outcome(), "recalled " + options.settlement + "; nothing moved",
                  {{"settlement", to_json(settlement, assets)}});
  }
  Failure failure{.exit_code = ExitCode::kRefused,
                  .code = settlement.recall_code_name(),
                  .sentence =
                      "the recall came too late; only a return by the payee moves the money "
                      "back now"};
  if (settlement.recall_code_name().empty()) {
    failure.exit_code = ExitCode::kUnknown;
    failure.code = "NOT_FINAL_YET";
    failure.sentence =
        "no answer to the recall yet: look again with hugang status " + options.settlement;
  }
  failure.details["settlement"] = to_json(settlement, assets);
  return std::unexpected{std::move(failure)};
}

struct ReturnOptions {
  std::string settlement, amount, note;
  std::uint32_t leg = 1;
  bool no_wait = false;
};

Attempt<ExitCode> give_back(Context& context, const ReturnOptions& options) {
  const auto original_id = format::parse_uuid(options.settlement);
  if (!original_id) return usage_failure("'" + options.settlement + "' is no id");
  HG_TRY(node, context.node());
  v1::GetSettlementRequest ask;
  *ask.mutable_id() = client::to_proto(*original_id);
  HG_TRY(found, attempt(node.get_settlement(ask)));
  const v1::Settlement& original = found.settlement();
  std::vector<PartialReturn> parts;
  if (!options.amount.empty()) {
    if (options.leg < 1 || options.leg > static_cast<std::uint32_t>(original.legs_size())) {
      return usage_failure("the settlement has " + std::to_string(original.legs_size()) +
                           " legs: --leg counts from 1");
    }
    const int index = static_cast<int>(options.leg) - 1;
    HG_TRY(assets, context.assets());
    HG_TRY(asset, assets.find(std::to_string(original.legs(index).asset())));
    HG_TRY(amount, assets.parse(asset, options.amount));
    parts.push_back({.leg_index = index, .amount = amount});
  }
  HG_TRY(request, return_of(original, parts));
  *request.mutable_id() = client::to_proto(context.command_id());
  if (!options.note.empty()) request.mutable_details()->add_remittance(options.note);
  const Follow follow = options.no_wait ? Follow::kOnlySend : Follow::kToTheEnd;
  HG_TRY(settlement, settle(context, request, follow));
  return tell(context, settlement, follow);
}

}  // namespace

void add_give_back_commands(CommandLine& line) {
  const auto recalling = std::make_shared<RecallOptions>();
  CLI::App& recall_command = line.add(
      line.root(), "recall",
      {.what = "Ask for a payment back that you sent",
       .examples = {"hugang recall 0f8fad5b-d9cb-469f-a165-70867728950e --reason DUPL"},
       .more = "Before the other node has decided, a recall stops the payment. After that it only "
               "asks: money\nmoves back by hugang return alone, on the payee's side."},
      [recalling](Context& context) { return recall(context, *recalling); });
  recall_command.add_option("settlement_id", recalling->settlement, "The payment")
      ->required()
      ->check(uuid_form());
  recall_command
      .add_option("--reason", recalling->reason,
                  "ISO 20022 reason, e.g. DUPL twice, CUST wish of the customer, FRAD fraud")
      ->required();
  recall_command.add_flag("--no-wait", recalling->no_wait, "Do not wait for the answer");

  const auto returning = std::make_shared<ReturnOptions>();
  CLI::App& return_command = line.add(
      line.root(), "return",
      {.what = "Give a settlement back that you received, wholly or in part",
       .examples = {"hugang return 0f8fad5b-d9cb-469f-a165-70867728950e",
                    "hugang return 0f8fad5b-d9cb-469f-a165-70867728950e --amount 5.00 --note "
                    "overpaid"}},
      [returning](Context& context) { return give_back(context, *returning); });
  return_command.add_option("settlement_id", returning->settlement, "The settlement")
      ->required()
      ->check(uuid_form());
  return_command.add_option("--amount", returning->amount, "Only this much; all where left out");
  return_command.add_option("--leg", returning->leg, "With --amount: of which leg, from 1")
      ->capture_default_str();
  return_command.add_option("--note", returning->note, "Why, for the other side");
  return_command.add_flag("--no-wait", returning->no_wait, "Do not wait for finality");
}

}  // namespace hugang::program
