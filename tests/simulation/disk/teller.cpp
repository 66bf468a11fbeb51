#include "tests/simulation/disk/teller.hpp"

#include <algorithm>
#include <vector>

#include "ledger/rocks/log_scan.hpp"

namespace hugang::simulation {
namespace {

namespace fs = std::filesystem;
using ledger::Journal;

constexpr int kOpeningsMax = 12;

std::uint32_t draw(Random& random, std::uint32_t most) {
  return random.chance(250) ? 0 : static_cast<std::uint32_t>(random.below(most + 1));
}

}  // namespace

Teller::Teller(const StoryOptions& options, fs::path root)
    : options_{options},
      root_{std::move(root)},
      directory_{root_ / "disk" / "node" / "ledger"},
      random_{options.seed},
      history_{options.seed} {
  fs::create_directory(root_ / "disk");
  fs::create_directory(root_ / "attic");
  disk_ = std::make_shared<FaultDisk>(root_ / "attic", options.seed);
  env_ = std::make_unique<DiskEnv>(disk_);
  if (options.shows_everything) disk_->show();
  habits_.group_max = 1 + static_cast<std::uint32_t>(random_.below(8));
  habits_.commands_max = 1 + static_cast<std::uint32_t>(random_.below(40));
  habits_.large_permille = draw(random_, 150);
  habits_.background_permille = 100 + draw(random_, 300);
  habits_.checkpoint_permille = draw(random_, 200);
  habits_.restart_permille = draw(random_, 120);
  habits_.death_permille = draw(random_, 200);
  habits_.failure_permille = draw(random_, 120);
  habits_.opening_permille = draw(random_, 500);
  habits_.damage_permille = draw(random_, 900);
  habits_.logs_bytes_max = random_.chance(300) ? 0 : 20'000 + random_.below(300'000);
}

StoryResult Teller::tell() {
  open();
  for (std::uint32_t i = 0; i < options_.steps && !is_over(); ++i) step();
  if (!is_over()) {
    // At last the disk is good, and everything must be there.
    disk_->heal();
    close();
    damage_copies();
    if (!is_over()) open();
  }
  journal_.reset();
  disk_->note("the end");
  result_.last_operations = disk_->last_operations();
  result_.hash = disk_->hash();
  result_.counts.operations = disk_->operations();
  result_.counts.entries = acknowledged_;
  return result_;
}

void Teller::step() {
  if (random_.chance(habits_.death_permille)) plan_death();
  if (random_.chance(habits_.failure_permille)) plan_failure();
  const std::uint64_t drawn = random_.below(1000);
  if (drawn < habits_.restart_permille) return restart();
  if (drawn < habits_.restart_permille + habits_.checkpoint_permille) {
    put_checkpoint();
  } else {
    append();
  }
  if (is_over()) return;
  // Never so many waiting that a write would wait for them.
  if (env_->waiting() > 1 || random_.chance(habits_.background_permille)) run_background();
  if (disk_->is_dead() && !is_over()) restart();
}

void Teller::plan_death() { disk_->die_in(1 + random_.below(random_.chance(700) ? 8 : 60)); }

void Teller::plan_failure() {
  const auto fault = random_.chance(500) ? DiskFault::kNoSpace : DiskFault::kInputOutput;
  const std::uint64_t count = random_.chance(500) ? 1 : 1 + random_.below(40);
  disk_->fail_in(1 + random_.below(random_.chance(700) ? 6 : 60), count, fault);
}

void Teller::broken(const std::string& law) {
  if (is_over()) return;
  result_.broken_law = law;
  // Without the temporary folder, which differs between runs.
  const std::string folder = root_.string() + "/";
  for (auto at = law.npos; (at = result_.broken_law->find(folder)) != law.npos;) {
    result_.broken_law->erase(at, folder.size());
  }
  disk_->note("LAW BROKEN: " + law);
}

void Teller::check_excuse(const char* what, const ledger::LedgerError& error) {
  ++result_.counts.failures;
  disk_->note(std::string{what} + " failed");
  if (!disk_->has_hurt()) {
    broken(std::string{what} + " failed though the disk did not: " + error.sentence);
  }
}

