// Payments: inside this node's ledger, or to an account of another node.
#include <memory>
#include <ostream>

#include "clients/format/duration_text.hpp"
#include "clients/format/id_text.hpp"
#include "clients/hugang/answer.hpp"
#include "clients/hugang/command_line.hpp"
#include "clients/hugang/fetch.hpp"
#include "clients/hugang/settle.hpp"
#include "clients/library/id.hpp"

namespace hugang::program {
namespace {

struct PayOptions {
  std::string from, to, amount, asset, reference, note, purpose, expires, decide_within;
  bool hold = false;
  bool no_wait = false;
};

/// The asset that was named, or else that of the paying account.
Attempt<v1::Asset> asset_of(Context& context, const PayOptions& options) {
  HG_TRY(assets, context.assets());
  if (!options.asset.empty()) return assets.find(options.asset);
  HG_TRY(account, fetch_account(context, std::stoull(options.from)));
  return assets.find(std::to_string(account.asset()));
}

std::int64_t instant_after(const Context& context, const std::string& duration) {
  const auto parsed = format::parse_duration(duration);
  return parsed ? (context.now() + *parsed).ns() : 0;
}

Attempt<ExitCode> pay_here(Context& context, const PayOptions& options, const v1::Asset& asset,
                           base::Amount amount) {
  v1::SubmitRequest request;
  v1::Transfer& transfer = *request.mutable_transfer();
  *transfer.mutable_id() = client::to_proto(context.command_id());
  transfer.set_debit_account(std::stoull(options.from));
  transfer.set_credit_account(std::stoull(options.to));
  transfer.set_asset(asset.id());
  transfer.set_amount_minor(amount.minor());
  if (!options.reference.empty()) {
    const auto reference = format::parse_uuid(options.reference);
    if (!reference) {
      return usage_failure("the reference of a payment inside one node is 16 bytes: write a UUID");
    }
    transfer.set_reference(client::to_proto(*reference).value());
  }
  if (options.hold) {
    transfer.set_phase(v1::TRANSFER_PHASE_HOLD);
    transfer.set_expires_at_ns(instant_after(context, options.expires));
  }
  HG_TRY(node, context.node());
  HG_TRY(response, attempt(node.submit(request)));
  HG_TRY(assets, context.assets());
  const std::string what = asset.code() + " " + assets.text(asset.id(), amount.minor()) + "  " +
                           options.from + " → " + options.to;
  const std::string id = format::uuid_text(context.command_id());
  const std::string headline =
      options.hold ? "held: " + what + "; post it with hugang hold post " + id : "paid: " + what;
  return answer(context, response.outcome(), headline,
                {{"debit_account", options.from},
                 {"credit_account", options.to},
                 {"asset", asset.code()},
                 {"amount", assets.plain_text(asset.id(), amount.minor())},
                 {"phase", options.hold ? "hold" : "single"}});
}

Attempt<ExitCode> pay_across(Context& context, const PayOptions& options, const v1::Asset& asset,
                             base::Amount amount) {
  if (options.hold) {
    return usage_failure(
        "a payment to another node is held by itself until that node decides: leave --hold out");
  }
  v1::InstructRequest request;
  *request.mutable_id() = client::to_proto(context.command_id());
  request.set_responder_node(node_of_account(std::stoull(options.to)));
  request.set_kind(v1::SETTLEMENT_KIND_PAYMENT);
  v1::Leg& leg = *request.add_legs();
  leg.set_initiator_account(std::stoull(options.from));
  leg.set_responder_account(std::stoull(options.to));
  leg.set_asset(asset.id());
  leg.set_amount_minor(amount.minor());
  leg.set_direction(v1::LEG_DIRECTION_OUT);
  request.set_decide_by_ns(instant_after(context, options.decide_within));
  request.mutable_details()->set_end_to_end_id(options.reference);
  request.mutable_details()->set_purpose_code(options.purpose);
  if (!options.note.empty()) request.mutable_details()->add_remittance(options.note);
  const Follow follow = options.no_wait ? Follow::kOnlySend : Follow::kToTheEnd;
  HG_TRY(settlement, settle(context, request, follow));
  return tell(context, settlement, follow);
}

Attempt<ExitCode> pay(Context& context, const PayOptions& options) {
  HG_TRY(asset, asset_of(context, options));
  HG_TRY(assets, context.assets());
  HG_TRY(amount, assets.parse(asset, options.amount));
  const bool stays_here =
      node_of_account(std::stoull(options.from)) == node_of_account(std::stoull(options.to));
  if (!stays_here) return pay_across(context, options, asset, amount);
  if (!options.note.empty() || !options.purpose.empty() || !options.decide_within.empty()) {
    return usage_failure(
        "--note, --purpose and --decide-within belong to payments to another node: leave them out");
  }
  return pay_here(context, options, asset, amount);
}

}  // namespace

void add_pay_commands(CommandLine& line) {
  const auto options = std::make_shared<PayOptions>();
  CLI::App& command = line.add(
      line.root(), "pay",
      {.what = "Pay from one of your accounts to any account, here or at another node",
       .examples =
           {"hugang pay --from 1000000000145 --to 1000000000242 --amount 12.50 --asset CNY.D",
            "hugang pay --from 1000000000145 --to 2000000000192 --amount 1,000.00 --note invoice-7",
            "hugang pay --from 1000000000145 --to 1000000000242 --amount 80 --hold --expires 10m",
            "hugang pay --from 1000000000145 --to 2000000000192 --amount 5 --no-wait --json"},
       .more =
           "The account number tells the node. To another node, pay waits until the payment is "
           "final and\nshows its path; --no-wait only sends it, hugang status follows it. A hold "
           "reserves money until\nhugang hold post or void, or until it expires."},
      [options](Context& context) { return pay(context, *options); });
  command.add_option("--from", options->from, "Your account")->required()->check(account_form());
  command.add_option("--to", options->to, "The account to be paid")
      ->required()
      ->check(account_form());
  command.add_option("--amount", options->amount, "How much, like 1,234.56")->required();
  command.add_option("--asset", options->asset, "Of what; where left out, what --from holds");
  command.add_option("--reference", options->reference,
                     "Your own: text of up to 35 characters to another node, a UUID inside one");
  command.add_option("--note", options->note, "For the payee; to another node only");
  command.add_option("--purpose", options->purpose, "ISO 20022 purpose code; to another node only");
  command
      .add_option("--decide-within", options->decide_within,
                  "The other node refuses after this; a day where left out")
      ->check(duration_form());
  CLI::Option* hold = command.add_flag("--hold", options->hold, "Only reserve the money");
  command.add_option("--expires", options->expires, "The hold ends by itself after this")
      ->check(duration_form())
      ->needs(hold);
  command.add_flag("--no-wait", options->no_wait, "Do not wait for finality");
}

}  // namespace hugang::program
