// The auditor's words for commands and events, on any section: the auditor reads ledgers that may
// have been written by anybody. It describes whatever has a right frame, and no word of it can
// steer the terminal that shows it.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "clearing/base/check.hpp"
#include "clearing/wire/kind_name.hpp"
#include "clients/audit/entry_text.hpp"
#include "tests/fuzz/input.hpp"

namespace {

using namespace hugang;

void check_line(const audit::Fields& fields) {
  const auto is_control = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7F;
  };
  HG_CHECK(std::ranges::none_of(audit::line_text(fields), is_control));
}

void describe_commands(base::ByteSpan section) {
  const auto groups = wire::read_batch(section);
  if (!groups) return;
  audit::AssetNames assets;
  for (const wire::GroupView& group : *groups) {
    HG_CHECK(wire::kind_name(group.kind) != "unknown");
    for (std::uint32_t i = 0; i < group.count; ++i) {
      audit::learn_asset(group.kind, group.record(i), assets);
      check_line(audit::command_fields(group.kind, group.record(i), assets));
    }
  }
}

void describe_events(base::ByteSpan section) {
  wire::EventReader events{section};
  wire::EventHead head;
  base::ByteSpan body;
  while (events.next(head, body)) {
    HG_CHECK(!audit::kind_text(head.kind).empty());
    check_line(audit::event_fields(head.kind, body));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  describe_commands(fuzz::bytes_of(data, size));
  describe_events(fuzz::bytes_of(data, size));
  return 0;
}
