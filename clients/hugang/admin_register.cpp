// The operator's registers: participants and assets.
#include <algorithm>
#include <memory>
#include <ostream>

#include "clients/hugang/answer.hpp"
#include "clients/hugang/command_line.hpp"
#include "clients/library/id.hpp"

namespace hugang::program {
namespace {

Attempt<ExitCode> list_participants(Context& context) {
  HG_TRY(node, context.node());
  HG_TRY(response, attempt(node.list_participants({})));
  if (context.wants_json()) {
    Json document{{"participants", Json::array()}};
    for (const auto& each : response.participants()) {
      document["participants"].push_back(to_json(each));
    }
    context.print_json(document);
    return ExitCode::kOk;
  }
  Table table{
      {{"ID", Align::kRight}, {"CODE"}, {"ROLES"}, {"NAME"}, {"LOCAL NAME"}, {"LEI"}, {"STATE"}}};
  for (const auto& each : response.participants()) {
    std::string roles;
    for (const int role : each.roles()) {
      roles += (roles.empty() ? "" : ", ") + std::string{word_of(static_cast<v1::Role>(role))};
    }
    table.add_row({std::to_string(each.id()),
                   each.code(),
                   roles,
                   each.name(),
                   each.local_name(),
                   each.lei(),
                   {each.suspended() ? "suspended" : "", Tone::kWarning}});
  }
  table.print(context.out(), context.style());
  return ExitCode::kOk;
}

struct ParticipantOptions {
  std::string code, bic, lei, name, local_name;
  std::vector<std::string> roles{"participant"};
};

v1::Role role_named(const std::string& word) {
  for (const v1::Role role : {v1::ROLE_OPERATOR, v1::ROLE_PARTICIPANT, v1::ROLE_REGULATOR,
                              v1::ROLE_MONITOR, v1::ROLE_PEER}) {
    if (word == word_of(role)) return role;
  }
  return v1::ROLE_UNSPECIFIED;
}

Attempt<ExitCode> add_participant(Context& context, const ParticipantOptions& options) {
  v1::RegisterParticipantRequest request;
  *request.mutable_id() = client::to_proto(context.command_id());
  v1::Participant& participant = *request.mutable_participant();
  participant.set_code(options.code);
  for (const auto& role : options.roles) participant.add_roles(role_named(role));
  participant.set_bic(options.bic);
  participant.set_lei(options.lei);
  participant.set_name(options.name);
  participant.set_local_name(options.local_name);
  HG_TRY(node, context.node());
  HG_TRY(response, attempt(node.register_participant(request)));
  const std::string number = std::to_string(response.outcome().value());
  return answer(context, response.outcome(),
                "registered " + options.code + " as participant " + number,
                {{"participant_id", response.outcome().value()}});
}

/// A number, or a code that the register knows.
Attempt<std::uint32_t> participant_number(Context& context, const std::string& name) {
  if (!name.empty() && name.size() < 10 &&
      std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; })) {
    return static_cast<std::uint32_t>(std::stoul(name));
  }
  HG_TRY(node, context.node());
  HG_TRY(response, attempt(node.list_participants({})));
  for (const auto& each : response.participants()) {
    if (each.code() == name) return each.id();
  }
  return usage_failure("no participant has the code '" + name +
                       "'; see hugang admin participant list");
}

Attempt<ExitCode> set_suspended(Context& context, const std::string& name, bool suspend) {
  HG_TRY(number, participant_number(context, name));
  v1::UpdateParticipantRequest request;
  *request.mutable_id() = client::to_proto(context.command_id());
  request.set_participant_id(number);
  request.set_suspend(suspend);
  HG_TRY(node, context.node());
  HG_TRY(response, attempt(node.update_participant(request)));
  return answer(
      context, response.outcome(),
      (suspend ? "suspended participant " : "reinstated participant ") + std::to_string(number),
      {{"participant_id", number}, {"suspended", suspend}});
}

