// Accounts, balances, assets, participants: what there is and what is on it.
#include <map>
#include <memory>
#include <optional>
#include <ostream>

#include "clients/format/minor_text.hpp"
#include "clients/hugang/answer.hpp"
#include "clients/hugang/command_line.hpp"
#include "clients/hugang/fetch.hpp"
#include "clients/hugang/to_json.hpp"
#include "clients/library/id.hpp"

namespace hugang::program {
namespace {

std::string state_text(const v1::Account& account) {
  std::string text;
  const auto add = [&](bool holds, const char* word) {
    if (holds) text += (text.empty() ? "" : ", ") + std::string{word};
  };
  add(account.closed(), "closed");
  add(account.frozen(), "frozen");
  add(account.review_incoming(), "reviews incoming");
  return text;
}

struct ListOptions {
  std::uint32_t owner = 0;
  std::string asset;
};

Attempt<ExitCode> list_accounts(Context& context, const ListOptions& options) {
  HG_TRY(assets, context.assets());
  std::uint32_t wanted = 0;
  if (!options.asset.empty()) {
    HG_TRY(asset, assets.find(options.asset));
    wanted = asset.id();
  }
  HG_TRY(accounts, fetch_accounts(context, options.owner));
  if (wanted != 0) {
    std::erase_if(accounts, [&](const v1::Account& each) { return each.asset() != wanted; });
  }
  if (context.wants_json()) {
    Json document{{"accounts", Json::array()}};
    for (const auto& account : accounts) document["accounts"].push_back(to_json(account, assets));
    context.print_json(document);
    return ExitCode::kOk;
  }
  Table table{{{"ACCOUNT"},
               {"OWNER"},
               {"KIND"},
               {"ASSET"},
               {"BALANCE", Align::kRight},
               {"AVAILABLE", Align::kRight},
               {"ALIAS"},
               {"STATE"}}};
  for (const auto& account : accounts) {
    table.add_row({std::to_string(account.number()),
                   account.owner_code(),
                   word_of(account.kind()),
                   assets.code(account.asset()),
                   assets.text(account.asset(), account.balance_minor()),
                   assets.text(account.asset(), account.available_minor()),
                   account.alias(),
                   {state_text(account), Tone::kWarning}});
  }
  table.print(context.out(), context.style());
  return ExitCode::kOk;
}

Attempt<ExitCode> show_account(Context& context, const std::string& number) {
  HG_TRY(assets, context.assets());
  HG_TRY(account, fetch_account(context, std::stoull(number)));
  if (context.wants_json()) {
    context.print_json(to_json(account, assets));
    return ExitCode::kOk;
  }
  const std::uint32_t asset = account.asset();
  Table table{{{"ACCOUNT"}, {std::to_string(account.number()), Align::kRight}}};
  table.add_row({"owner", account.owner_code()});
  table.add_row({"kind", word_of(account.kind())});
  table.add_row({"asset", assets.code(asset)});
  if (!account.alias().empty()) table.add_row({"alias", account.alias()});
  if (account.peer_node() != 0) table.add_row({"peer", std::to_string(account.peer_node())});
  const std::string state = state_text(account);
  if (!state.empty()) table.add_row({"state", Cell{state, Tone::kWarning}});
  table.add_rule();
  table.add_row({"credited", assets.text(asset, account.credits_posted_minor())});
  table.add_row({"debited", assets.text(asset, account.debits_posted_minor())});
  table.add_row({"balance", assets.text(asset, account.balance_minor())});
  table.add_row({"held, going out", assets.text(asset, account.debits_pending_minor())});
  table.add_row({"held, coming in", assets.text(asset, account.credits_pending_minor())});
  table.add_row({"available", assets.text(asset, account.available_minor())});
  table.print(context.out(), context.style());
  return ExitCode::kOk;
}

struct OpenOptions {
  std::string asset, alias;
  std::string kind = "customer";
  std::uint32_t owner = 0;
  std::uint32_t peer = 0;
  bool allow_debit = false;
  bool review = false;
};

Attempt<ExitCode> open_account(Context& context, const OpenOptions& options) {
  HG_TRY(assets, context.assets());
  HG_TRY(asset, assets.find(options.asset));
  v1::OpenAccountRequest request;
  *request.mutable_id() = client::to_proto(context.command_id());
  request.set_owner(options.owner);
  request.set_asset(asset.id());
  request.set_kind(options.kind == "reserve"    ? v1::ACCOUNT_KIND_RESERVE
                   : options.kind == "corridor" ? v1::ACCOUNT_KIND_CORRIDOR
                                                : v1::ACCOUNT_KIND_CUSTOMER);
  request.set_peer_node(options.peer);
  request.set_alias(options.alias);
  request.set_allow_debit_balance(options.allow_debit);
  request.set_review_incoming(options.review);
  HG_TRY(node, context.node());
  HG_TRY(response, attempt(node.open_account(request)));
  const std::string number = std::to_string(response.outcome().value());
  return answer(context, response.outcome(), "opened account " + number + " in " + asset.code(),
                {{"account", number}});
}

Attempt<ExitCode> list_assets(Context& context) {
  HG_TRY(assets, context.assets());
  if (context.wants_json()) {
    Json document{{"assets", Json::array()}};
    for (const auto& asset : assets.assets()) {
      document["assets"].push_back(to_json(asset, assets));
    }
    context.print_json(document);
    return ExitCode::kOk;
  }
  Table table{{{"ID", Align::kRight},
               {"CODE"},
               {"ISSUER", Align::kRight},
               {"DECIMALS", Align::kRight},
               {"ISSUED HERE", Align::kRight}}};
  for (const auto& asset : assets.assets()) {
    table.add_row({std::to_string(asset.id()), asset.code(),
                   "node " + std::to_string(asset.issuer_node()), std::to_string(asset.scale()),
                   assets.text(asset.id(), asset.issued_minor())});
  }
  table.print(context.out(), context.style());
  return ExitCode::kOk;
}

struct Totals {
  base::i128 balance = 0;
  base::i128 available = 0;
  std::uint32_t accounts = 0;
};

Attempt<ExitCode> show_balances(Context& context, std::uint32_t owner) {
  HG_TRY(assets, context.assets());
  HG_TRY(accounts, fetch_accounts(context, owner));
  std::erase_if(accounts, [](const v1::Account& account) {
    return account.kind() != v1::ACCOUNT_KIND_CUSTOMER || account.closed();
  });
  std::map<std::uint32_t, Totals> totals;
  for (const auto& account : accounts) {
    const auto balance = format::parse_minor(account.balance_minor());
    const auto available = format::parse_minor(account.available_minor());
    if (!balance || !available) continue;
    Totals& total = totals[account.asset()];
    total.balance += *balance;
    total.available += *available;
    ++total.accounts;
  }
  if (context.wants_json()) {
    Json document{{"accounts", Json::array()}, {"totals", Json::array()}};
    for (const auto& account : accounts) document["accounts"].push_back(to_json(account, assets));
    for (const auto& [asset, total] : totals) {
      document["totals"].push_back({{"asset", assets.code(asset)},
                                    {"balance", assets.plain_text(asset, total.balance)},
                                    {"available", assets.plain_text(asset, total.available)},
                                    {"accounts", total.accounts}});
    }
    context.print_json(document);
    return ExitCode::kOk;
  }
  Table table{{{"ACCOUNT"},
               {"OWNER"},
               {"ALIAS"},
               {"ASSET"},
               {"BALANCE", Align::kRight},
               {"HELD", Align::kRight},
               {"AVAILABLE", Align::kRight}}};
  for (const auto& account : accounts) {
    const bool holds = account.debits_pending_minor() != "0";
    table.add_row({std::to_string(account.number()), account.owner_code(), account.alias(),
                   assets.code(account.asset()),
                   assets.text(account.asset(), account.balance_minor()),
                   holds ? assets.text(account.asset(), account.debits_pending_minor()) : "",
                   assets.text(account.asset(), account.available_minor())});
  }
  if (!totals.empty()) table.add_rule();
  for (const auto& [asset, total] : totals) {
    table.add_row({"total", "", "", assets.code(asset), assets.text(asset, total.balance), "",
                   assets.text(asset, total.available)});
  }
  table.print(context.out(), context.style());
  return ExitCode::kOk;
}

void add_accounts(CommandLine& line) {
  const auto list = std::make_shared<ListOptions>();
  CLI::App& accounts =
      line.add(line.root(), "accounts",
               {.what = "List your accounts, show one, open one",
                .examples = {"hugang accounts", "hugang accounts list --asset CNY.D",
                             "hugang accounts show 1000000000145",
                             "hugang accounts open --asset CNY.D --alias salaries"}},
               [list](Context& context) { return list_accounts(context, *list); });
  accounts.require_subcommand(0, 1);
  CLI::App& listing =
      line.add(accounts, "list",
               {.what = "All accounts that you may see",
                .examples = {"hugang accounts list", "hugang accounts list --asset HKD --json"}},
               [list](Context& context) { return list_accounts(context, *list); });
  listing.add_option("--owner", list->owner, "Only this participant's (number)");
  listing.add_option("--asset", list->asset, "Only in this asset");

  const auto number = std::make_shared<std::string>();
  line.add(accounts, "show",
           {.what = "One account with all its sums",
            .examples = {"hugang accounts show 1000000000145"}},
           [number](Context& context) { return show_account(context, *number); })
      .add_option("number", *number, "The account's number")
      ->required()
      ->check(account_form());

  const auto open = std::make_shared<OpenOptions>();
  CLI::App& opening = line.add(
      accounts, "open",
      {.what = "Open an account; the ledger gives its number",
       .examples = {"hugang accounts open --asset CNY.D --alias salaries",
                    "hugang accounts open --asset HKD --review",
                    "hugang accounts open --asset CNY.D --kind reserve",
                    "hugang accounts open --asset CNY.D --kind corridor --peer 2"},
       .more = "Reserve and corridor accounts, other owners and --allow-debit are the operator's."},
      [open](Context& context) { return open_account(context, *open); });
  opening.add_option("--asset", open->asset, "Its asset")->required();
  opening.add_option("--alias", open->alias, "A name for people, at most 24 bytes");
  opening.add_option("--owner", open->owner, "Participant number; yourself where left out");
  opening.add_option("--kind", open->kind, "customer, reserve or corridor")
      ->check(CLI::IsMember({"customer", "reserve", "corridor"}))
      ->capture_default_str();
  opening.add_option("--peer", open->peer, "Corridor accounts: the other node's number");
  opening.add_flag("--allow-debit", open->allow_debit, "It may go below zero");
  opening.add_flag("--review", open->review,
                   "Cross-border credits wait until you affirm them (hugang pending)");
}

}  // namespace

void add_account_commands(CommandLine& line) {
  add_accounts(line);
  const auto owner = std::make_shared<std::uint32_t>(0);
  line.add(line.root(), "balances",
           {.what = "What is on your accounts, with totals by asset",
            .examples = {"hugang balances", "hugang balances --owner 3 --json"}},
           [owner](Context& context) { return show_balances(context, *owner); })
      .add_option("--owner", *owner, "Only this participant's (number)");
  line.add(
      line.root(), "assets",
      {.what = "The assets of this node", .examples = {"hugang assets", "hugang assets --json"}},
      list_assets);
}

}  // namespace hugang::program
