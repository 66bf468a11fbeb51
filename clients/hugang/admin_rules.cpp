// Dated limits and caps.
#include <memory>
#include <ostream>

#include "clients/hugang/answer.hpp"
#include "clients/hugang/command_line.hpp"
#include "clients/hugang/rules_file.hpp"
#include "clients/library/file_text.hpp"
#include "clients/library/id.hpp"

namespace hugang::program {
namespace {

Attempt<ExitCode> set_rules(Context& context, const std::string& path) {
  const auto toml = client::read_file(path);
  if (!toml) return usage_failure("cannot read " + path);
  HG_TRY(assets, context.assets());
  HG_TRY(request, parse_rules(*toml, path, assets));
  *request.mutable_id() = client::to_proto(context.command_id());
  HG_TRY(node, context.node());
  HG_TRY(response, attempt(node.set_rules(request)));
  return answer(context, response.outcome(),
                "set rules version " + std::to_string(request.version()),
                {{"version", request.version()}, {"rules", request.rules_size()}});
}

Attempt<ExitCode> show_rules(Context& context) {
  HG_TRY(node, context.node());
  HG_TRY(status, attempt(node.get_node_status({})));
  if (context.wants_json()) {
    context.print_json({{"version", status.rules_version()}});
  } else {
    context.out() << "rules version " << status.rules_version() << " is in force\n";
  }
  return ExitCode::kOk;
}

}  // namespace

void add_admin_rules_commands(CommandLine& line, CLI::App& admin) {
  CLI::App& group = line.add_group(admin, "rules",
                                   {.what = "Limits and caps, from a date on",
                                    .examples = {"hugang admin rules set rules-2.toml"}});
  const auto path = std::make_shared<std::string>();
  line.add(group, "set",
           {.what = "Bring a new rule pack into the ledger",
            .examples = {"hugang admin rules set rules-2.toml"},
            .more = "The file:\n"
                    "  version = 2\n"
                    "  effective_from = \"2026-02-01T00:00:00Z\"   # at once where left out\n"
                    "  [[rule]]\n"
                    "  kind = \"single-max\"      # or corridor-cap, with peer = NODE\n"
                    "  asset = \"CNY.D\"\n"
                    "  amount = \"500,000.00\""},
           [path](Context& context) { return set_rules(context, *path); })
      .add_option("file", *path, "The rule pack, TOML")
      ->required();
  line.add(group, "show",
           {.what = "Which version is in force", .examples = {"hugang admin rules show"}},
           show_rules);
}

}  // namespace hugang::program
