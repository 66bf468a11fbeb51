#include "clients/audit/verify.hpp"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "clearing/machine/invariants.hpp"
#include "clients/audit/signatures.hpp"
#include "clients/format/time_text.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/rocks/open.hpp"

namespace hugang::audit {
namespace {

/// One examination: what is being looked at and what was found so far.
class Examination {
 public:
  explicit Examination(const Journal& journal) : journal_{journal}, machine_{hashing()} {}

  Verdict run() {
    verdict_.node = journal_.node();
    verdict_.last_entry = journal_.last_seqno();
    verdict_.notes = journal_.open_report().sentences;
    list_checkpoints();
    {
      Progress progress{"verify"};
      const auto walked = walk(journal_, machine_, {}, progress,
                               [this](const EntryView& entry) { return look_at(entry); });
      if (!walked) add(walked.error().entry, walked.error().sentence);
    }
    conclude();
    return std::move(verdict_);
  }

 private:
  void add(Seqno entry, std::string sentence) {
    verdict_.findings.push_back({.entry = entry, .sentence = std::move(sentence)});
  }

  void list_checkpoints() {
    const auto infos = journal_.checkpoints();
    if (!infos) {
      add({}, infos.error().sentence);
      return;
    }
    for (const ledger::CheckpointInfo& info : *infos) checkpoints_.emplace(info.seqno, info);
  }

  std::expected<void, LedgerError> look_at(const EntryView& entry) {
    const Seqno seqno = entry.head.seqno;
    if (auto good = signatures_.check(entry, machine_.state()); !good) return good;
    if (verdict_.first_at.is_none()) verdict_.first_at = entry.head.at;
    verdict_.commands += entry.head.command_count;
    verdict_.trustworthy_to = seqno;
    const auto checkpoint = checkpoints_.find(seqno);
    if (checkpoint == checkpoints_.end()) return {};
    look_at_checkpoint(checkpoint->second, entry.head.head_checksum);
    return check_laws(seqno);
  }

  void look_at_checkpoint(const ledger::CheckpointInfo& info, ledger::Checksum own) {
    CheckpointVerdict verdict{.seqno = info.seqno, .digest = info.digest};
    const auto bad = [&](const std::string& what) {
      add(info.seqno, fmt::format("the checkpoint at entry {} is bad: {}; the entries themselves "
                                  "are not touched by this",
                                  info.seqno.value(), what));
    };
    const auto restored = ledger::restore_checkpoint(journal_, info, hashing());
    if (!restored) {
      bad(restored.error().sentence);
    } else if (info.digest != ledger::state_digest(machine_.state())) {
      bad("it holds another state than the entries lead to");
    } else if (info.entry_checksum != own) {
      bad("it was made from another entry");
    } else {
      verdict.is_good = true;
    }
    verdict_.checkpoints.push_back(verdict);
  }

  std::expected<void, LedgerError> check_laws(Seqno seqno) {
    ++verdict_.laws_checked;
    const auto broken = machine::first_broken_law(machine_.state());
    if (!broken) return {};
    return std::unexpected{
        LedgerError{.code = LedgerError::Code::kDamaged,
                    .sentence = fmt::format("a conservation law is broken at or before entry {}: "
                                            "{}",
                                            seqno.value(), *broken),
                    .entry = seqno}};
  }

  void conclude() {
    const machine::State& state = machine_.state();
    verdict_.code = state.code.view();
    verdict_.name = state.name.view();
    verdict_.last_at = state.last_at;
    verdict_.signatures_good = signatures_.good();
    verdict_.envelopes_unverifiable = signatures_.unverifiable();
    if (verdict_.findings.empty() && !verdict_.trustworthy_to.is_none()) {
      if (const auto laws = check_laws(verdict_.trustworthy_to); !laws) {
        add(laws.error().entry, laws.error().sentence);
      }
      if (state.self != journal_.node()) {
        add(Seqno{1}, fmt::format("the directory says node {}, its first entry says node {}",
                                  journal_.node().value(), state.self.value()));
      }
    }
    if (const auto& damage = journal_.open_report().damage) add(damage->entry, damage->sentence);
    verdict_.state_digest = ledger::state_digest(state);
    for (const auto& [seqno, info] : checkpoints_) {
      if (seqno <= verdict_.last_entry) continue;
      add(seqno,
          fmt::format("there is a checkpoint at entry {}, which is not there", seqno.value()));
    }
  }

