#include "clients/audit/replay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "clients/format/id_text.hpp"
#include "clients/format/minor_text.hpp"
#include "clients/format/time_text.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/rocks/open.hpp"

namespace hugang::audit {
namespace {

using nlohmann::ordered_json;

/// What all accounts of one asset hold together.
struct AssetTotal {
  std::uint64_t accounts = 0;
  base::u128 posted = 0;   ///< debits = credits, by the first law
  base::u128 pending = 0;  ///< likewise
  base::i128 issued = 0;   ///< what the reserve backs; 0 where this node is not the issuer
};

std::map<base::AssetId, AssetTotal> totals(const machine::State& state) {
  std::map<base::AssetId, AssetTotal> result;
  for (const auto& [id, asset] : state.assets) result[id];
  for (const machine::Account& account : state.accounts) {
    AssetTotal& total = result[account.asset];
    ++total.accounts;
    total.posted += account.balance.debits_posted;
    total.pending += account.balance.debits_pending;
    if (account.kind == wire::AccountKind::kReserve) {
      total.issued += static_cast<base::i128>(account.balance.debits_posted) -
                      static_cast<base::i128>(account.balance.credits_posted);
    }
  }
  return result;
}

struct Comparison {
  Seqno seqno;
  bool matches = false;
};

struct ReplayResult {
  std::uint64_t commands = 0;
  std::vector<Comparison> checkpoints;
  base::Digest digest;
};

std::expected<ReplayResult, LedgerError> replay(const Journal& journal, machine::Machine& machine,
                                                const WalkEnd& end) {
  ReplayResult result;
  const auto infos = journal.checkpoints();
  if (!infos) return std::unexpected{infos.error()};
  std::map<Seqno, base::Digest> digests;
  for (const auto& info : *infos) digests.emplace(info.seqno, info.digest);
  Progress progress{"replay"};
  const auto walked =
      walk(journal, machine, end, progress,
           [&](const EntryView& entry) -> std::expected<void, LedgerError> {
             result.commands += entry.head.command_count;
             if (const auto found = digests.find(entry.head.seqno); found != digests.end()) {
               const bool matches = found->second == ledger::state_digest(machine.state());
               result.checkpoints.push_back({.seqno = entry.head.seqno, .matches = matches});
             }
             return {};
           });
  if (!walked) return std::unexpected{walked.error()};
  result.digest = ledger::state_digest(machine.state());
  return result;
}

void print_replay(const machine::State& state, const ReplayResult& result) {
  fmt::print("node         {} {} ({})\n", state.self.value(), state.name.view(), state.code.view());
  fmt::print("replayed     entries 1 to {}, {} commands, up to {}\n", state.last_seqno.value(),
             result.commands, format::time_text(state.last_at));
  fmt::print("accounts     {}, participants {}, peers {}\n", state.accounts.size(),
             state.participants.size(), state.peers.size());
  fmt::print("settlements  {}, open {}; open holds {}\n", state.settlements.size(),
             state.open_settlements, state.holds.size());
  for (const auto& [id, total] : totals(state)) {
    fmt::print("asset        {}: {} accounts, moved {}, pending {}, issued {}\n",
               asset_code(state, id), total.accounts,
               asset_amount_text(state, id, static_cast<base::i128>(total.posted)),
               asset_amount_text(state, id, static_cast<base::i128>(total.pending)),
               asset_amount_text(state, id, total.issued));
  }
  for (const Comparison& checkpoint : result.checkpoints) {
    fmt::print("checkpoint   entry {}: {}\n", checkpoint.seqno.value(),
               checkpoint.matches ? "the same state" : "ANOTHER STATE");
  }
  fmt::print("state        sha256 {}\n", base::to_hex(result.digest.bytes));
}

void print_replay_json(const machine::State& state, const ReplayResult& result) {
  ordered_json json;
  json["command"] = "replay";
  json["node"] = {
      {"id", state.self.value()}, {"code", state.code.view()}, {"name", state.name.view()}};
  json["last_entry"] = state.last_seqno.value();
  json["last_at"] = format::time_text(state.last_at);
  json["commands"] = result.commands;
  json["accounts"] = state.accounts.size();
  json["participants"] = state.participants.size();
  json["peers"] = state.peers.size();
  json["settlements"] = state.settlements.size();
  json["open_settlements"] = state.open_settlements;
  json["open_holds"] = state.holds.size();
  json["assets"] = ordered_json::array();
  for (const auto& [id, total] : totals(state)) {
    json["assets"].push_back(
        {{"id", id.value()},
         {"code", asset_code(state, id)},
         {"accounts", total.accounts},
         {"posted_minor", format::minor_text(static_cast<base::i128>(total.posted))},
         {"pending_minor", format::minor_text(static_cast<base::i128>(total.pending))},
         {"issued_minor", format::minor_text(total.issued)}});
  }
  json["checkpoints"] = ordered_json::array();
  for (const Comparison& checkpoint : result.checkpoints) {
    json["checkpoints"].push_back(
        {{"entry", checkpoint.seqno.value()}, {"matches", checkpoint.matches}});
  }
  json["state_digest"] = base::to_hex(result.digest.bytes);
  fmt::print("{}\n", json.dump(2));
}

std::string flags_text(std::uint32_t flags) {
  static constexpr std::pair<std::uint32_t, const char*> kNames[] = {
      {wire::account_flag::kNoDebitBalance, "no-debit-balance"},
      {wire::account_flag::kNoCreditBalance, "no-credit-balance"},
      {wire::account_flag::kFrozen, "frozen"},
      {wire::account_flag::kClosed, "closed"},
      {wire::account_flag::kReviewIncoming, "review-incoming"}};
  std::string text;
  for (const auto& [flag, name] : kNames) {
    if ((flags & flag) == 0) continue;
    if (!text.empty()) text += ", ";
    text += name;
  }
  return text.empty() ? "none" : text;
}

std::string owner_text(const machine::State& state, base::ParticipantId owner) {
  const machine::Participant* participant = state.participant(owner);
  if (participant == nullptr) return fmt::format("participant {}", owner.value());
  return fmt::format("{} ({})", participant->name.view(), participant->code.view());
}

/// An account and where it stands.
struct Found {
  base::AccountIndex index;
  const machine::Account* account;
};

std::expected<Found, LedgerError> find_account(const machine::State& state,
                                               base::AccountNumber number) {
  const auto parts = base::parse_account_number(number);
  const bool is_here =
      parts && parts->node == state.self && parts->index.value() <= state.accounts.size();
  if (is_here) return Found{.index = parts->index, .account = &state.account(parts->index)};
  return std::unexpected{LedgerError{
      .code = LedgerError::Code::kNotFound,
      .sentence = fmt::format("node {} had no account {} at entry {}", state.self.value(),
                              format::account_text(number), state.last_seqno.value()),
      .entry = state.last_seqno}};
}

void print_balance(const machine::State& state, const Found& found) {
  const machine::Account& account = *found.account;
  const machine::Balance& b = account.balance;
  const auto amount = [&](base::u128 minor) {
    return asset_amount_text(state, account.asset, static_cast<base::i128>(minor));
  };
  const auto net =
      static_cast<base::i128>(b.credits_posted) - static_cast<base::i128>(b.debits_posted);
  fmt::print("account      {} {}\n", format::account_text(state.number_of(found.index)),
             state.aliases[found.index.value() - 1].view());
  fmt::print("owner        {}\n", owner_text(state, account.owner));
  fmt::print("flags        {}\n", flags_text(account.flags));
  fmt::print("as of        entry {}, {}\n", state.last_seqno.value(),
             format::time_text(state.last_at));
  fmt::print("balance      {} (credits - debits)\n", asset_amount_text(state, account.asset, net));
  fmt::print("posted       credits {}, debits {}\n", amount(b.credits_posted),
             amount(b.debits_posted));
  fmt::print("pending      credits {}, debits {}\n", amount(b.credits_pending),
             amount(b.debits_pending));
}

void print_balance_json(const machine::State& state, const Found& found) {
  const machine::Account& account = *found.account;
  const machine::Balance& b = account.balance;
  const auto minor = [](base::u128 value) {
    return format::minor_text(static_cast<base::i128>(value));
  };
  ordered_json json;
  json["command"] = "balance";
  json["account"] = format::account_text(state.number_of(found.index));
  json["alias"] = state.aliases[found.index.value() - 1].view();
  json["owner"] = owner_text(state, account.owner);
  json["asset"] = asset_code(state, account.asset);
  const auto asset = state.assets.find(account.asset);
  if (asset != state.assets.end()) json["scale"] = asset->second.scale;
  json["flags"] = flags_text(account.flags);
  json["entry"] = state.last_seqno.value();
  json["at"] = format::time_text(state.last_at);
  json["balance_minor"] = format::minor_text(static_cast<base::i128>(b.credits_posted) -
                                             static_cast<base::i128>(b.debits_posted));
  json["credits_posted_minor"] = minor(b.credits_posted);
  json["debits_posted_minor"] = minor(b.debits_posted);
  json["credits_pending_minor"] = minor(b.credits_pending);
  json["debits_pending_minor"] = minor(b.debits_pending);
  fmt::print("{}\n", json.dump(2));
}

ExitCode fail(const LedgerError& error, bool as_json) {
  print_error(error, as_json);
  return exit_code_of(error.code);
}

}  // namespace

ExitCode run_replay(const ReplayOptions& options) {
  const auto journal = ledger::rocks::open_journal_read_only(options.directory);
  if (!journal) return fail(journal.error(), options.as_json);
  machine::Machine machine{hashing()};
  const auto result = replay(**journal, machine, options.end);
  if (!result) return fail(result.error(), options.as_json);
  if (options.as_json) {
    print_replay_json(machine.state(), *result);
  } else {
    print_replay(machine.state(), *result);
  }
  const bool all_match =
      std::ranges::all_of(result->checkpoints, [](const Comparison& c) { return c.matches; });
  // Replay stops at an entry that was asked for; damage behind it is no matter of this answer.
  const bool is_cut_short =
      !options.end.to && !options.end.as_of && (*journal)->open_report().damage.has_value();
  if (is_cut_short) return fail(*(*journal)->open_report().damage, false);
  return all_match ? ExitCode::kGood : ExitCode::kBadLedger;
}

ExitCode run_balance(const BalanceOptions& options) {
  const auto journal = ledger::rocks::open_journal_read_only(options.directory);
  if (!journal) return fail(journal.error(), options.as_json);
  machine::Machine machine{hashing()};
  {
    Progress progress{"balance"};
    if (auto walked = walk(**journal, machine, options.end, progress); !walked) {
      return fail(walked.error(), options.as_json);
    }
  }
  const auto found = find_account(machine.state(), options.account);
  if (!found) return fail(found.error(), options.as_json);
  if (options.as_json) {
    print_balance_json(machine.state(), *found);
  } else {
    print_balance(machine.state(), *found);
  }
  // A balance that may lack what lies behind the damage is told as such.
  const auto& damage = (*journal)->open_report().damage;
  const bool is_cut_short = damage.has_value() && !options.end.to &&
                            (!options.end.as_of || machine.state().last_at <= *options.end.as_of);
  if (is_cut_short) return fail(*damage, false);
  return ExitCode::kGood;
}

}  // namespace hugang::audit
