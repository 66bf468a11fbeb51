// How the node is.
#include <ostream>

#include "clients/format/duration_text.hpp"
#include "clients/hugang/command_line.hpp"
#include "clients/hugang/to_json.hpp"

namespace hugang::program {
namespace {

Json status_json(const v1::GetNodeStatusResponse& status) {
  Json json{{"node", status.node()},
            {"code", status.code()},
            {"name", status.name()},
            {"version", status.version()},
            {"durable_seqno", status.durable_seqno()},
            {"last_at", time_json(status.last_at_ns())},
            {"accounts", status.account_count()},
            {"transfer_ids", status.transfer_id_count()},
            {"open_holds", status.open_holds()},
            {"open_settlements", status.open_settlements()},
            {"checkpoint_seqno", status.checkpoint_seqno()},
            {"checkpoint_digest", status.checkpoint_digest()},
            {"rules_version", status.rules_version()},
            {"queue_depth", status.queue_depth()},
            {"queue_capacity", status.queue_capacity()},
            {"peers", Json::array()},
            {"own_keys", Json::array()}};
  for (const auto& peer : status.peers()) {
    json["peers"].push_back({{"node", peer.node()},
                             {"code", peer.code()},
                             {"connected", peer.connected()},
                             {"halted_code_name", peer.halted_code_name()}});
  }
  for (const auto& key : status.own_keys()) json["own_keys"].push_back(to_json(key));
  return json;
}

Attempt<ExitCode> show(Context& context) {
  HG_TRY(node, context.node());
  HG_TRY(status, attempt(node.get_node_status({})));
  if (context.wants_json()) {
    context.print_json(status_json(status));
    return ExitCode::kOk;
  }
  const auto number = [](std::uint64_t value) { return std::to_string(value); };
  Table table{{{"NODE"}, {number(status.node()) + " " + status.code()}}};
  table.add_row({"name", status.name()});
  table.add_row({"version", status.version()});
  table.add_row({"durable up to entry", number(status.durable_seqno())});
  table.add_row(
      {"last entry (UTC)", format::short_time_text(base::Timestamp{status.last_at_ns()})});
  table.add_row({"accounts", number(status.account_count())});
  table.add_row({"transfer ids", number(status.transfer_id_count())});
  table.add_row({"open holds", number(status.open_holds())});
  table.add_row({"open settlements", number(status.open_settlements())});
  table.add_row({"checkpoint", status.checkpoint_seqno() == 0
                                   ? "none yet"
                                   : "entry " + number(status.checkpoint_seqno()) + ", " +
                                         status.checkpoint_digest()});
  table.add_row({"rules version", number(status.rules_version())});
  table.add_row({"queue", number(status.queue_depth()) + " of " + number(status.queue_capacity())});
  for (const auto& peer : status.peers()) {
    const bool is_halted = !peer.halted_code_name().empty();
    table.add_row({"peer " + number(peer.node()) + " " + peer.code(),
                   is_halted ? Cell{"halted: " + peer.halted_code_name(), Tone::kBad}
                             : Cell{peer.connected() ? "up" : "down",
                                    peer.connected() ? Tone::kGood : Tone::kWarning}});
  }
  for (const auto& key : status.own_keys()) {
    table.add_row({"signs with " + key.suite(),
                   key.key_id() + ", valid to " +
                       format::short_time_text(base::Timestamp{key.valid_to_ns()})});
  }
  table.print(context.out(), context.style());
  return ExitCode::kOk;
}

}  // namespace

void add_admin_status_commands(CommandLine& line, CLI::App& admin) {
  line.add(admin, "status",
           {.what = "How the node is: journal, peers, keys, queue",
            .examples = {"hugang admin status", "hugang admin status --json"}},
           show);
}

}  // namespace hugang::program
