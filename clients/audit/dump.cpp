#include "clients/audit/dump.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "clearing/machine/codes.hpp"
#include "clearing/wire/kind_name.hpp"
#include "clients/audit/entry_text.hpp"
#include "clients/format/time_text.hpp"
#include "ledger/rocks/open.hpp"

namespace hugang::audit {
namespace {

using nlohmann::ordered_json;

/// One command with its answer, or one event.
struct Line {
  std::string_view kind;
  Fields fields;
  std::uint32_t caller = 0;
  const wire::Outcome* outcome = nullptr;
};

std::string outcome_text(const wire::Outcome& outcome) {
  std::string text{machine::code_name(outcome.code)};
  if (outcome.value != 0) text += fmt::format(" {}", outcome.value);
  if ((outcome.flags & wire::outcome_flag::kRepeated) != 0) text += " (repeated)";
  return text;
}

ordered_json fields_json(const Fields& fields) {
  ordered_json json = ordered_json::object();
  for (const auto& [name, value] : fields) {
    // Legs and rules repeat their names: then the values become a list.
    const std::string key{name};
    if (!json.contains(key)) {
      json[key] = value;
    } else if (json[key].is_array()) {
      json[key].push_back(value);
    } else {
      json[key] = ordered_json::array({json[key], value});
    }
  }
  return json;
}

/// Prints one entry after the other; knows the assets of those that it has seen.
class Dumper {
 public:
  explicit Dumper(const DumpOptions& options) : options_{options} {}

  void take(const EntryView& entry) {
    const bool is_shown = entry.head.seqno >= options_.from;
    const auto groups = wire::read_batch(entry.commands);
    if (is_shown) begin(entry, groups.has_value());
    if (groups) take_commands(entry, *groups, is_shown);
    if (!is_shown) return;
    wire::EventReader events{entry.events};
    wire::EventHead head;
    base::ByteSpan body;
    while (events.next(head, body)) {
      show_event({.kind = kind_text(head.kind), .fields = event_fields(head.kind, body)});
    }
    end();
  }

 private:
  void take_commands(const EntryView& entry, const std::vector<wire::GroupView>& groups,
                     bool is_shown) {
    std::uint32_t index = 0;
    for (const wire::GroupView& group : groups) {
      for (std::uint32_t i = 0; i < group.count; ++i, ++index) {
        if (index >= entry.head.command_count) return;
        const wire::Outcome outcome = entry.outcome(index);
        if (outcome.code == machine::Code::kOk) {
          learn_asset(group.kind, group.record(i), assets_);
        }
        if (!is_shown) continue;
        show_command({.kind = wire::kind_name(group.kind),
                      .fields = command_fields(group.kind, group.record(i), assets_),
                      .caller = group.caller.value(),
                      .outcome = &outcome},
                     index);
      }
    }
  }

  void begin(const EntryView& entry, bool is_readable) {
    if (options_.as_json) {
      json_ = ordered_json{};
      json_["entry"] = entry.head.seqno.value();
      json_["at"] = format::time_text(entry.head.at);
      json_["checksum"] = fmt::format("{:016x}{:016x}", entry.head.head_checksum.high,
                                      entry.head.head_checksum.low);
      json_["commands"] = ordered_json::array();
      json_["events"] = ordered_json::array();
      return;
    }
    fmt::print("entry {}  {}  {} commands{}\n", entry.head.seqno.value(),
               format::time_text(entry.head.at), entry.head.command_count,
               is_readable ? "" : "  THE COMMANDS SECTION CANNOT BE READ");
  }

  void show_command(const Line& line, std::uint32_t index) {
    if (!options_.as_json) {
      fmt::print("  {:>5}  {} by {}: {} => {}\n", index + 1, line.kind, line.caller,
                 line_text(line.fields), outcome_text(*line.outcome));
      return;
    }
    ordered_json json;
    json["kind"] = line.kind;
    json["caller"] = line.caller;
    json["fields"] = fields_json(line.fields);
    json["code"] = machine::code_name(line.outcome->code);
    json["value"] = line.outcome->value;
    json["repeated"] = (line.outcome->flags & wire::outcome_flag::kRepeated) != 0;
    json_["commands"].push_back(std::move(json));
  }

  void show_event(const Line& line) {
    if (!options_.as_json) {
      fmt::print("  event  {}: {}\n", line.kind, line_text(line.fields));
      return;
    }
    json_["events"].push_back({{"kind", line.kind}, {"fields", fields_json(line.fields)}});
  }

  void end() {
    if (!options_.as_json) return;
    fmt::print("{}\n", json_.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }

  const DumpOptions& options_;
  AssetNames assets_;
  ordered_json json_;
};

/// The entry as docs/FORMAT.md shows it; its head says how long it is.
bool write_bytes(const EntryView& entry) {
  const auto put = [](const void* data, std::size_t size) {
    return std::fwrite(data, 1, size, stdout) == size;
  };
  return put(&entry.head, sizeof(entry.head)) &&
         put(entry.commands.data(), entry.commands.size()) &&
         put(entry.outcomes.data(), entry.outcomes.size()) &&
         put(entry.events.data(), entry.events.size());
}

ExitCode fail(const LedgerError& error, bool as_json) {
  print_error(error, as_json);
  return exit_code_of(error.code);
}

}  // namespace

ExitCode run_dump(const DumpOptions& options) {
  const auto journal = ledger::rocks::open_journal_read_only(options.directory);
  if (!journal) return fail(journal.error(), options.as_json);
  Dumper dumper{options};
  // From the first entry on, because amounts need the assets that were registered before.
  const auto cursor = (*journal)->read_from(Seqno{1});
  while (true) {
    const auto entry = cursor->next();
    if (!entry) return fail(entry.error(), options.as_json);
    if (*entry == nullptr) break;
    if (options.to && (*entry)->head.seqno > *options.to) return ExitCode::kGood;
    if (!options.as_bytes) {
      dumper.take(**entry);
    } else if ((*entry)->head.seqno >= options.from && !write_bytes(**entry)) {
      fmt::print(stderr, "hugang-audit: standard output cannot be written: {}\n",
                 std::strerror(errno));
      return ExitCode::kCannotRead;
    }
  }
  if (const auto& damage = (*journal)->open_report().damage) return fail(*damage, options.as_json);
  return ExitCode::kGood;
}

}  // namespace hugang::audit
