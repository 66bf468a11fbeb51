#include "ledger/recovery.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>

#include "clearing/base/check.hpp"
#include "clearing/machine/snapshot.hpp"
#include "ledger/id_archive.hpp"

namespace hugang::ledger {
namespace {

/// How often the progress callback is asked, in entries.
constexpr std::uint64_t kProgressEvery = 256;

using Code = LedgerError::Code;

LedgerError diverged(Seqno seqno, const std::string& what) {
  return {.code = Code::kDiverged,
          .sentence = "entry " + std::to_string(seqno.value()) + " replays differently: " + what +
                      ". Either the ledger was written by another version of the rules or it was "
                      "changed: do not start a node on it, run hugang-audit verify",
          .entry = seqno};
}

/// "command 3" for the first outcome that differs.
std::string first_difference(std::span<const wire::Outcome> now, const EntryView& entry) {
  for (std::uint32_t i = 0; i < entry.head.command_count; ++i) {
    const wire::Outcome then = entry.outcome(i);
    if (std::memcmp(&now[i], &then, sizeof then) == 0) continue;
    return "command " + std::to_string(i + 1) + " gave " +
           std::string{machine::code_name(then.code)} + " (value " + std::to_string(then.value) +
           ") and now gives " + std::string{machine::code_name(now[i].code)} + " (value " +
           std::to_string(now[i].value) + ")";
  }
  return "no outcome";
}

std::string checkpoint_passed_over(Seqno seqno, const std::string& why) {
  return "the checkpoint at entry " + std::to_string(seqno.value()) + " was passed over: " + why;
}

/// The newest checkpoint that is whole, as a machine; an empty machine where none is.
std::expected<Recovered, LedgerError> begin(const Journal& journal, machine::Hashing hashing) {
  Recovered none{.machine = machine::Machine{hashing}, .report = {}};
  none.machine.attach_id_archive(std::make_shared<JournalIdArchive>(journal));
  const auto checkpoints = journal.checkpoints();
  if (!checkpoints) {
    none.report.sentences.push_back("checkpoints cannot be read: " + checkpoints.error().sentence);
    return none;
  }
  std::vector<std::string> sentences;
  for (const CheckpointInfo& info : *checkpoints) {
    if (info.seqno > journal.last_seqno()) {
      sentences.push_back(checkpoint_passed_over(info.seqno, "it is ahead of the last entry"));
      continue;
    }
    auto machine = restore_checkpoint(journal, info, hashing);
    if (!machine) {
      sentences.push_back(checkpoint_passed_over(info.seqno, machine.error().sentence));
      continue;
    }
    Recovered found{.machine = std::move(*machine), .report = {}};
    found.report.checkpoint = info.seqno;
    found.report.sentences = std::move(sentences);
    return found;
  }
  none.report.sentences = std::move(sentences);
  return none;
}

/// What entry checkpoint + 1 must carry as `previous`.
std::expected<Checksum, LedgerError> checksum_at(const Journal& journal, Seqno seqno) {
  if (seqno.is_none()) return Checksum{};
  const auto bytes = journal.read(seqno);
  if (!bytes) return std::unexpected{bytes.error()};
  const auto head = read_entry_head(*bytes);
  if (!head) {
    return std::unexpected{LedgerError{
        .code = Code::kDamaged,
        .sentence = "entry " + std::to_string(seqno.value()) + ", the checkpoint's own, is damaged",
        .entry = seqno}};
  }
  return head->head_checksum;
}

}  // namespace

std::expected<void, LedgerError> Replayer::apply(const EntryView& entry) {
  const Seqno seqno = entry.head.seqno;
  const machine::State& state = machine_.state();
  HG_CHECK(seqno.value() == state.last_seqno.value() + 1);
  if (entry.head.at <= state.last_at) {
    return std::unexpected{diverged(seqno, "its time is not after the entry before it")};
  }
  const auto applied =
      machine_.apply({.seqno = seqno, .at = entry.head.at}, entry.commands, effects_);
  if (!applied) {
    return std::unexpected{diverged(seqno, "its commands section is malformed (error " +
                                               std::to_string(static_cast<int>(applied.error())) +
                                               ")")};
  }
  const ByteSpan outcomes = std::as_bytes(std::span{effects_.outcomes});
  if (outcomes.size() != entry.outcomes.size()) {
    return std::unexpected{diverged(seqno, "the number of its commands differs")};
  }
  if (std::memcmp(outcomes.data(), entry.outcomes.data(), outcomes.size()) != 0) {
    return std::unexpected{diverged(seqno, first_difference(effects_.outcomes, entry))};
  }
  if (!std::ranges::equal(effects_.events, entry.events)) {
    return std::unexpected{diverged(seqno, "its events differ from those that were journaled")};
  }
  ++entries_;
  commands_ += entry.head.command_count;
  return {};
}

std::expected<machine::Machine, LedgerError> restore_checkpoint(const Journal& journal,
                                                                const CheckpointInfo& checkpoint,
                                                                machine::Hashing hashing) {
  const auto damaged = [&](std::string sentence) {
    return std::unexpected{LedgerError{
        .code = Code::kDamaged, .sentence = std::move(sentence), .entry = checkpoint.seqno}};
  };
  const auto snapshot = journal.read_snapshot(checkpoint);
  if (!snapshot) return std::unexpected{snapshot.error()};
  auto state = machine::decode_snapshot(*snapshot);
  if (!state) return damaged("its snapshot cannot be decoded");
  if (state->last_seqno != checkpoint.seqno) return damaged("its snapshot is of another entry");

  machine::IdIndex& ids = state->ids;
  if (ids.mark().lines != checkpoint.id_lines) return damaged("its id log has another length");
  const auto read = journal.read_id_hashes(
      ids.full_blocks(), [&ids](std::span<const std::uint64_t> checksums, ByteSpan hashes) {
        return ids.restore_blocks(checksums, hashes);
      });
  if (!read) return std::unexpected{read.error()};
  if (!ids.is_restored()) return damaged("the id log does not match it");
  ids.attach(std::make_shared<JournalIdArchive>(journal));
  const auto own = checksum_at(journal, checkpoint.seqno);
  if (!own) return std::unexpected{own.error()};
  if (*own != checkpoint.entry_checksum) return damaged("it was made from another entry");
  return machine::Machine{hashing, std::move(*state)};
}

std::expected<Recovered, LedgerError> recover(const Journal& journal, machine::Hashing hashing,
                                              const RecoveryProgress& progress) {
  const auto started = std::chrono::steady_clock::now();
  auto recovered = begin(journal, hashing);
  if (!recovered) return std::unexpected{recovered.error()};
  RecoveryReport& report = recovered->report;
  const OpenReport& opened = journal.open_report();
  report.tail_was_cut = opened.tail_was_cut;
  report.sentences.insert(report.sentences.begin(), opened.sentences.begin(),
                          opened.sentences.end());
  report.last_seqno = journal.last_seqno();

  Replayer replayer{recovered->machine};
  const auto cursor = journal.read_from(Seqno{report.checkpoint.value() + 1});
  Seqno done = report.checkpoint;
  while (done < report.last_seqno) {
    const auto entry = cursor->next();
    if (!entry) return std::unexpected{entry.error()};
    if (*entry == nullptr) {
      return std::unexpected{
          LedgerError{.code = Code::kDamaged,
                      .sentence = "entry " + std::to_string(done.value() + 1) + " is missing",
                      .entry = Seqno{done.value() + 1}}};
    }
    if (auto applied = replayer.apply(**entry); !applied) {
      return std::unexpected{applied.error()};
    }
    done = (*entry)->head.seqno;
    if (progress && replayer.entries() % kProgressEvery == 0) progress(done, report.last_seqno);
  }
  if (progress) progress(done, report.last_seqno);
  report.entries_replayed = replayer.entries();
  report.commands_replayed = replayer.commands();
  report.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return recovered;
}

}  // namespace hugang::ledger
