// What the nodes owe each other, and that they agree on it.
#include <memory>
#include <ostream>

#include "clearing/base/int128.hpp"
#include "clients/format/duration_text.hpp"
#include "clients/format/minor_text.hpp"
#include "clients/hugang/answer.hpp"
#include "clients/hugang/command_line.hpp"
#include "clients/hugang/fetch.hpp"
#include "clients/hugang/peer_name.hpp"
#include "clients/library/id.hpp"

namespace hugang::program {
namespace {

/// The other node's line for the same corridor and asset, or nothing.
const v1::CorridorPosition* mirror_of(const v1::CorridorPosition& own,
                                      const v1::ListPositionsResponse& theirs) {
  const std::uint32_t this_node = node_of_account(own.account());
  for (const auto& each : theirs.positions()) {
    if (each.peer_node() == this_node && each.asset() == own.asset() &&
        node_of_account(each.account()) == own.peer_node()) {
      return &each;
    }
  }
  return nullptr;
}

std::optional<base::i128> negated(const std::string& minor) {
  const auto value = format::parse_minor(minor);
  if (!value) return std::nullopt;
  return -*value;
}

/// own - theirs, both seen from this side.
std::optional<base::i128> difference(const v1::CorridorPosition& own,
                                     const v1::CorridorPosition& theirs) {
  const auto ours = format::parse_minor(own.net_minor());
  const auto mirrored = negated(theirs.net_minor());
  // 127 bits each: what a ledger can hold is far below where the difference would wrap.
  constexpr base::i128 kHalf = base::i128{1} << 126;
  if (!ours || !mirrored) return std::nullopt;
  if (*ours > kHalf || *ours < -kHalf || *mirrored > kHalf || *mirrored < -kHalf) {
    return std::nullopt;
  }
  return *ours - *mirrored;
}

Json position_json(const v1::CorridorPosition& own, const v1::CorridorPosition* mirror,
                   const AssetBook& assets) {
  Json json{{"peer_node", own.peer_node()},
            {"asset", assets.code(own.asset())},
            {"account", std::to_string(own.account())},
            {"net_minor", own.net_minor()},
            {"debits_pending_minor", own.debits_pending_minor()},
            {"credits_pending_minor", own.credits_pending_minor()}};
  if (const auto net = format::parse_minor(own.net_minor())) {
    json["net"] = assets.plain_text(own.asset(), *net);
  }
  if (mirror == nullptr) return json;
  const auto mirrored = negated(mirror->net_minor());
  const auto differs_by = difference(own, *mirror);
  json["peer_net_minor"] = mirrored ? Json(format::minor_text(*mirrored)) : Json(nullptr);
  json["difference_minor"] = differs_by ? Json(format::minor_text(*differs_by)) : Json(nullptr);
  return json;
}

Attempt<ExitCode> show_positions(Context& context, const std::string& other_profile) {
  HG_TRY(node, context.node());
  HG_TRY(assets, context.assets());
  HG_TRY(own, attempt(node.list_positions({})));
  std::optional<v1::ListPositionsResponse> theirs;
  if (!other_profile.empty()) {
    HG_TRY(other, context.other(other_profile));
    HG_TRY(answer, attempt(other.list_positions({})));
    theirs = std::move(answer);
  }
  if (context.wants_json()) {
    Json document{{"positions", Json::array()}, {"seqno", own.seqno()}};
    for (const auto& each : own.positions()) {
      document["positions"].push_back(
          position_json(each, theirs ? mirror_of(each, *theirs) : nullptr, assets));
    }
    context.print_json(document);
    return ExitCode::kOk;
  }
  std::vector<Column> columns{{"PEER"},
                              {"ASSET"},
                              {"ACCOUNT"},
                              {"NET", Align::kRight},
                              {"HELD OUT", Align::kRight},
                              {"HELD IN", Align::kRight},
                              {"WHO OWES"}};
  if (theirs) {
    columns.insert(columns.end() - 1, {"BY THE PEER", Align::kRight});
    columns.insert(columns.end() - 1, {"DIFFERENCE", Align::kRight});
  }
  Table table{columns};
  for (const auto& each : own.positions()) {
    const auto net = format::parse_minor(each.net_minor());
    const char* owes = !net || *net == 0 ? "nobody" : *net > 0 ? "this node" : "the peer";
    std::vector<Cell> row{"node " + std::to_string(each.peer_node()),
                          assets.code(each.asset()),
                          std::to_string(each.account()),
                          assets.text(each.asset(), each.net_minor()),
                          assets.text(each.asset(), each.debits_pending_minor()),
                          assets.text(each.asset(), each.credits_pending_minor())};
    if (theirs) {
      const v1::CorridorPosition* mirror = mirror_of(each, *theirs);
      const auto mirrored = mirror != nullptr ? negated(mirror->net_minor()) : std::nullopt;
      std::optional<base::i128> differs_by;
      if (mirror != nullptr) differs_by = difference(each, *mirror);
      row.emplace_back(mirrored ? assets.text(each.asset(), *mirrored) : "not open");
      const bool agrees = differs_by.value_or(1) == 0;
      row.emplace_back(
          differs_by.has_value() ? assets.text(each.asset(), differs_by.value_or(0)) : "",
          agrees ? Tone::kGood : Tone::kWarning);
    }
    row.emplace_back(owes);
    table.add_row(std::move(row));
  }
  table.print(context.out(), context.style());
  if (theirs) {
    context.out() << context.style().paint(
        Tone::kDim, "both seen from this side; a difference is what messages under way explain\n");
  }
  return ExitCode::kOk;
}

struct ReconcileOptions {
  std::string peer, date;
  bool no_wait = false;
};

void print_reconciliation(Context& context, const v1::GetReconciliationResponse& result,
                          const AssetBook& assets) {
  const bool agrees = result.status() == v1::RECONCILIATION_STATUS_AGREED;
  const Style style = context.style();
  context.out() << "reconciliation with node " << result.peer_node() << " for "
                << format::business_date_text(result.business_date()) << ": "
                << style.paint(agrees ? Tone::kGood : Tone::kBad, word_of(result.status()))
                << (agrees ? ", signed by both nodes" : "") << '\n';
  Table table{{{"ASSET"},
               {"THIS LEDGER", Align::kRight},
               {"THE PEER'S", Align::kRight},
               {"UNDER WAY", Align::kRight},
               {"UNEXPLAINED", Align::kRight}}};
  for (const auto& line : result.lines()) {
    const auto own = format::parse_minor(line.own_minor());
    const auto peer = format::parse_minor(line.peer_minor());
    const auto moving = format::parse_minor(line.in_flight_minor());
    Cell rest{""};
    if (own && peer && moving) {
      const base::i128 unexplained = *own - *peer - *moving;
      rest =
          Cell{assets.text(line.asset(), unexplained), unexplained == 0 ? Tone::kGood : Tone::kBad};
    }
    table.add_row({assets.code(line.asset()), assets.text(line.asset(), line.own_minor()),
                   assets.text(line.asset(), line.peer_minor()),
                   assets.text(line.asset(), line.in_flight_minor()), rest});
  }
  table.print(context.out(), style);
  for (const auto& id : result.in_flight()) {
    context.out() << "under way: " << id_text(id) << '\n';
  }
}

Attempt<ExitCode> reconcile(Context& context, const ReconcileOptions& options) {
  HG_TRY(node, context.node());
  HG_TRY(assets, context.assets());
  HG_TRY(peer, peer_number(context, options.peer));
  v1::ReconcileRequest request;
  *request.mutable_id() = client::to_proto(context.command_id());
  request.set_peer_node(peer);
  request.set_business_date(
      format::parse_business_date(options.date).value_or(format::business_date_of(context.now())));
  HG_TRY(response, attempt(node.reconcile(request)));
  if (response.outcome().code() != 0 || options.no_wait) {
    return answer(context, response.outcome(),
                  "opened a reconciliation with node " + std::to_string(peer));
  }
  HG_TRY(result, attempt(node.await_reconciliation(request.id(), context.patience())));
  if (!context.wants_json()) print_reconciliation(context, result, assets);
  if (result.status() == v1::RECONCILIATION_STATUS_AGREED) {
    if (context.wants_json()) context.print_json(to_json(result, assets));
    return ExitCode::kOk;
  }
  Failure failure{.exit_code = ExitCode::kRefused,
                  .code = "RECONCILIATION_DIFFERS",
                  .sentence =
                      "the two ledgers differ by more than what is under way: compare them "
                      "with hugang-audit diff",
                  .details = {{"reconciliation", to_json(result, assets)}}};
  if (result.status() != v1::RECONCILIATION_STATUS_DIFFERS) {
    failure.exit_code = ExitCode::kUnknown;
    failure.code = "NOT_FINAL_YET";
    failure.sentence = "the peer has not signed yet: the same again with the same --id asks again";
  }
  return std::unexpected{std::move(failure)};
}

}  // namespace

void add_position_commands(CommandLine& line) {
  const auto other = std::make_shared<std::string>();
  line.add(line.root(), "positions",
           {.what = "What this node and its peers owe each other",
            .examples = {"hugang positions", "hugang positions --other hongkong"},
            .more =
                "Above zero this node owes the peer. With --other, the peer's own ledger is asked "
                "too."},
           [other](Context& context) { return show_positions(context, *other); })
      .add_option("--other", *other, "Also ask the other node, by this profile");

  const auto options = std::make_shared<ReconcileOptions>();
  CLI::App& command =
      line.add(line.root(), "reconcile",
               {.what = "Agree with a peer on the day's positions; both nodes sign",
                .examples = {"hugang reconcile 2", "hugang reconcile hongkong --date 2026-01-05"}},
               [options](Context& context) { return reconcile(context, *options); });
  command.add_option("peer", options->peer, "The peer's number or code")->required();
  command.add_option("--date", options->date, "Business date; today (UTC) where left out")
      ->check(date_form());
  command.add_flag("--no-wait", options->no_wait, "Do not wait for the peer's signature");
}

}  // namespace hugang::program
