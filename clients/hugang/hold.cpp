// The second phase of a hold: post it, wholly or in part, or give it up.
#include <memory>

#include "clients/format/id_text.hpp"
#include "clients/hugang/answer.hpp"
#include "clients/hugang/command_line.hpp"
#include "clients/library/id.hpp"

namespace hugang::program {
namespace {

struct EndHoldOptions {
  std::string hold, amount, asset;
};

Attempt<ExitCode> end_hold(Context& context, const EndHoldOptions& options,
                           v1::TransferPhase phase) {
  const auto hold = format::parse_uuid(options.hold);
  if (!hold) return usage_failure("'" + options.hold + "' is no id");
  v1::SubmitRequest request;
  v1::Transfer& transfer = *request.mutable_transfer();
  *transfer.mutable_pending_id() = client::to_proto(*hold);
  transfer.set_phase(phase);
  if (!options.amount.empty()) {
    HG_TRY(assets, context.assets());
    HG_TRY(asset, assets.find(options.asset));
    HG_TRY(amount, assets.parse(asset, options.amount));
    transfer.set_asset(asset.id());
    transfer.set_amount_minor(amount.minor());
  }
  *transfer.mutable_id() = client::to_proto(context.command_id());
  HG_TRY(node, context.node());
  HG_TRY(response, attempt(node.submit(request)));
  const bool posts = phase == v1::TRANSFER_PHASE_POST;
  return answer(context, response.outcome(),
                (posts ? "posted hold " : "gave up hold ") + options.hold,
                {{"hold_id", options.hold}, {"phase", posts ? "post" : "void"}});
}

}  // namespace

void add_hold_commands(CommandLine& line) {
  CLI::App& group =
      line.add_group(line.root(), "hold",
                     {.what = "End a hold that hugang pay --hold made",
                      .examples = {"hugang hold post 0f8fad5b-d9cb-469f-a165-70867728950e",
                                   "hugang hold void 0f8fad5b-d9cb-469f-a165-70867728950e"}});

  const auto post = std::make_shared<EndHoldOptions>();
  CLI::App& posting = line.add(
      group, "post",
      {.what = "Pay what is held, or a part of it; the rest is released",
       .examples = {"hugang hold post 0f8fad5b-d9cb-469f-a165-70867728950e",
                    "hugang hold post 0f8fad5b-d9cb-469f-a165-70867728950e --amount 60 --asset "
                    "CNY.D"}},
      [post](Context& context) { return end_hold(context, *post, v1::TRANSFER_PHASE_POST); });
  posting.add_option("hold_id", post->hold, "The id of the hold")->required()->check(uuid_form());
  CLI::Option* asset = posting.add_option("--asset", post->asset, "What was held");
  posting.add_option("--amount", post->amount, "Only this much of it")->needs(asset);

  const auto give_up = std::make_shared<EndHoldOptions>();
  line.add(group, "void",
           {.what = "Release all that is held",
            .examples = {"hugang hold void 0f8fad5b-d9cb-469f-a165-70867728950e"}},
           [give_up](Context& context) {
             return end_hold(context, *give_up, v1::TRANSFER_PHASE_VOID);
           })
      .add_option("hold_id", give_up->hold, "The id of the hold")
      ->required()
      ->check(uuid_form());
}

}  // namespace hugang::program