  const Journal& journal_;
  machine::Machine machine_;
  SignatureChecker signatures_;
  std::map<Seqno, ledger::CheckpointInfo> checkpoints_;
  Verdict verdict_;
};

void print_text(const Verdict& v, const std::filesystem::path& directory) {
  fmt::print("ledger       {}\n", directory.string());
  fmt::print("node         {} {} ({})\n", v.node.value(), v.name, v.code);
  if (v.last_entry.is_none()) {
    fmt::print("entries      none yet\n");
  } else {
    fmt::print("entries      1 to {}, from {} to {}\n", v.last_entry.value(),
               format::time_text(v.first_at), format::time_text(v.last_at));
  }
  fmt::print("replay       {} commands in {} entries gave the journaled outcomes and events\n",
             v.commands, v.trustworthy_to.value());
  fmt::print("signatures   {} envelopes of peers are signed as they must be\n", v.signatures_good);
  if (v.envelopes_unverifiable != 0) {
    fmt::print("             {} more were refused unread and moved nothing\n",
               v.envelopes_unverifiable);
  }
  fmt::print("laws         conservation laws checked at {} places\n", v.laws_checked);
  for (const CheckpointVerdict& checkpoint : v.checkpoints) {
    fmt::print("checkpoint   entry {}: {} {}\n", checkpoint.seqno.value(),
               base::to_hex(checkpoint.digest.bytes), checkpoint.is_good ? "matches" : "IS BAD");
  }
  fmt::print("state        sha256 {}\n", base::to_hex(v.state_digest.bytes));
  for (const std::string& note : v.notes) fmt::print("note         {}\n", note);
  for (const Finding& finding : v.findings) fmt::print("found        {}\n", finding.sentence);
  if (v.is_good()) {
    fmt::print("verdict      GOOD: every entry is whole and leads where the journal says\n");
    return;
  }
  const std::string trust =
      v.trustworthy_to.is_none()
          ? std::string{"no entry can be trusted"}
          : fmt::format("entries 1 to {} can be trusted", v.trustworthy_to.value());
  fmt::print("verdict      BAD: {}; {}\n", v.findings.front().sentence, trust);
}

void print_json(const Verdict& v, const std::filesystem::path& directory) {
  nlohmann::ordered_json json;
  json["command"] = "verify";
  json["directory"] = directory.string();
  json["verdict"] = v.is_good() ? "good" : "bad";
  json["node"] = {{"id", v.node.value()}, {"code", v.code}, {"name", v.name}};
  json["last_entry"] = v.last_entry.value();
  json["trustworthy_to"] = v.trustworthy_to.value();
  if (!v.last_entry.is_none()) {
    json["first_at"] = format::time_text(v.first_at);
    json["last_at"] = format::time_text(v.last_at);
  }
  json["commands"] = v.commands;
  json["signatures_good"] = v.signatures_good;
  json["envelopes_unverifiable"] = v.envelopes_unverifiable;
  json["laws_checked"] = v.laws_checked;
  json["checkpoints"] = nlohmann::ordered_json::array();
  for (const CheckpointVerdict& checkpoint : v.checkpoints) {
    json["checkpoints"].push_back({{"entry", checkpoint.seqno.value()},
                                   {"digest", base::to_hex(checkpoint.digest.bytes)},
                                   {"good", checkpoint.is_good}});
  }
  json["state_digest"] = base::to_hex(v.state_digest.bytes);
  json["findings"] = nlohmann::ordered_json::array();
  for (const Finding& finding : v.findings) {
    nlohmann::ordered_json item;
    if (!finding.entry.is_none()) item["entry"] = finding.entry.value();
    item["sentence"] = finding.sentence;
    json["findings"].push_back(std::move(item));
  }
  json["notes"] = v.notes;
  fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace

Verdict examine(const Journal& journal) { return Examination{journal}.run(); }

ExitCode run_verify(const VerifyOptions& options) {
  const auto journal = ledger::rocks::open_journal_read_only(options.directory);
  if (!journal) {
    print_error(journal.error(), options.as_json);
    return exit_code_of(journal.error().code);
  }
  const Verdict verdict = examine(**journal);
  if (options.as_json) {
    print_json(verdict, options.directory);
  } else {
    print_text(verdict, options.directory);
  }
  return verdict.is_good() ? ExitCode::kGood : ExitCode::kBadLedger;
}

}  // namespace hugang::audit
