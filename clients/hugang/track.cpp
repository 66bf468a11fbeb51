// Where settlements stand: one with its whole path, or a list.
#include <memory>
#include <ostream>

#include "clients/format/duration_text.hpp"
#include "clients/format/id_text.hpp"
#include "clients/hugang/command_line.hpp"
#include "clients/hugang/timeline.hpp"
#include "clients/hugang/to_json.hpp"
#include "clients/library/id.hpp"

namespace hugang::program {
namespace {

struct StatusOptions {
  std::string settlement, other;
  bool wait = false;
};

Attempt<ExitCode> show_status(Context& context, const StatusOptions& options) {
  const auto parsed = format::parse_uuid(options.settlement);
  if (!parsed) return usage_failure("'" + options.settlement + "' is no id");
  const v1::Id id = client::to_proto(*parsed);
  HG_TRY(node, context.node());
  HG_TRY(assets, context.assets());
  const auto patience = options.wait ? context.patience() : std::chrono::milliseconds{0};
  HG_TRY(own, attempt(node.await_settlement(id, patience)));
  std::optional<v1::Settlement> theirs;
  if (!options.other.empty()) {
    HG_TRY(other, context.other(options.other));
    HG_TRY(answer, attempt(other.await_settlement(id, patience)));
    theirs = std::move(*answer.mutable_settlement());
  }
  if (context.wants_json()) {
    Json document{{"settlement", to_json(own.settlement(), assets)}, {"seqno", own.seqno()}};
    document["other"] = theirs ? to_json(*theirs, assets) : Json(nullptr);
    context.print_json(document);
    return ExitCode::kOk;
  }
  print_settlement(context.out(), context.style(), assets, own.settlement(), theirs);
  return ExitCode::kOk;
}

struct ListOptions {
  bool open = false;
  bool pending = false;
  std::uint32_t limit = 50;
};

Attempt<ExitCode> list_settlements(Context& context, const ListOptions& options) {
  HG_TRY(node, context.node());
  HG_TRY(assets, context.assets());
  v1::ListSettlementsRequest request;
  request.set_open_only(options.open);
  request.set_awaiting_affirmation_only(options.pending);
  request.set_page_size(options.limit);
  HG_TRY(page, attempt(node.list_settlements(request)));
  if (context.wants_json()) {
    Json document{{"settlements", Json::array()}, {"has_more", page.has_more()}};
    for (const auto& each : page.settlements()) {
      document["settlements"].push_back(to_json(each, assets));
    }
    context.print_json(document);
    return ExitCode::kOk;
  }
  Table table{{{"SETTLEMENT"},
               {"KIND"},
               {"SIDE"},
               {"STATUS"},
               {"CODE"},
               {"BEGAN (UTC)"},
               {"DEBIT"},
               {"CREDIT"},
               {"ASSET"},
               {"AMOUNT", Align::kRight}}};
  for (const auto& each : page.settlements()) {
    const std::int64_t began = each.steps().empty() ? 0 : each.steps(0).at_ns();
    for (int i = 0; i < each.legs_size(); ++i) {
      const v1::Leg& leg = each.legs(i);
      const bool goes_out = leg.direction() == v1::LEG_DIRECTION_OUT;
      const bool is_first = i == 0;
      table.add_row({is_first ? id_text(each.id()) : "",
                     is_first ? word_of(each.kind()) : "",
                     is_first ? (each.is_initiator() ? "initiator" : "responder") : "",
                     {is_first ? word_of(each.status()) : "", tone_of(each.status())},
                     is_first && each.code() != 0 ? each.code_name() : "",
                     is_first && began != 0 ? format::short_time_text(base::Timestamp{began}) : "",
                     std::to_string(goes_out ? leg.initiator_account() : leg.responder_account()),
                     std::to_string(goes_out ? leg.responder_account() : leg.initiator_account()),
                     assets.code(leg.asset()),
                     assets.text(leg.asset(), leg.amount_minor())});
    }
  }
  table.print(context.out(), context.style());
  if (page.has_more()) context.out() << "there are more: --limit\n";
  return ExitCode::kOk;
}

}  // namespace

void add_track_commands(CommandLine& line) {
  const auto status = std::make_shared<StatusOptions>();
  CLI::App& show = line.add(
      line.root(), "status",
      {.what = "Follow one settlement: every step, on one side or both",
       .examples =
           {"hugang status 0f8fad5b-d9cb-469f-a165-70867728950e",
            "hugang status 0f8fad5b-d9cb-469f-a165-70867728950e --other hongkong",
            "hugang status 0f8fad5b-d9cb-469f-a165-70867728950e --wait --timeout 1m --json"}},
      [status](Context& context) { return show_status(context, *status); });
  show.add_option("settlement_id", status->settlement, "The id, also called UETR")
      ->required()
      ->check(uuid_form());
  show.add_option("--other", status->other, "Also ask the other node, by this profile");
  show.add_flag("--wait", status->wait, "Wait until it is final, up to --timeout");

  const auto list = std::make_shared<ListOptions>();
  CLI::App& settlements =
      line.add(line.root(), "settlements",
               {.what = "Settlements that you take part in, newest first",
                .examples = {"hugang settlements", "hugang settlements --open --json"}},
               [list](Context& context) { return list_settlements(context, *list); });
  settlements.add_flag("--open", list->open, "Only those that are not final");
  settlements.add_option("--limit", list->limit, "At most this many")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();

  const auto pending = std::make_shared<ListOptions>();
  pending->pending = true;
  line.add(line.root(), "pending",
           {.what = "Settlements that wait for you to affirm or decline",
            .examples = {"hugang pending", "hugang pending --json"}},
           [pending](Context& context) { return list_settlements(context, *pending); });
}

}  // namespace hugang::program
