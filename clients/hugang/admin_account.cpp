// The operator's hand on accounts: freeze, close, review; and the issue of money.
#include <algorithm>
#include <memory>

#include "clients/format/id_text.hpp"
#include "clients/hugang/answer.hpp"
#include "clients/hugang/command_line.hpp"
#include "clients/hugang/fetch.hpp"
#include "clients/library/id.hpp"

namespace hugang::program {
namespace {

/// What an update wishes; sets the fields of the request.
using Wish = void (*)(v1::UpdateAccountRequest& request, bool off);

struct UpdateKind {
  const char* name;
  const char* what;
  const char* done;
  const char* example;
  bool has_off;  ///< takes --off
  Wish wish;
};

constexpr UpdateKind kUpdates[] = {
    {"freeze", "Let nothing move on an account", "froze account ",
     "hugang admin account freeze 1000000000145", false,
     [](v1::UpdateAccountRequest& request, bool) { request.set_frozen(true); }},
    {"unfreeze", "Let a frozen account move again", "unfroze account ",
     "hugang admin account unfreeze 1000000000145", false,
     [](v1::UpdateAccountRequest& request, bool) { request.set_frozen(false); }},
    {"close", "Close an account for good; it must be empty", "closed account ",
     "hugang admin account close 1000000000145", false,
     [](v1::UpdateAccountRequest& request, bool) { request.set_close(true); }},
    {"review", "Make cross-border credits wait for the owner's affirmation", "set review of ",
     "hugang admin account review 1000000000145 --off", true,
     [](v1::UpdateAccountRequest& request, bool off) { request.set_review_incoming(!off); }},
};

struct UpdateOptions {
  std::string account;
  bool off = false;
};

Attempt<ExitCode> update(Context& context, const UpdateOptions& options, const UpdateKind& kind) {
  v1::UpdateAccountRequest request;
  *request.mutable_id() = client::to_proto(context.command_id());
  request.set_account(std::stoull(options.account));
  kind.wish(request, options.off);
  HG_TRY(node, context.node());
  HG_TRY(response, attempt(node.update_account(request)));
  return answer(context, response.outcome(), kind.done + options.account,
                {{"account", options.account}, {"update", kind.name}});
}

struct IssueOptions {
  std::string asset, to, amount;
};

Attempt<ExitCode> issue(Context& context, const IssueOptions& options) {
  HG_TRY(assets, context.assets());
  HG_TRY(asset, assets.find(options.asset));
  HG_TRY(amount, assets.parse(asset, options.amount));
  HG_TRY(accounts, fetch_accounts(context, 0));
  const auto reserve = std::ranges::find_if(accounts, [&](const v1::Account& account) {
    return account.kind() == v1::ACCOUNT_KIND_RESERVE && account.asset() == asset.id();
  });
  if (reserve == accounts.end()) {
    return usage_failure("no reserve account of " + asset.code() +
                         " is here (or not for you to see): open it with hugang accounts open "
                         "--kind reserve --asset " +
                         asset.code() + " at its issuer's node");
  }
  v1::SubmitRequest request;
  v1::Transfer& transfer = *request.mutable_transfer();
  *transfer.mutable_id() = client::to_proto(context.command_id());
  transfer.set_debit_account(reserve->number());
  transfer.set_credit_account(std::stoull(options.to));
  transfer.set_asset(asset.id());
  transfer.set_amount_minor(amount.minor());
  HG_TRY(node, context.node());
  HG_TRY(response, attempt(node.submit(request)));
  return answer(context, response.outcome(),
                "issued " + asset.code() + " " + assets.text(asset.id(), amount.minor()) +
                    " to account " + options.to,
                {{"reserve_account", std::to_string(reserve->number())},
                 {"credit_account", options.to},
                 {"asset", asset.code()},
                 {"amount", assets.plain_text(asset.id(), amount.minor())}});
}

}  // namespace

void add_admin_account_commands(CommandLine& line, CLI::App& admin) {
  CLI::App& group = line.add_group(admin, "account",
                                   {.what = "Freeze, unfreeze, close or review an account",
                                    .examples = {"hugang admin account freeze 1000000000145"}});
  for (const UpdateKind& kind : kUpdates) {
    const auto options = std::make_shared<UpdateOptions>();
    CLI::App& command =
        line.add(group, kind.name, {.what = kind.what, .examples = {kind.example}},
                 [options, &kind](Context& context) { return update(context, *options, kind); });
    command.add_option("number", options->account, "The account's number")
        ->required()
        ->check(account_form());
    if (kind.has_off) command.add_flag("--off", options->off, "Do not wait any more");
  }

  const auto options = std::make_shared<IssueOptions>();
  CLI::App& command = line.add(
      admin, "issue",
      {.what = "Issue an asset: from its reserve account to a participant's account",
       .examples = {"hugang admin issue --asset CNY.D --to 1000000000145 --amount 1,000,000.00"}},
      [options](Context& context) { return issue(context, *options); });
  command.add_option("--asset", options->asset, "What is issued")->required();
  command.add_option("--to", options->to, "The account that gets it")
      ->required()
      ->check(account_form());
  command.add_option("--amount", options->amount, "How much, like 1,234.56")->required();
}

}  // namespace hugang::program
