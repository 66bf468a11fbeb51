// The laws of a journal on a failing disk.
#include <fstream>

#include "ledger/recovery.hpp"
#include "ledger/rocks/log_scan.hpp"
#include "tests/simulation/disk/damage.hpp"
#include "tests/simulation/disk/teller.hpp"

namespace hugang::simulation {
namespace {

namespace fs = std::filesystem;
using base::Seqno;
using ledger::Journal;
using ledger::LedgerError;

std::string read_whole(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::string text(std::uint64_t number) { return std::to_string(number); }

}  // namespace

/// Entries 1..end are those of the history, byte for byte, and their chain holds.
void Teller::check_entries(const Journal& journal, std::uint64_t end) {
  const auto cursor = journal.read_from(Seqno{1});
  for (std::uint64_t seqno = 1; seqno <= end; ++seqno) {
    const auto entry = cursor->next();
    if (!entry)
      return broken("entry " + text(seqno) + " cannot be read: " + entry.error().sentence);
    if (*entry == nullptr) return broken("entry " + text(seqno) + " is missing");
    const auto bytes = journal.read(Seqno{seqno});
    if (!bytes || *bytes != history_.entry(seqno)) {
      return broken("entry " + text(seqno) + " is not the one that was appended");
    }
  }
}

void Teller::check_opened(const Journal& journal) {
  const std::uint64_t end = journal.last_seqno().value();
  const ledger::OpenReport& report = journal.open_report();
  disk_->note("opened: " + text(end) + " entries, " + text(acknowledged_) + " acknowledged, " +
              text(history_.size()) + " written" + (report.tail_was_cut ? ", cut" : ""));
  if (end < acknowledged_) {
    return broken("entries " + text(end + 1) + " to " + text(acknowledged_) +
                  " were acknowledged and are lost");
  }
  if (end != acknowledged_ && end != history_.size()) {
    return broken("an append is there in part: " + text(end) + " entries, of which " +
                  text(acknowledged_) + " were acknowledged and " + text(history_.size()) +
                  " written");
  }
  if (report.was_created && acknowledged_ > 0) return broken("a ledger with entries was made anew");
  // What was cut once may be told again until something is logged behind it.
  const bool may_be_cut = end_ != End::kClosed || (was_cut_ && !has_appended_);
  if (report.tail_was_cut && !may_be_cut) {
    return broken("a tail was cut of a ledger that was closed in good order");
  }
  if (report.damage) return broken("damage was reported: " + report.damage->sentence);
  if (journal.last_checksum() != history_.checksum(end)) {
    return broken("the journal does not end with the checksum of its last entry");
  }
  check_entries(journal, end);
  if (is_over()) return;
  auto recovered = ledger::recover(journal, disk_hashing());
  if (!recovered) return broken("recovery failed: " + recovered.error().sentence);
  if (ledger::state_digest(recovered->machine.state()) != history_.digest(end)) {
    return broken("recovery gives another state after entry " + text(end));
  }
  if (recovered->report.checkpoint.value() < checkpointed_) {
    return broken("the checkpoint at entry " + text(checkpointed_) +
                  " is lost; recovery began at " + text(recovered->report.checkpoint.value()));
  }
  // What recovery has shown is relied on as what was acknowledged.
  acknowledged_ = end;
  has_appended_ = false;
  was_cut_ = report.tail_was_cut;
  noted_ = end;
  history_.go_on_from(end, std::move(recovered->machine));
}

void Teller::damage_copies() {
  if (!fs::exists(directory_ / "CURRENT")) return;
  while (random_.chance(habits_.damage_permille) && !is_over()) damage_one_copy();
}

void Teller::damage_one_copy() {
  const fs::path copy = root_ / "copy" / "ledger";
  fs::create_directory(copy.parent_path());
  fs::copy(directory_, copy, fs::copy_options::recursive);
  const Damage damage = damage_at_rest(copy, random_);
  if (!damage.sentence.empty()) {
    ++result_.counts.damages;
    disk_->note("damage at rest on a copy: " + damage.sentence);
    check_damaged(copy, damage);
  }
  disk_->forget(copy.parent_path());
  fs::remove_all(copy.parent_path());
}

void Teller::check_damaged(const fs::path& copy, const Damage& damage) {
  ++result_.counts.openings;
  const bool is_of_log = damage.file.extension() == ".log";
  if (is_of_log) fs::copy(copy, copy.parent_path() / "before", fs::copy_options::recursive);
  auto journal = ledger::rocks::open_journal(copy, kDiskNode, disk());
  if (!journal) {
    ++result_.counts.refused;
    disk_->note("refused, entry " + text(journal.error().entry.value()));
    check_refusal(copy, damage, journal.error());
    if (is_of_log) check_untouched(copy, damage);
  } else {
    check_survivor(**journal, damage);
    journal->reset();
  }
}

/// What is said of the first bad entry is true.
void Teller::check_refusal(const fs::path& copy, const Damage& damage, const LedgerError& error) {
  if (error.sentence.empty()) return broken("a refusal without a sentence");
  if (error.entry.is_none()) return;
  const std::uint64_t bad = error.entry.value();
  if (bad > history_.size()) return broken("the entry that is named never was: " + error.sentence);
  const auto reader = ledger::rocks::open_journal_read_only(copy, disk());
  if (!reader) return;
  // Of tables and blobs, opening reads what lies behind the newest checkpoint.
  const bool is_of_log = damage.file.extension() == ".log";
  for (std::uint64_t seqno = is_of_log ? 1 : checkpointed_ + 1; seqno < bad; ++seqno) {
    const auto bytes = (*reader)->read(Seqno{seqno});
    if (!bytes || *bytes != history_.entry(seqno)) {
      return broken("entry " + text(seqno) +
                    " is bad, before the one that is named: " + error.sentence);
    }
  }
  const bool is_seen = (*reader)->last_seqno() >= error.entry;
  const auto bytes = (*reader)->read(error.entry);
  if (is_seen && bytes && *bytes == history_.entry(bad)) {
    broken("entry " + text(bad) + " is good, and was named: " + error.sentence);
  }
}

/// A ledger that is refused for its log keeps its logs as they are.
void Teller::check_untouched(const fs::path& copy, const Damage& damage) {
  // The gap that a removed log leaves is seen only when what lies behind it was moved to tables.
  if (!fs::exists(copy.parent_path() / "before" / damage.file.filename())) return;
  for (const fs::path& log : ledger::rocks::log_files(copy.parent_path() / "before")) {
    const fs::path now = copy / log.filename();
    if (fs::exists(now) && read_whole(now) == read_whole(log)) continue;
    return broken("a ledger was refused (" + damage.sentence + ") and its log " +
                  log.filename().string() + " was changed all the same");
  }
}

/// A damaged ledger that opens is whole, or says where it is not when it is read.
void Teller::check_survivor(Journal& journal, const Damage& damage) {
  const std::uint64_t end = journal.last_seqno().value();
  const bool is_cut = journal.open_report().tail_was_cut;
  disk_->note("opened all the same: " + text(end) + " entries" + (is_cut ? ", cut" : ""));
  if (end > history_.size()) return broken("entries from nowhere");
  if (end < acknowledged_) {
    // After a power cut alone, damage that reaches into the newest write cannot be told from one
    // that was torn: see docs/adr/0005-tails.md.
    const bool is_of_last_log = damage.file.filename() == last_log_.filename();
    const bool is_last_write = damage.is_shortened || (is_of_last_log && damage.end > last_begin_);
    if (end_ != End::kPowerCut || end < noted_ || !is_last_write) {
      return broken("entries " + text(end + 1) + " to " + text(acknowledged_) +
                    " were acknowledged, and damage at rest took them in silence");
    }
    ++result_.counts.tolerated;
  } else {
    ++result_.counts.harmless;
  }
  const auto cursor = journal.read_from(Seqno{1});
  for (std::uint64_t seqno = 1; seqno <= end; ++seqno) {
    const auto entry = cursor->next();
    if (!entry) {
      if (entry.error().entry == Seqno{seqno}) break;  // said, and named
      return broken("reading entry " + text(seqno) + " names another: " + entry.error().sentence);
    }
    const auto bytes = journal.read(Seqno{seqno});
    if (!bytes || *bytes != history_.entry(seqno)) {
      return broken("damage at rest altered entry " + text(seqno) + " in silence");
    }
  }
  const auto recovered = ledger::recover(journal, disk_hashing());
  if (recovered && ledger::state_digest(recovered->machine.state()) != history_.digest(end)) {
    broken("damage at rest altered the state in silence");
  }
}

}  // namespace hugang::simulation
