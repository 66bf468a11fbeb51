// One thing against another, both or none: money against money (PvP), gold against money (DvP); and
// the affirmation by whoever is debited at the other node.
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

struct ExchangeOptions {
  std::string give, from, to, get, into, from_theirs, reference, note, decide_within;
  bool no_wait = false;
};

struct LegAccounts {
  const std::string& ours;
  const std::string& theirs;
};

void add_leg(v1::InstructRequest& request, const AssetAmount& what, LegAccounts accounts,
             v1::LegDirection direction) {
  v1::Leg& leg = *request.add_legs();
  leg.set_initiator_account(std::stoull(accounts.ours));
  leg.set_responder_account(std::stoull(accounts.theirs));
  leg.set_asset(what.asset);
  leg.set_amount_minor(what.amount.minor());
  leg.set_direction(direction);
}

Attempt<ExitCode> exchange(Context& context, const ExchangeOptions& options,
                           v1::SettlementKind kind) {
  const auto node = [](const std::string& account) {
    return node_of_account(std::stoull(account));
  };
  if (node(options.from) != node(options.into)) {
    return usage_failure("--from and --into are your own accounts, of one node");
  }
  if (node(options.to) != node(options.from_theirs)) {
    return usage_failure("--to and --from-theirs are the other side's accounts, of one node");
  }
  if (node(options.from) == node(options.to)) {
    return usage_failure("both sides are at node " + std::to_string(node(options.from)) +
                         ": an exchange settles between two nodes");
  }
  HG_TRY(assets, context.assets());
  HG_TRY(give, assets.parse_pair(options.give));
  HG_TRY(get, assets.parse_pair(options.get));

  v1::InstructRequest request;
  *request.mutable_id() = client::to_proto(context.command_id());
  request.set_responder_node(node(options.to));
  request.set_kind(kind);
  add_leg(request, give, {options.from, options.to}, v1::LEG_DIRECTION_OUT);
  add_leg(request, get, {options.into, options.from_theirs}, v1::LEG_DIRECTION_IN);
  if (const auto within = format::parse_duration(options.decide_within)) {
    request.set_decide_by_ns((context.now() + *within).ns());
  }
  request.mutable_details()->set_end_to_end_id(options.reference);
  if (!options.note.empty()) request.mutable_details()->add_remittance(options.note);
  const Follow follow = options.no_wait ? Follow::kOnlySend : Follow::kToTheEnd;
  HG_TRY(settlement, settle(context, request, follow));
  return tell(context, settlement, follow);
}

void add_exchange(CommandLine& line, const char* name, const Help& help, v1::SettlementKind kind) {
  const auto options = std::make_shared<ExchangeOptions>();
  CLI::App& command = line.add(line.root(), name, help, [options, kind](Context& context) {
    return exchange(context, *options, kind);
  });
  command.add_option("--give", options->give, "What you give, like \"CNY.D 920.00\"")->required();
  command.add_option("--from", options->from, "Your account that gives")
      ->required()
      ->check(account_form());
  command.add_option("--to", options->to, "Their account that receives it")
      ->required()
      ->check(account_form());
  command.add_option("--get", options->get, "What you get, like \"HKD 1,000.00\"")->required();
  command.add_option("--into", options->into, "Your account that receives")
      ->required()
      ->check(account_form());
  command.add_option("--from-theirs", options->from_theirs, "Their account that gives")
      ->required()
      ->check(account_form());
  command.add_option("--reference", options->reference, "Your own, up to 35 characters");
  command.add_option("--note", options->note, "For the other side");
  command
      .add_option("--decide-within", options->decide_within,
                  "They must have affirmed by then; a day where left out")
      ->check(duration_form());
  command.add_flag("--no-wait", options->no_wait, "Do not wait for finality");
}

Attempt<ExitCode> affirm(Context& context, const std::string& settlement_id, bool decline) {
  const auto settlement = format::parse_uuid(settlement_id);
  if (!settlement) return usage_failure("'" + settlement_id + "' is no id");
  v1::AffirmRequest request;
  *request.mutable_id() = client::to_proto(context.command_id());
  *request.mutable_settlement_id() = client::to_proto(*settlement);
  request.set_decline(decline);
  HG_TRY(node, context.node());
  HG_TRY(response, attempt(node.affirm(request)));
  return answer(context, response.outcome(), (decline ? "declined " : "affirmed ") + settlement_id,
                {{"settlement_id", settlement_id}, {"declined", decline}});
}

void add_affirmation(CommandLine& line, const char* name, const Help& help, bool decline) {
  const auto id = std::make_shared<std::string>();
  line.add(line.root(), name, help,
           [id, decline](Context& context) { return affirm(context, *id, decline); })
      .add_option("settlement_id", *id, "The settlement, as hugang pending lists it")
      ->required()
      ->check(uuid_form());
}

}  // namespace

void add_exchange_commands(CommandLine& line) {
  constexpr const char* kMore =
      "Your side is held at once; both sides move when the owner of --from-theirs has affirmed "
      "(hugang\naffirm, at their node) and their node has decided; else nothing moves.";
  add_exchange(line, "pvp",
               {.what = "Money against money with another node, both or none",
                .examples = {"hugang pvp --give \"CNY.D 920.00\" --from 1000000000145 --to "
                             "2000000000192 --get \"HKD 1000.00\" --into 1000000000242 "
                             "--from-theirs 2000000000289"},
                .more = kMore},
               v1::SETTLEMENT_KIND_PVP);
  add_exchange(line, "dvp",
               {.what = "Gold against money with another node, both or none",
                .examples = {"hugang dvp --give \"XAU.G 1000.0000\" --from 1000000000145 --to "
                             "2000000000192 --get \"HKD 610,000.00\" --into 1000000000242 "
                             "--from-theirs 2000000000289",
                             "hugang dvp --give \"CNY.D 5,600.00\" --from 1000000000145 --to "
                             "2000000000192 --get \"XAU.G 10\" --into 1000000000242 "
                             "--from-theirs 2000000000289 --no-wait"},
                .more = kMore},
               v1::SETTLEMENT_KIND_DVP);
  add_affirmation(line, "affirm",
                  {.what = "Agree to a settlement that debits your account, or that you review",
                   .examples = {"hugang affirm 0f8fad5b-d9cb-469f-a165-70867728950e"}},
                  false);
  add_affirmation(line, "decline",
                  {.what = "Refuse a settlement that waits for you; nothing moves",
                   .examples = {"hugang decline 0f8fad5b-d9cb-469f-a165-70867728950e"}},
                  true);
}

}  // namespace hugang::program
