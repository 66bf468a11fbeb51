#include "tests/simulation/engine/city.hpp"

#include <algorithm>

#include "clearing/machine/invariants.hpp"
#include "crypto/digest.hpp"
#include "ledger/recovery.hpp"
#include "tests/simulation/engine/city_process.hpp"
#include "tests/simulation/engine/keys.hpp"

namespace hugang::simulation {
namespace {

using node::Stage;

constexpr machine::Hashing kHashing{.sha256 = &crypto::sha256, .chain_next = &crypto::chain_next};

constexpr VirtualTime kBeat = 100 * kMillisecond;
constexpr VirtualTime kIdleBeat = 500 * kMillisecond;

/// How long a stage's thread may take before it looks again.
VirtualTime delay_of(Stage stage, Random& random) {
  switch (stage) {
    case Stage::kCore:
      return random.between(0, kMillisecond);
    case Stage::kJournal:
      return random.between(100 * kMicrosecond, 4 * kMillisecond);
    case Stage::kRelease:
      return random.between(0, kMillisecond);
    case Stage::kCheckpoint:
      return random.between(kMillisecond, 200 * kMillisecond);
  }
  return 0;
}

}  // namespace

City::City(base::NodeId id, Surroundings world)
    : id_{id}, world_{std::move(world)}, clock_{world_.scheduler}, journal_{id} {
  journal_.set_fault_hook([this](base::Seqno) { return next_disk_fault(); });
  journal_.set_checkpoint_fault_hook([this](base::Seqno) { return next_disk_fault(); });
}
City::~City() = default;

wire::KeyRecord City::key_record(std::uint32_t n, base::Timestamp from, base::Timestamp to) const {
  return key_record_of(key_of(id_, n)->public_key(), from, to);
}

const machine::State& City::state() const {
  HG_CHECK(is_up());
  return process_->node.state();
}

bool City::is_quiet() const {
  if (!is_up()) return false;
  const auto status = process_->node.status();
  if (status.queued_commands > 0 || status.entries_in_flight > 0) return false;
  return are_links_quiet();
}

// ---- Life and death -----------------------------------------------------------------------------

void City::guarded(const std::function<void()>& action) {
  if (is_guarded_) return action();  // the outermost catches, when everything is unwound
  is_guarded_ = true;
  std::string_view why;
  try {
    action();
  } catch (const Killed& killed) {
    why = killed.where;
  }
  is_guarded_ = false;
  if (is_up() && process_->has_failed) why = "stops on a failed write";
  if (!why.empty()) crash(why);
}

void City::maybe_die(std::string_view where) {
  if (world_.random.chance(world_.faults.crash_at_port)) throw Killed{where};
}

void City::later(VirtualTime delay, Scheduler::Action action) {
  world_.scheduler.after(delay, [this, epoch = epoch_, action = std::move(action)]() mutable {
    if (epoch != epoch_) return;
    if (const VirtualTime left = paused_until_ - world_.scheduler.now(); left > 0) {
      later(left, std::move(action));
      return;
    }
    guarded([&] { action(); });
  });
}

void City::start(const std::vector<base::NodeId>& peers) {
  HG_CHECK(!is_up());
  ++epoch_;
  auto recovered = ledger::recover(journal_, kHashing);
  if (!recovered) {
    world_.fail("recovery of node " + std::to_string(id_.value()) + ": " +
                recovered.error().sentence);
    return;
  }
  if (journal_.last_seqno() < told_) {
    world_.fail("node " + std::to_string(id_.value()) + " told of entry " +
                std::to_string(told_.value()) + " and has lost it: it starts at entry " +
                std::to_string(journal_.last_seqno().value()));
    return;
  }
  process_ = std::make_unique<Process>(settings_, journal_, clock_, std::move(recovered->machine),
                                       first_keys_of(id_, settings_.keys_held));
  process_->node.add_listener(*this);
  world_.trace.note(id_, "starts at entry {a}, {b} of them replayed", journal_.last_seqno().value(),
                    recovered->report.entries_replayed);
  load_links(peers);
  later(0, [this] { beat(); });
}

void City::crash(std::string_view why) {
  if (!is_up()) return;
  const std::uint64_t lost = process_->node.status().entries_in_flight;
  world_.trace.note(id_, "{n}; entries that nobody was told of: {a}", lost, 0, why);
  ++epoch_;
  ++crashes_;
  process_.reset();
  // What was written and not synced survives whole or not at all: the real journal's record of one
  // append has one checksum (tests/simulation/disk shows it).
  journal_.crash(world_.random.chance(500));
}

/// What a thread with a timer does: ticks, redialling, acknowledgements.
void City::beat() {
  plan_ready_stages();
  beat_links();
  const bool is_idle = is_quiet() && state().open_settlements == 0;
  later(is_idle ? kIdleBeat : kBeat, [this] { beat(); });
}

// ---- The node's stages --------------------------------------------------------------------------

std::vector<wire::Outcome> City::do_at_once(node::Submission submission) {
  HG_CHECK(is_up());
  std::vector<wire::Outcome> outcomes;
  process_->node.submit(std::move(submission), [&](auto answer) {
    HG_CHECK(answer.has_value());
    outcomes = std::move(answer->outcomes);
  });
  while (process_->node.run_ready(Stage::kCore) || process_->node.run_ready(Stage::kJournal) ||
         process_->node.run_ready(Stage::kRelease)) {
  }
  return outcomes;
}

void City::submit(node::Submission submission, node::AnswerCallback done) {
  if (!is_up()) return;
  if (world_.random.chance(world_.faults.overload)) {
    done(std::unexpected{node::SubmitError::kOverloaded});
    return;
  }
  guarded([&] {
    process_->node.submit(std::move(submission),
                          [this, done = std::move(done)](auto answer) mutable {
                            maybe_die("is killed before an answer");
                            done(std::move(answer));
                            maybe_die("is killed behind an answer");
                          });
    plan_ready_stages();
  });
}

void City::plan_ready_stages() {
  for (const Stage stage : {Stage::kCore, Stage::kJournal, Stage::kRelease, Stage::kCheckpoint}) {
    if (process_->node.is_ready(stage)) plan(stage);
  }
}

void City::plan(Stage stage) {
  bool& is_planned = process_->is_planned[static_cast<std::size_t>(stage)];
  if (std::exchange(is_planned, true)) return;
  later(delay_of(stage, world_.random), [this, stage] { run_stage(stage); });
}

void City::run_stage(Stage stage) {
  process_->is_planned[static_cast<std::size_t>(stage)] = false;
  const auto before = state().last_seqno;
  process_->node.run_ready(stage);
  if (process_->has_failed) return;
  if (state().last_seqno != before) {
    world_.trace.note(id_, "applies up to entry {a}, open settlements: {b}",
                      state().last_seqno.value(), state().open_settlements);
    if (const auto broken = machine::first_broken_law(state())) {
      world_.fail("node " + std::to_string(id_.value()) + ", entry " +
                  std::to_string(state().last_seqno.value()) + ": " + *broken);
      return;
    }
  }
  if (stage == Stage::kCheckpoint) {
    if (const auto& written = process_->node.status().checkpoint) {
      world_.trace.note(id_, "wrote a checkpoint of entry {a}", written->seqno.value());
      checkpoint_digests_[written->seqno] = written->digest;
    }
  }
  plan_ready_stages();
}

ledger::AppendFault City::next_disk_fault() {
  Random& random = world_.random;
  const Faults& faults = world_.faults;
  maybe_die("is killed before a write");
  if (world_.scheduler.now() < disk_full_until_) return ledger::AppendFault::kRefused;
  if (random.chance(faults.write_fails)) return ledger::AppendFault::kRefused;
  if (random.chance(faults.dies_before_sync)) return ledger::AppendFault::kDiesBeforeSync;
  if (random.chance(faults.dies_after_sync)) return ledger::AppendFault::kDiesAfterSync;
  return ledger::AppendFault::kNone;
}

void City::on_durable(const node::DurableEntry& entry) {
  maybe_die("is killed with an entry durable and nobody told");
  told_ = entry.seqno;
  world_.trace.note(id_, "tells of entry {a}", entry.seqno.value());
  peer::read_feed(entry.events, *this);
}

}  // namespace hugang::simulation
