// What was moved: the history of an account, page by page, and one transfer with all that the
// journal says of it.
#include <memory>
#include <ostream>

#include "clearing/base/bytes.hpp"
#include "clients/format/duration_text.hpp"
#include "clients/format/id_text.hpp"
#include "clients/format/time_text.hpp"
#include "clients/hugang/command_line.hpp"
#include "clients/hugang/fetch.hpp"
#include "clients/hugang/to_json.hpp"
#include "clients/library/id.hpp"

namespace hugang::program {
namespace {

const char* word_of(v1::PostingKind kind) {
  switch (kind) {
    case v1::POSTING_KIND_TRANSFER:
      return "transfer";
    case v1::POSTING_KIND_HOLD:
      return "hold";
    case v1::POSTING_KIND_HOLD_POSTED:
      return "hold posted";
    case v1::POSTING_KIND_HOLD_VOIDED:
      return "hold voided";
    case v1::POSTING_KIND_HOLD_EXPIRED:
      return "hold expired";
    case v1::POSTING_KIND_SETTLEMENT_HELD:
      return "settlement sent";
    case v1::POSTING_KIND_SETTLEMENT_POSTED:
      return "settlement";
    case v1::POSTING_KIND_SETTLEMENT_RELEASED:
      return "settlement refused";
    default:  // proto3 enums are open: a newer node may tell more
      return "other";
  }
}

const char* word_of(v1::TransferPhase phase) {
  switch (phase) {
    case v1::TRANSFER_PHASE_HOLD:
      return "hold";
    case v1::TRANSFER_PHASE_POST:
      return "post of a hold";
    case v1::TRANSFER_PHASE_VOID:
      return "void of a hold";
    default:
      return "transfer";
  }
}

const char* word_of(v1::PostingSide side) {
  return side == v1::POSTING_SIDE_DEBIT ? "debit" : "credit";
}

Json posting_json(const v1::Posting& posting, const AssetBook& assets, std::uint32_t asset) {
  return {{"at", time_json(posting.at_ns())},
          {"id", id_text(posting.id())},
          {"kind", word_of(posting.kind())},
          {"side", word_of(posting.side())},
          {"counter_account", std::to_string(posting.counter_account())},
          {"posted", assets.plain_text(asset, posting.posted_minor())},
          {"posted_minor", std::to_string(posting.posted_minor())},
          {"pending", assets.plain_text(asset, posting.pending_minor())},
          {"pending_minor", std::to_string(posting.pending_minor())}};
}

struct ListOptions {
  std::string account, from, to, page;
  std::uint32_t limit = 100;
};

void print_history(Context& context, const AssetBook& assets, std::uint32_t asset,
                   const v1::ListTransfersResponse& page) {
  Table table{{{"AT (UTC)"},
               {"KIND"},
               {"SIDE"},
               {"POSTED", Align::kRight},
               {"HELD", Align::kRight},
               {"OTHER ACCOUNT"},
               {"ID"}}};
  for (const auto& each : page.postings()) {
    table.add_row({format::short_time_text(base::Timestamp{each.at_ns()}), word_of(each.kind()),
                   word_of(each.side()),
                   each.posted_minor() == 0 ? "" : assets.text(asset, each.posted_minor()),
                   each.pending_minor() == 0 ? "" : assets.text(asset, each.pending_minor()),
                   std::to_string(each.counter_account()), id_text(each.id())});
  }
  table.print(context.out(), context.style());
  if (!page.next_page_token().empty()) {
    context.out() << "there are older ones: --page " << page.next_page_token() << '\n';
  }
}

Attempt<ExitCode> list_transfers(Context& context, const ListOptions& options) {
  HG_TRY(assets, context.assets());
  HG_TRY(account, fetch_account(context, std::stoull(options.account)));
  v1::ListTransfersRequest request;
  request.set_account(account.number());
  if (!options.from.empty()) request.set_from_ns(format::parse_time(options.from)->ns());
  if (!options.to.empty()) request.set_to_ns(format::parse_time(options.to)->ns());
  request.set_page_size(options.limit);
  request.set_page_token(options.page);
  HG_TRY(node, context.node());
  HG_TRY(page, attempt(node.list_transfers(request)));
  if (!context.wants_json()) {
    print_history(context, assets, account.asset(), page);
    return ExitCode::kOk;
  }
  Json document{
      {"account", std::to_string(account.number())},
      {"asset", assets.code(account.asset())},
      {"transfers", Json::array()},
      {"next_page", page.next_page_token().empty() ? Json(nullptr) : Json(page.next_page_token())},
      {"seqno", page.seqno()}};
  for (const auto& each : page.postings()) {
    document["transfers"].push_back(posting_json(each, assets, account.asset()));
  }
  context.print_json(document);
  return ExitCode::kOk;
}

Json transfer_json(const v1::GetTransferResponse& found, const AssetBook& assets) {
  const v1::Transfer& transfer = found.transfer();
  const std::uint32_t asset = transfer.asset();
  return {{"id", id_text(transfer.id())},
          {"outcome", to_json(found.outcome())},
          {"hold_state", found.hold_state().empty() ? Json(nullptr) : Json(found.hold_state())},
          {"kind", word_of(transfer.phase())},
          {"hold", transfer.has_pending_id() ? Json(id_text(transfer.pending_id())) : nullptr},
          {"debit_account", std::to_string(transfer.debit_account())},
          {"credit_account", std::to_string(transfer.credit_account())},
          {"asset", assets.code(asset)},
          {"amount", assets.plain_text(asset, transfer.amount_minor())},
          {"amount_minor", std::to_string(transfer.amount_minor())},
          {"expires_at", time_json(transfer.expires_at_ns())},
          {"value_date", time_json(transfer.value_date_ns())},
          {"reference", transfer.reference().empty()
                            ? Json(nullptr)
                            : Json(base::to_hex(base::as_bytes(transfer.reference())))},
          {"purpose", transfer.purpose()},
          {"linked", transfer.linked()},
          {"submitter", found.submitter()},
          {"index", found.index()}};
}

void print_transfer(Context& context, const AssetBook& assets,
                    const v1::GetTransferResponse& found) {
  const v1::Transfer& transfer = found.transfer();
  const v1::Outcome& outcome = found.outcome();
  const bool is_accepted = outcome.code() == 0;
  Table table{{{"TRANSFER"}, {id_text(transfer.id())}}};
  table.add_row({"outcome", Cell{is_accepted ? "accepted" : outcome.code_name(),
                                 is_accepted ? Tone::kGood : Tone::kBad}});
  if (!found.hold_state().empty()) table.add_row({"hold", found.hold_state()});
  table.add_row({"kind", word_of(transfer.phase())});
  if (transfer.has_pending_id()) table.add_row({"of hold", id_text(transfer.pending_id())});
  table.add_row({"debit", std::to_string(transfer.debit_account())});
  table.add_row({"credit", std::to_string(transfer.credit_account())});
  const base::i128 minor =
      is_accepted ? base::i128{outcome.value()} : base::i128{transfer.amount_minor()};
  table.add_row(
      {"amount", assets.text(transfer.asset(), minor) + " " + assets.code(transfer.asset())});
  const auto add_time = [&table](const char* name, std::int64_t at_ns) {
    if (at_ns != 0) table.add_row({name, format::time_text(base::Timestamp{at_ns})});
  };
  add_time("expires", transfer.expires_at_ns());
  add_time("value date", transfer.value_date_ns());
  if (!transfer.reference().empty()) {
    table.add_row({"reference", base::to_hex(base::as_bytes(transfer.reference()))});
  }
  add_time("decided", outcome.decided_at_ns());
  table.add_row({"submitted by", "participant " + std::to_string(found.submitter())});
  table.add_row({"journal", "entry " + std::to_string(outcome.seqno()) + ", command " +
                                std::to_string(found.index())});
  table.print(context.out(), context.style());
  if (!outcome.message().empty()) context.out() << outcome.message() << '\n';
}

Attempt<ExitCode> show_transfer(Context& context, const std::string& id) {
  v1::GetTransferRequest request;
  const auto parsed = format::parse_uuid(id);
  if (!parsed) return usage_failure("'" + id + "' is no id");
  *request.mutable_id() = client::to_proto(*parsed);
  HG_TRY(node, context.node());
  HG_TRY(found, attempt(node.get_transfer(request)));
  if (!found.found()) {
    return std::unexpected{
        Failure{.exit_code = ExitCode::kRefused,
                .code = "TRANSFER_UNKNOWN",
                .sentence = "there is no transfer of this id that you may see: if it was yours, "
                            "nothing was paid under it"}};
  }
  HG_TRY(assets, context.assets());
  if (context.wants_json()) {
    context.print_json(transfer_json(found, assets));
  } else {
    print_transfer(context, assets, found);
  }
  return ExitCode::kOk;
}

void add_show(CommandLine& line, CLI::App& parent, const char* name, const char* example) {
  const auto id = std::make_shared<std::string>();
  line.add(parent, name,
           {.what = "One transfer as the journal has it: accounts, amount, outcome, place",
            .examples = {example}},
           [id](Context& context) { return show_transfer(context, *id); })
      .add_option("transfer_id", *id, "The id that the transfer was sent with")
      ->required()
      ->check(uuid_form());
}

}  // namespace

void add_transfer_commands(CommandLine& line) {
  CLI::App& transfers =
      line.add_group(line.root(), "transfers",
                     {.what = "The history of an account, one transfer by its id",
                      .examples = {"hugang transfers list 1000000000145",
                                   "hugang transfers show 0f8fad5b-d9cb-469f-a165-70867728950e"}});
  const auto options = std::make_shared<ListOptions>();
  CLI::App& list = line.add(
      transfers, "list",
      {.what = "All that changed an account, newest first",
       .examples = {"hugang transfers list 1000000000145",
                    "hugang transfers list 1000000000145 --limit 20 --json",
                    "hugang transfers list 1000000000145 --from 2026-01-05T00:00:00+08:00 --to "
                    "2026-01-06T00:00:00+08:00"},
       .more = "Transfers, holds and how they ended, and legs of settlements. POSTED is what was "
               "moved, HELD what\nwas put on hold or, below zero, released. The line at the end "
               "says how to go on."},
      [options](Context& context) { return list_transfers(context, *options); });
  list.add_option("account", options->account, "The account's number")
      ->required()
      ->check(account_form());
  list.add_option("--from", options->from, "At or after this instant")->check(time_form());
  list.add_option("--to", options->to, "Before this instant")->check(time_form());
  list.add_option("--limit", options->limit, "At most this many")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  list.add_option("--page", options->page, "Go on where the page before ended");
  add_show(line, transfers, "show", "hugang transfers show 0f8fad5b-d9cb-469f-a165-70867728950e");
  add_show(line, line.root(), "transfer", "hugang transfer 0f8fad5b-d9cb-469f-a165-70867728950e");
}

}  // namespace hugang::program
