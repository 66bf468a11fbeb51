#include "clients/audit/ledger_walk.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "clients/format/amount_text.hpp"
#include "clients/format/minor_text.hpp"
#include "crypto/digest.hpp"

namespace hugang::audit {

machine::Hashing hashing() { return {.sha256 = crypto::sha256, .chain_next = crypto::chain_next}; }

std::expected<void, LedgerError> walk(const Journal& journal, machine::Machine& machine,
                                      const WalkEnd& end, Progress& progress,
                                      const OnEntry& on_entry) {
  const Seqno last = journal.last_seqno();
  if (end.to && *end.to > last) {
    return std::unexpected{LedgerError{
        .code = LedgerError::Code::kNotFound,
        .sentence =
            fmt::format("there is no entry {}: the last one is {}", end.to->value(), last.value()),
        .entry = *end.to}};
  }
  ledger::Replayer replayer{machine};
  const auto cursor = journal.read_from(Seqno{1});
  while (machine.state().last_seqno < end.to.value_or(last)) {
    const auto entry = cursor->next();
    if (!entry) return std::unexpected{entry.error()};
    if (*entry == nullptr) return {};
    if (end.as_of && (*entry)->head.at > *end.as_of) return {};
    if (auto applied = replayer.apply(**entry); !applied) return applied;
    if (on_entry) {
      if (auto seen = on_entry(**entry); !seen) return seen;
    }
    progress.show((*entry)->head.seqno, last);
  }
  return {};
}

std::string asset_code(const machine::State& state, base::AssetId asset) {
  const auto found = state.assets.find(asset);
  if (found == state.assets.end()) return fmt::format("asset {}", asset.value());
  return std::string{found->second.code.view()};
}

std::string asset_amount_text(const machine::State& state, base::AssetId asset, base::i128 minor) {
  const auto found = state.assets.find(asset);
  if (found == state.assets.end() || found->second.scale > format::kScaleMax) {
    return format::minor_text(minor) + " minor units of " + asset_code(state, asset);
  }
  return std::string{found->second.code.view()} + " " +
         format::amount_text(minor, found->second.scale);
}

namespace {

std::string_view code_text(LedgerError::Code code) {
  using Code = LedgerError::Code;
  switch (code) {
    case Code::kNotALedger:
      return "NOT_A_LEDGER";
    case Code::kInUse:
      return "IN_USE";
    case Code::kNewerFormat:
      return "NEWER_FORMAT";
    case Code::kOtherNode:
      return "OTHER_NODE";
    case Code::kDamaged:
      return "DAMAGED";
    case Code::kDiverged:
      return "DIVERGED";
    case Code::kNotFound:
      return "NOT_FOUND";
    case Code::kWriteFailed:
      return "WRITE_FAILED";
    case Code::kReadFailed:
      return "READ_FAILED";
  }
  return "UNKNOWN";
}

}  // namespace

void print_error(const LedgerError& error, bool as_json) {
  if (!as_json) {
    fmt::print(stderr, "hugang-audit: {}\n", error.sentence);
    return;
  }
  nlohmann::ordered_json json;
  json["error"]["code"] = code_text(error.code);
  json["error"]["sentence"] = error.sentence;
  if (!error.entry.is_none()) json["error"]["entry"] = error.entry.value();
  fmt::print("{}\n", json.dump(2));
}

}  // namespace hugang::audit
