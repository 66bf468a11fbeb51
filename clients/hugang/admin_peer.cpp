// The other nodes and the keys that envelopes are signed with.
#include <memory>
#include <ostream>

#include "clients/format/duration_text.hpp"
#include "clients/format/time_text.hpp"
#include "clients/hugang/answer.hpp"
#include "clients/hugang/command_line.hpp"
#include "clients/hugang/peer_name.hpp"
#include "clients/hugang/public_key.hpp"
#include "clients/library/id.hpp"

namespace hugang::program {
namespace {

constexpr auto kOneYear = base::Duration::seconds(366 * 24 * 3600);

struct KeyOptions {
  std::string file, valid_from, valid_to;
};

void add_key_options(CLI::App& command, KeyOptions& options) {
  command.add_option("--key-file", options.file, "PEM file of the public key")->required();
  command.add_option("--valid-from", options.valid_from, "Now where left out")->check(time_form());
  command.add_option("--valid-to", options.valid_to, "A year after --valid-from where left out")
      ->check(time_form());
}

Attempt<v1::SigningKey> signing_key(const Context& context, const KeyOptions& options) {
  HG_TRY(key, read_public_key(options.file));
  v1::SigningKey message;
  message.set_suite(key.suite);
  message.set_public_key_der(key.der);
  const base::Timestamp from = format::parse_time(options.valid_from).value_or(context.now());
  const base::Timestamp to = format::parse_time(options.valid_to).value_or(from + kOneYear);
  if (to <= from) return usage_failure("--valid-to must be after --valid-from");
  message.set_valid_from_ns(from.ns());
  message.set_valid_to_ns(to.ns());
  return message;
}

struct PeerOptions {
  std::uint32_t number = 0;
  std::string code;
  KeyOptions key;
};

Attempt<ExitCode> add_peer(Context& context, const PeerOptions& options) {
  v1::RegisterPeerRequest request;
  *request.mutable_id() = client::to_proto(context.command_id());
  request.set_peer_node(options.number);
  request.set_code(options.code);
  HG_TRY(key, signing_key(context, options.key));
  *request.mutable_key() = key;
  HG_TRY(node, context.node());
  HG_TRY(response, attempt(node.register_peer(request)));
  return answer(context, response.outcome(),
                "registered peer " + options.code + ", node " + std::to_string(options.number),
                {{"peer_node", options.number}, {"suite", key.suite()}});
}

Attempt<ExitCode> resume_peer(Context& context, const std::string& name) {
  HG_TRY(number, peer_number(context, name));
  v1::ResumePeerRequest request;
  *request.mutable_id() = client::to_proto(context.command_id());
  request.set_peer_node(number);
  HG_TRY(node, context.node());
  HG_TRY(response, attempt(node.resume_peer(request)));
  return answer(context, response.outcome(),
                "messages from node " + std::to_string(number) + " are read again",
                {{"peer_node", number}});
}

Attempt<ExitCode> list_peers(Context& context) {
  HG_TRY(node, context.node());
  HG_TRY(status, attempt(node.get_node_status({})));
  if (context.wants_json()) {
    Json document{{"peers", Json::array()}};
    for (const auto& peer : status.peers()) {
      Json keys = Json::array();
      for (const auto& key : peer.keys()) keys.push_back(to_json(key));
      document["peers"].push_back({{"node", peer.node()},
                                   {"code", peer.code()},
                                   {"connected", peer.connected()},
                                   {"sent", peer.sent()},
                                   {"acknowledged", peer.acknowledged()},
                                   {"applied", peer.applied()},
                                   {"halted_code_name", peer.halted_code_name()},
                                   {"halt_evidence_seqno", peer.halt_evidence_seqno()},
                                   {"keys", keys}});
    }
    context.print_json(document);
    return ExitCode::kOk;
  }
  Table table{{{"NODE", Align::kRight},
               {"CODE"},
               {"LINK"},
               {"SENT", Align::kRight},
               {"ACKNOWLEDGED", Align::kRight},
               {"APPLIED", Align::kRight},
               {"KEY"},
               {"SUITE"},
               {"VALID TO (UTC)"}}};
  for (const auto& peer : status.peers()) {
    const bool is_halted = !peer.halted_code_name().empty();
    const Cell link = is_halted          ? Cell{"halted: " + peer.halted_code_name() + ", entry " +
                                           std::to_string(peer.halt_evidence_seqno()),
                                       Tone::kBad}
                      : peer.connected() ? Cell{"up", Tone::kGood}
                                         : Cell{"down", Tone::kWarning};
    std::vector<Cell> row{std::to_string(peer.node()),
                          peer.code(),
                          link,
                          std::to_string(peer.sent()),
                          std::to_string(peer.acknowledged()),
                          std::to_string(peer.applied())};
    if (peer.keys().empty()) {
      row.insert(row.end(), 3, Cell{""});
    } else {
      const auto& key = peer.keys(peer.keys_size() - 1);
      row.insert(row.end(), {key.key_id(), key.suite(),
                             format::short_time_text(base::Timestamp{key.valid_to_ns()})});
    }
    table.add_row(std::move(row));
  }
  table.print(context.out(), context.style());
  return ExitCode::kOk;
}

struct RotateOptions {
  KeyOptions key;
  std::string previous_valid_to;
};

Attempt<ExitCode> rotate_key(Context& context, const RotateOptions& options) {
  v1::RotateKeyRequest request;
  *request.mutable_id() = client::to_proto(context.command_id());
  HG_TRY(key, signing_key(context, options.key));
  *request.mutable_key() = key;
  constexpr auto kOneDay = base::Duration::seconds(24 * 3600);
  request.set_previous_valid_to_ns(format::parse_time(options.previous_valid_to)
                                       .value_or(base::Timestamp{key.valid_from_ns()} + kOneDay)
                                       .ns());
  HG_TRY(node, context.node());
  HG_TRY(response, attempt(node.rotate_key(request)));
  return answer(
      context, response.outcome(), "announced the next " + key.suite() + " key",
      {{"key", to_json(key)}, {"previous_valid_to", time_json(request.previous_valid_to_ns())}});
}

}  // namespace

void add_admin_peer_commands(CommandLine& line, CLI::App& admin) {
  CLI::App& group = line.add_group(
      admin, "peer",
      {.what = "The other operators' nodes", .examples = {"hugang admin peer list"}});
  const auto options = std::make_shared<PeerOptions>();
  CLI::App& add =
      line.add(group, "add",
               {.what = "Register a node and the key that its envelopes are signed with",
                .examples = {"hugang admin peer add --number 2 --code hongkong --key-file "
                             "pki/hongkong/signing.pub.pem"}},
               [options](Context& context) { return add_peer(context, *options); });
  add.add_option("--number", options->number, "The node's number")->required();
  add.add_option("--code", options->code, "The node's code, as in its certificate")->required();
  add_key_options(add, options->key);

  const auto name = std::make_shared<std::string>();
  line.add(group, "resume",
           {.what = "Read a halted peer's messages again, from where it stood",
            .examples = {"hugang admin peer resume hongkong"},
            .more = "A halt means that a validly signed message broke a rule. Look at the evidence "
                    "first (hugang\nadmin peer list names the entry) and speak with the other "
                    "operator."},
           [name](Context& context) { return resume_peer(context, *name); })
      .add_option("peer", *name, "The peer's number or code")
      ->required();
  line.add(group, "list",
           {.what = "Peers, their links and keys",
            .examples = {"hugang admin peer list", "hugang admin peer list --json"}},
           list_peers);

  CLI::App& keys = line.add_group(
      admin, "key",
      {.what = "The key that this node signs with",
       .examples = {"hugang admin key rotate --key-file pki/shanghai/signing-2.pub.pem"}});
  const auto rotation = std::make_shared<RotateOptions>();
  CLI::App& rotate = line.add(
      keys, "rotate",
      {.what = "Announce the next key to every peer",
       .examples = {"hugang admin key rotate --key-file pki/shanghai/signing-2.pub.pem "
                    "--valid-from 2026-02-01T00:00:00Z --previous-until 2026-02-03T00:00:00Z"},
       .more = "Put the private half into the node's key folder first."},
      [rotation](Context& context) { return rotate_key(context, *rotation); });
  add_key_options(rotate, rotation->key);
  rotate
      .add_option("--previous-until", rotation->previous_valid_to,
                  "How long the key before stays valid; a day after --valid-from where left out")
      ->check(time_form());
}

}  // namespace hugang::program