void add_participant_commands(CommandLine& line, CLI::App& admin) {
  CLI::App& group = line.add_group(
      admin, "participant",
      {.what = "Who may use this node",
       .examples = {
           "hugang admin participant list",
           "hugang admin participant add --code HGSHCNSHXXX --name \"Bank of the Bund\""}});
  const auto options = std::make_shared<ParticipantOptions>();
  CLI::App& add = line.add(
      group, "add",
      {.what = "Register one; the ledger gives its number",
       .examples =
           {"hugang admin participant add --code HGSHCNSHXXX --name \"Bank of the Bund\" "
            "--local-name 外滩银行 --bic HGSHCNSHXXX",
            "hugang admin participant add --code regulator --role regulator --name Regulator"},
       .more = "The code is what stands in the certificate: hugang://NODE/CODE."},
      [options](Context& context) { return add_participant(context, *options); });
  add.add_option("--code", options->code, "As in the certificate, at most 16 bytes")->required();
  add.add_option("--role", options->roles, "What it may do; may be given several times")
      ->check(CLI::IsMember({"operator", "participant", "regulator", "monitor", "peer"}))
      ->capture_default_str();
  add.add_option("--name", options->name, "In Latin letters")->required();
  add.add_option("--local-name", options->local_name, "In the other language");
  add.add_option("--bic", options->bic, "Business identifier code");
  add.add_option("--lei", options->lei, "Legal entity identifier");

  for (const bool suspend : {true, false}) {
    const auto name = std::make_shared<std::string>();
    line.add(group, suspend ? "suspend" : "reinstate",
             {.what = suspend ? "Let one change nothing any more" : "Let a suspended one go on",
              .examples = {suspend ? "hugang admin participant suspend HGSHCNSHXXX"
                                   : "hugang admin participant reinstate 3"}},
             [name, suspend](Context& context) { return set_suspended(context, *name, suspend); })
        .add_option("participant", *name, "Its number or code")
        ->required();
  }
  line.add(group, "list",
           {.what = "All participants of this node",
            .examples = {"hugang admin participant list", "hugang admin participant list --json"}},
           list_participants);
}

struct AssetOptions {
  std::uint32_t number = 0;
  std::uint32_t issuer = 0;
  std::uint32_t scale = 2;
  std::string code;
};

Attempt<ExitCode> add_asset(Context& context, const AssetOptions& options) {
  v1::RegisterAssetRequest request;
  *request.mutable_id() = client::to_proto(context.command_id());
  v1::Asset& asset = *request.mutable_asset();
  asset.set_id(options.number);
  asset.set_code(options.code);
  asset.set_issuer_node(options.issuer);
  asset.set_scale(options.scale);
  HG_TRY(node, context.node());
  HG_TRY(response, attempt(node.register_asset(request)));
  return answer(context, response.outcome(), "registered asset " + options.code,
                {{"asset", options.code}});
}

void add_asset_commands(CommandLine& line, CLI::App& admin) {
  CLI::App& group = line.add_group(
      admin, "asset",
      {.what = "What accounts can hold",
       .examples = {"hugang admin asset add --number 1 --code CNY.D --issuer 1 --scale 2"}});
  const auto options = std::make_shared<AssetOptions>();
  CLI::App& add = line.add(
      group, "add",
      {.what = "Register an asset; number and code are agreed between the operators",
       .examples = {"hugang admin asset add --number 1 --code CNY.D --issuer 1 --scale 2",
                    "hugang admin asset add --number 3 --code XAU.G --issuer 1 --scale 4"}},
      [options](Context& context) { return add_asset(context, *options); });
  add.add_option("--number", options->number, "Its number, from 1")->required();
  add.add_option("--code", options->code, "What people write, at most 8 bytes")->required();
  add.add_option("--issuer", options->issuer, "The node that issues it")->required();
  add.add_option("--scale", options->scale, "Decimals of the unit that people read")
      ->capture_default_str();
}

}  // namespace

void add_admin_register_commands(CommandLine& line, CLI::App& admin) {
  add_participant_commands(line, admin);
  add_asset_commands(line, admin);
  line.add(line.root(), "participants",
           {.what = "Who uses this node",
            .examples = {"hugang participants", "hugang participants --json"}},
           list_participants);
}

}  // namespace hugang::program
