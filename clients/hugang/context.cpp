#include "clients/hugang/context.hpp"

#include <ostream>

#include "clearing/base/check.hpp"
#include "clients/format/duration_text.hpp"
#include "clients/format/id_text.hpp"
#include "clients/hugang/text_width.hpp"
#include "clients/library/id.hpp"

namespace hugang::program {

Attempt<client::Client> Context::connect(const std::string& profile) const {
  HG_TRY(client, attempt(around_.connect(options, profile)));
  client.set_timeout(patience());
  return client;
}

Attempt<client::Client> Context::node() {
  if (!node_) {
    HG_TRY(client, connect(""));
    node_ = client;
  }
  return *node_;
}

Attempt<client::Client> Context::other(const std::string& profile) { return connect(profile); }

Attempt<AssetBook> Context::assets() {
  if (!assets_) {
    HG_TRY(client, node());
    HG_TRY(response, attempt(client.list_assets({})));
    assets_.emplace(response);
  }
  return *assets_;
}

base::CommandId Context::command_id() {
  if (used_id_) return *used_id_;
  if (!options.id.empty()) {
    const auto given = format::parse_uuid(options.id);
    HG_CHECK(given.has_value());  // the command line has checked it
    used_id_ = *given;
    return *used_id_;
  }
  used_id_ = client::new_id();
  // Said before it is sent: whoever interrupts the program can still ask what became of it.
  if (around_.err_is_terminal) around_.err << "id " << format::uuid_text(*used_id_) << '\n';
  return *used_id_;
}

std::chrono::milliseconds Context::patience() const {
  const auto duration = format::parse_duration(options.timeout);
  HG_CHECK(duration.has_value());  // the command line has checked it
  return std::chrono::milliseconds{duration->count_ns() / 1'000'000};
}

void Context::print_json(const Json& document) const {
  // Text of others may be broken UTF-8: the document must be valid all the same.
  around_.out << document.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

ExitCode Context::report(const Failure& failure) const {
  const bool is_open = failure.exit_code == ExitCode::kUnavailable ||
                       failure.exit_code == ExitCode::kOverloaded ||
                       failure.exit_code == ExitCode::kUnknown;
  around_.err << word_of(failure.exit_code) << ": " << failure.code << ": "
              << printable(failure.sentence) << '\n';
  if (used_id_ && is_open) {
    around_.err << "id " << format::uuid_text(*used_id_)
                << " (the same command again with --id and this id never pays twice)\n";
  }
  if (options.json) {
    Json document = Json::object();
    document["error"] = {{"code", failure.code},
                         {"message", failure.sentence},
                         {"exit_code", static_cast<int>(failure.exit_code)}};
    if (used_id_) document["id"] = format::uuid_text(*used_id_);
    document.update(failure.details);
    print_json(document);
  }
  return failure.exit_code;
}

}  // namespace hugang::program