void Teller::append() {
  const std::uint64_t count = 1 + random_.below(habits_.group_max);
  const std::uint64_t first = history_.size() + 1;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint32_t most = random_.chance(habits_.large_permille) ? 400 : habits_.commands_max;
    history_.make(1 + static_cast<std::uint32_t>(random_.below(most)));
  }
  std::vector<base::ByteSpan> spans;
  for (std::uint64_t i = first; i <= history_.size(); ++i) spans.emplace_back(history_.entry(i));
  disk_->note("append entries " + std::to_string(first) + " to " + std::to_string(history_.size()));
  ++result_.counts.appends;
  const fs::path log = newest_log();
  const std::uint64_t begin = fs::file_size(log);
  const auto appended = journal_->append(spans);
  if (appended) {
    acknowledged_ = history_.size();
    has_appended_ = true;
    last_log_ = newest_log();
    last_begin_ = last_log_ == log ? begin : 0;
    return;
  }
  check_excuse("append", appended.error());
  if (is_over()) return;
  // Nothing is known of the disk now: a journal that took more could hide a gap.
  disk_->heal_but_remember();
  if (!disk_->is_dead() && journal_->append(spans)) {
    return broken("an append was taken by a journal whose append before had failed");
  }
  restart();
}

fs::path Teller::newest_log() const {
  const auto logs = ledger::rocks::log_files(directory_);
  HG_CHECK(!logs.empty());
  return logs.back();
}

void Teller::put_checkpoint() {
  if (history_.size() == 0) return;
  disk_->note("checkpoint at entry " + std::to_string(history_.size()));
  ++result_.counts.checkpoints;
  const auto put = journal_->put_checkpoint(history_.checkpoint());
  if (put) {
    checkpointed_ = history_.size();
    return;
  }
  check_excuse("checkpoint", put.error());
  if (!is_over()) restart();  // its id lines are handed out: only recovery has them again
}

void Teller::run_background() {
  disk_->note("background work");
  env_->run_all();
}

/// The process ends: of itself, or because it died or a write failed.
void Teller::restart() {
  close();
  damage_copies();
  if (!is_over()) open();
}

void Teller::close() {
  const bool was_hurt = disk_->has_hurt();
  if (!disk_->is_dead() && (was_hurt || random_.chance(500))) {
    // A node whose disk fails stops at once; others are stopped in good order half of the time.
    if (random_.chance(600)) disk_->die();
  }
  if (!disk_->is_dead()) {
    disk_->note("close");
    disk_->heal();
    journal_.reset();
    end_ = was_hurt ? End::kKilled : End::kClosed;
    noted_ = acknowledged_;
    return;
  }
  journal_.reset();
  ++result_.counts.deaths;
  if (random_.chance(350)) {
    disk_->survive_as_killed();
    end_ = End::kKilled;
  } else {
    ++result_.counts.power_cuts;
    disk_->survive_as_cut_off();
    end_ = End::kPowerCut;
  }
}

std::unique_ptr<Journal> Teller::try_to_open(bool may_fault) {
  disk_->heal();
  if (may_fault && random_.chance(habits_.opening_permille)) {
    random_.chance(600) ? disk_->die_in(1 + random_.below(60)) : plan_failure();
  }
  disk_->note("open");
  ++result_.counts.openings;
  auto journal = ledger::rocks::open_journal(directory_, kDiskNode, disk());
  if (journal && !disk_->is_dead()) return std::move(*journal);
  if (!journal) check_excuse("open", journal.error());
  if (journal) journal->reset();
  if (disk_->is_dead()) {
    ++result_.counts.deaths;
    if (random_.chance(350)) {
      disk_->survive_as_killed();
      end_ = End::kKilled;
    } else {
      ++result_.counts.power_cuts;
      disk_->survive_as_cut_off();
      end_ = End::kPowerCut;
    }
  } else if (end_ == End::kClosed) {
    end_ = End::kKilled;  // an opening that failed may have left anything
  }
  return nullptr;
}

void Teller::open() {
  for (int i = 0; i < kOpeningsMax && !is_over(); ++i) {
    journal_ = try_to_open(i + 1 < kOpeningsMax);
    if (!journal_) continue;
    check_opened(*journal_);
    return;
  }
}

}  // namespace hugang::simulation
